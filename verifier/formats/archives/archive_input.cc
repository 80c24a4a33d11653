#include "verifier/formats/archives/archive_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace assay::formats {
namespace {

// Takes no notice of members; used where only the end is asked for.
class MeasuringSink : public ArtifactSink {
 public:
  explicit MeasuringSink(std::string_view unproven) : unproven_(unproven) {}

  Result<void> Add(Member /*member*/, ByteSource /*content*/) override {
    return Count();
  }
  Result<void> AddStream(Member /*member*/, ByteStream& /*content*/) override {
    return Count();
  }
  Result<void> AddEmpty(Member /*member*/) override { return Count(); }
  Result<void> AddOpaque(Member /*member*/, std::string /*why*/) override {
    return Count();
  }
  void Claim(Range /*range*/, RegionUse /*use*/) override {}
  void Report(Anomaly anomaly) override {
    proven_ = proven_ && anomaly.id != unproven_;
  }
  [[nodiscard]] const Limits& limits() const override { return limits_; }
  [[nodiscard]] bool proven() const { return proven_; }
  [[nodiscard]] bool empty() const { return members_ == 0; }

 private:
  Result<void> Count() {
    ++members_;
    return {};
  }

  std::uint64_t members_ = 0;
  std::string_view unproven_;
  Limits limits_;
  bool proven_ = true;
};

}  // namespace

Result<bool> ReadWhole(Input& input, std::span<std::uint8_t> into,
                       std::string_view what) {
  const std::uint64_t at = input.position();
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto count = input.Read(into.subspan(filled));
    if (!count) {
      return Fail(count.error());
    }
    if (*count == 0) {
      break;  // a short count may only announce an error; 0 is the end
    }
    filled += *count;
  }
  if (filled == into.size() || filled == 0) {
    return filled != 0;
  }
  return Fail(ErrorCode::kTruncated,
              fmt::format("{} at offset {}: {} of {} bytes are there", what, at,
                          filled, into.size()));
}

Result<ByteSource> TakeWhole(Input& input, std::uint64_t length,
                             std::string_view what) {
  const std::uint64_t at = input.position();
  auto taken = input.Take(length);
  if (!taken && taken.error().code == ErrorCode::kTruncated) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("{} at offset {}: the input ends before its {} "
                            "bytes do",
                            what, at, length));
  }
  return taken;
}

Result<void> PassFiller(Input& input, std::uint64_t length, std::uint8_t filler,
                        ArtifactSink& sink) {
  const Range range{input.position(), length};
  bool clean = true;
  while (length > 0) {
    const auto bytes = input.Peek(static_cast<std::size_t>(
        std::min<std::uint64_t>(length, Input::kPeekLimit)));
    if (!bytes) {
      return Fail(bytes.error());
    }
    if (bytes->empty()) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("the input ends in the padding at offset {}",
                              input.position()));
    }
    clean = clean && AllAre(*bytes, filler);
    length -= bytes->size();
    if (auto ok = input.Skip(bytes->size()); !ok) {
      return ok;
    }
  }
  sink.Claim(range, clean ? RegionUse::kPadding : RegionUse::kSlack);
  return {};
}

bool AllAre(ByteView bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [value](std::uint8_t byte) { return byte == value; });
}

std::string BoundedName(std::string_view raw, std::string_view format,
                        Range place, ArtifactSink& sink) {
  const std::uint64_t limit = sink.limits().name;
  if (raw.size() <= limit) {
    return std::string(raw);
  }
  sink.Report({.id = fmt::format("{}.name-too-long", format),
               .range = place,
               .detail = fmt::format("a name of {} bytes is cut to {}",
                                     raw.size(), limit)});
  return std::string(raw.substr(0, static_cast<std::size_t>(limit)));
}

std::optional<std::uint64_t> FieldNumber(std::string_view digits,
                                         unsigned base) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (const char c : digits) {
    unsigned digit = 16;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    }
    if (digit >= base || value > (kMax - digit) / base) {
      return std::nullopt;
    }
    value = value * base + digit;
  }
  return digits.empty() ? std::nullopt : std::optional(value);
}

FileType TypeOfMode(std::uint64_t mode) {
  switch (mode & 0170000U) {
    case 0040000U:
      return FileType::kDirectory;
    case 0120000U:
      return FileType::kSymlink;
    case 0020000U:
      return FileType::kCharDevice;
    case 0060000U:
      return FileType::kBlockDevice;
    case 0010000U:
      return FileType::kFifo;
    case 0140000U:
      return FileType::kSocket;
    default:
      return FileType::kRegular;
  }
}

Result<std::uint64_t> MeasureByUnpacking(Result<void> (*unpack)(Input&,
                                                                ArtifactSink&),
                                         ByteView bytes,
                                         std::string_view unproven) {
  MeasuringSink sink(unproven);
  Input input(ByteSource::Borrow(bytes));
  if (const auto done = unpack(input, sink); !done) {
    return Fail(done.error());
  }
  if (!sink.proven()) {
    return Fail(ErrorCode::kTruncated, "the archive has no end marker");
  }
  if (sink.empty()) {  // a template that some program carries
    return Fail(ErrorCode::kNotThisFormat, "an archive without members");
  }
  return input.position();
}

}  // namespace assay::formats
