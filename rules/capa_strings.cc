#include "rules/capa_strings.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <optional>

namespace assay::rules {
namespace {

// capa's extractor: "\t" and what ASCII prints, the blank among it.
constexpr std::string_view kPrintable = R"([\x09\x20-\x7e])";
constexpr std::string_view kOther = R"([^\x09\x20-\x7e])";

using Set = std::bitset<256>;

bool IsPrintable(std::size_t c) {
  return c == '\t' || (c >= ' ' && c <= '~');
}

bool IsWord(std::size_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_';
}

std::string Hex(std::size_t c) {
  return fmt::format("\\x{:02x}", c);
}

// What may stand before and behind a whole string. In UTF-16 a printable
// character is its byte and a zero.
std::string Before(bool wide) {
  return wide ? fmt::format(R"((?:^|[^\x00]|{}\x00))", kOther)
              : fmt::format("(?:^|{})", kOther);
}

std::string Behind(bool wide) {
  return wide ? fmt::format(R"((?:$|{}|{}[^\x00]))", kOther, kPrintable)
              : fmt::format("(?:$|{})", kOther);
}

// A text as a regular expression of bytes; `wide` as UTF-16LE.
std::string Literal(std::string_view text, bool wide) {
  std::string regex;
  for (const char c : text) {
    regex += Hex(static_cast<unsigned char>(c));
    regex += wide ? R"(\x00)" : "";
  }
  return regex;
}

Pattern Either(const std::string& narrow, const std::string& wide,
               bool caseless = false) {
  return {.kind = Pattern::Kind::kRegex,
          .text = fmt::format("(?:{})|(?:{})", narrow, wide),
          .caseless = caseless};
}

// Reads a regular expression of Python once for ASCII and once for UTF-16, and
// writes it anew with every set of characters cut to printable ones.
class Translator {
 public:
  Translator(std::string_view regex, bool wide) : rest_(regex), wide_(wide) {}

  Result<std::string> Run() {
    while (!rest_.empty() && why_.empty()) {
      TakeItem();
    }
    if (!why_.empty()) {
      return Fail(ErrorCode::kConfig, why_);
    }
    return out_;
  }

 private:
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool TakeIf(std::string_view text) {
    const bool there = rest_.substr(0, text.size()) == text;
    rest_.remove_prefix(there ? text.size() : 0);
    return there;
  }

  void TakeItem() {
    const char c = Take();
    switch (c) {
      case '^':
        out_ += Before(wide_);
        return;
      case '$':
        out_ += Behind(wide_);
        return;
      case '(':
        TakeGroup();
        return;
      case ')':
      case '|':
      case '*':
      case '+':
      case '?':
        out_ += c;
        return;
      case '{':
        TakeRepeat();
        return;
      case '.':
        Emit(Set().set());
        return;
      case '[':
        TakeClass();
        return;
      case '\\':
        TakeEscapeOutside();
        return;
      default:
        Emit(One(static_cast<unsigned char>(c)));
    }
  }

  // Only groups that capture, or do not; nothing that looks around.
  void TakeGroup() {
    if (TakeIf("?") && !TakeIf(":")) {
      why_ = "a group that is no plain one";
    }
    out_ += "(?:";
  }

  // "{2,5}"; anything else in braces stands for itself.
  void TakeRepeat() {
    const std::size_t end = rest_.find('}');
    const std::string_view inside = rest_.substr(0, end);
    const bool repeat =
        end != std::string_view::npos && !inside.empty() &&
        inside.find_first_not_of("0123456789,") == std::string_view::npos;
    if (!repeat) {
      Emit(One('{'));
      return;
    }
    out_.append("{").append(inside).append("}");
    rest_.remove_prefix(end + 1);
  }

  void TakeEscapeOutside() {
    if (rest_.empty()) {
      why_ = "a single \\ at its end";
      return;
    }
    if (rest_[0] == 'b' || rest_[0] == 'B' || rest_[0] == 'A' ||
        rest_[0] == 'Z' || (rest_[0] >= '1' && rest_[0] <= '9')) {
      why_ = fmt::format("\\{}", rest_[0]);
      return;
    }
    Emit(TakeEscape());
  }

  // What \d and its kin stand for; nothing of another letter.
  static Set ClassOf(char c) {
    constexpr std::string_view kClasses = "dswDSW";
    const std::size_t kind = kClasses.find(c);
    Set set;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const bool digit = i >= '0' && i <= '9';
      const bool blank = i == ' ' || (i >= '\t' && i <= '\r');
      set[i] = (kind % 3 == 0 && digit) || (kind % 3 == 1 && blank) ||
               (kind % 3 == 2 && IsWord(i));
    }
    if (kind == std::string_view::npos) {
      return {};
    }
    return kind < 3 ? set : ~set;
  }

