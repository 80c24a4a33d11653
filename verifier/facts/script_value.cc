#include "verifier/facts/script_value.h"

#include <algorithm>
#include <charconv>

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

ScriptSource::Bits Told(const ScriptValue& value) {
  ScriptSource::Bits told = value.sources;
  if ((value.taint & ScriptValue::kRequest) != 0) {
    told = Both(told, ScriptSource::kRequest);
  }
  if ((value.taint & ScriptValue::kNetwork) != 0) {
    told = Both(told, ScriptSource::kNetwork);
  }
  return told;
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
  int base = 10;
  if (literal.size() > 2 && literal[0] == '0') {
    const char mark = static_cast<char>(literal[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    literal.remove_prefix(base == 10 ? 0 : 2);
  }
  std::string digits(literal);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  std::uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value, base);
  return error == std::errc() && rest == end ? value : 0;
}

}  // namespace assay::facts
