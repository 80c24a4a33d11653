// lzop: files, each a header with a checksum, blocks of LZO1X with a checksum
// before and after compression, and a block of size 0. Files follow one
// another, each with the magic again. There is no specification but lzop 1.04
// (src/conf.h: header flags; src/lzop.c: write_header, lzo_compress).

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using codecs::BlockCodec;
using codecs::Compression;

constexpr std::string_view kMagic("\x89LZO\0\r\n\x1a\n", 9);
constexpr std::uint16_t kFirstVersion = 0x0900;
constexpr std::uint16_t kLevelVersion = 0x0940;  // since then more fields
constexpr std::uint16_t kVersionEnd = 0x2000;
constexpr std::uint8_t kLastMethod = 3;  // 1 to 3 are all LZO1X
constexpr std::uint32_t kLargestBlock = 64U << 20U;
constexpr std::uint64_t kMostRatio = 260;  // of LZO1X: 255 a byte

enum HeaderFlag : std::uint32_t {
  kAdlerContent = 1U << 0U,
  kAdlerPacked = 1U << 1U,
  kExtraField = 1U << 6U,
  kCrcContent = 1U << 8U,
  kCrcPacked = 1U << 9U,
  kFilter = 1U << 11U,
  kCrcHeader = 1U << 12U,
  kKnownFlags = 0x3fffU | 0xfff00000U,  // those above: system, character set
};

struct Header {
  std::uint32_t flags = 0;
  std::uint32_t filter = 0;
  std::uint32_t mode = 0;
  std::uint64_t mtime = 0;
  std::string_view name = {};
  std::uint64_t size = 0;  // of the header
};

std::uint32_t Adler(ByteView bytes) {
  return libdeflate_adler32(1, bytes.data(), bytes.size());
}

std::uint32_t Checksum(ByteView bytes, bool crc) {
  return crc ? Crc32(bytes) : Adler(bytes);
}

// An extra field and its own checksum, over which the header's runs not.
bool SkipExtraField(ByteReader& reader, ByteView head, bool crc) {
  const std::size_t start = reader.consumed();
  const auto length = reader.Take<Be32>();
  if (!length || !reader.Skip(*length)) {
    return false;
  }
  const ByteView field = head.subspan(start, reader.consumed() - start);
  const auto sum = reader.Take<Be32>();
  return sum && *sum == Checksum(field, crc);
}

// The header that `head` begins with, if its checksum holds. Its name is a
// view of `head`.
std::optional<Header> ReadHeader(ByteView head) {
  using Byte = Stored<std::uint8_t, ByteOrder::kBig>;
  ByteReader reader(head);
  const auto magic = reader.TakeBytes(kMagic.size());
  const auto version = reader.Take<Be16>();
  if (!magic || AsText(*magic) != kMagic || !version ||
      *version < kFirstVersion || *version >= kVersionEnd ||
      !reader.Skip(sizeof(Be16))) {  // the library's version
    return std::nullopt;
  }
  const bool levels = *version >= kLevelVersion;
  const auto needed = levels ? reader.Take<Be16>() : Be16{};
  const auto method = reader.Take<Byte>();
  const auto level = levels ? reader.Take<Byte>() : Byte{};
  const auto flags = reader.Take<Be32>();
  if (!needed || !method || *method == 0 || *method > kLastMethod || !level ||
      !flags || (*flags & ~kKnownFlags) != 0) {
    return std::nullopt;
  }
  Header header{.flags = *flags};
  const auto filter =
      (header.flags & kFilter) != 0 ? reader.Take<Be32>() : Be32{};
  const auto mode = reader.Take<Be32>();
  const auto mtime = reader.Take<Be32>();
  const auto mtime_high = levels ? reader.Take<Be32>() : Be32{};
  const auto name_size = reader.Take<Byte>();
  if (!filter || !mode || !mtime || !mtime_high || !name_size) {
    return std::nullopt;
  }
  const auto name = reader.TakeBytes(*name_size);
  const std::size_t end = reader.consumed();
  const auto sum = reader.Take<Be32>();
  const bool crc = (header.flags & kCrcHeader) != 0;
  if (!name || !sum ||
      *sum != Checksum(head.subspan(kMagic.size(), end - kMagic.size()), crc) ||
      ((header.flags & kExtraField) != 0 &&
       !SkipExtraField(reader, head, crc))) {
    return std::nullopt;
  }
  header.filter = *filter;
  header.mode = *mode;
  header.mtime = (std::uint64_t{*mtime_high} << 32U) | *mtime;
  header.name = AsText(*name);
  header.size = reader.consumed();
  return header;
}

