#include "tests/support/sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace assay::testing {
namespace {

void Try(const formats::Format& format, ByteView image, std::size_t at,
         const std::function<void(const Attempt&)>& check) {
  RecordingSink sink;
  Attempt attempt{.at = at, .sink = &sink};
  attempt.ok = Unpack(format, image, sink, &attempt.consumed).has_value();
  if (attempt.ok) {
    std::string why;
    EXPECT_TRUE(sink.Accounts(attempt.consumed, &why)) << at << ": " << why;
  }
  check(attempt);
}

}  // namespace

void ForEachPrefix(const formats::Format& format, ByteView image,
                   const std::function<void(const Attempt&)>& check) {
  for (std::size_t size = 0; size < image.size(); ++size) {
    Try(format, image.first(size), size, check);
  }
}

void ForEachFlip(const formats::Format& format, ByteView image,
                 const std::function<void(const Attempt&)>& check) {
  for (std::size_t at = 0; at < image.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x80U}) {
      Bytes damaged = CopyOf(image);
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ mask);
      Try(format, damaged, at, check);
    }
  }
}

std::string Fingerprint(const RecordingSink& sink) {
  std::string all;
  for (const RecordedMember& recorded : sink.members) {
    const FileMetadata& meta = recorded.member.meta;
    all += fmt::format(
        "{}|{}|{:o}|{}|{}|{}|{}|{}|{}|{},{}|{}|{}\n", recorded.member.name,
        static_cast<int>(meta.type), meta.mode.value_or(1U << 31U),
        meta.uid.value_or(1U << 31U), meta.gid.value_or(1U << 31U), meta.owner,
        meta.group, meta.mtime.value_or(-1), meta.link_target,
        meta.device_major, meta.device_minor, AsText(recorded.content),
        recorded.problem);
    for (const auto& [key, value] : meta.xattrs) {
      all += fmt::format("  {}={}\n", key, value);
    }
  }
  for (const formats::Region& region : sink.regions) {
    all += fmt::format("{}+{}:{}\n", region.range.offset, region.range.length,
                       static_cast<int>(region.use));
  }
  for (const formats::Anomaly& anomaly : sink.anomalies) {
    all += fmt::format("{} {}\n", anomaly.id, anomaly.detail);
  }
  return all;
}

}  // namespace assay::testing
