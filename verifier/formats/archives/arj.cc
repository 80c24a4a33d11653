// ARJ archives. Layout: the ARJ archiver's own TECHNOTE ("ARJ archive format");
// methods 1 to 3 are LHA's Huffman codes, method 4 is its own.
//
// Headers have a CRC-32 each, files one of their content. Claims: headers are
// metadata; an archive ends with a header of no bytes.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/arj_fastest.h"
#include "verifier/formats/archives/dos_time.h"
#include "verifier/formats/firmware/tiano.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

constexpr std::uint16_t kMagic = 0xEA60;
constexpr std::uint16_t kLargestHeader = 2600;

struct Fixed {
  std::uint8_t size = 0;  // of the fixed part
  std::uint8_t version = 0, needed = 0, host = 0, flags = 0, method = 0;
  std::uint8_t type = 0, modifier = 0;
  Le16 time, date;
  Le32 packed, original, crc;
  Le16 name_at, mode, host_data;

  [[nodiscard]] std::uint32_t timestamp() const {
    return std::uint32_t{date} << 16U | time;
  }
};
static_assert(sizeof(Fixed) == 30 && FileStruct<Fixed>);

enum Flag : std::uint8_t {
  kGarbled = 0x01,
  kGoesOn = 0x04,    // in the next volume
  kContinued = 0x08  // from the one before
};
enum Type : std::uint8_t {
  kBinary = 0,
  kText = 1,
  kMain = 2,
  kDirectory = 3,
  kLabel = 4,
  kChapter = 5,  // a mark in the archive's history
};
constexpr std::uint8_t kUnix = 2;
constexpr std::uint8_t kNext = 8;  // NeXT, a Unix as well

struct Header {
  Fixed fixed = {};
  std::string_view name = {};
  std::uint64_t end = 0;  // behind it and its extended headers
  bool last = false;      // nothing but the mark of the end
};

// What follows a header: more of them, up to one of no size.
std::optional<std::uint64_t> PassExtended(ByteView bytes, std::uint64_t at) {
  while (const auto size = ReadAt<Le16>(bytes, at)) {
    at += sizeof(Le16);
    if (*size == 0) {
      return at;
    }
    const auto body = Slice(bytes, at, *size);
    const auto crc = ReadAt<Le32>(bytes, at + *size);
    if (!body || !crc || Crc32(*body) != *crc) {
      return std::nullopt;
    }
    at += *size + sizeof(Le32);
  }
  return std::nullopt;
}

std::optional<Header> ReadHeader(ByteView bytes, std::uint64_t at) {
  const auto magic = ReadAt<Le16>(bytes, at);
  const auto size = ReadAt<Le16>(bytes, at + 2);
  if (!magic || !size || *magic != kMagic || *size > kLargestHeader) {
    return std::nullopt;
  }
  if (*size == 0) {
    return Header{.end = at + 4, .last = true};
  }
  const auto body = Slice(bytes, at + 4, *size);
  const auto crc = ReadAt<Le32>(bytes, at + 4 + *size);
  const auto fixed = body ? ReadAt<Fixed>(*body, 0) : std::nullopt;
  if (!fixed || !crc || Crc32(*body) != *crc || fixed->size < sizeof(Fixed) ||
      fixed->size > body->size()) {
    return std::nullopt;
  }
  const auto end = PassExtended(bytes, at + 4 + *size + sizeof(Le32));
  return end ? std::optional(
                   Header{.fixed = *fixed,
                          .name = UntilNul(body->subspan(fixed->size)),
                          .end = *end})
             : std::nullopt;
}

bool HasData(const Header& header) {
  return header.fixed.type != kMain;
}

bool Matches(ByteView head) {
  const auto main = ReadHeader(head, 0);
  return main && !main->last && main->fixed.type == kMain;
}

// Compares what passes with the stated CRC.
class CheckedStream : public ByteStream {
 public:
  CheckedStream(ByteStream& inner, std::uint32_t crc)
      : inner_(inner), stated_(crc) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = inner_.Read(into);
    if (count && *count > 0) {
      crc_ = Crc32(into.first(*count), crc_);
    } else if (count && !into.empty() && crc_ != stated_) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("arj: the content has CRC-32 {:08x}, the header "
                              "says {:08x}",
                              crc_, stated_));
    }
    return count;
  }

 private:
  ByteStream& inner_;
  std::uint32_t stated_;
  std::uint32_t crc_ = 0;
};

FileMetadata MetadataOf(const Fixed& fixed) {
  FileMetadata meta;
  if (fixed.host == kUnix || fixed.host == kNext) {
    constexpr std::uint32_t kPermissions = 07777;
    meta.mode = fixed.mode & kPermissions;
    meta.mtime = fixed.timestamp();
  } else {
    meta.mtime = DosTime(fixed.date, fixed.time);
  }
  if (fixed.type == kDirectory) {
    meta.type = FileType::kDirectory;
  }
  return meta;
}

