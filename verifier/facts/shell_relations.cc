#include "verifier/facts/shell_relations.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxPairs = 64;  // of things looked for in one script
constexpr std::size_t kMaxValues = 8;  // of one name

using WordList = std::vector<std::string>;

bool Names(const ShellCommand& command, std::string_view word) {
  return std::find(command.words.begin(), command.words.end(), word) !=
         command.words.end();
}

bool WritesTo(const ShellCommand& command, std::string_view file) {
  return std::any_of(command.redirections.begin(), command.redirections.end(),
                     [&](const std::string& redirection) {
                       return redirection[0] == '>' &&
                              redirection.ends_with(file);
                     });
}

// Folders of what the product itself brings.
bool IsOfSystem(std::string_view word) {
  return word.starts_with("/etc/") || word.starts_with("/usr/") ||
         word.starts_with("/lib/") || word.starts_with("/rom/") ||
         word.starts_with("/boot/") || word.starts_with("/opt/");
}

// The word behind an option of a command.
std::optional<std::string_view> Behind(
    const WordList& words, std::initializer_list<std::string_view> options) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (Is(words[i], options)) {
      return words[i + 1];
    }
  }
  return std::nullopt;
}

// The key that a command checks a signature with.
std::optional<std::string_view> KeyOf(const ShellCommand& command) {
  const std::string_view program = ProgramIn(command.words);
  if (program == "openssl") {
    return Names(command, "dgst") || Names(command, "pkeyutl") ||
                   Names(command, "rsautl") || Names(command, "cms") ||
                   Names(command, "smime")
               ? Behind(command.words, {"-verify", "-inkey", "-CAfile",
                                        "-certfile", "-certificate"})
               : std::nullopt;
  }
  if (Is(program,
         {"usign", "signify", "signify-openbsd", "minisign", "ucert"})) {
    return Names(command, "-S") ? std::nullopt
                                : Behind(command.words, {"-p", "-P"});
  }
  return Is(program, {"gpg", "gpgv", "gpg2", "sqv", "rsync-ssl", "cosign"})
             ? Behind(command.words, {"--keyring", "--key"})
             : std::nullopt;
}

class KeyFinder {
 public:
  explicit KeyFinder(const ShellScript& script) : script_(script) {
    for (const ShellCommand& command : script.commands) {
      unpacks_ = unpacks_ || Is(ProgramIn(command.words),
                                {"tar", "unzip", "cpio", "ar", "bsdtar", "7z"});
      for (const std::string& assignment : command.assignments) {
        const std::size_t equals = assignment.find('=');
        auto& values = values_[assignment.substr(0, equals)];
        if (equals != std::string::npos && values.size() < kMaxValues) {
          values.push_back(assignment.substr(equals + 1));
        }
      }
    }
  }

  [[nodiscard]] std::vector<std::size_t> Find() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0;
         i < script_.commands.size() && found.size() < kMaxPairs; ++i) {
      const auto key = KeyOf(script_.commands[i]);
      if (key && IsBeside(script_.commands[i], *key)) {
        found.push_back(i);
      }
    }
    return found;
  }

 private:
  // What a word may stand for: the values of a name that it is, or all of those
  // that a name has which is this one at times.
  [[nodiscard]] std::vector<std::string> ValuesOf(std::string_view word) const {
    std::string_view name = word;
    if (name.starts_with("${") && name.ends_with('}')) {
      name = name.substr(2, name.size() - 3);
    } else if (name.starts_with('$')) {
      name = name.substr(1);
    }
    if (const auto found = values_.find(name);
        word != name && found != values_.end()) {
      return found->second;
    }
    for (const auto& [other, values] : values_) {
      if (std::find(values.begin(), values.end(), word) != values.end()) {
        return values;
      }
    }
    return {std::string(word)};
  }

  [[nodiscard]] bool IsBeside(const ShellCommand& command,
                              std::string_view key_word) const {
    std::set<std::string, std::less<>> folders;
    for (std::size_t i = ProgramIndex(command.words) + 1;
         i < command.words.size(); ++i) {
      const std::string& word = command.words[i];
      if (word != key_word && !word.starts_with('-')) {
        for (const std::string& value : ValuesOf(word)) {
          if (IsFile(value)) {
            folders.emplace(Folder(value));
          }
        }
      }
    }
    const auto keys = ValuesOf(key_word);
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return IsFile(key) && !IsOfSystem(key) && folders.contains(Folder(key)) &&
             !IsPutThere(key, key_word);
    });
  }

  // Plain names lie where an archive was unpacked.
  [[nodiscard]] bool IsFile(std::string_view word) const {
    return word.find('/') != std::string_view::npos ||
           (unpacks_ && word.find('.') != std::string_view::npos);
  }

  // From the system, by another command.
  [[nodiscard]] bool IsPutThere(std::string_view key,
                                std::string_view word) const {
    return std::any_of(
        script_.commands.begin(), script_.commands.end(),
        [&](const ShellCommand& command) {
          const bool touches =
              Names(command, key) || WritesTo(command, key) ||
              (word.starts_with('$') &&
               (Names(command, word) || WritesTo(command, word)));
          return touches && (command.here_document ||
                             std::any_of(command.words.begin(),
                                         command.words.end(), IsOfSystem));
        });
  }

  const ShellScript& script_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  bool unpacks_ = false;
};

