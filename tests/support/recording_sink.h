// An ArtifactSink that keeps everything, for testing one format alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::testing {

struct RecordedMember {
  formats::Member member = {};
  Bytes content = {};
  bool has_content = false;
  std::string problem = {};  // of the stream, or why it is opaque
};

class RecordingSink : public formats::ArtifactSink {
 public:
  Result<void> Add(formats::Member member, ByteSource content) override;
  Result<void> AddStream(formats::Member member, ByteStream& content) override;
  Result<void> AddEmpty(formats::Member member) override;
  Result<void> AddOpaque(formats::Member member, std::string why) override;
  void Claim(Range range, formats::RegionUse use) override;
  void Report(formats::Anomaly anomaly) override;
  [[nodiscard]] const Limits& limits() const override { return limits_; }
  void set_limits(const Limits& limits) { limits_ = limits; }
  [[nodiscard]] const Secrets& secrets() const override { return secrets_; }
  void set_secrets(Secrets secrets) { secrets_ = std::move(secrets); }

  // The member of that name, or null.
  [[nodiscard]] const RecordedMember* Find(std::string_view name) const;
  [[nodiscard]] bool Saw(std::string_view anomaly_id) const;
  // Whether claims and members' origins partition [0, size): no gap, no
  // overlap, nothing outside. `why` names the first flaw.
  [[nodiscard]] bool Accounts(std::uint64_t size, std::string* why) const;

  std::vector<RecordedMember> members;
  std::vector<formats::Region> regions;
  std::vector<formats::Anomaly> anomalies;

 private:
  Limits limits_ = {.member = 64U << 20U};
  Secrets secrets_;
};

// Unpacks bytes at rest; `consumed`, if given, gets where the format ended.
[[nodiscard]] Result<void> Unpack(const formats::Format& format, ByteView bytes,
                                  RecordingSink& sink,
                                  std::uint64_t* consumed = nullptr);
// The same bytes as a stream that hands out at most `step` bytes at a time
// (formats with random_access are spooled by the caller, so not for them).
[[nodiscard]] Result<void> UnpackStream(const formats::Format& format,
                                        ByteView bytes, RecordingSink& sink,
                                        std::size_t step,
                                        std::uint64_t* consumed = nullptr);

}  // namespace assay::testing
