#include "verifier/facts/build_texts.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxTexts = 2000;
constexpr std::size_t kMaxWordsOfList = 24;
constexpr std::size_t kMaxBlock = 64UL << 10U;

constexpr std::array<std::string_view, 67> kTools = {
    "curl",     "wget",    "python",  "python3",    "perl",   "node",
    "ruby",     "php",     "lua",     "base64",     "base32", "xxd",
    "uudecode", "openssl", "gpg",     "xz",         "xzcat",  "unxz",
    "lzma",     "gzip",    "gunzip",  "zcat",       "bzip2",  "bunzip2",
    "bzcat",    "zstd",    "zstdcat", "tar",        "unzip",  "tail",
    "head",     "dd",      "tr",      "sed",        "awk",    "gawk",
    "rev",      "cut",     "cat",     "echo",       "printf", "env",
    "printenv", "nc",      "ncat",    "socat",      "ssh",    "scp",
    "rsync",    "git",     "patch",   "objcopy",    "cp",     "mv",
    "install",  "chmod",   "eval",    "source",     "exec",   "sudo",
    "nohup",    "cd",      "set",     "powershell", "pwsh",   "certutil",
    "bitsadmin"};

bool IsTool(std::string_view word) {
  const std::string_view base = BaseName(word);
  return IsShell(base) ||
         std::find(kTools.begin(), kTools.end(), base) != kTools.end();
}

// A tool, and something that sentences do not have.
bool LooksLikeCommand(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(" \t\n"));
  if (first.size() == text.size() || !IsTool(first)) {
    return false;
  }
  if (first == "source") {  // a word of sentences: it has to name a file
    const std::string_view rest = Trim(text.substr(first.size()));
    return rest.substr(0, rest.find(' ')).find_first_of("./$") !=
           std::string_view::npos;
  }
  return text.find_first_of("|;&><$/`") != std::string_view::npos ||
         text.find(" -") != std::string_view::npos;
}

// The few escapes that strings and XML have for what shells need.
std::string Unescaped(std::string_view raw) {
  static constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"&amp;", '&'},   {"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'},
      {"&apos;", '\''}, {"\\\"", '"'},   {"\\n", '\n'}, {"\\\\", '\\'}};
  std::string plain;
  for (std::size_t at = 0; at < raw.size();) {
    const auto* const known = std::find_if(
        std::begin(kEscapes), std::end(kEscapes), [&](const auto& escape) {
          return raw.substr(at, escape.first.size()) == escape.first;
        });
    plain += known == std::end(kEscapes) ? raw[at] : known->second;
    at += known == std::end(kEscapes) ? 1 : known->first.size();
  }
  return plain;
}

// Takes what looks like a command.
class TextList {
 public:
  explicit TextList(std::vector<BuildText>& into) : into_(into) {}

  void AddText(std::string_view raw, Range place, std::uint32_t line) {
    // gyp runs what stands in "<!(...)" and "<!@(...)".
    const std::size_t run = raw.starts_with("<!") ? raw.find('(') : raw.npos;
    if (run != raw.npos) {
      raw = raw.substr(run + 1, raw.rfind(')') - run - 1);
    }
    // Ant gives a shell its operands as one text: "-c 'curl ...'".
    if (raw.starts_with("-c ")) {
      raw = Trim(raw.substr(3));
      const bool quoted = raw.size() > 1 && raw.back() == raw.front() &&
                          (raw.front() == '\'' || raw.front() == '"');
      raw = quoted ? raw.substr(1, raw.size() - 2) : raw;
    }
    std::string text = Unescaped(Trim(raw));
    const bool again = !into_.empty() &&
                       place.offset >= into_.back().place.offset &&
                       place.end() <= into_.back().place.end();
    if (LooksLikeCommand(text) && !full() && !again) {
      into_.push_back({std::move(text), {}, place, line});
    }
  }
  void AddBlock(std::string text, Range place, std::uint32_t line) {
    if (!full()) {
      into_.push_back({std::move(text), {}, place, line});
    }
  }
  void AddWords(std::vector<std::string> words, Range place,
                std::uint32_t line) {
    if (words.size() > 1 && IsTool(words[0]) && !full()) {
      into_.push_back({{}, std::move(words), place, line});
    }
  }
  [[nodiscard]] bool full() const { return into_.size() >= kMaxTexts; }

 private:
  std::vector<BuildText>& into_;
};

