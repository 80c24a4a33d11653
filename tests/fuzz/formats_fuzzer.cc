// One format over any bytes: it keeps its promises to unpack/, and reads the
// same from bytes at rest and from a stream.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/counting_sink.h"

namespace assay::formats {

#define ASSAY_ENTRY(constant) extern const Format constant;
#include "formats_list.inc"
#undef ASSAY_ENTRY

namespace {

const Format& Subject() {
  static const Format& chosen = fuzz::Choose<Format>({
#include "fuzz_formats.inc"
  });
  return chosen;
}

using fuzz::CountingSink;
using fuzz::Require;

class DripStream : public ByteStream {
 public:
  explicit DripStream(ByteView bytes) : bytes_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  ByteView bytes_;
};

bool UnpackAtRest(ByteView bytes, CountingSink& sink) {
  Input input(ByteSource::Borrow(bytes));
  const bool whole = Subject().unpack(input, sink).has_value();
  Require(sink.ClaimsLieWithin(bytes.size()), "claims lie within the input");
  Require(input.position() <= bytes.size(), "reads end within the input");
  Require(!whole || !sink.refused(), "an error of the sink is handed on");
  if (whole) {
    Require(!sink.ClaimsOverlap() || sink.anomalies() > 0,
            "bytes that are claimed twice are an anomaly");
  }
  return whole;
}

void One(ByteView bytes) {
  const Format& format = Subject();
  if (format.matches_end != nullptr
          ? !format.matches_end(bytes)
          : !HasMagic(format, bytes) || !format.matches(bytes)) {
    return;
  }
  if (Subject().measure != nullptr) {
    const auto size = Subject().measure(bytes);
    Require(!size || *size <= bytes.size(), "measure stays within the input");
  }
  if (Subject().unpack == nullptr) {
    return;
  }
  CountingSink at_rest;
  const bool whole = UnpackAtRest(bytes, at_rest);
  if (!Subject().random_access) {
    DripStream stream(bytes);
    Hasher hasher;
    Input input(stream, hasher, fuzz::kLimits);
    CountingSink streamed;
    const bool again = Subject().unpack(input, streamed).has_value();
    Require(whole == again, "a stream reads like bytes at rest");
    Require(!whole || at_rest.names() == streamed.names(),
            "a stream has the same members");
  }
}

}  // namespace
}  // namespace assay::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::formats::One({data, size});
  return 0;
}
