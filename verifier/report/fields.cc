#include "verifier/report/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

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

bool IsSha256(std::string_view text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
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
  static const Json kNothing;
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

bool Fields::Flag(std::string_view key) {
  const Json& member = Member(key, Json::value_t::boolean, "true or false");
  return member.is_boolean() && member.get<bool>();
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

Fields Fields::Object(std::string_view key) {
  return {Member(key, Json::value_t::object, "an object"), PointerTo(key),
          *problem_};
}

void Fields::Allow(std::initializer_list<std::string_view> keys) {
  asked_.insert(keys.begin(), keys.end());
}

void Fields::Skip(std::string_view key, Json::value_t type) {
  Member(key, type, type == Json::value_t::array ? "an array" : "an object");
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
