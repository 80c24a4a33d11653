#include "verifier/facts/shell_values.h"

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxNames = 1000;
constexpr std::size_t kMaxExpanded = 1UL << 20U;

void AppendBounded(std::string& to, std::string_view text) {
  to.append(text.substr(
      0, ShellText::kMaxBytes - std::min(to.size(), ShellText::kMaxBytes)));
}

bool IsNameChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (c >= '0' && c <= '9');
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

// bash(1), "Substring Expansion": offsets from the end are not followed.
std::optional<std::string> Slice(std::string_view value,
                                 std::string_view operand) {
  const auto parts = Split(operand, ':');
  const auto offset = NumberOf(Trim(parts[0]));
  const auto length =
      parts.size() > 1 ? NumberOf(Trim(parts[1])) : value.size();
  if (!offset || !length || parts.size() > 2) {
    return std::nullopt;
  }
  return std::string(
      value.substr(std::min<std::size_t>(*offset, value.size()), *length));
}

std::string Replaced(std::string_view value, std::string_view operand) {
  const bool all = operand.substr(0, 1) == "/";
  operand.remove_prefix(all ? 1 : 0);
  const std::string_view from = operand.substr(0, operand.find('/'));
  const std::string_view to =
      from.size() < operand.size() ? operand.substr(from.size() + 1) : "";
  std::string result;
  std::size_t at = 0;
  while (!from.empty() && result.size() < ShellText::kMaxBytes) {
    const std::size_t found = value.find(from, at);
    if (found == std::string_view::npos) {
      break;
    }
    result.append(value.substr(at, found - at)).append(to);
    at = found + from.size();
    if (!all) {
      break;
    }
  }
  return result.append(value.substr(at));
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
std::optional<std::string> Apply(std::string_view op, std::string_view value) {
  if (op.empty() || op == "[@]" || op == "[*]" || op == "[0]") {
    return std::string(value);
  }
  if (op == "^^" || op == ",,") {
    return op == "^^" ? Upper(value) : Lower(value);
  }
  const char kind = op[0];
  std::string_view operand = op.substr(1);
  if (kind == ':' && std::string_view("-=?").find(operand.substr(0, 1)) !=
                         std::string_view::npos) {
    return std::string(value);
  }
  if (kind == '-' || kind == '=' || kind == '?') {
    return std::string(value);
  }
  if (kind == ':') {
    return Slice(value, operand);
  }
  if (operand.find_first_of("*?[") != std::string_view::npos) {
    return std::nullopt;
  }
  if (kind == '/') {
    return Replaced(value, operand);
  }
  const bool twice = operand.substr(0, 1) == op.substr(0, 1);
  operand.remove_prefix(twice ? 1 : 0);
  if (kind == '#') {
    return std::string(
        value.substr(value.starts_with(operand) ? operand.size() : 0));
  }
  if (kind == '%') {
    return std::string(value.substr(
        0, value.size() - (value.ends_with(operand) ? operand.size() : 0)));
  }
  return std::nullopt;
}

// What an unset name stands for: "x:-default". A default with blanks or quotes
// is a matter for the tokenizer.
std::optional<ShellText> Default(std::string_view op) {
  op.remove_prefix(op.substr(0, 1) == ":" ? 1 : 0);
  if (op.size() < 2 || (op[0] != '-' && op[0] != '=') ||
      op.find_first_of(" \t\n;&|<>()*?[") != std::string_view::npos) {
    return std::nullopt;
  }
  ShellText text;
  text.Append(op.substr(1));
  return text;
}

}  // namespace

void ShellText::Append(std::string_view text) {
  AppendBounded(first_, text);
  for (std::string& other : others_) {
    AppendBounded(other, text);
  }
}

void ShellText::Append(const ShellText& values) {
  others_.resize(std::max(others_.size(), values.others_.size()), first_);
  for (std::size_t i = 0; i < others_.size(); ++i) {
    AppendBounded(others_[i], values.Reading(i + 1));
  }
  AppendBounded(first_, values.first_);
  known_ = known_ && values.known_;
}

void ShellText::AppendUnknown(std::string_view as_written) {
  Append(as_written);
  known_ = false;
}

void ShellText::AddReading(std::string_view text) {
  if (text != first_ && readings() < kMaxReadings &&
      std::find(others_.begin(), others_.end(), text) == others_.end()) {
    others_.emplace_back(text);
  }
}

const std::string& ShellText::Reading(std::size_t index) const {
  return index == 0 || others_.empty()
             ? first_
             : others_[std::min(index, others_.size()) - 1];
}

std::size_t ShellText::bytes() const {
  std::size_t sum = first_.size();
  for (const std::string& other : others_) {
    sum += other.size();
  }
  return sum;
}

// What every shell sets by itself.
ShellValues::ShellValues() : budget_(kMaxExpanded) {
  for (const auto& [name, value] :
       {std::pair{"SHELL", "/bin/sh"}, {"BASH", "/bin/bash"}, {"IFS", " "}}) {
    ShellText text;
    text.Append(value);
    values_.emplace(name, std::move(text));
  }
}

void ShellValues::Learn(std::string_view name, const ShellText& value,
                        bool sure) {
  if (!value.known() || values_.size() >= kMaxNames) {
    return Forget(name);
  }
  const auto found = values_.find(name);
  if (found == values_.end()) {
    values_.emplace(name, value);
    return;
  }
  if (sure) {
    found->second = value;
    return;
  }
  for (std::size_t i = 0; i < value.readings(); ++i) {
    found->second.AddReading(value.Reading(i));
  }
}

void ShellValues::Forget(std::string_view name) {
  if (const auto found = values_.find(name); found != values_.end()) {
    values_.erase(found);
  }
}

const ShellText* ShellValues::Find(std::string_view name) {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.bytes() > budget_) {
    return nullptr;
  }
  budget_ -= found->second.bytes();
  return &found->second;
}

std::optional<ShellText> ShellValues::Saved(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

void ShellValues::Restore(std::string_view name,
                          std::optional<ShellText> value) {
  Forget(name);
  if (value) {
    values_.emplace(name, std::move(*value));
  }
}

std::optional<ShellText> ExpandBraces(std::string_view inside,
                                      ShellValues& values) {
  const auto end = std::find_if_not(inside.begin(), inside.end(), IsNameChar);
  const auto length = static_cast<std::size_t>(end - inside.begin());
  const std::string_view name = inside.substr(0, length);
  const std::string_view op = inside.substr(length);
  if (name.empty()) {
    return std::nullopt;
  }
  const ShellText* value = values.Find(name);
  if (value == nullptr) {
    const bool positional = name[0] >= '0' && name[0] <= '9';
    return positional ? std::nullopt : Default(op);
  }
  ShellText result;
  for (std::size_t i = 0; i < value->readings(); ++i) {
    const auto reading = Apply(op, value->Reading(i));
    if (!reading) {
      return std::nullopt;
    }
    if (i == 0) {
      result.Append(*reading);
    } else {
      result.AddReading(*reading);
    }
  }
  return result;
}

}  // namespace assay::facts
