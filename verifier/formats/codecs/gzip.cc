// gzip: one or more members, each a header, a deflate stream, CRC-32 and
// length; their contents follow one another (RFC 1952, section 2.2). The
// stored name is not used: the member's name comes from its container.

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "verifier/formats/codecs/codec_stream.h"

namespace assay::formats {
namespace {

// RFC 1952, section 2.3.
struct Header {
  Be16 magic;
  std::uint8_t method = 0, flags = 0;
  Le32 mtime;
  std::uint8_t extra_flags = 0, system = 0;
};
static_assert(sizeof(Header) == 10 && FileStruct<Header>);

constexpr unsigned kReservedFlags = 0xe0;
constexpr std::uint8_t kLastSystem = 13;
constexpr std::uint8_t kUnknownSystem = 255;

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && header->magic == 0x1f8bU && header->method == 8 &&
         (header->flags & kReservedFlags) == 0 &&
         (header->extra_flags == 0 || header->extra_flags == 2 ||
          header->extra_flags == 4) &&
         (header->system <= kLastSystem || header->system == kUnknownSystem);
}

Error Explain(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK:
      return {ErrorCode::kMalformed, "invalid deflate block"};
    case ISAL_INVALID_SYMBOL:
      return {ErrorCode::kMalformed, "invalid deflate symbol"};
    case ISAL_INVALID_LOOKBACK:
      return {ErrorCode::kMalformed, "deflate distance too far back"};
    case ISAL_INCORRECT_CHECKSUM:
      return {ErrorCode::kMalformed, "CRC-32 or length mismatch"};
    case ISAL_NEED_DICT:
      return {ErrorCode::kUnsupported, "a preset dictionary is needed"};
    default:
      return {ErrorCode::kMalformed, "invalid header"};
  }
}

class GzipStream : public CodecStream {
 public:
  explicit GzipStream(Input& input) : CodecStream(input, "gzip") {}

  // The extra fields of the first members.
  [[nodiscard]] const std::vector<Range>& extras() const { return extras_; }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (between_members_) {
      if (members_ > 0 && !Matches(in)) {
        return {.done = true};
      }
      NoteExtra(in);
      isal_inflate_init(state_.get());
      state_->crc_flag = ISAL_GZIP;  // header and trailer are read, verified
      between_members_ = false;
      ++members_;
    }
    // The library's input pointer lacks the const; it only reads.
    state_->next_in = const_cast<std::uint8_t*>(in.data());  // NOLINT
    state_->avail_in = static_cast<std::uint32_t>(in.size());
    state_->next_out = out.data();
    const auto room = static_cast<std::uint32_t>(
        std::min<std::size_t>(out.size(), kMostOutput));
    state_->avail_out = room;
    const int code = isal_inflate(state_.get());
    Step step{.consumed = in.size() - state_->avail_in,
              .produced = room - state_->avail_out};
    if (code < 0 || code == ISAL_NEED_DICT) {
      step.error = Explain(code);
    }
    between_members_ = state_->block_state == ISAL_BLOCK_FINISH;
    return step;
  }

 private:
  static constexpr std::size_t kMostOutput = 1UL << 30U;
  static constexpr std::size_t kMostExtras = 4096;

  // FEXTRA, RFC 1952 section 2.3.1: length and bytes behind the header.
  void NoteExtra(ByteView in) {
    constexpr std::uint8_t kHasExtra = 4;
    const auto header = ReadAt<Header>(in, 0);
    const auto length = ReadAt<Le16>(in, sizeof(Header));
    if (header && length && (header->flags & kHasExtra) != 0 &&
        extras_.size() < kMostExtras) {
      extras_.push_back({position() + sizeof(Header) + sizeof(Le16), *length});
    }
  }

  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  std::uint64_t members_ = 0;
  std::vector<Range> extras_;
  bool between_members_ = true;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no gzip header");
  }
  Input input(ByteSource::Borrow(bytes));
  GzipStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto head = input.Peek(sizeof(Header));
  if (!head) {
    return Fail(head.error());
  }
  if (!Matches(*head)) {
    return Fail(ErrorCode::kMalformed, "no gzip header");
  }
  Member member;
  if (const std::uint32_t mtime = ReadAt<Header>(*head, 0)->mtime; mtime != 0) {
    member.meta.mtime = mtime;
  }
  GzipStream stream(input);
  auto added = sink.AddStream(std::move(member), stream);
  for (const Range& extra : stream.extras()) {
    sink.PassOver(extra);
  }
  return added;
}

constexpr Magic kMagics[] = {{"\x1f\x8b\x08", 0}};  // NOLINT: a table

}  // namespace

extern const Format kGzip;
const Format kGzip = {
    .name = "gzip",
    .title = "gzip compressed data",
    .reference = "RFC 1952",
    .magics = kMagics,
    // Three bytes of magic only, but a candidate has to decode to its CRC.
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
