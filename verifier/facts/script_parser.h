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
      : language_(language == ScriptLanguage::kPerl ? ScriptLanguage::kPhp
                                                    : language),
        library_(language),
        text_(text),
        cgi_(cgi),
        limit_(limit),
        gates_(limit, language == ScriptLanguage::kPython) {}
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
    bool arrow = false;      // the body of a function that is an expression
    bool cases = false;      // "case x:"
    bool match = false;      // "match x:" of Python
    bool chosen = false;     // "then if compared else" of Python: `then` is set
    unsigned questions = 0;  // "?" whose ":" has not come
    Scope outer = 0;         // around the function that is an expression
    std::string_view function = {};  // its name
    ScriptValue then = {};
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
  // A parameter, or a part of one.
  struct ParameterName {
    std::string_view name = {};
    std::string_view key = {};  // of an object: {key: name}
    std::size_t index = 0;
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
    bool members = false;     // a class: names are those of its objects
    bool cases = false;       // of "switch": `subject` is compared
    bool handler = false;     // parameters are given by a request
    bool method = false;      // the first of them is the object
    std::string_view parameter = {};  // that was read last
    ScriptValue subject = {};
    ScriptJudgement judged = {};  // "any(f(x) for x in y)": what f compares
    std::vector<ParameterName> patterns = {};  // objects among its elements
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
  // An operator between the terms of a condition.
  struct Comparing {
    enum class Join : std::uint8_t {
      kThen,       // "a && b"
      kOtherwise,  // "a || b"
      kQuestion,   // "a ? b : c"
      kColon,
      kIf,  // "b if a else c"
      kElse,
    };
    bool compares = false;
    bool negative = false;
    bool order = false;
    Join join = Join::kOtherwise;
  };
  // What a function of the file gives back and is given, in all its calls.
  struct Routine {
    ScriptValue result = {};
    unsigned returns = 0;
    unsigned bodies = 0;       // that have this name
    bool asks = false;         // calls something that may tell anything
    bool method = false;       // its first parameter is the object
    bool called = false;       // in this reading
    std::uint8_t effects = 0;  // ScriptEffect of what it does
    // What decides about all of its calls, in the reading before and in this.
    ScriptSource::Bits gates = 0;
    ScriptSource::Bits gates_now = 0;
    std::vector<std::pair<ScriptValue, unsigned>> arguments = {};
  };
  // A function's body by indentation, or a Lua block up to its "end".
  struct Body {
    std::size_t indent = 0;
    bool function = false;
    bool members = false;  // of a class
    Scope outer = 0;
  };
  using Objects = std::vector<std::pair<std::string_view, ScriptValue>>;

  [[nodiscard]] Site Here() const { return {token_.place.offset, token_.line}; }
  [[nodiscard]] Frame& top() { return frames_.back(); }
  [[nodiscard]] Expression& expression() { return top().expression; }
  [[nodiscard]] bool Is(ScriptLanguage language) const {
    return language_ == language;
  }

  void Read();
  void ReadAgain();
  [[nodiscard]] ScriptToken Fetch();
  [[nodiscard]] bool Advance();
  void Take();
  void StartStatement();
  void LineEnd();

  void String();
  void Name();
  [[nodiscard]] bool Keyword();
  [[nodiscard]] bool BeginMatch();
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
  void EndHead();
  void Arrow();
  void Assign();
  void AddTargets();
  void Open(char bracket);
  [[nodiscard]] Use UseOf(char bracket);
  [[nodiscard]] Use BraceUse();
  void BeginDefinition(Frame& frame);
  void BeginBody(const Frame& frame);
  void BeginMethod(const Frame& frame);
  void Close(char bracket);
  void Finish(Frame& frame);
  void FinishCall(Frame& frame);
  void FinishGroup(Frame& frame);
  void FinishBlock(const Frame& frame);
  void FinishPattern(const Frame& frame);
  void NotePattern(const Frame& frame);
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
  void Branch(Comparing::Join join, const ScriptValue& term);
  void BeginBranch(ScriptJudgement judgement);
  void Choose(const ScriptValue& value);
  void ChooseCase(const ScriptValue& value);
  [[nodiscard]] ScriptJudgement Compare(const ScriptValue& left,
                                        const ScriptValue& right,
                                        ScriptJudgement judgement) const;
  [[nodiscard]] ScriptJudgement Meet(const ScriptValue& left,
                                     const ScriptValue& right,
                                     ScriptJudgement judgement) const;
  [[nodiscard]] ScriptComparand ComparandOfList(std::uint32_t list) const;
  void Judge(ScriptJudgement judgement, bool value);
  [[nodiscard]] ScriptJudgement CompareByCall(std::string_view function,
                                              const Frame& frame) const;
  [[nodiscard]] ScriptGates::Place Around() const {
    return {token_.place, token_.line, scope_};
  }
  void Tell(std::string_view function, const Frame& frame,
            ScriptValue& result) const;
  void TellMember(ScriptValue& value, std::string_view name) const;
  void BeginCondition();
  void BeginCase(const ScriptValue& subject, const ScriptValue& value,
                 ScriptGates::End end, std::size_t depth);
  void BeginElse();
  void EndCondition(const std::vector<ScriptValue>& values,
                    ScriptGates::End end, std::size_t depth);
  void EndControl(const Frame& frame);
  void LuaCondition();
  void Weigh(const Expression& e, const ScriptValue& value);
  void Happens(std::uint8_t effects);

  // Functions of the file by their names; see script_routines.cc.
  [[nodiscard]] std::string_view NameOfRoutine(
      const ScriptReference& callee) const;
  void BeginRoutine(Scope body, std::string_view name);
  [[nodiscard]] const Routine* FindRoutine(std::string_view name) const;
  [[nodiscard]] Routine* RoutineAround();
  [[nodiscard]] ScriptSource::Bits GatesAround();
  void NoteReturn(const ScriptValue& value);
  void NoteArguments(std::string_view name,
                     const std::vector<ScriptValue>& values);
  void NoteCalled(std::string_view name,
                  const std::vector<ScriptValue>& values);
  void AddReturned(const Frame& frame, std::string_view callee,
                   ScriptValue& value) const;
  [[nodiscard]] ScriptJudgement JudgedBy(
      const ScriptJudgement& judged,
      const std::vector<ScriptValue>& values) const;

  // Their parameters; see script_handlers.cc.
  [[nodiscard]] ScriptValue GivenBy(const Frame& call, std::size_t before,
                                    std::size_t index) const;
  void NoteHandlers(const Frame& call);
  [[nodiscard]] bool MakesHandler() const;
  void DefineParameter();
  void BindParameter(Scope body, const ParameterName& parameter,
                     const Frame& call);
  [[nodiscard]] ScriptValue Parameter(Scope body, std::size_t index) const;
  void BeginArrow();
  void EnterExpression(Scope body);
  void Lambda();
  [[nodiscard]] std::string_view NameForRoutine(std::string_view own) const;

  // Elements of objects and classes; see script_objects.cc.
  void KeepElements(const Frame& frame, ScriptValue& value);
  [[nodiscard]] const ScriptValue* Element(const ScriptValue& object,
                                           std::string_view key) const;
  [[nodiscard]] ScriptValue MemberNamed(const ScriptValue& object,
                                        std::string_view key) const;
  static void Replace(ScriptValue& member, const ScriptValue& known,
                      std::uint8_t taint);
  [[nodiscard]] std::string AttributeOf(const ScriptReference& reference) const;
  [[nodiscard]] bool InClass() const;
  void BeginClass();
  void EnterClass();
  [[nodiscard]] std::vector<ScriptReference> FunctionsIn(
      const ScriptValue& callee) const;
  void AddToTable(std::string_view object, std::string_view name);
  void CallElements(const Frame& frame);
  [[nodiscard]] ScriptValue ElementGiven(const Frame& frame);

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

  ScriptLanguage language_;  // by whose grammar it is read
  ScriptLanguage library_;   // whose functions it calls
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
  std::vector<ParameterName> parameters_;  // before "=>"
  std::unordered_map<std::string_view, Routine> routines_;
  std::unordered_map<Scope, std::string_view> routine_of_;  // by its body
  std::vector<std::vector<std::string_view>> lists_;
  std::size_t items_ = 0;  // in all lists
  std::vector<Objects> objects_;
  std::size_t kept_ = 0;                          // elements in all objects
  std::unordered_set<std::string_view> members_;  // that were assigned
  std::unordered_set<std::string_view> classes_;  // names of them
  std::string_view class_name_ = {};              // of the last one
  // Functions that are members of an object, by its name.
  std::unordered_map<std::string_view, std::vector<std::string_view>> tables_;
  std::optional<ScriptValue> subject_;  // of the cases that begin
  std::vector<std::pair<std::size_t, ScriptValue>> subjects_;  // of Python
  bool class_ = false;                                         // a class begins
  bool begins_ = false;     // the next name begins a statement of Python
  bool decorates_ = false;  // "@": what follows is for the next function
  bool handles_ = false;    // which is given by a request
  std::string_view decorator_ = {};
  std::string_view function_name_ = {};  // of what the next function is for
  std::uint8_t extracted_ = 0;           // origin of names that nobody assigned
  std::vector<ScriptToken> tokens_;      // of the first reading
  std::size_t fetched_ = 0;              // of them
  bool cast_ = false;                    // "(int)" of PHP
  bool report_ = false;                  // from the second reading on
  bool learnt_ = false;                  // what another reading needs
  ScriptCalls result_;
};

}  // namespace assay::facts