bool Matches(ByteView head) {
  return ReadHeader(head).has_value();
}

tl::unexpected<Error> Damaged(std::uint64_t at, std::string_view what) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("lzop block at offset {}: {}", at, what));
}

struct Block {
  std::uint64_t at = 0;
  std::uint32_t content = 0;  // 0: the end of the file
  std::uint32_t packed = 0;
  // Of content and packed data, where the header has them.
  std::optional<std::uint32_t> adler = {}, crc = {};
  std::optional<std::uint32_t> packed_adler = {}, packed_crc = {};
};

// Takes the sizes and checksums of the next block.
Result<Block> TakeBlock(Input& input, std::uint32_t flags) {
  Block block{.at = input.position()};
  const auto take = [&](auto& into) -> Result<void> {
    const auto field = TakeWhole(input, sizeof(Be32), "lzop block header");
    if (!field) {
      return Fail(field.error());
    }
    into = *ReadAt<Be32>(field->bytes(), 0);
    return {};
  };
  if (auto ok = take(block.content); !ok || block.content == 0) {
    return ok ? Result<Block>(block) : Fail(ok.error());
  }
  if (auto ok = take(block.packed); !ok) {
    return Fail(ok.error());
  }
  if (block.content > kLargestBlock || block.packed > block.content ||
      block.packed == 0 || block.content > block.packed * kMostRatio + 64) {
    return Damaged(block.at, fmt::format("{} bytes packed into {}",
                                         block.content, block.packed));
  }
  const bool stored = block.packed == block.content;
  for (const auto& [flag, sum] : {std::pair(kAdlerContent, &block.adler),
                                  {kCrcContent, &block.crc},
                                  {kAdlerPacked, &block.packed_adler},
                                  {kCrcPacked, &block.packed_crc}}) {
    const bool of_packed = flag == kAdlerPacked || flag == kCrcPacked;
    if ((flags & flag) == 0 || (stored && of_packed)) {
      continue;
    }
    if (auto ok = take(*sum); !ok) {
      return Fail(ok.error());
    }
  }
  return block;
}

class LzopStream : public ByteStream {
 public:
  LzopStream(Input& input, std::uint32_t flags)
      : input_(input), flags_(flags), codec_(Compression::kLzo) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !ended_ && !error_) {
      if (given_ == buffer_.size()) {
        if (auto ok = NextBlock(); !ok) {
          error_ = ok.error();
        }
        continue;
      }
      const std::size_t count =
          std::min(into.size() - filled, buffer_.size() - given_);
      std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(given_), count,
                  into.subspan(filled).begin());
      given_ += count;
      filled += count;
    }
    if (filled == 0 && error_) {
      return Fail(*error_);
    }
    return filled;
  }

  // Passes what nobody read; false when the end was not reached.
  bool PassRest() {
    while (!ended_ && !error_) {
      const auto block = TakeBlock(input_, flags_);
      if (!block || !input_.Skip(block->packed)) {
        return false;
      }
      ended_ = block->content == 0;
    }
    return ended_;
  }

 private:
  Result<void> NextBlock() {
    given_ = 0;
    buffer_.clear();
    const auto block = TakeBlock(input_, flags_);
    if (!block) {
      return Fail(block.error());
    }
    ended_ = block->content == 0;
    if (ended_) {
      return {};
    }
    const auto packed = TakeWhole(input_, block->packed, "lzop block");
    if (!packed) {
      return Fail(packed.error());
    }
    const ByteView in = packed->bytes();
    if (block->packed_adler.value_or(Adler(in)) != Adler(in) ||
        block->packed_crc.value_or(Crc32(in)) != Crc32(in)) {
      return Damaged(block->at, "the checksum of the packed data is wrong");
    }
    Bytes content(block->content);
    if (block->packed == block->content) {
      std::copy(in.begin(), in.end(), content.begin());
    } else if (codec_.Decode(in, content).value_or(0) != content.size()) {
      return Damaged(block->at, "damaged LZO data");
    }
    if (block->adler.value_or(Adler(content)) != Adler(content) ||
        block->crc.value_or(Crc32(content)) != Crc32(content)) {
      return Damaged(block->at, "the checksum of the content is wrong");
    }
    buffer_ = std::move(content);
    return {};
  }

  Input& input_;
  std::uint32_t flags_;
  BlockCodec codec_;
  Bytes buffer_;
  std::size_t given_ = 0;
  bool ended_ = false;
  std::optional<Error> error_;
};

