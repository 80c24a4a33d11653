// PyInstaller programs: a boot loader (ELF, PE, Mach-O), and behind it a
// "CArchive": entries, each stored or one zlib stream, a table of contents,
// and a cookie that ends the file. Entries of type 'z' are PYZ archives of
// Python modules and stay members of their own.
//
// A file that was signed after it was built does not end with the cookie and
// is not recognized.
//
// Reference: PyInstaller 5.13, bootloader/src/pyi_archive.h; PyInstaller/
// archive/writers.py (CArchiveWriter).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/codecs/inflate_stream.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Cookie {
  std::array<std::uint8_t, 8> magic = {};
  Be32 size;  // of the archive, with the cookie
  Be32 toc_offset, toc_size, python;
  std::array<std::uint8_t, 64> library = {};
};
static_assert(sizeof(Cookie) == 88 && FileStruct<Cookie>);

// Of an entry of the table of contents; the name follows.
struct EntryHeader {
  Be32 entry_size, offset, size, content_size;
  std::uint8_t compressed = 0;
  std::uint8_t type = 0;
};
static_assert(sizeof(EntryHeader) == 18 && FileStruct<EntryHeader>);

constexpr std::string_view kMagic("MEI\014\013\012\013\016", 8);

struct Entry {
  EntryHeader header;
  std::string_view name;
};

struct Archive {
  std::uint64_t at = 0;  // where the archive begins, behind the boot loader
  Range toc = {};        // in the file
  Range cookie = {};
  std::vector<Entry> entries = {};
};

// The archive that `bytes` end with.
Result<Archive> ReadArchive(ByteView bytes) {
  if (bytes.size() < sizeof(Cookie)) {
    return Fail(ErrorCode::kNotThisFormat, "no PyInstaller cookie");
  }
  const std::uint64_t cookie_at = bytes.size() - sizeof(Cookie);
  const auto cookie = *ReadAt<Cookie>(bytes, cookie_at);
  if (AsText(cookie.magic) != kMagic) {
    return Fail(ErrorCode::kNotThisFormat, "no PyInstaller cookie");
  }
  if (cookie.size > bytes.size() || cookie.size < sizeof(Cookie)) {
    return Fail(ErrorCode::kTruncated,
                "the PyInstaller archive begins before the file");
  }
  Archive archive{.at = bytes.size() - cookie.size,
                  .cookie = {cookie_at, sizeof(Cookie)}};
  const std::uint64_t space = cookie.size - sizeof(Cookie);
  if (cookie.toc_offset > space ||
      cookie.toc_size > space - cookie.toc_offset) {
    return Fail(ErrorCode::kMalformed,
                "the PyInstaller table of contents is not in the archive");
  }
  archive.toc = {archive.at + cookie.toc_offset, cookie.toc_size};
  ByteReader reader(*Slice(bytes, archive.toc.offset, archive.toc.length));
  while (reader.remaining() > 0) {
    const auto header = reader.Take<EntryHeader>();
    if (!header || header->entry_size <= sizeof(EntryHeader)) {
      return Fail(ErrorCode::kMalformed,
                  "a damaged PyInstaller table of contents");
    }
    const auto name =
        reader.TakeBytes(header->entry_size - sizeof(EntryHeader));
    if (!name || header->offset > cookie.toc_offset ||
        header->size > cookie.toc_offset - header->offset) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("PyInstaller entry {} is not in the archive",
                              archive.entries.size()));
    }
    const std::string_view text = AsText(*name);
    archive.entries.push_back({*header, text.substr(0, text.find('\0'))});
  }
  return archive;
}

bool MatchesEnd(ByteView bytes) {
  return ReadArchive(bytes).has_value();
}

class Unpacker {
 public:
  Unpacker(const ByteSource& source, const Archive& archive, ArtifactSink& sink)
      : source_(source), archive_(archive), sink_(sink) {}

  Result<void> Run() {
    coverage_.ClaimFree(archive_.toc, RegionUse::kMetadata, sink_);
    coverage_.ClaimFree(archive_.cookie, RegionUse::kMetadata, sink_);
    if (archive_.at > 0) {
      const Range program{0, archive_.at};
      coverage_.Add(program);
      if (auto ok =
              sink_.Add({.name = "program", .origin = program, .stored = true},
                        *source_.Slice(program));
          !ok) {
        return ok;
      }
    }
    for (const Entry& entry : archive_.entries) {
      if (auto ok = AddEntry(entry); !ok) {
        return ok;
      }
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    return {};
  }

 private:
  Result<void> AddEntry(const Entry& entry) {
    const Range place{archive_.at + entry.header.offset, entry.header.size};
    Member member{
        .name = BoundedName(entry.name, "pyinstaller", archive_.toc, sink_)};
    auto packed = source_.Slice(place);
    if (!packed) {
      return Fail(packed.error());
    }
    if (coverage_.Touches(place)) {
      sink_.Report({.id = "pyinstaller.overlapping-entries",
                    .range = place,
                    .detail = fmt::format("\"{}\" lies where another is",
                                          Escaped(entry.name))});
      return sink_.AddOpaque(std::move(member), "overlaps another entry");
    }
    coverage_.Add(place);
    member.origin = place;
    if (entry.header.compressed == 0) {
      member.stored = true;
      CheckSize(entry, packed->size(), place);
      return sink_.Add(std::move(member), std::move(*packed));
    }
    Input input(*packed);
    InflateStream stream(input, "zlib", InflateStream::Frame::kZlib);
    SizeCounter counted(stream);
    auto ok = sink_.AddStream(std::move(member), counted);
    if (ok && counted.ended()) {
      CheckSize(entry, counted.size(), place);
    }
    return ok;
  }

  // Passes a stream on and keeps its length.
  class SizeCounter : public ByteStream {
   public:
    explicit SizeCounter(ByteStream& inner) : inner_(inner) {}
    Result<std::size_t> Read(std::span<std::uint8_t> into) override {
      auto count = inner_.Read(into);
      size_ += count.value_or(0);
      ended_ = count && *count == 0;
      return count;
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] bool ended() const { return ended_; }

   private:
    ByteStream& inner_;
    std::uint64_t size_ = 0;
    bool ended_ = false;
  };

  void CheckSize(const Entry& entry, std::uint64_t size, Range place) {
    if (size != entry.header.content_size) {
      sink_.Report(
          {.id = "pyinstaller.size-mismatch",
           .range = place,
           .detail = fmt::format(
               "\"{}\": {} bytes are listed, there are {}", Escaped(entry.name),
               std::uint32_t{entry.header.content_size}, size)});
    }
  }

  const ByteSource& source_;
  const Archive& archive_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto archive = ReadArchive(input.source().bytes());
  if (!archive) {
    const Error& error = archive.error();
    return error.code == ErrorCode::kNotThisFormat
               ? Fail(ErrorCode::kMalformed, error.what)
               : Fail(error);
  }
  if (auto ok = Unpacker(input.source(), *archive, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(input.source().size());
}

}  // namespace

extern const Format kPyinstaller;
const Format kPyinstaller = {
    .name = "pyinstaller",
    .title = "PyInstaller program (CArchive)",
    .reference = "PyInstaller 5.13, bootloader/src/pyi_archive.h",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
