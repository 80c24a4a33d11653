// The state of FindScriptCalls; see script_calls.h. Expressions are folded
// from the inside out while tokens come in, on a stack of open brackets;
// nothing is kept of what was read but names and their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "verifier/facts/script_calls.h"
#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_gates.h"
#include "verifier/facts/script_scopes.h"

namespace assay::facts {

class ScriptParser {
 public:
  ScriptParser(ScriptLanguage language, std::string_view text, bool cgi,
               std::size_t limit)
      : language_(language),
        text_(text),
        cgi_(cgi),
        limit_(limit),
        gates_(limit) {}
  [[nodiscard]] ScriptCalls Parse();

 private:
  using Scope = ScriptScopes::Scope;
  using Kind = ScriptToken::Kind;

  struct Site {
    std::uint64_t offset = 0;
    std::uint32_t line = 0;
  };
  enum class Join : std::uint8_t { kNone, kConcatenate, kFormat, kOther };
  // What has been read of the expression that is being read.
  struct Expression {
    ScriptValue left = {};     // all before the last operator
    ScriptValue operand = {};  // what stands behind it
    std::string text = {};     // of `left`, once there is more than one part
    bool has_left = false;
    bool has_operand = false;
    bool built = false;    // `text` is in use
    bool member = false;   // the name of a member comes next
    bool pattern = false;  // the targets are those of pattern_
    bool element = false;  // the targets become elements of the value
    // Of what compares: its terms are folded one by one.
    bool split = false;     // `rest` has terms
    bool compares = false;  // `compared` with the term that comes
    bool negative = false;
    bool order = false;
    bool negated = false;  // "!" stands before the term
    bool returns = false;
    ScriptValue compared = {};
    ScriptValue rest = {};
    Join join = Join::kNone;
    std::string_view name = {};       // of an operand that is a plain name
    std::string_view keyword = {};    // of a Python argument
    std::string_view key = {};        // of an object's element
    std::string_view construct = {};  // "include": a call without brackets
    Site construct_start = {};
    Site start = {};                             // of the operand
    std::vector<std::string_view> targets = {};  // names to be assigned
  };
  enum class Use : std::uint8_t {
    kFile,
    kCall,
    kGroup,
    kIndex,
    kList,
    kObject,
    kBlock
  };
  struct Frame {
    Use use = Use::kFile;
    char closer = 0;
    bool definition = false;  // its elements are parameters
    bool control = false;     // "if (", "while ("
    bool condition = false;   // of "if ("
    bool negated = false;     // "!("
    std::uint8_t grants = 0;  // ScriptEffect of an object's elements
    bool loop = false;        // "for": "in" and "of" assign
    bool several = false;     // "a, b = c, d"
    bool declared = false;    // behind "const", "local"
    bool each = false;        // "foreach (x as": names are elements of x
    std::uint8_t origin = 0;  // of x
    bool variable = false;    // "${name}" of PHP
    ScriptValue callee = {};
    Site start = {};
    std::uint64_t end = 0;  // of a call
    Scope outer = 0;        // the scope to return to
    std::vector<ScriptValue> values = {};
    // Of each element its key and its own name: {key: name}.
    std::vector<std::pair<std::string_view, std::string_view>> names = {};
    std::vector<std::string_view> targets = {};  // before "=", with several
    Expression expression = {};
  };
  struct Comparing {
    bool compares = false;
    bool negative = false;
    bool order = false;
  };
  // What a function of the file gives back and is given, in all its calls.
  struct Routine {
    ScriptValue result = {};
    unsigned returns = 0;
    bool asks = false;  // calls something that may tell anything
    std::vector<std::pair<ScriptValue, unsigned>> arguments = {};
  };
  // A function's body by indentation, or a Lua block up to its "end".
  struct Body {
    std::size_t indent = 0;
    bool function = false;
    Scope outer = 0;
  };

  [[nodiscard]] Site Here() const { return {token_.place.offset, token_.line}; }
  [[nodiscard]] Frame& top() { return frames_.back(); }
  [[nodiscard]] Expression& expression() { return top().expression; }
  [[nodiscard]] bool Is(ScriptLanguage language) const {
    return language_ == language;
  }

  void Pass();
  [[nodiscard]] bool Advance();
  void Take();
  void StartStatement();
  void LineEnd();

  void String();
  void Name();
  [[nodiscard]] bool Keyword();
  void WordOperator();
  void Restart();
  [[nodiscard]] bool Construct();
  [[nodiscard]] bool EnterBody(bool function);
  void LuaBlock(bool open);
  [[nodiscard]] bool Import();
  void PythonImport();
  void JavascriptImport();
  void BindImport(std::string_view module, std::string_view member,
                  std::string_view name);
  void In();

  void Operator();
  [[nodiscard]] bool Separator();
  void Comma(bool statements);
  void Colon(bool statements);
  void Arrow();
  [[nodiscard]] static std::uint8_t OriginOfParameters(const Frame& call);
  void Assign();
  void AddTargets();
  void Open(char bracket);
  [[nodiscard]] Use UseOf(char bracket);
  [[nodiscard]] Use BraceUse();
  void BeginBody();
  void Close(char bracket);
  void Finish(Frame& frame);
  void FinishCall(Frame& frame);
  void FinishGroup(Frame& frame);
  [[nodiscard]] bool MayHide(const ScriptReference& object) const;
  void FinishIndex(const Frame& frame);

