// The parameters of functions, and what those are given that somebody else
// calls: the handlers of requests, messages and connections.

#include <algorithm>
#include <iterator>

#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_parser.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxHandled = 3;  // parameters of a handler

template <std::size_t N>
bool OneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

ScriptValue Referring(std::string_view name) {
  ScriptValue value;
  value.reference.Append(name);
  return value;
}

// What a library calls by this name, with what another machine sent.
bool TakesMessages(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "on_message",     "ON_MESSAGE",       "on_msg",
      "data_received",  "dataReceived",     "lineReceived",
      "stringReceived", "datagramReceived", "datagram_received"};
  return OneOf(name, kNames);
}

// Annotations and defaults of what the framework itself checks or makes.
bool IsMadeByFramework(std::string_view word) {
  static constexpr std::string_view kNames[] = {
      "int",  "float",    "bool",    "UUID",     "Decimal",
      "date", "datetime", "Depends", "Response", "BackgroundTasks"};
  return OneOf(word, kNames);
}

// Names of parameters that stand for a whole request or for no part of it.
bool IsSurrounding(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "request", "req", "response", "db",  "session", "user", "current_user",
      "app",     "ctx", "context",  "sid", "environ", "env",  "start_response"};
  return OneOf(name, kNames);
}

bool IsRoute(const ScriptValue& path) {
  return path.constant() &&
         (path.text.starts_with('/') || path.text.starts_with('*'));
}

// x.on("data", f) of a line to another machine.
bool IsOfNetwork(const ScriptReference& callee, const ScriptValue& event) {
  static constexpr std::string_view kLines[] = {
      "socket", "sock",    "ws",  "conn", "connection", "client",
      "peer",   "channel", "bus", "mqtt", "subscriber", "io"};
  static constexpr std::string_view kOwn[] = {
      "connect",   "disconnect", "error",  "close",         "open",
      "end",       "timeout",    "drain",  "connection",    "ready",
      "listening", "ping",       "pong",   "reconnect",     "disconnecting",
      "exit",      "finish",     "lookup", "secureConnect", "offline",
      "keylog",    "session",    "unref",  "upgrade"};
  const bool local = std::any_of(
      callee.parts.begin(), callee.parts.end(),
      [](std::string_view part) { return part.starts_with("std"); });
  if (!event.constant() || local) {
    return false;
  }
  const bool line = callee.count == 2 && OneOf(callee.parts[0], kLines);
  return event.text == "data" || event.text == "message" ||
         (line && !OneOf(event.text, kOwn));
}

bool IsServerOfWeb(const ScriptReference& callee) {
  static constexpr std::string_view kWeb[] = {"http", "https", "http2"};
  return callee.count == 2 && OneOf(callee.parts[0], kWeb);
}

}  // namespace

// What a function gets as parameter `index` that stands behind `before`
// arguments of a call.
ScriptValue ScriptParser::GivenBy(const Frame& call, std::size_t before,
                                  std::size_t index) const {
  static constexpr std::string_view kRoutes[] = {
      "get", "post", "put", "delete", "patch", "all", "use", "options"};
  static constexpr std::string_view kEvents[] = {"on", "once", "addListener"};
  if (call.use != Use::kCall || call.callee.reference.count < 2) {
    return {};
  }
  const ScriptReference& callee = call.callee.reference;
  const std::string_view name = callee.last();
  const ScriptValue* const first =
      before > 0 && !call.values.empty() ? &call.values[0] : nullptr;
  if (name == "then") {
    ScriptValue value = TaintedValue(call.callee.taint);
    value.reference = callee;
    value.reference.DropLast();
    return value;
  }
  if (Is(ScriptLanguage::kJavascript) && index == 0) {
    const bool route = OneOf(name, kRoutes) &&
                       (first != nullptr ? IsRoute(*first) : name == "use");
    const bool server = name == "createServer" && IsServerOfWeb(callee);
    const bool asked =
        first != nullptr && OneOf(name, kEvents) && first->text == "request";
    if (route || server || asked) {
      return Referring("req");
    }
  }
  const bool event = first != nullptr && before == 1 && OneOf(name, kEvents);
  if (event && IsOfNetwork(callee, *first)) {
    return TaintedValue(ScriptValue::kNetwork);
  }
  if (name == "start_server" && before == 0 && index == 0) {
    return TaintedValue(ScriptValue::kNetwork);
  }
  return name == "register_function" ? TaintedValue(ScriptValue::kNetwork)
                                     : ScriptValue();
}

// A function that is given by its name to what calls it later.
void ScriptParser::NoteHandlers(const Frame& call) {
  static constexpr std::string_view kGivers[] = {
      "get",         "post",
      "put",         "delete",
      "patch",       "all",
      "use",         "createServer",
      "on",          "once",
      "addListener", "start_server",
      "then",        "register_function"};
  if (!OneOf(call.callee.reference.last(), kGivers)) {
    return;
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(call.values.size(), 4);
       ++i) {
    const ScriptReference& function = call.values[i].reference;
    if (function.count != 1 || call.values[i].constant()) {
      continue;
    }
    std::vector<ScriptValue> given;
    for (std::size_t index = 0; index < kMaxHandled; ++index) {
      given.push_back(GivenBy(call, i, index));
    }
    NoteArguments(function.last(), given);
  }
}

// "@app.route(...)" and the like stand before a function.
bool ScriptParser::MakesHandler() const {
  static constexpr std::string_view kRoutes[] = {
      "route", "get",    "post",  "put",       "delete",   "patch",
      "on",    "expose", "event", "websocket", "api_route"};
  const std::string_view name =
      decorator_.empty() ? frames_.back().expression.name : decorator_;
  return OneOf(name, kRoutes);
}

