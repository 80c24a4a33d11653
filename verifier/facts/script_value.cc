#include "verifier/facts/script_value.h"

#include <algorithm>

namespace assay::facts {

void ScriptReference::Append(std::string_view part) {
  if (count == parts.size()) {
    DropFirst();
    cut = true;
  }
  parts.at(count) = part;
  ++count;
}

void ScriptReference::DropFirst() {
  std::copy(parts.begin() + 1, parts.end(), parts.begin());
  DropLast();
}

std::string ScriptReference::Joined() const {
  std::string joined = cut ? "*" : "";
  for (std::size_t i = 0; i < count; ++i) {
    joined += i > 0 ? "." : "";
    joined += parts.at(i);
  }
  return joined;
}

void AppendTo(std::string& text, const ScriptValue& value) {
  const std::size_t room =
      kMaxScriptText - std::min(text.size(), kMaxScriptText);
  if (value.known != ScriptValue::Text::kUnknown) {
    text += value.text.substr(0, room);
    return;
  }
  const auto odd = [](char c) {
    return (c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
           (c < 'a' || c > 'z') && c != '_';
  };
  std::string name(value.reference.last().substr(0, 64));
  name.erase(std::remove_if(name.begin(), name.end(), odd), name.end());
  if (room > name.size()) {
    text += '$';
    text += name.empty() ? "_" : name;
  }
}

std::uint64_t IntegerOf(std::string_view literal) {
  std::uint64_t base = 10;
  if (literal.size() > 2 && literal[0] == '0') {
    const char mark = static_cast<char>(literal[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    literal.remove_prefix(base == 10 ? 0 : 2);
  }
  std::uint64_t value = 0;
  for (const char c : literal) {
    const char low = static_cast<char>(c | 0x20);
    const int digit = c >= '0' && c <= '9'       ? c - '0'
                      : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                 : 99;
    if (c == '_') {
      continue;
    }
    if (static_cast<std::uint64_t>(digit) >= base || value >> 32U != 0) {
      return 0;
    }
    value = value * base + static_cast<std::uint64_t>(digit);
  }
  return value;
}

}  // namespace assay::facts
