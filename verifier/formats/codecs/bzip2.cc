// bzip2: one or more streams whose contents follow one another. Every block
// and every stream has a CRC, which libbz2 verifies. There is no official
// specification; layout as in bzip2's manual and the source of bzip2 1.0.8.

#include <bzlib.h>

#include <algorithm>
#include <string_view>

#include "verifier/formats/codecs/codec_stream.h"

namespace assay::formats {
namespace {

// "BZh", a level '1'..'9', then a block (pi) or the end of an empty stream
// (the square root of pi).
bool Matches(ByteView head) {
  using namespace std::string_view_literals;
  const std::string_view text =
      AsText(head.first(std::min<std::size_t>(head.size(), 10)));
  if (text.size() < 10 || text.substr(0, 3) != "BZh" || text[3] < '1' ||
      text[3] > '9') {
    return false;
  }
  return text.substr(4) == "\x31\x41\x59\x26\x53\x59"sv ||
         text.substr(4) == "\x17\x72\x45\x38\x50\x90"sv;
}

class Bzip2Stream : public CodecStream {
 public:
  explicit Bzip2Stream(Input& input) : CodecStream(input, "bzip2") {}
  ~Bzip2Stream() override { Close(); }
  Bzip2Stream(const Bzip2Stream&) = delete;
  Bzip2Stream& operator=(const Bzip2Stream&) = delete;

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (!open_) {
      if (streams_ > 0 && !Matches(in)) {
        return {.done = true};
      }
      bz_ = {};
      if (BZ2_bzDecompressInit(&bz_, 0, 0) != BZ_OK) {
        return {.error = Error{ErrorCode::kLimit, "no memory"}};
      }
      open_ = true;
      ++streams_;
    }
    // The library's pointers are char and its input lacks the const.
    bz_.next_in = const_cast<char*>(AsText(in).data());  // NOLINT
    bz_.avail_in = static_cast<unsigned>(in.size());
    bz_.next_out = static_cast<char*>(static_cast<void*>(out.data()));
    const auto room =
        static_cast<unsigned>(std::min<std::size_t>(out.size(), kMostOutput));
    bz_.avail_out = room;
    const int code = BZ2_bzDecompress(&bz_);
    Step step{.consumed = in.size() - bz_.avail_in,
              .produced = room - bz_.avail_out};
    if (code == BZ_STREAM_END) {
      Close();
    } else if (code == BZ_MEM_ERROR) {
      step.error = Error{ErrorCode::kLimit, "no memory"};
    } else if (code != BZ_OK) {
      step.error = Error{ErrorCode::kMalformed, "damaged block or CRC"};
    }
    return step;
  }

 private:
  static constexpr std::size_t kMostOutput = 1UL << 30U;

  void Close() {
    if (open_) {
      BZ2_bzDecompressEnd(&bz_);
      open_ = false;
    }
  }

  bz_stream bz_ = {};
  bool open_ = false;
  std::uint64_t streams_ = 0;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no bzip2 stream");
  }
  Input input(ByteSource::Borrow(bytes));
  Bzip2Stream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  Bzip2Stream stream(input);
  return sink.AddStream({}, stream);
}

constexpr Magic kMagics[] = {{"BZh", 0}};  // NOLINT: a table

}  // namespace

extern const Format kBzip2;
const Format kBzip2 = {
    .name = "bzip2",
    .title = "bzip2 compressed data",
    .reference = "bzip2 1.0.8, decompress.c",
    .magics = kMagics,
    // With level and block magic, `matches` sees ten bytes.
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
