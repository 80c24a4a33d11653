#include "verifier/formats/mcu/hex_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace assay::formats::mcu {
namespace {

constexpr std::uint64_t kShownOfAKind = 16;

std::optional<unsigned> DigitOf(std::uint8_t c) {
  if (c >= '0' && c <= '9') {
    return c - unsigned{'0'};
  }
  if (c >= 'A' && c <= 'F') {
    return c - unsigned{'A'} + 10;
  }
  if (c >= 'a' && c <= 'f') {
    return c - unsigned{'a'} + 10;
  }
  return std::nullopt;
}

// Decodes the data of records, one after the other.
class RecordStream : public ByteStream {
 public:
  RecordStream(ByteView bytes, std::span<const DataRecord> records)
      : bytes_(bytes), records_(records) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t count = 0;
    while (count < into.size() && !records_.empty()) {
      const DataRecord& record = records_.front();
      if (done_ == record.size) {
        records_ = records_.subspan(1);
        done_ = 0;
        continue;
      }
      const auto pair = ReadAt<std::array<std::uint8_t, 2>>(
          bytes_, record.digits + 2 * done_);
      const auto high = pair ? DigitOf((*pair)[0]) : std::nullopt;
      const auto low = pair ? DigitOf((*pair)[1]) : std::nullopt;
      if (!high || !low) {
        return Fail(ErrorCode::kInternal, "a record that was read is gone");
      }
      into[count++] = static_cast<std::uint8_t>(*high << 4U | *low);
      ++done_;
    }
    return count;
  }

 private:
  ByteView bytes_;
  std::span<const DataRecord> records_;
  std::uint64_t done_ = 0;  // bytes of the first record
};

}  // namespace

Line LineAt(ByteView bytes, std::uint64_t offset) {
  const ByteView rest = bytes.subspan(static_cast<std::size_t>(offset));
  std::size_t length = 0;
  while (length < rest.size() && rest[length] != '\n' && rest[length] != '\r') {
    ++length;
  }
  std::size_t end = length;
  if (end < rest.size()) {
    end += rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n'
               ? 2U
               : 1U;
  }
  while (length > 0 && (rest[length - 1] == ' ' || rest[length - 1] == '\t')) {
    --length;
  }
  return {{offset, length}, offset + end};
}

std::uint8_t RecordBytes::Sum() const {
  unsigned sum = 0;
  for (const std::uint8_t byte : view()) {
    sum += byte;
  }
  return static_cast<std::uint8_t>(sum & 0xFFU);
}

std::optional<RecordBytes> Decode(ByteView digits) {
  RecordBytes record;
  if (digits.size() % 2 != 0 || digits.size() / 2 > record.bytes.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = DigitOf(digits[i]);
    const auto low = DigitOf(digits[i + 1]);
    if (!high || !low) {
      return std::nullopt;
    }
    record.bytes.at(record.size++) =
        static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return record;
}

void LineClaims::Add(Range range, RegionUse use) {
  if (open_.range.length > 0 && open_.use == use &&
      open_.range.end() == range.offset) {
    open_.range.length += range.length;
    return;
  }
  Finish();
  open_ = {range, use};
}

void LineClaims::Finish() {
  if (open_.range.length > 0) {
    sink_.Claim(open_.range, open_.use);
  }
  open_ = {};
}

void RecordAnomalies::Report(std::string_view what, Range line,
                             std::string detail) {
  std::string id = fmt::format("{}.{}", format_, what);
  auto kind = std::find_if(kinds_.begin(), kinds_.end(),
                           [&](const Kind& k) { return k.id == id; });
  if (kind == kinds_.end()) {
    kind = kinds_.insert(kinds_.end(), {.id = id});
  }
  ++kind->count;
  kind->last = line;
  if (kind->count <= kShownOfAKind) {
    sink_.Report({std::move(id), line, std::move(detail)});
  }
}

void RecordAnomalies::Finish() {
  for (const Kind& kind : kinds_) {
    if (kind.count > kShownOfAKind) {
      sink_.Report({kind.id, kind.last,
                    fmt::format("{} more of these, to here",
                                kind.count - kShownOfAKind)});
    }
  }
}

Result<void> AddStretches(ByteView bytes, std::vector<DataRecord> records,
                          RecordAnomalies& anomalies, ArtifactSink& sink) {
  std::stable_sort(records.begin(), records.end(),
                   [](const DataRecord& a, const DataRecord& b) {
                     return a.address < b.address;
                   });
  std::map<std::uint64_t, std::uint64_t> seen;  // by address
  std::uint64_t stretches = 0;
  std::uint64_t filled = 0;  // the end of what was filled so far
  for (std::size_t from = 0; from < records.size();) {
    if (++stretches > sink.limits().entries) {
      return Fail(ErrorCode::kLimit, "too many stretches of memory");
    }
    const std::uint64_t start = records[from].address;
    if (from > 0 && start < filled) {
      anomalies.Report(
          "overlapping-data", {records[from].digits, 2 * records[from].size},
          fmt::format("the memory at 0x{:08x} is filled again", start));
    }
    std::size_t to = from;
    std::uint64_t end = start;
    while (to < records.size() && records[to].address == end) {
      end += records[to++].size;
    }
    filled = std::max(filled, end);
    const std::uint64_t number = ++seen[start];
    Member member{.name = fmt::format("0x{:08x}", start)};
    if (number > 1) {
      member.name += fmt::format(".{}", number);
    }
    RecordStream content(bytes, std::span(records).subspan(from, to - from));
    if (auto ok = sink.AddStream(std::move(member), content); !ok) {
      return ok;
    }
    from = to;
  }
  return {};
}

}  // namespace assay::formats::mcu
