#include "verifier/facts/shell_writes.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "verifier/facts/shell_output.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxWrites = 4096;
constexpr std::size_t kMaxWritten = 1UL << 20U;  // bytes of one text
constexpr std::size_t kMaxAll = 4UL << 20U;
constexpr std::size_t kMaxSteps = 100'000;  // commands asked for output

bool IsNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where the name of "$NAME" or "${NAME}" at the text's beginning ends, with its
// braces; 0 when there is none.
std::size_t EndOfName(std::string_view text) {
  const bool braces = text.substr(0, 2) == "${";
  std::size_t at = braces ? 2 : 1;
  if (text.empty() || text[0] != '$') {
    return 0;
  }
  while (at < text.size() && IsNameChar(text[at])) {
    ++at;
  }
  if (braces) {
    return at < text.size() && text[at] == '}' ? at + 1 : 0;
  }
  return at == 1 ? 0 : at;
}

// A here-document's text with what the script's names stand for.
std::string Expanded(std::string_view body, ShellValues& values) {
  std::string text;
  for (std::size_t at = 0; at < body.size() && text.size() <= kMaxWritten;) {
    const std::string_view rest = body.substr(at);
    if (rest.size() > 1 && rest[0] == '\\' &&
        std::string_view("$`\\\n").find(rest[1]) != std::string_view::npos) {
      text.append(rest[1] == '\n' ? "" : rest.substr(1, 1));
      at += 2;
      continue;
    }
    const std::size_t end = EndOfName(rest);
    const std::string_view name = end == 0         ? std::string_view()
                                  : rest[1] == '{' ? rest.substr(2, end - 3)
                                                   : rest.substr(1, end - 1);
    const ShellText* value = end == 0 ? nullptr : values.Find(name);
    if (value != nullptr && value->known()) {
      text += value->Reading(0);
      at += end;
    } else {
      text += body[at++];
    }
  }
  return text;
}

std::string WithoutTabs(std::string_view body) {
  std::string text;
  LineReader lines(body);
  while (const auto line = lines.Next()) {
    std::string_view rest = line->text;
    rest.remove_prefix(std::min(rest.find_first_not_of('\t'), rest.size()));
    text.append(rest).append("\n");
  }
  return text;
}

// "/etc/x", "$ROOT/etc/x", "~/.ssh/x" as a path of the system; "" for what is
// no file of it.
std::string PathIn(std::string_view word) {
  if (word.starts_with("~root/") || word.starts_with("~/")) {
    return "root" + std::string(word.substr(word.find('/')));
  }
  for (const std::string_view home : {"$HOME/", "${HOME}/"}) {
    if (word.starts_with(home)) {
      return "root/" + std::string(word.substr(home.size()));
    }
  }
  for (std::size_t end = EndOfName(word); end > 0; end = EndOfName(word)) {
    word.remove_prefix(end);
  }
  if (!word.starts_with('/') || word.ends_with('/')) {
    return {};
  }
  word.remove_prefix(std::min(word.find_first_not_of('/'), word.size()));
  const bool special = word.starts_with("dev/") || word.starts_with("proc/") ||
                       word.starts_with("sys/");
  const bool odd = word.find_first_of(" \t\n*?") != std::string_view::npos;
  return special || odd ? std::string() : std::string(word);
}

// The file of ">x", "1>>x" and "&>x"; "" for other redirections.
std::string_view Redirected(const std::string& redirection) {
  const std::size_t first = redirection.find_first_not_of("1&");
  const std::size_t name = redirection.find_first_not_of(">|", first);
  const bool output = first < redirection.size() && redirection[first] == '>';
  return output && name != std::string::npos && redirection[name] != '&'
             ? std::string_view(redirection).substr(name)
             : std::string_view();
}

class WriteFinder {
 public:
  WriteFinder(std::string_view text, ShellScript& script)
      : text_(text), script_(script) {}

