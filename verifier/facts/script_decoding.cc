// Texts that calls make of constants: decoded, turned round, put together.

#include <algorithm>
#include <optional>
#include <string>

#include "verifier/base/text.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Text = ScriptValue::Text;

std::optional<std::string> FromHex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const std::string pair = "0x" + std::string(digits.substr(i, 2));
    const std::uint64_t byte = IntegerOf(pair);
    if (byte == 0) {
      return std::nullopt;  // no digits, or a NUL that no name has
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string Rot13(std::string_view text) {
  std::string moved(text);
  for (char& c : moved) {
    const char low = static_cast<char>(c | 0x20);
    if (low >= 'a' && low <= 'z') {
      c = static_cast<char>(low <= 'm' ? c + 13 : c - 13);
    }
  }
  return moved;
}

}  // namespace

ScriptValue ScriptParser::Reversed(const ScriptValue& text) {
  if (!text.constant()) {  // Python turns any sequence round
    return Is(ScriptLanguage::kPython) ? text
                                       : TaintedValue(ScriptValue::kDecoded);
  }
  ScriptValue value = ConstantText(
      pool_.Keep(std::string(text.text.rbegin(), text.text.rend())));
  value.composed = true;
  value.taint = ScriptValue::kDecoded;
  return value;
}

// Of numbers, or of one list of them: map(chr, [101, 118]).
ScriptValue ScriptParser::Characters(const std::vector<ScriptValue>& values) {
  std::vector<std::string_view> numbers;
  for (const ScriptValue& one : values) {
    const bool list = one.list != 0 && one.number;
    if (!list && (!one.constant() || !one.number)) {
      return {};
    }
    if (list) {
      const auto& items = lists_[one.list - 1];
      numbers.insert(numbers.end(), items.begin(), items.end());
    } else {
      numbers.push_back(one.text);
    }
  }
  std::string text;
  for (const std::string_view number : numbers) {
    if (number.empty() || number.front() < '0' || number.front() > '9') {
      return {};
    }
    AppendUtf8(static_cast<std::uint32_t>(IntegerOf(number)), text);
  }
  ScriptValue value = ConstantText(pool_.Keep(text));
  value.composed = true;
  // A line's end is no hidden text.
  value.taint = numbers.size() > 3 ? ScriptValue::kDecoded : std::uint8_t{0};
  return value;
}

// By the coding that the second argument names. A text that is only encoded
// in another character set was never hidden.
ScriptValue ScriptParser::DecodeNamed(const ScriptValue& coded,
                                      const std::vector<ScriptValue>& values) {
  const std::string coding =
      values.size() > 1 && values[1].constant() ? Lower(values[1].text) : "";
  if (coding == "base64" || coding == "hex") {
    return Decode(coding == "hex" ? ScriptResult::kHex : ScriptResult::kBase64,
                  coded);
  }
  if (coding == "rot13" || coding == "rot_13") {
    return Decode(ScriptResult::kRot13, coded);
  }
  const bool zipped = coding == "zlib" || coding == "zip" || coding == "bz2";
  return zipped ? Decode(ScriptResult::kDecoded, coded) : coded;
}

ScriptValue ScriptParser::Decode(ScriptResult result,
                                 const ScriptValue& coded) {
  ScriptValue value = TaintedValue(ScriptValue::kDecoded);
  if (!coded.constant()) {
    return value;
  }
  const std::optional<std::string> text =
      result == ScriptResult::kBase64  ? FromBase64(coded.text)
      : result == ScriptResult::kHex   ? FromHex(coded.text)
      : result == ScriptResult::kRot13 ? std::optional(Rot13(coded.text))
                                       : std::nullopt;
  if (text && MayKeep()) {
    value.known = Text::kConstant;
    value.text = pool_.Keep(*text);
    value.composed = true;
  }
  return value;
}

// The elements of a list with a text between them, whichever comes first.
ScriptValue ScriptParser::Joined(const Frame& frame) {
  std::uint32_t list = frame.callee.list;
  std::string_view between = frame.callee.constant() ? frame.callee.text : "";
  for (const ScriptValue& value : frame.values) {
    list = list == 0 ? value.list : list;
    between = value.constant() ? value.text : between;
  }
  ScriptValue value;
  if (list == 0) {  // "".join("abc"), implode("", "abc")
    const auto& values = frame.values;
    const bool method = frame.callee.constant() && frame.callee.text.empty() &&
                        values.size() == 1;
    const bool plain = !frame.callee.member && values.size() == 2 &&
                       values[0].constant() && values[0].text.empty();
    return (method || plain) && values.back().constant() ? values.back()
                                                         : value;
  }
  // ''.join(chr(c) for c in [116, 117])
  for (const ScriptValue& one : frame.values) {
    if (Is(ScriptLanguage::kPython) && one.list == list && one.number &&
        between.empty()) {
      return Characters({one});
    }
  }
  std::string text;
  for (const std::string_view item : lists_[list - 1]) {
    AppendWord(text, item.substr(0, kMaxScriptText), between);
    if (text.size() > kMaxScriptText) {
      break;
    }
  }
  value.known =
      text.find('$') == std::string::npos ? Text::kConstant : Text::kPartial;
  value.text = pool_.Keep(text);
  value.composed = value.constant();
  return value;
}

}  // namespace assay::facts
