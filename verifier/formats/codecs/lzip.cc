// lzip: members, each a header, an LZMA stream that ends with a marker, and a
// trailer with the CRC-32 and both sizes; their contents follow one another.
// liblzma verifies each trailer. What follows the last member is the caller's.
//
// Reference: lzip manual 1.23, chapter "File format".

#include <string_view>

#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/codecs/lzma_decoder.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic;  // "LZIP"
  std::uint8_t version = 0;
  std::uint8_t dictionary = 0;  // bits 0-4: log2; 5-7: sixteenths taken off
};
static_assert(sizeof(Header) == 6 && FileStruct<Header>);

constexpr std::string_view kMagic = "LZIP\x01";

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  const unsigned log = header ? header->dictionary & 0x1fU : 0;
  const unsigned less = header ? header->dictionary >> 5U : 0;
  // 4 KiB to 512 MiB, and behind it the range coder's first byte.
  return header && AsText(head).substr(0, kMagic.size()) == kMagic &&
         log >= 12 && log <= 29 && (log > 12 || less == 0) &&
         head.size() > sizeof(Header) && head[sizeof(Header)] == 0;
}

class LzipStream : public CodecStream {
 public:
  explicit LzipStream(Input& input) : CodecStream(input, "lzip") {}

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (!in_member_) {
      if (members_ > 0 && !Matches(in)) {
        return {.done = true};
      }
      if (const lzma_ret code = decoder_.BeginLzip(); code != LZMA_OK) {
        return {.error = ExplainLzma(code)};
      }
      in_member_ = true;
      ++members_;
    }
    const auto [consumed, produced, code] = decoder_.Run(in, out);
    Step step{.consumed = consumed, .produced = produced};
    if (code == LZMA_STREAM_END) {
      in_member_ = false;
    } else if (code != LZMA_OK) {
      step.error = ExplainLzma(code);
    }
    return step;
  }

 private:
  LzmaDecoder decoder_;
  std::uint64_t members_ = 0;
  bool in_member_ = false;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no lzip header");
  }
  Input input(ByteSource::Borrow(bytes));
  LzipStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  LzipStream stream(input);
  return sink.AddStream({}, stream);
}

constexpr Magic kMagics[] = {{kMagic, 0}};  // NOLINT: a table

}  // namespace

extern const Format kLzip;
const Format kLzip = {
    .name = "lzip",
    .title = "lzip compressed data",
    .reference = "lzip manual 1.23, chapter \"File format\"",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
