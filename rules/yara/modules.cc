#include "rules/yara/modules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"

namespace assay::yara {
namespace {

using Arguments = std::span<const Value>;
using Histogram = std::array<std::uint64_t, 256>;

std::optional<double> Real(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    return *real;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return static_cast<double>(*number);
  }
  return std::nullopt;
}

std::optional<std::int64_t> Integer(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

Histogram Counted(ByteView data) {
  Histogram counts = {};
  for (const std::uint8_t byte : data) {
    ++counts[byte];
  }
  return counts;
}

template <DigestAlgorithm algorithm>
Value Hash(ByteView data, Arguments /*arguments*/) {
  return DigestOf(algorithm, data).hex;
}

Value Crc(ByteView data, Arguments /*arguments*/) {
  return static_cast<std::int64_t>(Crc32(data));
}

Value Checksum(ByteView data, Arguments /*arguments*/) {
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : data) {
    sum += byte;
  }
  return static_cast<std::int64_t>(sum);
}

Value Entropy(ByteView data, Arguments /*arguments*/) {
  double entropy = 0;
  for (const std::uint64_t count : Counted(data)) {
    if (count != 0) {
      const double share =
          static_cast<double>(count) / static_cast<double>(data.size());
      entropy -= share * std::log2(share);
    }
  }
  return entropy;
}

Value Mean(ByteView data, Arguments /*arguments*/) {
  if (data.empty()) {
    return {};
  }
  double sum = 0;
  const Histogram counts = Counted(data);
  for (std::size_t byte = 0; byte < counts.size(); ++byte) {
    sum += static_cast<double>(byte) * static_cast<double>(counts.at(byte));
  }
  return sum / static_cast<double>(data.size());
}

Value Deviation(ByteView data, Arguments arguments) {
  const auto mean = Real(arguments.back());
  if (!mean || data.empty()) {
    return {};
  }
  double sum = 0;
  const Histogram counts = Counted(data);
  for (std::size_t byte = 0; byte < counts.size(); ++byte) {
    sum += std::fabs(static_cast<double>(byte) - *mean) *
           static_cast<double>(counts.at(byte));
  }
  return sum / static_cast<double>(data.size());
}

Value InRange(ByteView /*data*/, Arguments arguments) {
  const auto value = Real(arguments[0]);
  const auto low = Real(arguments[1]);
  const auto high = Real(arguments[2]);
  if (!value || !low || !high) {
    return {};
  }
  return static_cast<std::int64_t>(*low <= *value && *value <= *high);
}

// As unsigned numbers, as YARA compares them.
template <bool greatest>
Value Extreme(ByteView /*data*/, Arguments arguments) {
  const auto a = Integer(arguments[0]);
  const auto b = Integer(arguments[1]);
  if (!a || !b) {
    return {};
  }
  const bool less =
      static_cast<std::uint64_t>(*a) < static_cast<std::uint64_t>(*b);
  return less == greatest ? *b : *a;
}

Value Absolute(ByteView /*data*/, Arguments arguments) {
  const auto number = Integer(arguments[0]);
  if (!number) {
    return {};
  }
  return *number < 0
             ? static_cast<std::int64_t>(-static_cast<std::uint64_t>(*number))
             : *number;
}

Value ToNumber(ByteView /*data*/, Arguments arguments) {
  const auto number = Integer(arguments[0]);
  if (!number) {
    return {};
  }
  return static_cast<std::int64_t>(*number != 0);
}

std::optional<std::uint64_t> CountOf(ByteView data, Arguments arguments) {
  const auto byte = Integer(arguments[0]);
  if (!byte || *byte < 0 || *byte > 255) {
    return std::nullopt;
  }
  return Counted(data).at(static_cast<std::size_t>(*byte));
}

Value Count(ByteView data, Arguments arguments) {
  const auto count = CountOf(data, arguments);
  return count ? Value(static_cast<std::int64_t>(*count)) : Value();
}

Value Percentage(ByteView data, Arguments arguments) {
  const auto count = CountOf(data, arguments);
  if (!count || data.empty()) {
    return {};
  }
  return static_cast<double>(*count) / static_cast<double>(data.size());
}

Value Mode(ByteView data, Arguments /*arguments*/) {
  const Histogram counts = Counted(data);
  return static_cast<std::int64_t>(
      std::max_element(counts.begin(), counts.end()) - counts.begin());
}

Value MeanOfBytes(ByteView /*data*/, Arguments /*arguments*/) {
  return 127.5;
}

constexpr std::array<Call, 28> kCalls = {{
    {"hash.md5()", 1, 0, Hash<DigestAlgorithm::kMd5>},
    {"hash.md5()", 2, 0, Hash<DigestAlgorithm::kMd5>},
    {"hash.sha1()", 1, 0, Hash<DigestAlgorithm::kSha1>},
    {"hash.sha1()", 2, 0, Hash<DigestAlgorithm::kSha1>},
    {"hash.sha256()", 1, 0, Hash<DigestAlgorithm::kSha256>},
    {"hash.sha256()", 2, 0, Hash<DigestAlgorithm::kSha256>},
    {"hash.crc32()", 1, 0, Crc},
    {"hash.crc32()", 2, 0, Crc},
    {"hash.checksum32()", 1, 0, Checksum},
    {"hash.checksum32()", 2, 0, Checksum},
    {"math.entropy()", 1, 0, Entropy},
    {"math.entropy()", 2, 0, Entropy},
    {"math.mean()", 1, 0, Mean},
    {"math.mean()", 2, 0, Mean},
    {"math.deviation()", 2, 0, Deviation},
    {"math.deviation()", 3, 0, Deviation},
    {"math.MEAN_BYTES", 0, Call::kNoData, MeanOfBytes},
    {"math.in_range()", 3, Call::kNoData, InRange},
    {"math.max()", 2, Call::kNoData, Extreme<true>},
    {"math.min()", 2, Call::kNoData, Extreme<false>},
    {"math.abs()", 1, Call::kNoData, Absolute},
    {"math.to_number()", 1, Call::kNoData, ToNumber},
    {"math.count()", 1, 1, Count},
    {"math.count()", 3, 1, Count},
    {"math.mode()", 0, 0, Mode},
    {"math.mode()", 2, 0, Mode},
    {"math.percentage()", 1, 1, Percentage},
    {"math.percentage()", 3, 1, Percentage},
}};

}  // namespace

std::optional<ByteView> DataOf(const Call& call, ByteView content,
                               std::span<const Value> arguments) {
  if (call.data == Call::kNoData) {
    return ByteView();
  }
  if (call.data == arguments.size()) {
    return content;
  }
  const Arguments place = arguments.subspan(call.data);
  if (const auto* text = std::get_if<std::string>(&place[0])) {
    return AsBytes(*text);
  }
  const auto offset = Integer(place[0]);
  const auto length = place.size() < 2 ? std::nullopt : Integer(place[1]);
  if (!offset || !length || *offset < 0 || *length < 0 ||
      static_cast<std::uint64_t>(*offset) >= content.size()) {
    return std::nullopt;
  }
  const auto start = static_cast<std::size_t>(*offset);
  return content.subspan(start, std::min(static_cast<std::size_t>(*length),
                                         content.size() - start));
}

const Call* FindCall(std::string_view path, std::size_t arguments) {
  const auto found =
      std::find_if(kCalls.begin(), kCalls.end(), [&](const Call& call) {
        return call.path == path && call.arguments == arguments;
      });
  return found == kCalls.end() ? nullptr : &*found;
}

}  // namespace assay::yara
