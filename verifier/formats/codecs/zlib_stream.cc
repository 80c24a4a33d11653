// A zlib stream: a two-byte header, deflate data and their Adler-32 (RFC 1950).
// The header proves next to nothing, so a candidate has to decode: to its
// checksum where it ends within sight, for some KiB where it does not.
//
// In flat images only streams are looked for that begin with a dynamic block
// of all 286 literal and length codes, as zlib begins nearly every long one;
// short streams, those with a preset dictionary and deflate data without any
// frame are not found there.

#include <algorithm>
#include <array>
#include <string_view>

#include "verifier/formats/codecs/inflate_stream.h"

namespace assay::formats {
namespace {

// RFC 1950, section 2.2.
struct Header {
  std::uint8_t method = 0, flags = 0;
};
static_assert(sizeof(Header) == 2 && FileStruct<Header>);

constexpr unsigned kDictionaryFlag = 0x20;
constexpr std::uint64_t kLeastContent = 64;
constexpr std::uint64_t kTrial = 4096;  // of deflate data without an end

bool IsHeader(const Header& header) {
  return (header.method & 0x0fU) == 8 && header.method >> 4U <= 7 &&
         (header.method * 256U + header.flags) % 31 == 0 &&
         (header.flags & kDictionaryFlag) == 0;
}

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  if (!header || !IsHeader(*header)) {
    return false;
  }
  Input input(ByteSource::Borrow(head));
  InflateStream stream(input, "zlib", InflateStream::Frame::kZlib);
  std::array<std::uint8_t, kTrial> buffer = {};
  std::uint64_t content = 0;
  while (input.position() < kTrial) {
    const auto count = stream.Read(buffer);
    if (!count) {
      return false;
    }
    if (*count == 0) {
      return content >= kLeastContent;
    }
    content += *count;
  }
  return true;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes.first(std::min(bytes.size(), Input::kPeekLimit)))) {
    return Fail(ErrorCode::kNotThisFormat, "no zlib stream");
  }
  Input input(ByteSource::Borrow(bytes));
  InflateStream stream(input, "zlib", InflateStream::Frame::kZlib);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  InflateStream stream(input, "zlib", InflateStream::Frame::kZlib);
  return sink.AddStream({}, stream);
}

// Four levels of compression; a dynamic block that is the last or not, with
// all literal and length codes; 29 or 30 distance codes, and the usual
// numbers of code length codes.
constexpr std::array<std::uint8_t, 4> kFlags = {0x01, 0x5e, 0x9c, 0xda};
constexpr std::array<std::uint8_t, 2> kBlocks = {0xec, 0xed};
constexpr std::array<std::uint8_t, 8> kCodes = {0x9c, 0x9d, 0xbc, 0xbd,
                                                0xdc, 0xdd, 0xfc, 0xfd};
constexpr std::size_t kMagicSize = 4;
constexpr std::size_t kMagicCount =
    kFlags.size() * kBlocks.size() * kCodes.size();

constexpr auto kMagicText = [] {
  std::array<char, kMagicCount* kMagicSize> text = {};
  std::size_t at = 0;
  for (const std::uint8_t flags : kFlags) {
    for (const std::uint8_t block : kBlocks) {
      for (const std::uint8_t codes : kCodes) {
        text.at(at++) = '\x78';
        text.at(at++) = static_cast<char>(flags);
        text.at(at++) = static_cast<char>(block);
        text.at(at++) = static_cast<char>(codes);
      }
    }
  }
  return text;
}();

constexpr auto kCarveMagics = [] {
  std::array<Magic, kMagicCount> magics = {};
  for (std::size_t i = 0; i < kMagicCount; ++i) {
    magics.at(i).bytes = std::string_view(kMagicText.data(), kMagicText.size())
                             .substr(i * kMagicSize, kMagicSize);
  }
  return magics;
}();

}  // namespace

extern const Format kZlibStream;
const Format kZlibStream = {
    .name = "zlib_stream",
    .title = "zlib stream",
    .reference = "RFC 1950",
    .carvable = true,
    .carve_magics = kCarveMagics,
    .proof = Proof::kMagic,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
