#include "verifier/facts/shell_runs.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Parts = std::initializer_list<std::string_view>;
using WordList = std::span<const std::string>;

bool AnyHolds(WordList words, Parts parts) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
      return word.find(part) != std::string::npos;
    });
  });
}
bool HasUrl(WordList words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.starts_with("http://") || word.starts_with("https://") ||
           word.starts_with("ftp://");
  });
}

// xargs(1) that gives its input to a shell, or has it name the program.
bool RunsOperands(WordList words) {
  const auto wraps = [](const std::string& word) {
    return IsShell(BaseName(word)) ||
           Is(BaseName(word), {"env", "exec", "nohup", "setsid", "eval"});
  };
  return std::any_of(words.begin(), words.end(), wraps);
}

// GNU sed(1): "s/x/y/e" runs what comes out, "1e" the line.
bool ExecutesBySed(const std::string& word) {
  const bool replaces =
      word.size() > 5 && word[0] == 's' &&
      std::string_view("/|,#:!@").find(word[1]) != std::string_view::npos;
  if (!replaces) {
    return false;
  }
  const std::size_t end = word.rfind(word[1]);
  const std::string_view flags = std::string_view(word).substr(end + 1);
  return std::count(word.begin(), word.end(), word[1]) >= 3 &&
         flags.size() < 5 && flags.find('e') != std::string_view::npos &&
         flags.find_first_not_of("egImM0123456789") == std::string_view::npos;
}

// find(1) whose -exec names a program that only a run tells.
bool FindsAndRuns(WordList words) {
  const auto exec = std::find_if(words.begin(), words.end(), [](auto& word) {
    return word == "-exec" || word == "-execdir" || word == "-ok";
  });
  return exec != words.end() && std::next(exec) != words.end() &&
         std::next(exec)->starts_with("$");
}

}  // namespace

bool RunsCode(std::string_view program, WordList words) {
  const bool unknown = program.starts_with("$") && !HasUrl(words);
  if (unknown || Is(program, {"eval", ".", "source"})) {
    return unknown || words.size() > 1;
  }
  if (Is(program, {"insmod", "at", "batch", "crontab"})) {
    return words.size() > 1 || program == "at";
  }
  if (program == "xargs" || program == "parallel") {
    return RunsOperands(words);
  }
  if (Is(program, {"awk", "gawk", "mawk", "nawk"})) {
    return AnyHolds(words,
                    {"system(", "| getline", "|getline", "| \"sh", "|\"sh"});
  }
  if (program == "sed" || program == "find") {
    return program == "sed"
               ? std::any_of(words.begin(), words.end(), ExecutesBySed)
               : FindsAndRuns(words);
  }
  return IsShell(program) || Is(program, {"python", "python3", "perl", "lua",
                                          "node", "php", "ruby", "source"});
}

}  // namespace assay::facts