  [[nodiscard]] ScriptValue Resolve(std::string_view name);
  void Operand(ScriptValue value, Site start);
  void Member(std::string_view name, bool indexed);
  void Connect(Join join);
  void Fold();
  void Concatenate(const ScriptValue& value);
  [[nodiscard]] ScriptValue EndExpression();
  void EndElement();
  void EndStatement();
  void BindTargets(Expression& expression, const ScriptValue& value);
  void BindTarget(std::string_view name, const ScriptValue& value);
  // Whether more text may be put together.
  [[nodiscard]] bool MayKeep() const {
    constexpr std::size_t kMaxFolded = 32U << 20U;
    return pool_.size() < kMaxFolded + 2 * text_.size();
  }

  [[nodiscard]] ScriptValue EndTerm();
  [[nodiscard]] static std::optional<Comparing> ComparingOf(
      std::string_view op);
  void Split(const Comparing& comparing);
  void Compare(const ScriptValue& left, const ScriptValue& right,
               ScriptGates::Comparison comparison);
  void CompareByCall(std::string_view function, const Frame& frame);
  void Tell(std::string_view function, const Frame& frame,
            ScriptValue& result) const;
  void TellMember(ScriptValue& value, std::string_view name) const;
  void BeginCondition();
  void EndCondition(const std::vector<ScriptValue>& values,
                    ScriptGates::End end, std::size_t depth);
  void EndControl(const Frame& frame);
  void LuaCondition();
  void Weigh(const Expression& e, const ScriptValue& value);

  // Functions of the file by their names; see script_routines.cc.
  void BeginRoutine(Scope body, std::string_view name);
  void NoteReturn(const ScriptValue& value);
  void NoteArguments(const ScriptReference& callee,
                     const std::vector<ScriptValue>& values);
  [[nodiscard]] ScriptValue Parameter(Scope body, std::size_t index) const;
  void AddReturned(const Frame& frame, const ScriptReference& callee,
                   ScriptValue& value) const;
  void NoteCall(std::string_view name);
  void FillArguments(std::string_view name, const Frame& frame);
  static void Pass(const Frame& frame, ScriptValue& value);
  void AddPrinted(const ScriptFunction& function, const Frame& frame,
                  ScriptValue& value) const;

  [[nodiscard]] ScriptValue Module(std::string_view name);
  [[nodiscard]] ScriptValue ListOf(const std::vector<ScriptValue>& values);

  [[nodiscard]] ScriptValue Call(Frame& frame);
  [[nodiscard]] std::string NameOf(const ScriptReference& reference) const;
  [[nodiscard]] ScriptResult ResultOf(const ScriptReference& reference) const;
  [[nodiscard]] bool CallsThrough(ScriptResult result, Frame& frame,
                                  ScriptReference& reference);
  [[nodiscard]] ScriptValue Evaluate(ScriptResult result, const Frame& frame);
  [[nodiscard]] ScriptValue Named(ScriptResult result,
                                  const std::vector<ScriptValue>& values);
  [[nodiscard]] ScriptValue MemberOf(const ScriptValue& object,
                                     const ScriptValue& name);
  [[nodiscard]] ScriptValue Reversed(const ScriptValue& text);
  [[nodiscard]] ScriptValue Characters(const std::vector<ScriptValue>& values);
  [[nodiscard]] ScriptValue DecodeNamed(const ScriptValue& coded,
                                        const std::vector<ScriptValue>& values);
  [[nodiscard]] ScriptValue Decode(ScriptResult result,
                                   const ScriptValue& coded);
  [[nodiscard]] ScriptValue Joined(const Frame& frame);
  [[nodiscard]] ScriptReference Callee(const ScriptValue& callee);
  void Report(const std::string& name, const Frame& frame, bool dynamic);
  void AddList(const ScriptValue& value, std::size_t from,
               ScriptCall& call) const;
  void AddWords(const ScriptFunction& function, const Frame& frame,
                ScriptCall& call) const;

  ScriptLanguage language_;
  std::string_view text_;
  bool cgi_;
  std::size_t limit_;
  ScriptGates gates_;
  TextPool pool_;
  std::optional<ScriptLexer> lexer_;
  ScriptToken token_;
  ScriptToken next_;
  ScriptToken last_;
  std::vector<Frame> frames_;
  std::size_t flat_ = 0;  // brackets beyond the deepest frame
  std::vector<Body> bodies_;
  ScriptScopes scopes_;
  Scope scope_ = 0;
  Scope body_ = 0;  // of the function whose body comes next; 0: none
  bool defining_ = false;
  bool dollar_ = false;    // "$$name", "${name}" of PHP
  bool statement_ = true;  // the next token begins a line's statement
  std::size_t line_start_ = 0;
  std::size_t indent_ = 0;
  // The names in a pattern that stands before "=": {key: name}.
  std::vector<std::pair<std::string_view, std::string_view>> pattern_;
  std::vector<std::string_view> parameters_;  // before "=>"
  std::unordered_map<std::string_view, Routine> routines_;
  std::unordered_map<Scope, std::string_view> routine_of_;  // by its body
  std::vector<std::vector<std::string_view>> lists_;
  std::size_t items_ = 0;                         // in all lists
  std::unordered_set<std::string_view> members_;  // that were assigned
  bool cast_ = false;                             // "(int)" of PHP
  bool report_ = false;                           // in the second reading
  ScriptCalls result_;
};

}  // namespace assay::facts
