// Intel HEX: what goes into which part of a memory, as lines of digits.
// Layout: Intel, "Hexadecimal Object File Format Specification", revision A.
//
// Data records are member bytes, the others metadata. A line that is no record
// is slack: loaders pass over it, so it may say anything.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "verifier/formats/format.h"
#include "verifier/formats/mcu/hex_records.h"

namespace assay::formats {
namespace {

using mcu::DataRecord;
using mcu::Line;
using mcu::RecordBytes;

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kEnd = 1;
constexpr std::uint8_t kSegment = 2;
constexpr std::uint8_t kSegmentStart = 3;
constexpr std::uint8_t kLinear = 4;
constexpr std::uint8_t kLinearStart = 5;
constexpr std::size_t kFrame = 5;  // length, offset (2), type, checksum

struct Record {
  std::uint8_t type = 0;
  std::uint32_t offset = 0;
  std::uint32_t value = 0;  // the first four bytes of its data, as a number
  std::uint64_t digits = 0;
  std::uint64_t size = 0;
  bool sum_is_right = false;
};

std::optional<Record> RecordOf(ByteView bytes, const Line& line) {
  const auto text = Slice(bytes, line.text.offset, line.text.length);
  if (!text || text->empty() || text->front() != ':') {
    return std::nullopt;
  }
  const auto raw = mcu::Decode(text->subspan(1));
  if (!raw || raw->size < kFrame || raw->bytes[0] + kFrame != raw->size) {
    return std::nullopt;
  }
  Record record{.type = raw->bytes[3],
                .offset = raw->bytes[1] * 256U + raw->bytes[2],
                .digits = line.text.offset + 9,
                .size = raw->bytes[0],
                .sum_is_right = raw->Sum() == 0};
  for (std::size_t i = 0; i < std::min<std::size_t>(4, record.size); ++i) {
    record.value = record.value << 8U | raw->bytes.at(4 + i);
  }
  return record;
}

// What each type that has no data of its own must look like.
bool HasRightSize(const Record& record) {
  switch (record.type) {
    case kEnd:
      return record.size == 0;
    case kSegment:
    case kLinear:
      return record.size == 2;
    case kSegmentStart:
    case kLinearStart:
      return record.size == 4;
    default:
      return true;
  }
}

bool Matches(ByteView head) {
  const Line first = mcu::LineAt(head, 0);
  const auto record = RecordOf(head, first);
  if (!record || !record->sum_is_right || record->type > kLinearStart ||
      !HasRightSize(*record)) {
    return false;
  }
  const Line next = mcu::LineAt(head, first.end);
  return next.text.length == 0 || next.end == head.size() ||
         RecordOf(head, next).has_value();
}

class Reader {
 public:
  Reader(ByteView bytes, ArtifactSink& sink)
      : bytes_(bytes), sink_(sink), claims_(sink), anomalies_("ihex", sink) {}

  // Reads to the end record; where the format ends, or nothing without one.
  std::optional<std::uint64_t> ReadLines() {
    std::uint64_t at = 0;
    while (at < bytes_.size()) {
      const Line line = mcu::LineAt(bytes_, at);
      const auto record = RecordOf(bytes_, line);
      const Range whole{at, line.end - at};
      at = line.end;
      if (!record) {
        claims_.Add(whole, line.text.length == 0 ? RegionUse::kPadding
                                                 : RegionUse::kSlack);
        continue;
      }
      Take(*record, whole);
      if (record->type == kEnd) {
        return at;
      }
    }
    return std::nullopt;
  }

  Result<void> AddMembers() {
    claims_.Finish();
    auto added = mcu::AddStretches(bytes_, std::move(data_), anomalies_, sink_);
    anomalies_.Finish();
    return added;
  }

 private:
  void Take(const Record& record, Range line) {
    if (!record.sum_is_right) {
      anomalies_.Report(
          "checksum-mismatch", line,
          fmt::format("the record at {} does not sum up to 0", line.offset));
    }
    if (record.type > kLinearStart || !HasRightSize(record)) {
      anomalies_.Report("unknown-record", line,
                        fmt::format("a record of type {:02x} with {} bytes",
                                    record.type, record.size));
      claims_.Add(line, RegionUse::kSlack);
      return;
    }
    claims_.Add(
        line, record.type == kData ? RegionUse::kMember : RegionUse::kMetadata);
    if (record.type == kSegment) {
      base_ = std::uint64_t{record.value} << 4U;
    } else if (record.type == kLinear) {
      base_ = std::uint64_t{record.value} << 16U;
    } else if (record.type == kData && record.size > 0) {
      data_.push_back({base_ + record.offset, record.digits, record.size});
    }
  }

  ByteView bytes_;
  ArtifactSink& sink_;
  mcu::LineClaims claims_;
  mcu::RecordAnomalies anomalies_;
  std::vector<DataRecord> data_;
  std::uint64_t base_ = 0;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  for (std::uint64_t at = 0; at < bytes.size();) {
    const Line line = mcu::LineAt(bytes, at);
    at = line.end;
    if (const auto record = RecordOf(bytes, line);
        record && record->type == kEnd) {
      return at;
    }
  }
  return Fail(ErrorCode::kTruncated, "ihex: no end record");
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  Reader reader(bytes, sink);
  const auto end = reader.ReadLines();
  if (auto ok = reader.AddMembers(); !ok) {
    return ok;
  }
  if (!end) {
    return Fail(ErrorCode::kTruncated, "ihex: no end record");
  }
  return input.Skip(*end);
}

}  // namespace

extern const Format kIhex;
const Format kIhex = {
    .name = "ihex",
    .title = "Intel HEX",
    .reference = "Intel Hexadecimal Object File Format Specification, rev. A",
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