  ShellWrites Find() {
    NoteMoves();
    const std::size_t count = script_.commands.size();
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::string_view target : TargetsOf(i)) {
        Add(i, target);
      }
      AddReplaced(i);
    }
    found_.complete = found_.complete && steps_ < kMaxSteps;
    return std::move(found_);
  }

 private:
  [[nodiscard]] const ShellCommand& At(std::size_t index) const {
    return script_.commands[index];
  }
  [[nodiscard]] std::string_view ProgramAt(std::size_t index) const {
    const auto& words = At(index).words;
    const std::size_t at = ProgramIndex(words);
    return at < words.size() ? BaseName(words[at]) : std::string_view();
  }

  // What is made elsewhere and then put in its place: "mv $tmp /etc/x".
  void NoteMoves() {
    for (std::size_t i = 0; i < script_.commands.size(); ++i) {
      const auto& words = At(i).words;
      if (words.size() < 3 ||
          !Is(ProgramAt(i), {"mv", "cp", "install", "ln"})) {
        continue;
      }
      std::string target = words.back();
      const std::string& source = words[words.size() - 2];
      if (target.ends_with('/')) {
        target += BaseName(source);
      }
      moved_.try_emplace(source, std::move(target));
    }
  }

  [[nodiscard]] std::vector<std::string_view> TargetsOf(
      std::size_t index) const {
    const ShellCommand& command = At(index);
    std::vector<std::string_view> targets;
    for (const std::string& redirection : command.redirections) {
      if (const auto target = Redirected(redirection); !target.empty()) {
        targets.push_back(target);
      }
    }
    const std::string_view program = ProgramAt(index);
    const std::size_t at = ProgramIndex(command.words);
    for (std::size_t i = at + 1; i < command.words.size(); ++i) {
      const std::string_view word = command.words[i];
      if (program == "dd" && word.starts_with("of=")) {
        targets.push_back(word.substr(3));
      } else if (program == "tee" && !word.starts_with('-')) {
        targets.push_back(word);
      } else if (Is(program, {"cp", "install"}) && word == "/dev/stdin" &&
                 i + 1 < command.words.size()) {
        targets.push_back(command.words[i + 1]);
      } else if (program == "crontab" && word == "-") {
        targets.push_back("/var/spool/cron/crontabs/root");
      }
    }
    return targets;
  }

  // What one command prints.
  [[nodiscard]] std::string OutputAt(std::size_t index,
                                     const std::string& input) {
    const ShellCommand& command = At(index);
    const std::string_view program = ProgramAt(index);
    std::string given = input;
    if (command.here_document) {
      const Range place = *command.here_document;
      const std::string_view body = text_.substr(place.offset, place.length);
      const bool tabs =
          std::any_of(command.redirections.begin(), command.redirections.end(),
                      [](const std::string& one) {
                        return one.ends_with("<<-") || one.starts_with("<<-");
                      });
      given = Expanded(tabs ? WithoutTabs(body) : std::string(body),
                       script_.values);
    }
    for (const std::string& redirection : command.redirections) {
      given = redirection.starts_with("<<<") ? redirection.substr(3) + "\n"
                                             : std::move(given);
    }
    if (Is(program, {"cat", "tee", "dd", "install", "cp", "crontab"})) {
      return given;
    }
    std::string output =
        OutputOf(command.words,
                 given.empty() ? std::nullopt : std::optional(given))
            .value_or("");
    // The shell of most systems reads "\n" without being told to.
    for (std::size_t at = output.find("\\n");
         program == "echo" && at != std::string::npos;
         at = output.find("\\n", at + 1)) {
      output.replace(at, 2, "\n");
    }
    return output;
  }

  // What a pipeline or a group of commands prints, up to this command.
  [[nodiscard]] std::string TextAt(std::size_t index) {
    const ShellCommand& command = At(index);
    std::string input;
    const auto first = command.feed ? command.feed : command.closes;
    for (std::size_t i = first.value_or(index);
         i < index && input.size() <= kMaxWritten && ++steps_ < kMaxSteps;
         ++i) {
      const bool piped = At(i).pipe_to.value_or(index) != index;
      if (!piped && Redirections(i) == 0) {
        input +=
            At(i).feed && *At(i).feed >= first ? TextAt(i) : OutputAt(i, "");
      }
    }
    return command.words.empty() && command.closes ? input
                                                   : OutputAt(index, input);
  }

  [[nodiscard]] std::size_t Redirections(std::size_t index) const {
    return static_cast<std::size_t>(std::count_if(
        At(index).redirections.begin(), At(index).redirections.end(),
        [](const std::string& one) { return !Redirected(one).empty(); }));
  }

  void Add(std::size_t index, std::string_view target) {
    const auto moved = moved_.find(target);
    const std::string path =
        PathIn(moved == moved_.end() ? target : moved->second);
    if (path.empty()) {
      return;
    }
    std::string text = TextAt(index);
    const ShellCommand& command = At(index);
    AddText(path, std::move(text),
            command.here_document.value_or(command.place));
  }

  // sed -i: what it replaces lines with, or adds.
  void AddReplaced(std::size_t index) {
    const auto& words = At(index).words;
    if (ProgramAt(index) != "sed" || words.size() < 3 ||
        std::none_of(words.begin(), words.end(), [](const std::string& word) {
          return word.starts_with("-i") || word == "--in-place" ||
                 (HasShortOption(word, 'i') && word.size() < 5);
        })) {
      return;
    }
    const std::string path = PathIn(words.back());
    for (std::size_t i = 1; i + 1 < words.size() && !path.empty(); ++i) {
      AddText(path, Replacement(words[i]), At(index).place);
    }
  }

  // "s/x/y/g;s/z/w/": y and w.
  static std::string Substituted(std::string_view expression) {
    constexpr std::string_view kSeparators = "/|,#:!@%~";
    std::string text;
    while (expression.size() > 3 && expression[0] == 's' &&
           kSeparators.find(expression[1]) != std::string_view::npos) {
      const char separator = expression[1];
      const std::size_t second = expression.find(separator, 2);
      const std::size_t third = second == std::string_view::npos
                                    ? second
                                    : expression.find(separator, second + 1);
      if (third == std::string_view::npos) {
        break;
      }
      text.append(expression.substr(second + 1, third - second - 1))
          .append("\n");
      const std::size_t next = expression.find_first_of(";\n", third);
      expression.remove_prefix(std::min(next, expression.size()));
      expression.remove_prefix(
          std::min(expression.find_first_not_of("; \t\n"), expression.size()));
    }
    return text;
  }

  static std::string Replacement(std::string_view expression) {
    const std::size_t end = expression.find_last_of("aic");
    const std::size_t slash = expression.rfind('/');
    if (std::string text = Substituted(expression); !text.empty()) {
      return text;
    }
    for (const std::string_view verb :
         {"a\\", "i\\", "c\\", "$a", "$i", "1i"}) {
      const std::size_t at = expression.find(verb);
      if (at != std::string_view::npos) {
        std::string_view text = expression.substr(at + verb.size());
        text.remove_prefix(
            std::min(text.find_first_not_of("\\ \t\n"), text.size()));
        return text.empty() ? std::string() : std::string(text) + "\n";
      }
    }
    // "/^x/a text"
    const bool adds = slash != std::string_view::npos && end != slash &&
                      slash + 2 < expression.size() &&
                      std::string_view("aic").find(expression[slash + 1]) !=
                          std::string_view::npos &&
                      expression[slash + 2] == ' ';
    return adds ? std::string(expression.substr(slash + 3)) + "\n"
                : std::string();
  }

  void AddText(const std::string& path, std::string text, Range place) {
    if (text.size() > kMaxWritten || all_ + text.size() > kMaxAll ||
        found_.writes.size() >= kMaxWrites) {
      found_.complete = false;
      return;
    }
    if (text.empty() || !known_.emplace(path, text).second) {
      return;
    }
    all_ += text.size();
    found_.writes.push_back({path, std::move(text), place});
  }

  std::string_view text_;
  ShellScript& script_;
  std::map<std::string, std::string, std::less<>> moved_;
  std::set<std::pair<std::string, std::string>> known_;
  ShellWrites found_;
  std::size_t all_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace

ShellWrites WritesOf(std::string_view text, ShellScript& script) {
  return WriteFinder(text, script).Find();
}

}  // namespace assay::facts
