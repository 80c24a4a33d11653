// Words that are no names, and what is imported.

#include <algorithm>
#include <unordered_map>

#include "verifier/facts/script_parser.h"

namespace assay::facts {
namespace {

constexpr unsigned kPy = 1;
constexpr unsigned kJs = 2;
constexpr unsigned kPhp = 4;
constexpr unsigned kLua = 8;

enum class Action : std::uint8_t {
  kSkip,       // says nothing about values
  kRestart,    // an expression begins behind it
  kConnect,    // an operator that is a word
  kDeclare,    // local names follow
  kDefine,     // a function's name and parameters follow
  kLoop,       // "for": names become elements
  kIn,         // between them and what they are elements of
  kAs,         // the same of PHP, the other way round
  kImport,     //
  kConstruct,  // a call without brackets
  kOpen,       // a block of Lua
  kEnd,        // its end
  kLambda,     // a function that is an expression
  kClass,      // its name and what it is made of follow
};

struct Word {
  std::string_view text;
  unsigned languages;
  Action action;
};

constexpr Word kWords[] = {
    {"new", kJs | kPhp, Action::kSkip},
    {"await", kJs | kPy, Action::kSkip},
    {"async", kJs | kPy, Action::kSkip},
    {"typeof", kJs, Action::kSkip},
    {"void", kJs, Action::kSkip},
    {"delete", kJs, Action::kSkip},
    {"clone", kPhp, Action::kSkip},
    {"static", kJs | kPhp, Action::kSkip},
    {"return", kPy | kJs | kPhp | kLua, Action::kRestart},
    {"echo", kPhp, Action::kRestart},
    {"print", kPhp, Action::kRestart},
    {"throw", kJs | kPhp, Action::kRestart},
    {"raise", kPy, Action::kRestart},
    {"case", kJs | kPhp, Action::kRestart},
    {"else", kJs | kPhp | kLua, Action::kRestart},
    {"elseif", kLua, Action::kRestart},
    {"then", kLua, Action::kRestart},
    {"yield", kPy | kJs | kPhp, Action::kRestart},
    {"export", kJs, Action::kRestart},
    {"default", kJs, Action::kRestart},
    {"class", kJs | kPhp | kPy, Action::kClass},
    {"if", kPy, Action::kConnect},
    {"elif", kPy, Action::kConnect},
    {"else", kPy, Action::kConnect},
    {"while", kPy, Action::kConnect},
    {"with", kPy, Action::kConnect},
    {"assert", kPy, Action::kConnect},
    {"lambda", kPy, Action::kLambda},
    {"is", kPy, Action::kConnect},
    {"and", kPy | kPhp | kLua, Action::kConnect},
    {"or", kPy | kPhp | kLua, Action::kConnect},
    {"not", kPy | kLua, Action::kConnect},
    {"xor", kPhp, Action::kConnect},
    {"instanceof", kJs | kPhp, Action::kConnect},
    {"const", kJs, Action::kDeclare},
    {"let", kJs, Action::kDeclare},
    {"var", kJs, Action::kDeclare},
    {"local", kLua, Action::kDeclare},
    {"def", kPy, Action::kDefine},
    {"function", kJs | kPhp | kLua, Action::kDefine},
    {"fn", kPhp, Action::kDefine},
    {"for", kPy | kLua, Action::kLoop},
    {"in", kPy | kJs | kLua, Action::kIn},
    {"of", kJs, Action::kIn},
    {"as", kPhp | kPy, Action::kAs},
    {"import", kPy | kJs, Action::kImport},
    {"from", kPy, Action::kImport},
    {"include", kPhp, Action::kConstruct},
    {"include_once", kPhp, Action::kConstruct},
    {"require", kPhp, Action::kConstruct},
    {"require_once", kPhp, Action::kConstruct},
    {"exec", kPy, Action::kConstruct},
    {"do", kJs | kPhp, Action::kRestart},
    {"do", kLua, Action::kOpen},
    {"if", kLua, Action::kOpen},
    {"repeat", kLua, Action::kOpen},
    {"end", kLua, Action::kEnd},
    {"until", kLua, Action::kEnd},
};

const Action* ActionOf(ScriptLanguage language, std::string_view word) {
  static const auto kActions = [] {
    std::array<std::unordered_map<std::string_view, Action>, 4> actions;
    for (const Word& one : kWords) {
      for (unsigned i = 0; i < actions.size(); ++i) {
        if ((one.languages >> i & 1U) != 0) {
          actions.at(i)[one.text] = one.action;
        }
      }
    }
    return actions;
  }();
  const auto& actions = kActions.at(static_cast<std::size_t>(language));
  const auto found = actions.find(word);
  return found == actions.end() ? nullptr : &found->second;
}

}  // namespace

// "match x:" and "case y:" of Python, which are names elsewhere.
bool ScriptParser::BeginMatch() {
  const bool begins = std::exchange(begins_, false);
  if (!begins || next_.kind == Kind::kOperator ||
      (token_.text != "match" && token_.text != "case")) {
    return false;
  }
  (token_.text == "match" ? expression().match : expression().cases) = true;
  return true;
}

bool ScriptParser::Keyword() {
  if (Is(ScriptLanguage::kPython) && BeginMatch()) {
    return true;
  }
  const Action* action = ActionOf(language_, token_.text);
  if (action == nullptr) {
    return false;
  }
  Expression& e = expression();
  switch (*action) {
    case Action::kSkip:
      return true;
    case Action::kConnect:
      WordOperator();
      return true;
    case Action::kRestart:
    case Action::kDeclare:
      Restart();
      top().declared = *action == Action::kDeclare;
      return true;
    case Action::kDefine: {
      const std::string_view key = e.key;
      function_name_ = NameForRoutine({});
      if (!e.targets.empty() && !function_name_.empty()) {
        const std::string_view target = e.targets.back();
        const std::string_view object =
            target.substr(0, target.size() - function_name_.size());
        if (object.size() > 1) {  // "ops['run'] = function"
          AddToTable(object.substr(0, object.size() - 1), function_name_);
        }
      }
      static_cast<void>(EndExpression());
      expression().key = top().use == Use::kObject ? key : std::string_view();
      defining_ = true;
      return true;
    }
    case Action::kLambda:
      Lambda();
      return true;
    case Action::kClass:
      BeginClass();
      return true;
    case Action::kLoop:
      if (e.has_operand || e.has_left) {  // "f(x) for x in y"
        top().judged = EndTerm().judged;
        Judge(top().judged, true);
        Connect(Join::kOther);
      }
      top().loop = true;
      return true;
    case Action::kIn:
      In();
      return true;
    case Action::kAs:
      if (Is(ScriptLanguage::kPython)) {  // "with open(x) as y"
        if (e.has_operand && next_.kind == Kind::kName) {
          BindTarget(next_.text, e.operand);
        }
        Connect(Join::kOther);
      } else if (top().loop) {
        top().origin = EndExpression().taint;
        top().each = true;
      }
      return true;
    case Action::kImport:
      return Import();
    case Action::kConstruct:
      return Construct();
    case Action::kOpen:
    case Action::kEnd:
      LuaBlock(*action == Action::kOpen);
      return true;
  }
  return false;
}

// "class x": what is assigned in it are attributes of its objects.
void ScriptParser::BeginClass() {
  static_cast<void>(EndExpression());
  class_ = true;
  defining_ = Is(ScriptLanguage::kPython);
  if (next_.kind == Kind::kName && next_.text != "extends") {
    class_name_ = next_.text;
    classes_.insert(next_.text);
  }
}

// "if" of Python begins a condition; "and", "or" join what others compare.
void ScriptParser::WordOperator() {
  using Way = Comparing::Join;
  Expression& e = expression();
  const bool any = e.has_operand || e.has_left || e.split;
  const std::string_view word = token_.text;
  if (!any) {
    const bool statement =
        frames_.size() == 1 && !e.returns && e.targets.empty();
    if ((word == "if" || word == "elif") && statement) {
      BeginCondition();
    } else if (word == "else" && statement) {
      BeginElse();
    }
  } else if (word == "is") {
    Split({.compares = true});
  } else if (word == "and" || word == "or" || word == "if" || word == "else") {
    Split({.join = word == "and"  ? Way::kThen
                   : word == "or" ? Way::kOtherwise
                   : word == "if" ? Way::kIf
                                  : Way::kElse});
  } else {
    Connect(Join::kOther);
  }
  if (word == "not") {
    e.negated = !e.negated;
  }
}

void ScriptParser::Restart() {
  const std::string_view word = token_.text;
  const ScriptValue value = EndExpression();
  if (Is(ScriptLanguage::kLua)) {
    if (word == "then" && gates_.InHead()) {
      EndCondition({value}, ScriptGates::End::kWord, bodies_.size());
    }
    LuaCondition();
  }
  if (word == "throw" || word == "raise") {
    gates_.Happens(ScriptEffect::kDenies);
  }
  if (word == "throw" || word == "raise" || word == "return") {
    gates_.Leaves();
  } else if (word == "else" && !next_.Is("if")) {
    BeginElse();
  } else if (word == "case" || word == "default") {
    gates_.Finish(ScriptGates::End::kCase, frames_.size());
  }
  expression().returns = word == "return";
  expression().cases = word == "case";
}

// "include x" is a call without brackets.
bool ScriptParser::Construct() {
  const bool named =
      Is(ScriptLanguage::kPython) && next_.kind == Kind::kOperator;
  if (next_.Is("(") || named) {
    return false;
  }
  static_cast<void>(EndExpression());
  expression().construct = token_.text;
  expression().construct_start = Here();
  return true;
}

// "x in y" of a loop makes x an element of y; elsewhere it compares.
void ScriptParser::In() {
  if (!std::exchange(top().loop, false)) {
    return Split({.compares = true});
  }
  // Of "f(x) for x in y" only the name is assigned.
  expression().has_left = expression().has_left && !expression().has_operand;
  Assign();
  expression().element = true;
}

// False when there are too many around it.
bool ScriptParser::EnterBody(bool function) {
  constexpr std::size_t kMaxBodies = 10'000;
  if (bodies_.size() >= kMaxBodies) {
    return false;
  }
  bodies_.push_back({indent_, function, false, scope_});
  return true;
}

void ScriptParser::LuaBlock(bool open) {
  static_cast<void>(EndExpression());
  if (open) {
    static_cast<void>(EnterBody(false));
    LuaCondition();
  } else if (!bodies_.empty()) {
    LuaCondition();
    if (bodies_.back().function) {
      scope_ = bodies_.back().outer;
    }
    bodies_.pop_back();
  }
}

bool ScriptParser::Import() {
  if (Is(ScriptLanguage::kPython)) {
    const bool starts = frames_.size() == 1 && !expression().has_operand &&
                        !expression().has_left;
    if (starts) {
      PythonImport();
    }
    return starts;
  }
  if (next_.Is("(") || next_.Is(".")) {
    return false;
  }
  JavascriptImport();
  return true;
}

// "import a.b as c, d" and "from a import (b as c, d)", to the line's end.
void ScriptParser::PythonImport() {
  const bool from = token_.text == "from";
  std::string module;  // "a.b", or one name after the other without "from"
  std::string_view member;
  std::string_view name;
  bool in_module = true;
  bool open = false;
  const auto bind = [&] {
    BindImport(pool_.Keep(module), member, name);
    module = from ? module : "";
    member = name = {};
  };
  while (next_.kind != Kind::kEnd && !next_.Is(";") &&
         (next_.kind != Kind::kLineEnd || open)) {
    static_cast<void>(Advance());
    open = (open || token_.Is("(")) && !token_.Is(")");
    if (token_.Is(",")) {
      bind();
    } else if (token_.kind == Kind::kName && token_.text == "import") {
      in_module = false;
    } else if (token_.kind == Kind::kName && token_.text == "as") {
      static_cast<void>(Advance());
      name = token_.text;
    } else if (in_module && module.size() < 256) {
      module += token_.text;
    } else if (token_.kind == Kind::kName) {
      member = token_.text;
    }
  }
  bind();
}

// `name` or else `member` stands for that member of the module, or for the
// module itself, whose own name needs no binding.
void ScriptParser::BindImport(std::string_view module, std::string_view member,
                              std::string_view name) {
  if (name.empty() && member.empty()) {
    return;
  }
  ScriptValue value = Module(module);
  if (!member.empty()) {
    value.reference.Append(member);
  }
  scopes_.Bind(scope_, name.empty() ? member : name, value);
}

// import a, {b as c} from "m"; import * as a from "m".
void ScriptParser::JavascriptImport() {
  constexpr std::size_t kMaxNames = 256;
  std::vector<std::pair<std::string_view, std::string_view>> names;
  bool in_braces = false;
  while (next_.kind == Kind::kName || next_.Is(",") || next_.Is("{") ||
         next_.Is("}") || next_.Is("*")) {
    static_cast<void>(Advance());
    if (token_.kind != Kind::kName) {
      in_braces = token_.Is("{") || (in_braces && !token_.Is("}"));
    } else if (token_.text == "as" && in_braces && !names.empty()) {
      names.back().second = next_.text;
      static_cast<void>(Advance());
    } else if (token_.text != "as" && token_.text != "from" &&
               names.size() < kMaxNames) {
      names.emplace_back(in_braces ? token_.text : "", token_.text);
    }
  }
  if (next_.kind != Kind::kString) {
    return;
  }
  static_cast<void>(Advance());
  for (const auto& [member, name] : names) {
    // The default export of a module of Node.js is the module.
    BindImport(token_.text, member == "default" ? "" : member, name);
  }
}

}  // namespace assay::facts