Member MemberOf(const Header& header, Range place, ArtifactSink& sink) {
  Member member{.name = BoundedName(header.name, "lzop", place, sink)};
  if (header.mode != 0) {
    member.meta.type = TypeOfMode(header.mode);
    member.meta.mode = header.mode & 07777U;
  }
  if (header.mtime != 0 && header.mtime >> 63U == 0) {
    member.meta.mtime = static_cast<std::int64_t>(header.mtime);
  }
  return member;
}

// One file; false when another cannot be found behind it.
Result<bool> UnpackFile(Input& input, ArtifactSink& sink) {
  const auto head = input.Peek(Input::kPeekLimit);
  if (!head) {
    return Fail(head.error());
  }
  const auto header = ReadHeader(*head);
  if (!header) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("no intact lzop header at offset {}", input.position()));
  }
  const Range place{input.position(), header->size};
  Member member = MemberOf(*header, place, sink);
  const std::uint32_t flags = header->flags;
  const std::uint32_t filter = header->filter;
  sink.Claim(place, RegionUse::kMetadata);
  if (auto ok = input.Skip(place.length); !ok) {
    return Fail(ok.error());
  }
  LzopStream stream(input, flags);
  auto done = filter == 0
                  ? sink.AddStream(std::move(member), stream)
                  : sink.AddOpaque(std::move(member),
                                   fmt::format("lzop filter {}", filter));
  if (!done) {
    return Fail(done.error());
  }
  return stream.PassRest();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  while (true) {
    const auto more = UnpackFile(input, sink);
    if (!more) {
      return Fail(more.error());
    }
    const auto head = *more ? input.Peek(Input::kPeekLimit) : ByteView();
    if (!head || !*more || !Matches(*head)) {
      return head ? Result<void>() : Fail(head.error());
    }
  }
}

// Passes the blocks without decoding them.
Result<std::uint64_t> Measure(ByteView bytes) {
  Input input(ByteSource::Borrow(bytes));
  std::uint64_t end = 0;
  while (const auto header = ReadHeader(bytes.subspan(end))) {
    if (auto ok = input.Skip(header->size); !ok) {
      return Fail(ok.error());
    }
    auto block = TakeBlock(input, header->flags);
    while (block && block->content != 0) {
      if (auto ok = input.Skip(block->packed); !ok) {
        return Fail(ok.error());
      }
      block = TakeBlock(input, header->flags);
    }
    if (!block) {
      return Fail(block.error());
    }
    end = input.position();
  }
  if (end == 0) {
    return Fail(ErrorCode::kNotThisFormat, "no intact lzop header");
  }
  return end;
}

constexpr Magic kMagics[] = {{kMagic, 0}};  // NOLINT: a table

}  // namespace

extern const Format kLzop;
const Format kLzop = {
    .name = "lzop",
    .title = "lzop compressed files",
    .reference = "lzop 1.04, src/conf.h and src/lzop.c",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
