#include "sbom/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::uint32_t> HexOf(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const char low = static_cast<char>(c | 0x20);
    if (IsDigit(c)) {
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (low >= 'a' && low <= 'f') {
      value = value * 16 + static_cast<std::uint32_t>(low - 'a') + 10;
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void AppendUtf8(std::uint32_t code, std::string& text) {
  const auto put = [&](std::uint32_t byte) {
    text.push_back(static_cast<char>(byte));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text)
      : text_(text), builder_(TreeBuilder::ForText(text)) {
    at_ = text.substr(0, 3) == kByteOrderMark ? 3 : 0;
  }

  Result<Tree> Parse() {
    bool good = Begin();
    while (good && builder_.depth() > 0) {
      good = Step() && builder_.ok();
    }
    SkipSpace();
    if (good && builder_.ok() && at_ != text_.size()) {
      Complain("text behind the end of the document");
    }
    if (problem_.empty() && !builder_.ok()) {
      Complain(builder_.problem());
    }
    if (!problem_.empty()) {
      return Fail(ErrorCode::kMalformed, "not JSON: " + problem_);
    }
    return builder_.Finish();
  }

 private:
  bool Complain(std::string_view what) {
    const std::string_view before = text_.substr(0, at_);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column =
        start == std::string_view::npos ? at_ : at_ - start - 1;
    problem_ = fmt::format("byte {} (line {}, column {}): {}", at_ + 1,
                           lines + 1, column + 1, what);
    return false;
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                  text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  // The next character that is no space; NUL at the end.
  char Next() {
    SkipSpace();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  [[nodiscard]] std::uint32_t place() const {
    return static_cast<std::uint32_t>(at_);
  }

  // One value; an array or object is only opened.
  bool Begin() {
    const char c = Next();
    if (c == '{' || c == '[') {
      if (c == '{') {
        builder_.OpenObject(place());
      } else {
        builder_.OpenArray(place());
      }
      ++at_;
      closers_.push_back(c == '{' ? '}' : ']');
      first_ = true;
      return builder_.ok();
    }
    first_ = false;
    if (c == '"') {
      const std::uint32_t begin = place();
      const auto value = TakeString();
      if (value) {
        builder_.String(*value, begin);
      }
      return value.has_value();
    }
    return IsDigit(c) || c == '-' ? TakeNumber() : TakeWord();
  }

  // What follows inside the innermost open value.
  bool Step() {
    const char c = Next();
    const char closer = closers_.back();
    if (c == closer) {
      ++at_;
      builder_.Close();
      closers_.pop_back();
      first_ = false;
      return builder_.ok();
    }
    if (!first_) {
      if (c != ',') {
        return Complain(c == '\0' && at_ == text_.size()
                            ? "the document ends here"
                            : fmt::format("',' or '{}' belongs here", closer));
      }
      ++at_;
    }
    return closer == '}' ? TakeMember() : Begin();
  }

  bool TakeMember() {
    if (Next() != '"') {
      return Complain("a name in quotes belongs here");
    }
    const auto name = TakeString();
    if (!name) {
      return false;
    }
    builder_.Key(*name);
    if (Next() != ':') {
      return Complain("':' belongs here");
    }
    ++at_;
    return Begin();
  }

  bool TakeWord() {
    const std::uint32_t begin = place();
    const auto is = [&](std::string_view word) {
      return text_.substr(at_, word.size()) == word;
    };
    if (is("true") || is("null")) {
      at_ += 4;
      if (text_[begin] == 't') {
        builder_.Bool(true, begin);
      } else {
        builder_.Null(begin);
      }
      return true;
    }
    if (is("false")) {
      at_ += 5;
      builder_.Bool(false, begin);
      return true;
    }
    return Complain(at_ >= text_.size() ? "the document ends here"
                                        : "a value belongs here");
  }

  bool SkipDigits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) {
      ++at_;
    }
    return at_ > begin || Complain("a digit belongs here");
  }

  // RFC 8259 section 6.
  bool TakeNumber() {
    const std::size_t begin = at_;
    at_ += text_[at_] == '-' ? 1U : 0U;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (!SkipDigits()) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!SkipDigits()) {
        return false;
      }
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) {
        ++at_;
      }
      if (!SkipDigits()) {
        return false;
      }
    }
    builder_.Number(text_.substr(begin, at_ - begin),
                    static_cast<std::uint32_t>(begin));
    return true;
  }

  // Passes over plain characters of a string.
  void SkipPlain(bool& ascii) {
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"' || byte == '\\' || byte < 0x20) {
        return;
      }
      ascii = ascii && byte < 0x80;
      ++at_;
    }
  }

  // The content of a string, a part of the source when nothing is escaped.
  std::optional<std::string_view> TakeString() {
    const std::size_t begin = ++at_;
    bool ascii = true;
    bool escaped = false;
    decoded_.clear();
    std::size_t run = begin;
    for (;;) {
      SkipPlain(ascii);
      if (at_ >= text_.size() || text_[at_] == '"') {
        break;
      }
      if (text_[at_] != '\\') {
        Complain("a control character in a string");
        return std::nullopt;
      }
      escaped = true;
      decoded_ += text_.substr(run, at_ - run);
      if (!TakeEscape()) {
        return std::nullopt;
      }
      run = at_;
    }
    if (at_ >= text_.size()) {
      Complain("the document ends inside a string");
      return std::nullopt;
    }
    decoded_ += escaped ? text_.substr(run, at_ - run) : std::string_view();
    const std::string_view value =
        escaped ? std::string_view(decoded_) : text_.substr(begin, at_ - begin);
    if (!ascii && !IsValidUtf8(value)) {
      Complain("a string that is no UTF-8");
      return std::nullopt;
    }
    ++at_;
    return value;
  }

  bool TakeEscape() {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    const std::size_t known = kNames.find(c);
    if (c != '\0' && known != std::string_view::npos) {
      decoded_.push_back(kMeant[known]);
      at_ += 2;
      return true;
    }
    if (c != 'u') {
      return Complain("an unknown escape");
    }
    auto code = TakeUnit();
    if (code && *code >= 0xD800 && *code < 0xDC00) {
      const auto low =
          text_.substr(at_, 2) == "\\u" ? TakeUnit() : std::nullopt;
      code = low && *low >= 0xDC00 && *low < 0xE000
                 ? std::optional(0x10000 + ((*code - 0xD800) << 10U) +
                                 (*low - 0xDC00))
                 : std::nullopt;
    } else if (code && *code >= 0xDC00 && *code < 0xE000) {
      code = std::nullopt;
    }
    if (!code) {
      return Complain("an escape that is no character");
    }
    AppendUtf8(*code, decoded_);
    return true;
  }

  // "\uXXXX" as one UTF-16 unit.
  std::optional<std::uint32_t> TakeUnit() {
    const std::string_view digits = text_.substr(at_ + 2, 4);
    const auto unit = digits.size() == 4 ? HexOf(digits) : std::nullopt;
    at_ += unit ? 6U : 0U;
    return unit;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TreeBuilder builder_;
  std::string closers_;
  bool first_ = true;
  std::string decoded_;
  std::string problem_;
};

}  // namespace

Result<Tree> JsonTree(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace assay::sbom