// A compiler, or what calls one.
bool Compiles(const ShellCommand& command) {
  const std::size_t at = ProgramIndex(command.words);
  if (at >= command.words.size()) {
    return false;
  }
  const std::string_view word = command.words[at];
  const std::string_view name = BaseName(word);
  return Is(word, {"$@", "$CC", "${CC}", "$CXX", "${CXX}", "$REAL_CC", "$*",
                   "$MAKE", "${MAKE}", "$compiler", "$real"}) ||
         Is(name, {"cc", "gcc", "g++", "clang", "clang++", "c++", "make",
                   "gmake", "ninja", "cmake", "go", "cargo", "rustc", "javac",
                   "meson", "tcc", "ccache", "libtool"}) ||
         name.ends_with("-gcc") || name.ends_with("-g++");
}

bool IsSource(std::string_view file) {
  static constexpr std::string_view kEndings[] = {
      ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".go", ".rs", ".java", ".S"};
  return file.find('$') != std::string_view::npos ||
         std::any_of(
             std::begin(kEndings), std::end(kEndings),
             [&](std::string_view ending) { return file.ends_with(ending); });
}

bool Edits(const ShellCommand& command, std::string_view file) {
  if (WritesTo(command, file)) {
    return true;
  }
  const std::string_view program = ProgramIn(command.words);
  const bool edits =
      Is(program, {"patch", "ed", "ex", "python3", "python"}) ||
      (Is(program, {"sed", "perl", "awk", "gawk"}) &&
       std::any_of(command.words.begin(), command.words.end(),
                   [](const std::string& word) {
                     return word == "--in-place" || HasShortOption(word, 'i');
                   }));
  return edits && Names(command, file);
}

struct Pair {
  std::string_view from;
  std::string_view to;
};

// The operands of cp and mv.
std::optional<Pair> Copied(const ShellCommand& command) {
  const std::string_view program = ProgramIn(command.words);
  const WordList& words = command.words;
  if (!Is(program, {"cp", "mv", "install"}) || words.size() < 3) {
    return std::nullopt;
  }
  return Pair{words[words.size() - 2], words.back()};
}

// Whether the command puts the file back as it was.
bool Restores(const ShellCommand& command, const Pair& aside) {
  const auto copied = Copied(command);
  if (copied) {
    return copied->from == aside.to && copied->to == aside.from;
  }
  if (ProgramIn(command.words) == "git") {
    return (Names(command, "checkout") || Names(command, "restore")) &&
           Names(command, aside.from);
  }
  // trap 'mv A.bak A' EXIT
  const auto later = ScriptArgument(command.words);
  return later && later->find(std::string(aside.to)) != std::string::npos &&
         (later->find("mv ") != std::string::npos ||
          later->find("cp ") != std::string::npos);
}

}  // namespace

std::vector<std::size_t> KeysBesideMessages(const ShellScript& script) {
  return KeyFinder(script).Find();
}

std::vector<ShellSwap> SwapsOf(const ShellScript& script) {
  std::vector<ShellSwap> swaps;
  const auto& commands = script.commands;
  std::size_t tried = 0;
  const auto find = [&](std::size_t from, const auto& wanted) {
    while (from < commands.size() && !wanted(commands[from])) {
      ++from;
    }
    return from;
  };
  for (std::size_t i = 0; i < commands.size() && tried < kMaxPairs; ++i) {
    const auto aside = Copied(commands[i]);
    if (!aside || !IsSource(aside->from) || aside->from == aside->to) {
      continue;
    }
    ++tried;
    const std::size_t edit = find(i + 1, [&](const ShellCommand& command) {
      return Edits(command, aside->from);
    });
    const std::size_t compile = find(edit + 1, Compiles);
    // A trap may be set before, all else comes afterwards.
    const std::size_t back = find(compile + 1, [&](const auto& command) {
      return Restores(command, *aside);
    });
    const std::size_t trap = find(0, [&](const ShellCommand& command) {
      return ProgramIn(command.words) == "trap" && Restores(command, *aside);
    });
    if (compile < commands.size() && std::min(back, trap) < commands.size()) {
      swaps.push_back(
          {std::string(aside->from), ProgramOf(commands[compile].words), edit});
    }
  }
  return swaps;
}

}  // namespace assay::facts