// Where the text that `mark` opens at `from` ends; quotes of Nix and Groovy
// may be doubled or tripled.
std::size_t EndOfQuoted(std::string_view text, std::size_t from,
                        std::string_view mark) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == '\\' && mark.size() == 1) {
      ++at;
    } else if (text.substr(at, mark.size()) == mark) {
      return at;
    } else if (mark.size() == 1 && text[at] == '\n' && mark != "`") {
      return std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

std::string_view MarkAt(std::string_view text, std::size_t at) {
  for (const std::string_view mark : {"\"\"\"", "'''", "''", "\"", "'", "`"}) {
    if (text.substr(at, mark.size()) == mark) {
      return mark;
    }
  }
  return {};
}

// Every quoted text; those that follow one another behind commas or blanks
// are also the words of one command: ["sh", "-c", "..."].
class Quoted {
 public:
  Quoted(std::string_view text, TextList& into) : text_(text), into_(into) {}

  void ReadAll() {
    std::size_t last = 0;  // where the text before this one ended
    for (std::size_t at = 0; at < text_.size() && !into_.full();) {
      if (text_[at] == '\n') {
        ++line_;
      }
      const std::string_view mark = MarkAt(text_, at);
      if (mark.empty()) {
        ++at;
        continue;
      }
      const std::size_t from = at + mark.size();
      const std::size_t end = EndOfQuoted(text_, from, mark);
      if (end == std::string_view::npos || end - from > kMaxBlock) {
        ++at;
        continue;
      }
      Take(text_.substr(last, at - last), from, end);
      const std::string_view inside = text_.substr(at, end - at);
      line_ += static_cast<std::uint32_t>(
          std::count(inside.begin(), inside.end(), '\n'));
      at = last = end + mark.size();
    }
    Flush();
  }

 private:
  void Take(std::string_view between, std::size_t from, std::size_t end) {
    const std::string_view raw = text_.substr(from, end - from);
    if (raw.find('\n') != std::string_view::npos) {
      ReadLines(raw, from);
    } else {
      into_.AddText(raw, {from, raw.size()}, line_);
    }
    if (between.find_first_not_of(", \t\r\n") != std::string_view::npos ||
        between.empty() || words_.size() >= kMaxWordsOfList) {
      Flush();
    }
    if (words_.empty()) {
      place_ = {from, 0};
    }
    place_.length = end - place_.offset;
    words_.push_back(Unescaped(raw));
  }

  // A script of several lines.
  void ReadLines(std::string_view raw, std::size_t from) {
    const std::string text = Unescaped(raw);
    LineReader lines(text);
    while (const auto line = lines.Next()) {
      if (LooksLikeCommand(Trim(line->text))) {
        into_.AddBlock(text, {from, raw.size()}, line_);
        return;
      }
    }
  }

  void Flush() {
    into_.AddWords(words_, place_, line_);
    words_.clear();
  }

  std::string_view text_;
  TextList& into_;
  std::vector<std::string> words_;
  Range place_ = {};
  std::uint32_t line_ = 1;
};

// "- ", "key: ", "key = ", "COMMAND ", "//go:generate ", "RUN " before it.
std::string_view WithoutLead(std::string_view entry) {
  entry = Trim(entry);
  for (const std::string_view lead : {"- ", "@", "//go:generate "}) {
    entry.remove_prefix(entry.starts_with(lead) ? lead.size() : 0);
  }
  const std::size_t end = entry.find_first_of(":= \t(\"'|");
  if (end == std::string_view::npos || end == 0 || end > 40 ||
      LooksLikeCommand(entry)) {
    return entry;
  }
  const std::size_t mark = entry.find_first_not_of(" \t", end);
  if (mark == std::string_view::npos ||
      std::string_view(":=").find(entry[mark]) == std::string_view::npos) {
    return entry;
  }
  return Trim(entry.substr(mark + 1));
}

void ReadLines(std::string_view text, TextList& into) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    if (into.full()) {
      return;
    }
    constexpr std::string_view kCommand = "COMMAND ";
    const std::size_t named = line->text.find(kCommand);
    std::string_view entry =
        named == std::string_view::npos
            ? WithoutLead(line->text)
            : Trim(line->text.substr(named + kCommand.size()));
    if (named != std::string_view::npos) {
      entry = entry.substr(0, entry.find_last_of(')'));
    }
    into.AddText(entry, line->PlaceOf(entry), line->number);
  }
}

