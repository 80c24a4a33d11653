// The output of compress(1), ".Z": LZW with codes of 9 bits and more,
// up to 10 to 16. Format:
// ncompress 4.2.4, compress.c; POSIX.1-2017, XCU compress.
//
// Of "up to 9" every reader believes something else (some go on to 10), and
// ncompress does not read what it writes so: that is nobody's format.
//
// There is no end and no checksum: the data go on for as long as there is
// input. So the header has to be one that encoders write, and the start of the
// data has to decode.

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr unsigned kFirstBits = 9;
constexpr unsigned kFewestBits = 10;  // that the header may state
constexpr unsigned kMostBits = 16;
constexpr std::uint32_t kLiterals = 256;
constexpr std::uint32_t kClear = 256;  // of block mode

struct Header {
  std::array<std::uint8_t, 2> magic = {};
  std::uint8_t flags = 0;

  [[nodiscard]] unsigned bits() const { return flags & 0x1FU; }
  [[nodiscard]] bool block_mode() const { return (flags & 0x80U) != 0; }
  [[nodiscard]] bool IsPlausible() const {
    constexpr unsigned kReserved = 0x60;
    return magic[0] == 0x1F && magic[1] == 0x9D && (flags & kReserved) == 0 &&
           bits() >= kFewestBits && bits() <= kMostBits;
  }
};
static_assert(sizeof(Header) == 3 && FileStruct<Header>);

// The dictionary: what each code stands for is the string of another and one
// more byte.
class Dictionary {
 public:
  explicit Dictionary(const Header& header)
      : block_mode_(header.block_mode()),
        most_(1U << header.bits()),
        prefixes_(most_),
        lasts_(most_) {
    Clear();
  }

  void Clear() {
    next_ = block_mode_ ? kClear + 1 : kLiterals;
    previous_.reset();
  }
  [[nodiscard]] std::uint32_t next() const { return next_; }

  // The bytes of the code, last one first; false when there is no such code.
  bool Take(std::uint32_t code, Bytes& reversed) {
    reversed.clear();
    if (!previous_) {
      if (code >= kLiterals) {
        return false;
      }
    } else if (code > next_ || (block_mode_ && code == kClear) ||
               (code == next_ && next_ == most_)) {
      return false;
    }
    // The one that is about to be made: the previous string and its first.
    const bool itself = previous_ && code == next_;
    std::uint32_t at = itself ? *previous_ : code;
    if (itself) {
      reversed.push_back(first_);
    }
    while (at >= kLiterals) {
      reversed.push_back(lasts_[at]);
      at = prefixes_[at];
    }
    first_ = static_cast<std::uint8_t>(at);
    reversed.push_back(first_);
    if (previous_ && next_ < most_) {
      prefixes_[next_] = *previous_;
      lasts_[next_] = first_;
      ++next_;
    }
    previous_ = code;
    return true;
  }

 private:
  bool block_mode_;
  std::uint32_t most_;
  std::uint32_t next_ = 0;
  std::optional<std::uint32_t> previous_ = {};
  std::uint8_t first_ = 0;  // of the previous string
  std::vector<std::uint32_t> prefixes_;
  Bytes lasts_;
};

class CompressStream : public CodecStream {
 public:
  explicit CompressStream(Input& input) : CodecStream(input, "compress") {}

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    Step step;
    const bool last = in.size() < Input::kPeekLimit;
    if (!dictionary_) {
      const auto header = ReadAt<Header>(in, 0);
      if (!header || !header->IsPlausible()) {
        step.error = Error{ErrorCode::kMalformed, "no header"};
        return step;
      }
      header_ = *header;
      dictionary_.emplace(header_);
      step.consumed = sizeof(Header);
    }
    while (true) {
      if (GivePending(out, step) == out.size()) {
        return step;
      }
      const auto code = NextCode(in, last, step);
      if (!code) {
        step.done = last && step.consumed == in.size();
        return step;
      }
      if (header_.block_mode() && *code == kClear) {
        dictionary_->Clear();
        width_ = kFirstBits;
        bits_ = 0;
      } else if (!dictionary_->Take(*code, pending_)) {
        step.error = Error{ErrorCode::kMalformed, "a code that means nothing"};
        return step;
      }
    }
  }

 private:
  // Hands out what was decoded, as far as there is room; returns how much that
  // has been.
  std::size_t GivePending(std::span<std::uint8_t> out, Step& step) {
    while (!pending_.empty() && step.produced < out.size()) {
      out[step.produced++] = pending_.back();
      pending_.pop_back();
    }
    return step.produced;
  }

  // Codes come in groups of eight; what is left of one when the width changes
  // is passed over.
  std::optional<std::uint32_t> NextCode(ByteView in, bool last, Step& step) {
    if (dictionary_->next() >= 1U << width_ && width_ < header_.bits()) {
      ++width_;
      bits_ = 0;
    }
    if (bits_ < width_) {
      const std::size_t count =
          std::min<std::size_t>(width_, in.size() - step.consumed);
      if (count == 0 || (count < width_ && !last)) {
        return std::nullopt;
      }
      const ByteView bytes = in.subspan(step.consumed, count);
      std::copy(bytes.begin(), bytes.end(), group_.begin());
      step.consumed += count;
      at_ = 0;
      bits_ = static_cast<unsigned>(count) * 8;
      if (bits_ < width_) {
        return std::nullopt;
      }
    }
    std::uint32_t code = 0;
    for (unsigned i = 0; i < width_; ++i, ++at_) {
      code |= (group_[at_ / 8] >> at_ % 8 & 1U) << i;
    }
    bits_ -= width_;
    return code;
  }

  Header header_ = {};
  std::optional<Dictionary> dictionary_ = {};
  unsigned width_ = kFirstBits;
  std::array<std::uint8_t, kMostBits> group_ = {};
  std::size_t at_ = 0;  // the next bit
  unsigned bits_ = 0;   // that are left of the group
  Bytes pending_ = {};  // decoded, last byte first
};

// The first few thousand bytes decode, and codes are left to do so.
bool Matches(ByteView head) {
  constexpr std::size_t kTrial = 4096;
  const auto header = ReadAt<Header>(head, 0);
  if (!header || !header->IsPlausible() || head.size() < sizeof(Header) + 2) {
    return false;
  }
  Input input(ByteSource::Borrow(head));
  CompressStream stream(input);
  Bytes buffer(kTrial);
  const auto count = stream.Read(buffer);
  return count && *count > 0 &&
         (*count == buffer.size() || stream.Read(buffer));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes.first(std::min(bytes.size(), Input::kPeekLimit)))) {
    return Fail(ErrorCode::kNotThisFormat, "no header of compress");
  }
  Input input(ByteSource::Borrow(bytes));
  CompressStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto head = input.Peek(sizeof(Header));
  if (!head) {
    return Fail(head.error());
  }
  const auto header = ReadAt<Header>(*head, 0);
  if (!header || !header->IsPlausible()) {
    return Fail(ErrorCode::kMalformed, "no header of compress");
  }
  CompressStream stream(input);
  return sink.AddStream({}, stream);
}

constexpr Magic kMagics[] = {{"\x1F\x9D", 0}};  // NOLINT: a table

}  // namespace

extern const Format kCompress;
const Format kCompress = {
    .name = "compress",
    .title = "compress (.Z) compressed data",
    .reference = "POSIX.1-2017, XCU compress; ncompress compress.c",
    .magics = kMagics,
    .proof = Proof::kMagic,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
