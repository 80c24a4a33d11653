// A sink that keeps no content: it counts, and enforces budgets as unpack/
// does.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/fuzz.h"
#include "verifier/formats/format.h"

namespace assay::fuzz {

class CountingSink : public formats::ArtifactSink {
 public:
  Result<void> Add(formats::Member member, ByteSource content) override {
    return Count(member, content.size());
  }

  Result<void> AddStream(formats::Member member, ByteStream& content) override {
    std::vector<std::uint8_t> buffer(16U << 10U);
    std::uint64_t size = 0;
    while (size <= kLimits.member) {
      const auto count = content.Read(buffer);
      if (!count) {
        break;  // a decoding error stays with the member
      }
      Require(*count <= buffer.size(), "Read gives no more than was asked");
      size += *count;
      if (*count < buffer.size()) {
        break;
      }
    }
    return Count(member, size);
  }

  Result<void> AddEmpty(formats::Member member) override {
    return Count(member, 0);
  }
  Result<void> AddOpaque(formats::Member member, std::string /*why*/) override {
    return Count(member, 0);
  }

  void Claim(Range range, formats::RegionUse /*use*/) override {
    claims_.push_back(range);
  }
  void Report(formats::Anomaly anomaly) override {
    Require(!anomaly.id.empty(), "an anomaly has an id");
    ++anomalies_;
  }
  [[nodiscard]] const Limits& limits() const override { return kLimits; }
  // What the encrypted samples open with.
  [[nodiscard]] const Secrets& secrets() const override {
    static const Secrets kSecrets = {.passwords = {"secret"}};
    return kSecrets;
  }

  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] std::uint64_t anomalies() const { return anomalies_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  [[nodiscard]] bool ClaimsLieWithin(std::uint64_t size) const {
    return std::all_of(claims_.begin(), claims_.end(),
                       [size](Range range) { return LiesWithin(range, size); });
  }

  [[nodiscard]] bool ClaimsOverlap() {
    std::sort(claims_.begin(), claims_.end());
    std::uint64_t at = 0;
    for (const Range& range : claims_) {
      if (range.length > 0 && range.offset < at) {
        return true;
      }
      at = std::max(at, range.end());
    }
    return false;
  }

 private:
  Result<void> Count(const formats::Member& member, std::uint64_t size) {
    bytes_ += size;
    names_.push_back(member.name);
    if (member.origin) {
      claims_.push_back(*member.origin);
    }
    if (names_.size() > kLimits.entries || bytes_ > kLimits.unpacked) {
      refused_ = true;
      return Fail(ErrorCode::kLimit, "the fuzzer's budget");
    }
    return {};
  }

  std::vector<Range> claims_;
  std::vector<std::string> names_;
  std::uint64_t bytes_ = 0;
  std::uint64_t anomalies_ = 0;
  bool refused_ = false;
};

}  // namespace assay::fuzz