  // Behind a backslash: a class of characters, or one of them.
  Set TakeEscape() {
    if (rest_.empty()) {
      why_ = "a single \\ at its end";
      return {};
    }
    const char c = Take();
    if (const Set set = ClassOf(c); set.any()) {
      return set;
    }
    if (c == 'x') {
      return One(TakeHex());
    }
    constexpr std::string_view kNames = "tnrfva0";
    constexpr std::string_view kBytes = "\t\n\r\f\v\a";
    const std::size_t named = kNames.find(c);
    if (named != std::string_view::npos) {
      return One(named < kBytes.size()
                     ? static_cast<unsigned char>(kBytes[named])
                     : 0);
    }
    if (IsWord(static_cast<unsigned char>(c)) && c != '_') {
      why_ = fmt::format("\\{}", c);
    }
    return One(static_cast<unsigned char>(c));
  }

  std::size_t TakeHex() {
    std::size_t value = 0;
    for (int i = 0; i < 2; ++i) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const std::size_t digit =
          rest_.empty()
              ? std::string_view::npos
              : kDigits.find(static_cast<char>(
                    rest_[0] >= 'A' && rest_[0] <= 'F' ? rest_[0] - 'A' + 'a'
                                                       : rest_[0]));
      if (digit == std::string_view::npos) {
        why_ = "\\x without two digits";
        return 0;
      }
      Take();
      value = value * 16 + digit;
    }
    return value;
  }

  // One character or escape of a class; its number if it is a single one.
  std::optional<std::size_t> TakeOfClass(Set& into) {
    const char c = Take();
    const Set set =
        c == '\\' ? TakeEscape() : One(static_cast<unsigned char>(c));
    into |= set;
    std::size_t number = 0;
    while (number < set.size() && !set[number]) {
      ++number;
    }
    return set.count() == 1 ? std::optional(number) : std::nullopt;
  }

  void TakeClass() {
    const bool inverted = TakeIf("^");
    Set set;
    bool first = true;
    while (why_.empty() && !rest_.empty() && (first || rest_[0] != ']')) {
      first = false;
      const auto low = TakeOfClass(set);
      if (!low || rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') {
        continue;
      }
      Take();
      const auto high = TakeOfClass(set);
      for (std::size_t i = *low; high && i <= *high; ++i) {
        set.set(i);
      }
    }
    if (rest_.empty()) {
      why_ = "a [ without its ]";
      return;
    }
    Take();
    Emit(inverted ? ~set : set);
  }

  static Set One(std::size_t c) { return Set().set(c & 0xffU); }

  void Emit(Set set) {
    std::string text;
    for (std::size_t i = 0; i < set.size(); ++i) {
      set[i] = set[i] && IsPrintable(i);
      text += set[i] ? Hex(i) : "";
    }
    if (text.empty()) {
      why_ = why_.empty() ? "it asks for what no string has" : why_;
      return;
    }
    const std::string one = set.count() == 1 ? text : "[" + text + "]";
    out_ += wide_ ? fmt::format(R"((?:{}\x00))", one) : one;
  }

  std::string_view rest_;
  bool wide_;
  std::string out_;
  std::string why_;
};

}  // namespace

Pattern WholeString(std::string_view text) {
  const auto whole = [&](bool wide) {
    return Before(wide) + Literal(text, wide) + Behind(wide);
  };
  return Either(whole(false), whole(true));
}

Pattern PartOfString(std::string_view text) {
  return Either(Literal(text, false), Literal(text, true));
}

Result<Pattern> RegexInString(std::string_view feature) {
  const bool caseless = feature.substr(feature.size() - 2) == "/i";
  std::string_view regex =
      feature.substr(1, feature.size() - (caseless ? 3 : 2));
  const bool inline_flag = regex.substr(0, 4) == "(?i)";
  regex.remove_prefix(inline_flag ? 4 : 0);
  const auto narrow = Translator(regex, false).Run();
  const auto wide = Translator(regex, true).Run();  // fails likewise
  if (!narrow) {
    return Fail(ErrorCode::kConfig,
                "its regular expression has " + narrow.error().what);
  }
  Pattern pattern = Either(*narrow, *wide, caseless || inline_flag);
  if (const auto ok = PatternSet::Check(pattern); !ok) {
    return Fail(ErrorCode::kConfig,
                "its regular expression is refused: " + ok.error().what);
  }
  return pattern;
}

}  // namespace assay::rules