void ScriptParser::DefineParameter() {
  Frame& frame = top();
  const bool begins = Is(ScriptLanguage::kPhp)
                          ? token_.text.starts_with('$')
                          : last_.Is("(") || last_.Is(",") || last_.Is("*") ||
                                last_.Is("**") || last_.Is("...");
  if (!begins) {
    if (frame.handler && IsMadeByFramework(token_.text)) {
      ScriptValue value;
      value.clean = true;
      scopes_.Bind(body_, frame.parameter, value);
    }
    return;
  }
  const auto name = routine_of_.find(body_);
  Routine* const routine =
      name == routine_of_.end() ? nullptr : &routines_[name->second];
  const bool own = Is(ScriptLanguage::kPython) && frame.values.empty() &&
                   (token_.text == "self" || token_.text == "cls");
  if (own && routine != nullptr) {
    routine->method = true;
  }
  frame.method = frame.method || own;
  frame.parameter = token_.text;
  const std::size_t index = frame.values.size() - (frame.method ? 1U : 0U);
  if (own) {
    return scopes_.Bind(body_, token_.text, ScriptValue());
  }
  BindParameter(body_, {token_.text, {}, index}, frames_[frames_.size() - 2]);
  if (frame.handler && !IsSurrounding(token_.text)) {
    scopes_.Bind(body_, token_.text, TaintedValue(ScriptValue::kRequest));
  }
}

void ScriptParser::BindParameter(Scope body, const ParameterName& parameter,
                                 const Frame& call) {
  ScriptValue value = Parameter(body, parameter.index);
  const ScriptValue given = GivenBy(call, call.values.size(), parameter.index);
  value.taint = Both(value.taint, given.taint);
  if (!given.reference.empty() && !IsSurrounding(parameter.name)) {
    value.reference = given.reference;
  }
  if (!parameter.key.empty()) {
    value = MemberNamed(value, parameter.key);
  }
  scopes_.Bind(body, parameter.name, value);
}

// Of a function whose calls all are in this file, as far as one can tell.
ScriptValue ScriptParser::Parameter(Scope body, std::size_t index) const {
  ScriptValue value;
  value.parameters =
      index < 8 ? static_cast<std::uint8_t>(1U << index) : std::uint8_t{0};
  const auto name = routine_of_.find(body);
  if (name == routine_of_.end()) {
    return value;
  }
  const Routine* const known = report_ ? FindRoutine(name->second) : nullptr;
  if (known != nullptr && index < known->arguments.size()) {
    const auto own = value.parameters;
    value = known->arguments[index].first;
    value.parameters = own;
  }
  if (TakesMessages(name->second)) {
    value.taint = Both(value.taint, ScriptValue::kNetwork);
  }
  if (name->second == "lambda_handler" && index == 0) {
    value.taint = Both(value.taint, ScriptValue::kRequest);
  }
  value.judged = {};
  return value;
}

// A key in PHP, parameters in JavaScript.
void ScriptParser::Arrow() {
  Expression& e = expression();
  if (Is(ScriptLanguage::kJavascript)) {
    return BeginArrow();
  }
  const ScriptValue key = EndTerm();
  if (top().cases) {
    BeginBranch(Compare(top().subject, key, {}));
  }
  e.key = key.text;
  e.has_operand = e.has_left = e.split = e.compares = false;
  e.name = {};
}

// The body of a function that is an expression ends with that.
void ScriptParser::BeginArrow() {
  Expression& e = expression();
  if (!e.name.empty()) {
    parameters_.assign(1, {e.name, {}, 0});
  }
  const Scope body = scopes_.Add(scope_);
  BeginRoutine(body, NameForRoutine({}));
  for (const ParameterName& parameter : parameters_) {
    BindParameter(body, parameter, top());
  }
  parameters_.clear();
  e.has_operand = e.has_left = e.split = e.compares = e.negated = false;
  e.name = {};
  if (next_.Is("{")) {
    body_ = body;
    return;
  }
  EnterExpression(body);
}

void ScriptParser::EnterExpression(Scope body) {
  Expression& e = expression();
  if (!std::exchange(e.arrow, true)) {
    e.outer = scope_;
    e.function =
        routine_of_.count(body) != 0 ? routine_of_[body] : std::string_view();
  }
  scope_ = body;
  e.returns = true;
}

// "lambda a, b: expression" of Python.
void ScriptParser::Lambda() {
  const Scope body = scopes_.Add(scope_);
  BeginRoutine(body, NameForRoutine({}));
  std::size_t index = 0;
  while (next_.kind != Kind::kEnd && next_.kind != Kind::kLineEnd &&
         !next_.Is(":") && !next_.Is(")")) {
    static_cast<void>(Advance());
    const bool begins = last_.Is(",") || last_.kind == Kind::kName;
    if (token_.kind == Kind::kName && begins) {
      BindParameter(body, {token_.text, {}, index++}, top());
    }
  }
  if (next_.Is(":")) {
    static_cast<void>(Advance());
    EnterExpression(body);
  }
}

// The function's own name, or that of what it is assigned to.
std::string_view ScriptParser::NameForRoutine(std::string_view own) const {
  const Expression& e = frames_.back().expression;
  const std::string_view name = !own.empty()         ? own
                                : !e.key.empty()     ? e.key
                                : !e.targets.empty() ? e.targets.back()
                                                     : e.keyword;
  return name.substr(name.rfind('.') + 1);
}

}  // namespace assay::facts
