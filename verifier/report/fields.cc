#include "verifier/report/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

const Json kNothing;

// RFC 6901 section 3: "~" is "~0" and "/" is "~1".
std::string PointerStep(std::string_view key) {
  std::string step;
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step.push_back(c);
    }
  }
  return Escaped(step);
}

// The byte that two lower-case hexadecimal digits stand for.
std::optional<char> ByteOf(std::string_view digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto high = kDigits.find(digits[0]);
  const auto low = kDigits.find(digits[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<char>(high << 4U | low);
}

// The inverse of Escaped(); nothing for what it never gives.
std::optional<std::string> Unescaped(const std::string& text) {
  std::string raw;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t plain = rest.find('\\');
    raw.append(rest.substr(0, plain));
    rest.remove_prefix(std::min(plain, rest.size()));
    if (rest.empty()) {
      break;
    }
    const bool whole = rest.size() >= 4 && rest[1] == 'x';
    const auto byte = whole ? ByteOf(rest.substr(2, 2)) : std::nullopt;
    if (!byte) {
      return std::nullopt;
    }
    raw.push_back(*byte);
    rest.remove_prefix(4);
  }
  return Escaped(raw) == text ? std::optional(raw) : std::nullopt;
}

// The inverse of TimeText().
std::optional<UnixTime> TimeOf(const std::string& text) {
  if (!text.starts_with('@')) {
    return ParseTime(text);
  }
  UnixTime time = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 1, end, time);
  return error == std::errc() && stop == end ? std::optional(time)
                                             : std::nullopt;
}

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && IsHex(text);
}

}  // namespace

Fields::Fields(const Json& value, std::string pointer, FirstProblem& problem)
    : value_(&value), pointer_(std::move(pointer)), problem_(&problem) {
  if (!value.is_object() && !problem) {
    problem = Error{ErrorCode::kMalformed, pointer_ + ": not an object"};
  }
}

bool Fields::Has(std::string_view key) const {
  return value_->is_object() && value_->contains(std::string(key));
}

bool Fields::IsNull(std::string_view key) {
  const bool null = Has(key) && At(*value_, key).is_null();
  if (null) {
    asked_.emplace(key);
  }
  return null;
}

std::string Fields::PointerTo(std::string_view key) const {
  return pointer_ + "/" + PointerStep(key);
}

void Fields::Refuse(std::string_view key, std::string_view what) {
  if (!*problem_) {
    *problem_ = Error{ErrorCode::kMalformed,
                      fmt::format("{}: {}", PointerTo(key), what)};
  }
}

const Json& Fields::Member(std::string_view key, Json::value_t type,
                           std::string_view article) {
  asked_.emplace(key);
  if (!Has(key)) {
    Refuse(key, "missing");
    return kNothing;
  }
  const Json& member = At(*value_, key);
  if (member.type() != type) {
    Refuse(key, fmt::format("not {}", article));
    return kNothing;
  }
  return member;
}

std::string Fields::Text(std::string_view key) {
  const Json& member = Member(key, Json::value_t::string, "a string");
  return member.is_string() ? member.get<std::string>() : std::string();
}

std::string Fields::TextIf(std::string_view key) {
  return Has(key) ? Text(key) : std::string();
}

std::string Fields::Raw(std::string_view key) {
  auto raw = Unescaped(Text(key));
  if (!raw) {
    Refuse(key, "not escaped as reports do it");
  }
  return std::move(raw).value_or("");
}

std::string Fields::RawIf(std::string_view key) {
  return Has(key) ? Raw(key) : std::string();
}

UnixTime Fields::Time(std::string_view key) {
  const auto time = TimeOf(Text(key));
  if (!time) {
    Refuse(key, "not an RFC 3339 time");
  }
  return time.value_or(0);
}

std::optional<UnixTime> Fields::TimeIf(std::string_view key) {
  return Has(key) ? std::optional(Time(key)) : std::nullopt;
}

std::string Fields::Hex(std::string_view key) {
  std::string text = Text(key);
  if (!IsHex(text)) {
    Refuse(key, "not lower-case hexadecimal digits");
  }
  return text;
}

std::string Fields::Sha256(std::string_view key) {
  std::string text = Text(key);
  if (!IsSha256(text)) {
    Refuse(key, "not 64 lower-case hexadecimal digits");
  }
  return text;
}

std::uint64_t Fields::Number(std::string_view key, std::uint64_t most) {
  const Json& member =
      Member(key, Json::value_t::number_unsigned, "a whole number from 0 on");
  const std::uint64_t value =
      member.is_number_unsigned() ? member.get<std::uint64_t>() : 0;
  if (value > most) {
    Refuse(key, fmt::format("over {}", most));
  }
  return std::min(value, most);
}

std::int64_t Fields::Signed(std::string_view key) {
  asked_.emplace(key);
  const Json& member = Has(key) ? At(*value_, key) : kNothing;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!member.is_number_integer() ||
      (member.is_number_unsigned() && member.get<std::uint64_t>() > kMost)) {
    Refuse(key, Has(key) ? "not a whole number of 64 bits" : "missing");
    return 0;
  }
  return member.get<std::int64_t>();
}

double Fields::Real(std::string_view key) {
  asked_.emplace(key);
  const Json& member = Has(key) ? At(*value_, key) : kNothing;
  const double value = member.is_number() ? member.get<double>() : NAN;
  if (!std::isfinite(value)) {
    Refuse(key, Has(key) ? "not a number" : "missing");
    return 0;
  }
  return value;
}

std::vector<std::string> Fields::Keys() const {
  std::vector<std::string> keys;
  if (value_->is_object()) {
    for (const auto& [key, member] : value_->items()) {
      keys.push_back(key);
    }
  }
  return keys;
}

bool Fields::Flag(std::string_view key) {
  const Json& member = Member(key, Json::value_t::boolean, "true or false");
  return member.is_boolean() && member.get<bool>();
}

bool Fields::FlagIf(std::string_view key) {
  return Has(key) && Flag(key);
}

std::vector<std::string> Fields::Texts(std::string_view key) {
  std::vector<std::string> texts;
  for (const Json& text : Member(key, Json::value_t::array, "an array")) {
    if (!text.is_string()) {
      Refuse(key, "not an array of strings");
      return {};
    }
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

std::vector<std::string> Fields::RawTexts(std::string_view key) {
  std::vector<std::string> texts = Texts(key);
  for (std::string& text : texts) {
    auto raw = Unescaped(text);
    if (!raw) {
      Refuse(key, "not escaped as reports do it");
    }
    text = std::move(raw).value_or("");
  }
  return texts;
}

Fields Fields::Object(std::string_view key) {
  return {Member(key, Json::value_t::object, "an object"), PointerTo(key),
          *problem_};
}

void Fields::Allow(std::initializer_list<std::string_view> keys) {
  asked_.insert(keys.begin(), keys.end());
}

void Fields::End() {
  if (!value_->is_object()) {
    return;
  }
  for (const auto& [key, member] : value_->items()) {
    if (!asked_.contains(key)) {
      Refuse(key, "unknown");
      return;
    }
  }
}

}  // namespace assay::report
