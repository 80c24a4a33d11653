#include "tests/support/recording_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::testing {
namespace {

class SlowStream : public ByteStream {
 public:
  SlowStream(ByteView bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t count = 0;
    while (count < into.size() && !bytes_.empty()) {
      const std::size_t piece =
          std::min({step_, into.size() - count, bytes_.size()});
      std::copy_n(bytes_.begin(), piece, into.subspan(count).begin());
      bytes_ = bytes_.subspan(piece);
      count += piece;
    }
    return count;
  }

 private:
  ByteView bytes_;
  std::size_t step_;
};

}  // namespace

Result<void> RecordingSink::Add(formats::Member member, ByteSource content) {
  members.push_back({std::move(member), CopyOf(content.bytes()), true, {}});
  return {};
}

Result<void> RecordingSink::AddStream(formats::Member member,
                                      ByteStream& content) {
  RecordedMember recorded{std::move(member), {}, true, {}};
  Bytes buffer(4096);
  while (true) {
    const auto count = content.Read(buffer);
    if (!count) {
      recorded.problem = count.error().what;
      break;
    }
    recorded.content.insert(
        recorded.content.end(), buffer.begin(),
        buffer.begin() + static_cast<std::ptrdiff_t>(*count));
    if (recorded.content.size() > limits_.member) {
      recorded.problem = "limit";
      break;
    }
    if (*count == 0) {
      break;
    }
  }
  members.push_back(std::move(recorded));
  return {};
}

Result<void> RecordingSink::AddEmpty(formats::Member member) {
  members.push_back({std::move(member), {}, false, {}});
  return {};
}

Result<void> RecordingSink::AddOpaque(formats::Member member, std::string why) {
  members.push_back({std::move(member), {}, false, std::move(why)});
  return {};
}

void RecordingSink::Claim(Range range, formats::RegionUse use) {
  if (range.length > 0) {
    regions.push_back({range, use});
  }
}

void RecordingSink::Report(formats::Anomaly anomaly) {
  anomalies.push_back(std::move(anomaly));
}

const RecordedMember* RecordingSink::Find(std::string_view name) const {
  for (const RecordedMember& recorded : members) {
    if (recorded.member.name == name) {
      return &recorded;
    }
  }
  return nullptr;
}

bool RecordingSink::Saw(std::string_view anomaly_id) const {
  return std::any_of(anomalies.begin(), anomalies.end(),
                     [&](const auto& a) { return a.id == anomaly_id; });
}

bool RecordingSink::Accounts(std::uint64_t size, std::string* why) const {
  std::vector<Range> ranges;
  for (const formats::Region& region : regions) {
    ranges.push_back(region.range);
  }
  for (const RecordedMember& recorded : members) {
    if (recorded.member.origin && recorded.member.origin->length > 0) {
      ranges.push_back(*recorded.member.origin);
    }
  }
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t at = 0;
  for (const Range& range : ranges) {
    if (range.offset != at) {
      *why = fmt::format("at {}: next claim is {}+{}", at, range.offset,
                         range.length);
      return false;
    }
    at = range.end();
  }
  *why = fmt::format("claims end at {}, the bytes at {}", at, size);
  return at == size;
}

Result<void> Unpack(const formats::Format& format, ByteView bytes,
                    RecordingSink& sink, std::uint64_t* consumed) {
  Input input(ByteSource::Borrow(bytes));
  auto result = format.unpack(input, sink);
  if (consumed != nullptr) {
    *consumed = input.position();
  }
  return result;
}

Result<void> UnpackStream(const formats::Format& format, ByteView bytes,
                          RecordingSink& sink, std::size_t step,
                          std::uint64_t* consumed) {
  SlowStream stream(bytes, step);
  Hasher hasher;
  Input input(stream, hasher, sink.limits());
  auto result = format.unpack(input, sink);
  if (consumed != nullptr) {
    *consumed = input.position();
  }
  return result;
}

}  // namespace assay::testing
