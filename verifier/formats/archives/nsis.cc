// NSIS installers: what is appended to a Windows program by makensis. The
// program itself is in front, and no part of this: the installer is found
// behind its end. The CRC-32 at the end is over the program as well and is
// therefore claimed, not checked.
//
// Members are the files that the script extracts, below the installation
// folder unless their name begins with another variable ("$TEMP/x"). Of the
// uninstaller, "<name>.icons" is what it patches the copied program with, and
// "<name>" what is appended to that, which is such an installer again. Blocks
// of data that no instruction names are slack, or members "#rest" when they
// lie in one solid stream.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/archives/nsis_header.h"
#include "verifier/formats/archives/nsis_streams.h"
#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using nsis::Extracted;
using nsis::FirstHeader;
using nsis::Malformed;
using nsis::Packing;

constexpr std::uint32_t kPackedBit = 0x80000000;
constexpr std::uint64_t kLargestHeader = 64ULL << 20U;

// How header and data are packed, which nothing states.
struct Layout {
  Packing packing = Packing::kNone;
  bool solid = false;
  Range header = {};       // packed, with the length in front
  std::uint64_t data = 0;  // where the blocks of data begin
};

Layout LayoutOf(ByteView bytes, const FirstHeader& first) {
  constexpr std::uint64_t kBegin = sizeof(FirstHeader);
  const std::uint32_t length = ReadAt<Le32>(bytes, kBegin).value_or(Le32{});
  const std::uint64_t size = length & ~kPackedBit;
  const Range header{kBegin, sizeof(Le32) + size};
  if (length == first.header_size) {
    return {Packing::kNone, false, header, header.end()};
  }
  const ByteView behind = bytes.subspan(kBegin);
  const Packing whole = nsis::PackingOf(behind);
  const bool packed = (length & kPackedBit) != 0 &&
                      size <= bytes.size() - kBegin - sizeof(Le32);
  const bool marked =
      whole == Packing::kLzma || whole == Packing::kFilteredLzma;
  if (packed && !marked) {
    return {nsis::PackingOf(behind.subspan(sizeof(Le32))), false, header,
            header.end()};
  }
  return {whole, true, {kBegin, bytes.size() - kBegin}, kBegin};
}

class Installer {
 public:
  Installer(const ByteSource& source, const FirstHeader& first,
            ArtifactSink& sink)
      : source_(source),
        first_(first),
        layout_(LayoutOf(source.bytes(), first)),
        sink_(sink) {}