class Unpacker {
 public:
  Unpacker(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  // Returns where the archive ends.
  Result<std::uint64_t> Run() {
    std::uint64_t at = 0;
    for (std::uint64_t entries = 0;; ++entries) {
      const auto header = ReadHeader(source_.bytes(), at);
      if (!header) {
        return Fail(ErrorCode::kTruncated,
                    fmt::format("arj: no intact header at {}", at));
      }
      sink_.Claim({at, header->end - at}, RegionUse::kMetadata);
      at = header->end;
      if (header->last) {
        return at;
      }
      if (entries > sink_.limits().entries) {
        return Fail(ErrorCode::kLimit, "arj: too many members");
      }
      if (!HasData(*header)) {
        continue;
      }
      const Range data{at, header->fixed.packed};
      if (!Slice(source_.bytes(), data.offset, data.length)) {
        return Fail(ErrorCode::kTruncated,
                    fmt::format("arj: \"{}\" ends past the input",
                                Escaped(header->name)));
      }
      if (auto ok = Add(*header, data); !ok) {
        return Fail(ok.error());
      }
      at = data.end();
    }
  }

 private:
  Result<void> Add(const Header& header, Range data) {
    const Fixed& fixed = header.fixed;
    Member member{.name = BoundedName(header.name, "arj", data, sink_),
                  .meta = MetadataOf(fixed)};
    if (fixed.host != kUnix) {
      std::replace(member.name.begin(), member.name.end(), '\\', '/');
    }
    if (data.length == 0 &&
        (fixed.type == kDirectory || fixed.type == kLabel)) {
      return sink_.AddEmpty(std::move(member));
    }
    member.origin = data;
    if (fixed.type > kChapter) {
      return sink_.AddOpaque(std::move(member),
                             fmt::format("a file of type {}", fixed.type));
    }
    if ((fixed.flags & kGarbled) != 0) {
      return sink_.AddOpaque(std::move(member), "encrypted");
    }
    if ((fixed.flags & (kGoesOn | kContinued)) != 0) {
      return sink_.AddOpaque(std::move(member), "in parts in several volumes");
    }
    return AddContent(std::move(member), fixed, *source_.Slice(data));
  }

  Result<void> AddContent(Member member, const Fixed& fixed,
                          const ByteSource& packed) {
    constexpr std::uint64_t kDictionary = 32768;  // 26,624 are used
    constexpr std::uint8_t kStored = 0;
    constexpr std::uint8_t kFastest = 4;
    if (fixed.method == kStored) {
      if (fixed.original != packed.size() ||
          Crc32(packed.bytes()) != fixed.crc) {
        sink_.Report({.id = "arj.checksum-mismatch",
                      .range = *member.origin,
                      .detail = fmt::format(
                          "\"{}\" has another size or CRC-32 than its header "
                          "says",
                          Escaped(member.name))});
      }
      member.stored = true;
      return sink_.Add(std::move(member), packed);
    }
    if (fixed.method == kFastest) {
      ArjFastestStream inner(packed.bytes(), fixed.original);
      CheckedStream content(inner, fixed.crc);
      return sink_.AddStream(std::move(member), content);
    }
    if (fixed.method < kFastest) {
      TianoStream inner(packed.bytes(), fixed.original, TianoVariant::kTiano,
                        kDictionary);
      CheckedStream content(inner, fixed.crc);
      return sink_.AddStream(std::move(member), content);
    }
    return sink_.AddOpaque(std::move(member),
                           fmt::format("method {} unsupported", fixed.method));
  }

  const ByteSource& source_;
  ArtifactSink& sink_;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  std::uint64_t at = 0;
  while (const auto header = ReadHeader(bytes, at)) {
    if (at == 0 && (header->last || header->fixed.type != kMain)) {
      break;
    }
    at = header->end;
    if (header->last) {
      return at;
    }
    at += HasData(*header) ? std::uint64_t{header->fixed.packed} : 0;
  }
  return at == 0 ? Fail(ErrorCode::kNotThisFormat, "no header of ARJ")
                 : Fail(ErrorCode::kTruncated,
                        fmt::format("arj: no intact header at {}", at));
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  if (!Matches(input.source().bytes())) {
    return Fail(ErrorCode::kMalformed, "arj: no header of an archive");
  }
  const auto end = Unpacker(input.source(), sink).Run();
  return end ? input.Skip(*end) : Result<void>(Fail(end.error()));
}

constexpr Magic kMagics[] = {{"\x60\xEA", 0}};  // NOLINT: a table

}  // namespace

extern const Format kArj;
const Format kArj = {
    .name = "arj",
    .title = "ARJ archive",
    .reference = "ARJ archiver 3.10, TECHNOTE",
    .magics = kMagics,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