// What stands between the elements of XML: <argument>curl ...</argument>.
void ReadElements(std::string_view text, TextList& into) {
  std::uint32_t line = 1;
  std::size_t counted = 0;
  for (std::size_t at = text.find('>');
       at != std::string_view::npos && !into.full();
       at = text.find('>', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    const std::string_view inside = rest.substr(0, rest.find('<'));
    const std::string_view passed = text.substr(counted, at - counted);
    line += static_cast<std::uint32_t>(
        std::count(passed.begin(), passed.end(), '\n'));
    counted = at;
    into.AddText(inside, {at + 1, inside.size()}, line);
  }
}

void ReadLoose(std::string_view text, TextList& into) {
  Quoted(text, into).ReadAll();
  ReadLines(text, into);
}

void ReadMarkup(std::string_view text, TextList& into) {
  Quoted(text, into).ReadAll();
  ReadElements(text, into);
}

std::size_t Indent(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

// Keys of steps whose value is a script: "run: |", "script:" with a list.
bool NamesScript(std::string_view key) {
  static constexpr std::string_view kKeys[] = {
      "run",           "script",         "before_script",
      "after_script",  "cmds",           "cmd",
      "commands",      "command",        "runcmd",
      "bootcmd",       "before_install", "install",
      "after_success", "entry",          "args",
      "shell",         "override-build", "override-prime",
      "bash",          "build-commands"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

// Steps of build services: each script as a whole, so that what one line
// fetches and the next one runs is known.
void ReadSteps(std::string_view text, TextList& into) {
  std::string block;
  Range place;
  std::uint32_t number = 0;
  std::size_t depth = 0;
  const auto flush = [&] {
    if (number != 0 && !block.empty()) {
      into.AddBlock(block, place, number);
    }
    block.clear();
    number = 0;
  };
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    std::string_view entry = Trim(line->text);
    if (entry.empty() || entry.starts_with('#')) {
      continue;
    }
    const std::size_t indent = Indent(line->text);
    const bool item = entry.starts_with("- ");
    if (number != 0 && (indent > depth || (indent == depth && item))) {
      block.append(WithoutLead(item ? entry : std::string_view()))
          .append(item ? std::string_view() : entry);
      block.append("\n");
      place.length = line->offset + line->text.size() - place.offset;
      continue;
    }
    flush();
    entry.remove_prefix(item ? 2 : 0);
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos || into.full() ||
        !NamesScript(Trim(entry.substr(0, colon)))) {
      continue;
    }
    const std::string_view value = Trim(entry.substr(colon + 1));
    depth = indent + (item ? 1U : 0U);
    number = line->number;
    place = {line->offset, line->text.size()};
    if (!value.empty() && value[0] != '|' && value[0] != '>') {
      block.append(value).append("\n");
    }
  }
  flush();
}

void ReadStepsAndTexts(std::string_view text, TextList& into) {
  ReadSteps(text, into);
  Quoted(text, into).ReadAll();
}

// Spec files, kickstart files: scripts stand behind "%name". Recipes of
// bitbake: functions. What is no command there is an unknown command here.
void ReadSections(std::string_view text, TextList& into) {
  std::string block;
  Range place;
  std::uint32_t number = 1;
  const auto flush = [&] {
    if (!block.empty()) {
      into.AddBlock(block, place, number);
    }
    block.clear();
  };
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const bool section = line->text.starts_with('%') ||
                         line->text.starts_with("do_") || line->text == "}";
    if (section || block.size() > kMaxBlock) {
      flush();
      place = {line->offset, 0};
      number = line->number;
      continue;
    }
    block.append(line->text).append("\n");
    place.length = line->offset + line->text.size() - place.offset;
  }
  flush();
  Quoted(text, into).ReadAll();
}

// "//go:generate COMMAND" in sources.
void ReadGenerate(std::string_view text, TextList& into) {
  constexpr std::string_view kMark = "//go:generate ";
  for (std::size_t at = text.find(kMark);
       at != std::string_view::npos && !into.full();
       at = text.find(kMark, at + 1)) {
    const std::string_view rest = text.substr(at + kMark.size());
    const std::string_view entry = rest.substr(0, rest.find('\n'));
    into.AddText(entry, {at, kMark.size() + entry.size()}, 1);
  }
}

}  // namespace

std::vector<BuildText> ReadBuildTexts(BuildSyntax syntax,
                                      std::string_view text) {
  std::vector<BuildText> texts;
  TextList list(texts);
  switch (syntax) {
    case BuildSyntax::kTexts:
      ReadLoose(text, list);
      break;
    case BuildSyntax::kMarkup:
      ReadMarkup(text, list);
      break;
    case BuildSyntax::kSteps:
      ReadStepsAndTexts(text, list);
      break;
    case BuildSyntax::kSections:
      ReadSections(text, list);
      break;
    case BuildSyntax::kRemarks:
      ReadGenerate(text, list);
      break;
  }
  return texts;
}

}  // namespace assay::facts
