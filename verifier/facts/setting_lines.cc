#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/setting_reader.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::string_view kBlank = " \t";

bool IsQuote(char c) {
  return c == '"' || c == '\'';
}

bool IsComment(std::string_view text) {
  return text.empty() || text[0] == '#' || text[0] == ';' || text[0] == '!' ||
         text.starts_with("//") || text.starts_with("--") ||
         text.starts_with("/*") || text.starts_with("* ");
}

// "${NAME}", "%{NAME}": filled in by somebody else.
bool IsReference(char before_brace) {
  return before_brace == '$' || before_brace == '%' || before_brace == '@';
}

// Where `text` first has one of `any` outside of quotes and references.
std::size_t FindOutsideQuotes(std::string_view text, std::string_view any,
                              std::size_t from = 0) {
  char quote = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (IsQuote(c) && (at == 0 || text[at - 1] != '\\')) {
      quote = c;
    } else if (c == '{' && at > 0 && IsReference(text[at - 1])) {
      at = std::min(text.find('}', at), text.size() - 1);
    } else if (any.find(c) != std::string_view::npos) {
      return at;
    }
  }
  return std::string_view::npos;
}

// Without a remark behind it (" # ..."), blanks and final punctuation.
std::string_view Bare(std::string_view value) {
  for (std::size_t at = FindOutsideQuotes(value, "#");
       at != std::string_view::npos;
       at = FindOutsideQuotes(value, "#", at + 1)) {
    if (at > 0 && kBlank.find(value[at - 1]) != std::string_view::npos) {
      value = value.substr(0, at);
    }
  }
  value = Trim(value);
  while (!value.empty() && (value.back() == ';' || value.back() == ',')) {
    value = Trim(value.substr(0, value.size() - 1));
  }
  const bool quoted = value.size() >= 2 && IsQuote(value[0]) &&
                      value.back() == value[0] &&
                      value.find(value[0], 1) == value.size() - 1;
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// How long a name of several words is, "guest ok = yes" (smb.conf(5)); else 0.
std::size_t WordyName(std::string_view text) {
  const std::size_t equals = text.find(" = ");
  const std::string_view name = text.substr(0, equals);
  const bool words =
      equals != std::string_view::npos && name.size() <= 40 &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      });
  return words ? equals : 0;
}

// "key = value" -> both; the separator is "=", ":=", "=>", "+=", ":" or blanks.
std::pair<std::string_view, std::string_view> Halves(std::string_view text) {
  std::size_t end = WordyName(text);
  if (end == 0 && IsQuote(text[0])) {
    end = std::min(text.find(text[0], 1), text.size() - 1) + 1;
  } else if (end == 0) {
    while (end < text.size() && text[end] != '=' &&
           kBlank.find(text[end]) == std::string_view::npos &&
           !(text[end] == ':' &&
             (end + 1 == text.size() || text[end + 1] == '=' ||
              kBlank.find(text[end + 1]) != std::string_view::npos))) {
      ++end;
    }
  }
  std::string_view key = text.substr(0, end);
  std::string_view rest = Trim(text.substr(end));
  for (const std::string_view separator : {":=", "=>", "+=", "==", "=", ":"}) {
    if (rest.starts_with(separator)) {
      rest.remove_prefix(separator.size());
      break;
    }
  }
  if (!key.empty() && (key.back() == '+' || key.back() == ':')) {
    key.remove_suffix(1);
  }
  return {Bare(key), Bare(rest)};
}

class Lines {
 public:
  explicit Lines(SettingList& into) : into_(into) {}

  void Read(std::string_view text) {
    LineReader lines(text);
    while (const auto line = lines.Next()) {
      const std::string_view trimmed = Trim(line->text);
      if (into_.full()) {
        return;
      }
      if (!IsComment(trimmed)) {
        Take(*line, trimmed);
      }
    }
  }

 private:
  void Take(const Line& line, std::string_view text) {
    if (text[0] == '[' && text.back() == ']') {
      blocks_.clear();
      Open(text.substr(1, text.size() - 2));
    } else if (text.starts_with("</")) {
      Close();
    } else if (text[0] == '<' && text.back() == '>') {
      Open(text.substr(1, text.size() - 2));
    } else if (FindOutsideQuotes(text, "{}") != std::string_view::npos ||
               text.back() == ';') {
      TakeStatements(line, text);
    } else {
      TakeOne(line, text);
    }
  }

  // "server { listen 80; }", in one line or several.
  void TakeStatements(const Line& line, std::string_view text) {
    while (!text.empty()) {
      const std::size_t end =
          std::min(FindOutsideQuotes(text, "{};"), text.size());
      const std::string_view part = Trim(text.substr(0, end));
      const char mark = end < text.size() ? text[end] : ';';
      if (mark == '{') {
        Open(part);
      } else if (!IsComment(part)) {
        TakeOne(line, part);
      }
      if (mark == '}') {
        Close();
      }
      text = Trim(text.substr(std::min(end + 1, text.size())));
    }
  }

  void TakeOne(const Line& line, std::string_view text) {
    const std::string_view whole = text;
    auto words = Words(text, 2);
    const std::string_view first = words[0];
    if (first == "config" && words.size() == 2) {
      blocks_.clear();
      Open(words[1]);
      return;
    }
    const bool prefix = first == "option" || first == "list" ||
                        first == "export" || first == "set" ||
                        first == "setenv" || first == "-";
    if (prefix && words.size() == 2) {
      text = words[1];
    }
    const auto [key, value] = Halves(text);
    if (value.empty() && text.back() == ':') {  // YAML: a map follows
      blocks_.clear();
      Open(key);
      return;
    }
    // A list in a block: what stands alone is a value of the block.
    const bool element = value.empty() && !blocks_.empty();
    into_.Add(
        {.key = Lower(element ? std::string_view(blocks_.back().first) : key),
         .value = std::string(element ? key : value),
         .section = section(),
         .group = group(),
         .place = line.PlaceOf(whole)});
  }

  void Open(std::string_view name) {
    ++groups_;
    if (blocks_.size() < kMaxDepth) {
      blocks_.emplace_back(std::string(Trim(name).substr(0, 128)), groups_);
    }
  }

  void Close() {
    if (!blocks_.empty()) {
      blocks_.pop_back();
    }
  }

  [[nodiscard]] std::string section() const {
    return blocks_.empty() ? std::string() : blocks_.back().first;
  }
  [[nodiscard]] std::uint32_t group() const {
    return blocks_.empty() ? 0 : blocks_.back().second;
  }

  SettingList& into_;
  std::vector<std::pair<std::string, std::uint32_t>> blocks_;
  std::uint32_t groups_ = 0;
};

}  // namespace

void SettingList::Add(Setting setting) {
  if (setting.key.empty() || setting.value.empty() ||
      setting.key.size() > 128) {
    return;
  }
  full_ = settings_.size() >= kMaxSettings;
  if (!full_) {
    setting.value.resize(std::min(setting.value.size(), kMaxSettingText));
    settings_.push_back(std::move(setting));
  }
}

void ReadSettingLines(std::string_view text, SettingList& into) {
  Lines(into).Read(text);
}

}  // namespace assay::facts
