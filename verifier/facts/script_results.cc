// What calls give back.

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Text = ScriptValue::Text;

constexpr std::size_t kMaxItems = 500'000;  // in all lists of a script

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

ScriptValue ScriptParser::Module(std::string_view name) {
  ScriptValue value;
  if (name.starts_with("node:")) {
    name.remove_prefix(5);
  }
  const bool dotted = !Is(ScriptLanguage::kJavascript);
  while (!name.empty()) {
    const std::size_t dot = dotted ? name.find('.') : std::string_view::npos;
    value.reference.Append(name.substr(0, dot));
    name.remove_prefix(std::min(dot, name.size() - 1) + 1);
  }
  return value;
}

ScriptValue ScriptParser::ListOf(const std::vector<ScriptValue>& values) {
  ScriptValue list;
  bool known = false;
  for (const ScriptValue& value : values) {
    list.taint = Both(list.taint, value.taint);
    known = known || value.known != Text::kUnknown;
  }
  if (!known || items_ + values.size() > kMaxItems) {
    return list;
  }
  items_ += values.size();
  std::vector<std::string_view> texts;
  for (const ScriptValue& value : values) {
    std::string text;
    if (value.known == Text::kUnknown) {
      AppendTo(text, value);
    }
    texts.push_back(text.empty() ? value.text : pool_.Keep(text));
    list.number = list.number || value.number;
  }
  lists_.push_back(std::move(texts));
  list.list = static_cast<std::uint32_t>(lists_.size());
  return list;
}

// The function's name as tables have it.
ScriptReference ScriptParser::Callee(const ScriptValue& callee) {
  ScriptReference reference = callee.reference;
  if (!Is(ScriptLanguage::kPhp)) {
    return reference;
  }
  const bool variable =
      reference.count == 1 && reference.last().starts_with("$");
  if (callee.constant() && !callee.member && (reference.empty() || variable)) {
    reference = {};
    reference.Append(callee.text);
  }
  if (reference.count == 1) {
    const std::string_view name = reference.last();
    reference.parts[0] = name.substr(name.starts_with("\\") ? 1 : 0);
  }
  return reference;
}

ScriptValue ScriptParser::Call(Frame& frame) {
  ScriptReference reference = Callee(frame.callee);
  ScriptResult result = ResultOf(language_, "");
  std::string name;
  for (int i = 0; i < 2; ++i) {  // once more for what is called through it
    name = reference.Joined();
    name = Is(ScriptLanguage::kPhp) ? Lower(name) : name;
    result = ResultOf(language_, name);
    if (result == ScriptResult::kOther && reference.count > 0) {
      result = ResultOf(language_, "." + std::string(reference.last()));
    }
    const bool forward =
        result == ScriptResult::kForward && !frame.values.empty();
    if (!forward && result != ScriptResult::kInvoke) {
      break;
    }
    if (forward) {
      const ScriptReference inner = Callee(frame.values.front());
      const bool known =
          !Is(ScriptLanguage::kPhp) || frame.values.front().constant();
      if (!known || inner.empty()) {
        break;
      }
      reference = inner;
    } else {
      reference.DropLast();
    }
    if (!frame.values.empty()) {
      frame.values.erase(frame.values.begin());
    }
  }
  std::uint8_t taint = frame.callee.taint;
  for (const ScriptValue& value : frame.values) {
    taint = Both(taint, value.taint);
  }
  // "$f(x)" and "$_GET['f'](x)" of PHP.
  const bool variable =
      Is(ScriptLanguage::kPhp) && reference.Joined().starts_with("$") &&
      !frame.callee.method && (reference.count == 1 || frame.callee.taint != 0);
  Report(name, frame, frame.callee.dynamic || variable);
  ScriptValue value = Evaluate(result, frame);
  value.taint = value.clean ? std::uint8_t{0} : Both(value.taint, taint);
  return value;
}

ScriptValue ScriptParser::Evaluate(ScriptResult result, const Frame& frame) {
  const auto& values = frame.values;
  const bool method =
      frame.callee.member &&
      (frame.callee.known != Text::kUnknown || frame.callee.list != 0);
  ScriptValue object = frame.callee;
  object.reference = {};
  object.member = false;
  const ScriptValue first = method || values.empty() ? object : values.front();
  ScriptValue value;
  switch (result) {
    case ScriptResult::kOther:
    case ScriptResult::kForward:
    case ScriptResult::kInvoke:
      break;
    case ScriptResult::kClean:
      value.clean = true;
      break;
    case ScriptResult::kSame:
      return first;
    case ScriptResult::kDecoded:
    case ScriptResult::kBase64:
    case ScriptResult::kHex:
    case ScriptResult::kRot13:
      return Decode(result, first);
    case ScriptResult::kCarried:
      if (first.constant()) {
        return Decode(ScriptResult::kDecoded, first);
      }
      break;
    case ScriptResult::kCoded: {
      const std::string_view coding =
          values.size() > 1 && values[1].constant() ? values[1].text : "";
      return coding == "base64" ? Decode(ScriptResult::kBase64, first)
             : coding == "hex"  ? Decode(ScriptResult::kHex, first)
             : coding == "rot13" || coding == "rot_13"
                 ? Decode(ScriptResult::kRot13, first)
             : Is(ScriptLanguage::kPython) && !coding.empty() &&
                     Lower(coding).find("utf") == std::string::npos
                 ? Decode(ScriptResult::kDecoded, first)
                 : first;
    }
    case ScriptResult::kReverse:
      if (first.constant()) {
        const std::string text(first.text.rbegin(), first.text.rend());
        value = ConstantText(pool_.Keep(text));
      }
      value.taint = ScriptValue::kDecoded;
      break;
    case ScriptResult::kCharacters: {
      std::string text;
      for (const ScriptValue& one : values) {
        if (!one.constant() || !one.number) {
          return value;
        }
        AppendUtf8(static_cast<std::uint32_t>(IntegerOf(one.text)), text);
      }
      value = ConstantText(pool_.Keep(text));
      // A line's end is no hidden text.
      value.taint = values.size() > 3 ? ScriptValue::kDecoded : std::uint8_t{0};
      break;
    }
    case ScriptResult::kFormat:
      if (first.known != Text::kUnknown) {
        value.known = Text::kPartial;
        value.text = first.text;
      }
      break;
    case ScriptResult::kJoin:
      return Joined(frame);
    case ScriptResult::kList:
      return ListOf(values);
    case ScriptResult::kModule:
      if (!values.empty() && values[0].constant()) {
        return Module(values[0].text);
      }
      break;
    case ScriptResult::kMember:
      if (values.size() > 1) {
        value.reference = values[0].reference;
        const bool named = values[1].constant();
        value.dynamic = !named && MayHide(value.reference);
        if (named && value.reference.count == 1 &&
            IsGlobals(language_, value.reference.last())) {
          return Resolve(values[1].text);
        }
        value.reference.Append(named ? values[1].text : "");
        value.member = true;
      }
      break;
    case ScriptResult::kGlobals:
      value.reference.Append(Is(ScriptLanguage::kLua) ? "_G" : "builtins");
      break;
    case ScriptResult::kVariable:
    case ScriptResult::kStream:
      if (!values.empty() && values[0].constant() &&
          (result == ScriptResult::kVariable
               ? IsRequestVariable(values[0].text)
               : values[0].text == "php://input")) {
        value.taint = ScriptValue::kRequest;
      }
      break;
    case ScriptResult::kRequest:
      value.taint = ScriptValue::kRequest;
      break;
  }
  return value;
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
  if (list == 0) {
    return value;
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
  return value;
}

}  // namespace assay::facts
