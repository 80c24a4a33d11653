#include "verifier/facts/process_calls.h"

#include <algorithm>
#include <optional>
#include <span>

namespace assay::facts {
namespace {

constexpr std::size_t kMaxCalls = 2000;
constexpr std::size_t kMaxLiteral = 64UL << 10U;

struct Function {
  std::string_view name;
  bool by_shell;  // when its first argument is one string
};

// Python library reference, "os" and "subprocess". A single string given to
// subprocess.* is a program name or, with shell=True, a command line: reading
// it as a command line is right for both.
constexpr Function kPython[] = {
    {"os.system", true},
    {"os.popen", true},
    {"subprocess.run", true},
    {"subprocess.call", true},
    {"subprocess.Popen", true},
    {"subprocess.check_call", true},
    {"subprocess.check_output", true},
    {"subprocess.getoutput", true},
    {"subprocess.getstatusoutput", true},
    {"commands.getoutput", true},
    {"asyncio.create_subprocess_shell", true},
    {"pty.spawn", false},
};

// Node.js documentation, "Child process".
constexpr Function kJavascript[] = {
    {"execSync", true},   {"execFileSync", false}, {"execFile", false},
    {"spawnSync", false}, {"spawn", false},        {"exec", true},
    {"fork", false},
};

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z') || c == '_' || c == '$';
}

struct Literal {
  std::string text = {};
  std::size_t end = 0;
};

std::size_t SkipBlank(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// A string literal at `at`: quotes of either language, simple escapes. A
// template or f-string keeps its expressions verbatim.
std::optional<Literal> LiteralAt(std::string_view text, std::size_t at) {
  const std::size_t prefix = text.find_first_not_of("rRbBuUfF", at);
  if (prefix == std::string_view::npos || prefix - at > 2 ||
      std::string_view("'\"`").find(text[prefix]) == std::string_view::npos) {
    return std::nullopt;
  }
  const char quote = text[prefix];
  const std::string triple(3, quote);
  const bool is_triple = text.substr(prefix, 3) == triple;
  Literal literal;
  std::size_t i = prefix + (is_triple ? 3 : 1);
  while (i < text.size() && i - prefix < kMaxLiteral) {
    if (is_triple ? text.substr(i, 3) == triple : text[i] == quote) {
      literal.end = i + (is_triple ? 3 : 1);
      return literal;
    }
    if (text[i] == '\n' && !is_triple && quote != '`') {
      return std::nullopt;
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      const char c = text[i];
      literal.text += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    } else {
      literal.text += text[i];
    }
    ++i;
  }
  return std::nullopt;
}

// "cmd", or ["cmd", "arg"], or "cmd", ["arg"] as Node.js takes it.
bool TakeArguments(std::string_view text, std::size_t at, ProcessCall& call) {
  at = SkipBlank(text, at);
  const auto first = LiteralAt(text, at);
  bool list = at < text.size() && text[at] == '[';
  if (first) {
    call.words.push_back(first->text);
    call.place.length = first->end - call.place.offset;
    at = SkipBlank(text, first->end);
    if (at >= text.size() || text[at] != ',') {
      return true;
    }
    at = SkipBlank(text, at + 1);
    list = at < text.size() && text[at] == '[';
  }
  while (list && at < text.size() && text[at] != ']') {
    const auto item = LiteralAt(text, SkipBlank(text, at + 1));
    if (!item) {
      break;
    }
    call.words.push_back(item->text);
    call.place.length = item->end - call.place.offset;
    call.by_shell = false;
    at = SkipBlank(text, item->end);
    list = at < text.size() && text[at] == ',';
  }
  return !call.words.empty();
}

// Whether the bare name at `at` belongs to Node's child_process and not to
// another object: RegExp has an exec() as well.
bool IsChildProcess(std::string_view text, std::size_t at) {
  if (at == 0 || text[at - 1] != '.') {
    return true;
  }
  std::string_view left = text.substr(0, at - 1);
  left.remove_prefix(left.size() - std::min<std::size_t>(left.size(), 64));
  for (const std::string_view owner : {"child_process", "cp", "childProcess",
                                       "child_process')", "child_process\")"}) {
    if (left.ends_with(owner)) {
      const std::size_t start = left.size() - owner.size();
      return start == 0 || !IsWord(left[start - 1]);
    }
  }
  return false;
}

bool IsCommented(std::string_view text, std::size_t at, char mark) {
  const std::size_t window = std::min<std::size_t>(at, 512);
  std::string_view before = text.substr(at - window, window);
  before.remove_prefix(before.rfind('\n') + 1);  // npos + 1 is 0
  return mark == '#' ? before.find('#') != std::string_view::npos
                     : before.find("//") != std::string_view::npos &&
                           before.find("://") == std::string_view::npos;
}

struct Site {
  std::size_t at = 0;
  const Function* function = nullptr;
};

std::vector<Site> FindSites(std::span<const Function> functions,
                            std::string_view text, bool javascript) {
  std::vector<Site> sites;
  for (const Function& function : functions) {
    const std::string call = std::string(function.name) + "(";
    for (std::size_t at = text.find(call);
         at != std::string_view::npos && sites.size() < kMaxCalls;
         at = text.find(call, at + call.size())) {
      const bool inside = at > 0 && IsWord(text[at - 1]);
      if (!inside && (!javascript || IsChildProcess(text, at))) {
        sites.push_back({at, &function});
      }
    }
  }
  std::sort(sites.begin(), sites.end(),
            [](const Site& a, const Site& b) { return a.at < b.at; });
  return sites;
}

}  // namespace

std::vector<ProcessCall> FindProcessCalls(std::string_view language,
                                          std::string_view text) {
  const bool javascript = language == "javascript";
  if ((!javascript && language != "python") ||
      (javascript && text.find("child_process") == std::string_view::npos)) {
    return {};
  }
  const std::span<const Function> functions =
      javascript ? std::span<const Function>(kJavascript)
                 : std::span<const Function>(kPython);
  std::vector<ProcessCall> calls;
  std::uint32_t line = 1;
  std::size_t counted = 0;
  for (const Site& site : FindSites(functions, text, javascript)) {
    if (IsCommented(text, site.at, javascript ? '/' : '#')) {
      continue;
    }
    line += static_cast<std::uint32_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                   text.begin() + static_cast<std::ptrdiff_t>(site.at), '\n'));
    counted = site.at;
    ProcessCall call{.function = site.function->name,
                     .by_shell = site.function->by_shell,
                     .place = {site.at, 0},
                     .line = line};
    if (TakeArguments(text, site.at + site.function->name.size() + 1, call)) {
      calls.push_back(std::move(call));
    }
  }
  return calls;
}

}  // namespace assay::facts
