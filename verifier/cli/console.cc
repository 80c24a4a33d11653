#include "verifier/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "verifier/base/text.h"

namespace assay::cli {
namespace {

std::string_view Environment(const char* name) {
  // Before any thread starts.
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// By the first of the variables that says it, as in setlocale(3).
bool SpeaksUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const std::string_view value = Environment(name); !value.empty()) {
      const std::string locale = Lower(value);
      return locale.find("utf-8") != std::string::npos ||
             locale.find("utf8") != std::string::npos;
    }
  }
  return false;
}

void Print(std::string_view kind, std::string_view text, int exit) {
  if (!TheConsole().json) {
    fmt::print(stderr, "assay: {}\n", text);
    return;
  }
  Json object = {{"event", kind}, {"message", text}};
  if (exit != kExitPass) {
    object["exit"] = exit;
  }
  Tell(object);
}

}  // namespace

Console& TheConsole() {
  static Console console;
  return console;
}

void Note(std::string_view text) {
  if (!TheConsole().quiet) {
    Print("note", text, kExitPass);
  }
}

void Warn(std::string_view text) {
  Print("warning", text, kExitPass);
}

int Complain(const Error& error) {
  Print("error", error.what, ExitOf(error));
  return ExitOf(error);
}

int Misuse(std::string_view text) {
  Print("error", text, kExitUsage);
  return kExitUsage;
}

int Misuse(const Error& error) {
  return error.code == ErrorCode::kConfig ? Misuse(error.what)
                                          : Complain(error);
}

void Tell(const Json& object) {
  fmt::print(stderr, "{}\n",
             object.dump(-1, ' ', false, Json::error_handler_t::replace));
  (void)std::fflush(stderr);
}

bool IsTerminal(int descriptor) {
  return ::isatty(descriptor) == 1 && Environment("TERM") != "dumb";
}

report::Style StyleOf(int descriptor) {
  report::Style style;
  const bool terminal = IsTerminal(descriptor);
  style.colour =
      terminal && !TheConsole().no_colour && Environment("NO_COLOR").empty();
  style.unicode = terminal && SpeaksUtf8();
  struct winsize size = {};
  if (terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 &&
      size.ws_col >= 60) {
    style.width = std::min<std::size_t>(size.ws_col, 120);
  }
  return style;
}

}  // namespace assay::cli