  Result<void> Run() {
    coverage_.ClaimFree({0, sizeof(FirstHeader)}, RegionUse::kMetadata, sink_);
    ClaimChecksum();
    auto read = Read();
    if (!read) {
      coverage_.ClaimGaps(source_.bytes(), sink_);
      return read;
    }
    const auto files = nsis::ReadScript(header_, sink_.limits().entries);
    if (!files) {
      coverage_.ClaimGaps(source_.bytes(), sink_);
      return Fail(files.error());
    }
    for (const Extracted& file : *files) {
      if (auto ok = Add(file); !ok) {
        return ok;
      }
    }
    if (auto ok = AddRest(); !ok) {
      return ok;
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    return damage_ ? Result<void>(Fail(*damage_)) : Result<void>();
  }

 private:
  [[nodiscard]] bool HasChecksum() const {
    return (first_.flags & nsis::kForceChecksum) != 0 ||
           (first_.flags & nsis::kNoChecksum) == 0;
  }
  void ClaimChecksum() {
    if (HasChecksum()) {
      end_ -= sizeof(Le32);
      coverage_.ClaimFree({end_, sizeof(Le32)}, RegionUse::kMetadata, sink_);
    }
  }

  // The header, and of a solid installer all that is behind it.
  Result<void> Read() {
    if (first_.header_size > kLargestHeader) {
      return Fail(ErrorCode::kLimit, "nsis: the header is too large");
    }
    const std::uint64_t skip = layout_.solid ? 0 : sizeof(Le32);
    const std::uint64_t begin = layout_.header.offset + skip;
    const std::uint64_t stop = std::min(layout_.header.end(), end_);
    if (begin > stop) {
      return Malformed("the header goes on behind the end");
    }
    const auto stream = nsis::Unpacked(
        layout_.packing, *Slice(source_.bytes(), begin, stop - begin));
    if (!layout_.solid) {
      const auto header = ReadAll(*stream, first_.header_size);
      if (!header) {
        return Fail(header.error());
      }
      header_ = *header;
      coverage_.ClaimFree(layout_.header, RegionUse::kMetadata, sink_);
      data_ = *source_.Slice({layout_.data, end_ - layout_.data});
    } else if (auto ok = ReadSolid(*stream); !ok) {
      return ok;
    }
    return header_.size() == first_.header_size
               ? Result<void>()
               : Malformed(fmt::format("the header has {} bytes, {} are stated",
                                       header_.size(),
                                       std::uint32_t{first_.header_size}));
  }

  Result<void> ReadSolid(ByteStream& stream) {
    const Limits& limits = sink_.limits();
    const std::uint64_t most =
        std::min(limits.member,
                 std::max(limits.ratio_floor, source_.size() * limits.ratio));
    Spool spool(limits.memory_per_member, most);
    Bytes buffer(64UL << 10U);
    while (true) {
      const auto count = stream.Read(buffer);
      if (!count) {
        damage_ = count.error();  // what came before it can be read
        break;
      }
      if (*count == 0) {
        break;
      }
      if (auto ok = spool.Append(ByteView(buffer).first(*count)); !ok) {
        return ok;
      }
    }
    auto decoded = spool.Finish();
    if (!decoded) {
      return Fail(decoded.error());
    }
    const auto size = ReadAt<Le32>(decoded->bytes(), 0);
    const auto header =
        size ? Slice(decoded->bytes(), sizeof(Le32), *size) : std::nullopt;
    if (!header) {
      return damage_ ? Result<void>(Fail(*damage_))
                     : Malformed("the header does not lie in its stream");
    }
    header_ = CopyOf(*header);
    data_ = decoded->From(sizeof(Le32) + header->size());
    const Range packed{layout_.header.offset, end_ - layout_.header.offset};
    coverage_.ClaimFree(packed, RegionUse::kMember, sink_);
    return {};
  }

  Result<void> Add(const Extracted& file) {
    Member member{.name = file.name};
    member.meta.mtime = file.mtime;
    if (!file.uninstaller) {
      return AddBlock(std::move(member), file.offset);
    }
    const auto length = ReadAt<Le32>(data_.bytes(), file.offset);
    Member icons = member;
    icons.name += ".icons";
    if (auto ok = AddBlock(std::move(icons), file.offset); !ok || !length) {
      return ok;
    }
    return AddBlock(std::move(member),
                    file.offset + sizeof(Le32) + (*length & ~kPackedBit));
  }

  // A length, whose upper bit says that what follows is packed.
  Result<void> AddBlock(Member member, std::uint64_t at) {
    const auto length = ReadAt<Le32>(data_.bytes(), at);
    const std::uint64_t size = length ? *length & ~kPackedBit : 0U;
    const Range body{at + sizeof(Le32), size};
    const auto content =
        length ? data_.Slice(body) : Result<ByteSource>(Malformed("no block"));
    if (!content) {
      sink_.Report({.id = "nsis.missing-block",
                    .detail = fmt::format("{}: there is no block at {}",
                                          member.name, at)});
      return sink_.AddOpaque(std::move(member), "its data are missing");
    }
    Claim(at, body, member);
    const bool packed = !layout_.solid && (*length & kPackedBit) != 0;
    if (!packed) {
      member.stored = member.origin.has_value();
      return sink_.Add(std::move(member), *content);
    }
    const auto stream = nsis::Unpacked(layout_.packing, content->bytes());
    return sink_.AddStream(std::move(member), *stream);
  }

  void Claim(std::uint64_t at, Range body, Member& member) {
    if (layout_.solid) {
      inner_.Add({at, sizeof(Le32) + body.length});
      return;
    }
    const Range place{layout_.data + body.offset, body.length};
    const Range whole{layout_.data + at, sizeof(Le32)};
    if (!coverage_.Touches(place)) {
      coverage_.ClaimFree(whole, RegionUse::kMetadata, sink_);
      coverage_.Add(place);
      member.origin = place;
    }
  }

  // What lies in a solid stream, and no instruction takes out of it.
  Result<void> AddRest() {
    if (!layout_.solid) {
      return {};
    }
    for (const Range& gap : inner_.Gaps(data_.size())) {
      const auto content = data_.Slice(gap);
      if (!content || IsZero(content->bytes())) {
        continue;
      }
      sink_.Report({.id = "nsis.unread-data",
                    .detail = fmt::format("{} bytes at {} of the data that "
                                          "the script does not extract",
                                          gap.length, gap.offset)});
      if (auto ok = sink_.Add({.name = fmt::format("#rest-{}", gap.offset)},
                              *content);
          !ok) {
        return ok;
      }
    }
    return {};
  }

  const ByteSource& source_;
  FirstHeader first_;
  Layout layout_;
  ArtifactSink& sink_;
  Coverage coverage_;
  Coverage inner_;  // of data_, when that is one solid stream
  std::uint64_t end_ = source_.size();
  Bytes header_;
  ByteSource data_;
  std::optional<Error> damage_;
};

bool Matches(ByteView head) {
  return nsis::Recognize(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto first = nsis::Recognize(bytes);
  if (!first) {
    return Fail(ErrorCode::kNotThisFormat, "no NSIS installer");
  }
  if (first->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("nsis: {} bytes are stated, {} are there",
                            std::uint32_t{first->size}, bytes.size()));
  }
  return std::uint64_t{first->size};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto first = nsis::Recognize(input.source().bytes());
  if (!first) {
    return Malformed("no NSIS installer");
  }
  const auto size = Measure(input.source().bytes());
  if (!size) {
    return Fail(size.error());
  }
  if (auto ok =
          Installer(*input.source().Slice({0, *size}), *first, sink).Run();
      !ok) {
    return ok;
  }
  return input.Skip(*size);
}

constexpr Magic kMagics[] = {{"\xEF\xBE\xAD\xDENullsoftInst", 4}};  // NOLINT

}  // namespace

extern const Format kNsis;
const Format kNsis = {
    .name = "nsis",
    .title = "NSIS installer",
    .reference = "NSIS 3.08 Source/exehead/fileform.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
