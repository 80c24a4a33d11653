// LZMA_alone, the format of .lzma files: properties, dictionary size, content
// size (all ones: not known, an end marker follows the data) and a bare LZMA
// stream. There is no magic and no checksum, so a header has to be one that
// encoders write, and the start of the data has to decode.
//
// Reference: XZ Utils, doc/lzma-file-format.txt.

#include <algorithm>
#include <array>
#include <string_view>

#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/codecs/lzma_decoder.h"

namespace assay::formats {
namespace {

// Section 1.1.
struct Header {
  std::uint8_t properties = 0;  // (pb * 5 + lp) * 9 + lc
  Le32 dictionary;
  Le64 size;
};
static_assert(sizeof(Header) == 13 && FileStruct<Header>);

// Behind the header: the range coder's first byte, always 0, and its code.
struct CoderStart {
  std::uint8_t zero = 0;
  Be32 code;
};

constexpr std::uint64_t kUnknownSize = ~0ULL;
constexpr std::uint64_t kLargestSize = 1ULL << 38U;  // as in XZ Utils
constexpr std::uint32_t kSmallestDictionary = 1U << 12U;
constexpr std::size_t kTrial = 4096;  // decoded bytes

// 2^n or 2^n + 2^(n-1): what encoders write.
bool IsPlausibleDictionary(std::uint32_t size) {
  const std::uint32_t lowest = size & (~size + 1);
  return size >= kSmallestDictionary &&
         (size == lowest || size - lowest == lowest * 2ULL);
}

bool IsPlausible(const Header& header) {
  const unsigned lc = header.properties % 9U;
  const unsigned lp = header.properties / 9U % 5U;
  const unsigned pb = header.properties / 45U;
  return pb <= 4 && lc + lp <= 4 && header.properties != 0 &&
         IsPlausibleDictionary(header.dictionary) && header.size != 0 &&
         (header.size == kUnknownSize || header.size < kLargestSize);
}

// Decodes the first kTrial bytes with a dictionary of no more than that.
bool StartDecodes(const Header& header, ByteView data) {
  lzma_options_lzma options = {};
  options.dict_size = kTrial;
  options.lc = header.properties % 9U;
  options.lp = header.properties / 9U % 5U;
  options.pb = header.properties / 45U;
  const std::array<lzma_filter, 2> chain = {
      {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
  LzmaDecoder decoder;
  if (decoder.BeginRaw(chain) != LZMA_OK) {
    return false;
  }
  std::array<std::uint8_t, kTrial> out = {};
  const auto room = static_cast<std::size_t>(
      std::min<std::uint64_t>(header.size, out.size()));
  const auto [consumed, produced, code] =
      decoder.Run(data, std::span(out).first(room));
  const bool ended = code == LZMA_STREAM_END;
  return (code == LZMA_OK && (produced > 0 || data.size() < kTrial)) ||
         (ended && header.size == kUnknownSize) ||
         (ended && produced == header.size);
}

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  const auto start = ReadAt<CoderStart>(head, sizeof(Header));
  // A code of 0 is what zeros look like, and no encoder's output: a run of
  // equal bytes is a match, whose first bit is 1.
  return header && start && IsPlausible(*header) && start->zero == 0 &&
         start->code != 0 &&
         StartDecodes(*header, head.subspan(sizeof(Header)));
}

class LzmaStream : public CodecStream {
 public:
  explicit LzmaStream(Input& input) : CodecStream(input, "lzma") {}

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (!begun_) {
      if (const lzma_ret code = decoder_.BeginAlone(); code != LZMA_OK) {
        return {.error = ExplainLzma(code)};
      }
      begun_ = true;
    }
    const auto [consumed, produced, code] = decoder_.Run(in, out);
    Step step{.consumed = consumed, .produced = produced};
    if (code == LZMA_STREAM_END) {
      step.done = true;
    } else if (code != LZMA_OK) {
      step.error = ExplainLzma(code);
    }
    return step;
  }

 private:
  LzmaDecoder decoder_;
  bool begun_ = false;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes.first(std::min(bytes.size(), Input::kPeekLimit)))) {
    return Fail(ErrorCode::kNotThisFormat, "no LZMA header");
  }
  Input input(ByteSource::Borrow(bytes));
  LzmaStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  LzmaStream stream(input);
  return sink.AddStream({}, stream);
}

// Properties in use, with every dictionary that IsPlausible allows up to
// 1 GiB: five bytes that make a magic.
constexpr std::array<std::uint8_t, 7> kProperties = {0x5d, 0x5e, 0x5a, 0x63,
                                                     0x6c, 0x6d, 0x6e};
constexpr unsigned kSmallestLog = 12;
constexpr std::size_t kDictionaries = 37;  // 2^12, 2^12 + 2^11, ... 2^30
constexpr std::size_t kMagicSize = 5;
constexpr std::size_t kMagicCount = kProperties.size() * kDictionaries;

constexpr auto kMagicText = [] {
  std::array<char, kMagicCount* kMagicSize> text = {};
  std::size_t at = 0;
  for (const std::uint8_t properties : kProperties) {
    for (unsigned i = 0; i < kDictionaries; ++i) {
      const std::uint32_t power = 1U << (kSmallestLog + i / 2);
      const std::uint32_t size = i % 2 == 0 ? power : power + power / 2;
      text.at(at++) = static_cast<char>(properties);
      for (unsigned shift = 0; shift < 32; shift += 8) {
        text.at(at++) = static_cast<char>(size >> shift & 0xffU);
      }
    }
  }
  return text;
}();

constexpr auto kMagics = [] {
  std::array<Magic, kMagicCount> magics = {};
  for (std::size_t i = 0; i < kMagicCount; ++i) {
    magics.at(i).bytes = std::string_view(kMagicText.data(), kMagicText.size())
                             .substr(i * kMagicSize, kMagicSize);
  }
  return magics;
}();

}  // namespace

extern const Format kLzma;
const Format kLzma = {
    .name = "lzma",
    .title = "LZMA_alone compressed data (.lzma)",
    .reference = "XZ Utils, doc/lzma-file-format.txt",
    .magics = kMagics,
    // With sizes and the start of the data `matches` sees 18 bytes, and a
    // candidate has to decode to the end that the range coder marks.
    .carvable = true,
    .proof = Proof::kMagic,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
