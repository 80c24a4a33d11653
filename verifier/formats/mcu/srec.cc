// Motorola S-records: what goes into which part of a memory, as lines of
// digits.
// Layout: Motorola M68000 Family Programmer's Reference Manual, appendix C.
//
// S1 to S3 are member bytes, the header S0, the counts S5 and S6 and the start
// addresses S7 to S9 are metadata. A line that is no record is slack.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "verifier/formats/format.h"
#include "verifier/formats/mcu/hex_records.h"

namespace assay::formats {
namespace {

using mcu::DataRecord;
using mcu::Line;

struct Record {
  unsigned type = 0;
  std::uint64_t address = 0;  // or a count
  std::uint64_t digits = 0;
  std::uint64_t size = 0;  // of the data behind the address
  bool sum_is_right = false;
};

// How many bytes the address of each type takes up; S4 is reserved.
constexpr std::array<std::uint8_t, 10> kAddressSizes = {2, 2, 3, 4, 0,
                                                        2, 3, 4, 3, 2};

bool HoldsData(const Record& record) {
  return record.type >= 1 && record.type <= 3;
}
bool HoldsCount(const Record& record) {
  return record.type == 5 || record.type == 6;
}
bool IsEnd(const Record& record) {
  return record.type >= 7;
}

std::optional<Record> RecordOf(ByteView bytes, const Line& line) {
  const auto text = Slice(bytes, line.text.offset, line.text.length);
  if (!text || text->size() < 4 || (*text)[0] != 'S' || (*text)[1] < '0' ||
      (*text)[1] > '9') {
    return std::nullopt;
  }
  Record record{.type = (*text)[1] - unsigned{'0'}};
  const std::size_t address = kAddressSizes.at(record.type);
  const auto raw = mcu::Decode(text->subspan(2));
  if (address == 0 || !raw || raw->size < 2 + address ||
      raw->bytes[0] + std::size_t{1} != raw->size) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < address; ++i) {
    record.address = record.address << 8U | raw->bytes.at(1 + i);
  }
  record.digits = line.text.offset + 4 + 2 * address;
  record.size = raw->size - 2 - address;
  record.sum_is_right = raw->Sum() == 0xFF;
  if (record.size > 0 && record.type > 3) {
    return std::nullopt;  // counts and starts have nothing behind them
  }
  return record;
}

bool Matches(ByteView head) {
  const Line first = mcu::LineAt(head, 0);
  const auto record = RecordOf(head, first);
  if (!record || !record->sum_is_right || record->type > 3) {
    return false;
  }
  const Line next = mcu::LineAt(head, first.end);
  return next.text.length == 0 || next.end == head.size() ||
         RecordOf(head, next).has_value();
}

class Reader {
 public:
  Reader(ByteView bytes, ArtifactSink& sink)
      : bytes_(bytes), sink_(sink), claims_(sink), anomalies_("srec", sink) {}

  // Reads to the start address; where the format ends, or nothing without one.
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
      if (IsEnd(*record)) {
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
          fmt::format("the record at {} has another sum", line.offset));
    }
    if (HoldsCount(record)) {
      const unsigned bits = record.type == 5 ? 16 : 24;
      if (record.address != (lines_ & ((1ULL << bits) - 1))) {
        anomalies_.Report("size-mismatch", line,
                          fmt::format("{} records are stated, {} are there",
                                      record.address, lines_));
      }
    }
    claims_.Add(line,
                HoldsData(record) ? RegionUse::kMember : RegionUse::kMetadata);
    if (HoldsData(record)) {
      ++lines_;
      if (record.size > 0) {
        data_.push_back({record.address, record.digits, record.size});
      }
    }
  }

  ByteView bytes_;
  ArtifactSink& sink_;
  mcu::LineClaims claims_;
  mcu::RecordAnomalies anomalies_;
  std::vector<DataRecord> data_;
  std::uint64_t lines_ = 0;  // of data
};

Result<std::uint64_t> Measure(ByteView bytes) {
  for (std::uint64_t at = 0; at < bytes.size();) {
    const Line line = mcu::LineAt(bytes, at);
    at = line.end;
    if (const auto record = RecordOf(bytes, line); record && IsEnd(*record)) {
      return at;
    }
  }
  return Fail(ErrorCode::kTruncated, "srec: no start address at the end");
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  Reader reader(bytes, sink);
  const auto end = reader.ReadLines();
  if (auto ok = reader.AddMembers(); !ok) {
    return ok;
  }
  if (!end) {
    return Fail(ErrorCode::kTruncated, "srec: no start address at the end");
  }
  return input.Skip(*end);
}

}  // namespace

extern const Format kSrec;
const Format kSrec = {
    .name = "srec",
    .title = "Motorola S-records",
    .reference = "M68000 Family Programmer's Reference Manual, appendix C",
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
