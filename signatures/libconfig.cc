#include "signatures/libconfig.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxGroups = 1UL << 16U;
constexpr std::size_t kMaxPath = 256;

enum class Kind : std::uint8_t { kEnd, kWord, kString, kMark, kBad };

struct Token {
  Kind kind = Kind::kEnd;
  std::string text = {};
};

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
         c == '\v';
}

// Names, numbers and booleans.
bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' ||
         c == '.' || c == '*';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token Next() {
    SkipBlanks();
    if (bad_) {
      return {Kind::kBad};
    }
    if (rest_.empty()) {
      return {};
    }
    const char c = rest_.front();
    if (c == '"') {
      return String();
    }
    if (std::string_view("=:;,{}[]()").find(c) != std::string_view::npos) {
      rest_.remove_prefix(1);
      return {Kind::kMark, std::string(1, c)};
    }
    std::size_t size = 0;
    while (size < rest_.size() && IsWordChar(rest_[size])) {
      ++size;
    }
    if (size == 0) {
      return {Kind::kBad};
    }
    Token word{Kind::kWord, std::string(rest_.substr(0, size))};
    rest_.remove_prefix(size);
    return word;
  }

  // Whether a string comes next: libconfig joins neighbours.
  bool StringFollows() {
    SkipBlanks();
    return !bad_ && rest_.starts_with('"');
  }

 private:
  // Blanks and comments: # and // to the end of the line, and /* */.
  void SkipBlanks() {
    while (!rest_.empty()) {
      if (IsBlank(rest_.front())) {
        rest_.remove_prefix(1);
      } else if (rest_.starts_with('#') || rest_.starts_with("//")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (rest_.starts_with("/*")) {
        const std::size_t end = rest_.find("*/", 2);
        bad_ = end == std::string_view::npos;
        rest_.remove_prefix(bad_ ? rest_.size() : end + 2);
      } else {
        return;
      }
    }
  }

  Token String() {
    Token token{Kind::kString};
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return token;
      }
      if (rest_[i] != '\\') {
        token.text.push_back(rest_[i]);
      } else if (const auto c = Escape(i)) {
        token.text.push_back(*c);
      } else {
        break;
      }
    }
    return {Kind::kBad};
  }

  // At the backslash; moves to the escape's last character. What is not known
  // (JSON's \u among them) is no name of a file.
  std::optional<char> Escape(std::size_t& i) {
    const char c = ++i < rest_.size() ? rest_[i] : '\0';
    switch (c) {
      case '"':
      case '\\':
      case '/':
        return c;
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'x': {
        const auto byte = BytesFromHex(rest_.substr(i + 1, 2));
        i += 2;
        return byte && byte->size() == 1
                   ? std::optional(static_cast<char>(byte->front()))
                   : std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  std::string_view rest_;
  bool bad_ = false;
};

// A group or list that is open.
struct Frame {
  char close = '\0';  // what ends it; NUL: the end of the text
  std::size_t group = 0;
  std::string path = {};
  std::string name = {};  // of the setting whose value comes next
  bool named = false;
  std::set<std::string> seen = {};
};

class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) {}

  Result<std::vector<ConfigGroup>> Read() {
    groups_.push_back({});
    frames_.push_back({});
    bool first = true;
    while (true) {
      Token token = lexer_.Next();
      if (token.kind == Kind::kEnd) {
        break;
      }
      // A JSON text is one group.
      const bool json = first && token.text == "{" && token.kind == Kind::kMark;
      first = false;
      const bool ok = json ? Open("{") : Step(std::move(token));
      if (!ok) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("not in the grammar of libconfig, after "
                                "\"{}\"",
                                frames_.empty() ? "" : frames_.back().name));
      }
    }
    if (frames_.size() != 1 || frames_.back().named) {
      return Fail(ErrorCode::kMalformed, "a group or list is not closed");
    }
    return std::move(groups_);
  }

 private:
  bool Step(Token token) {
    Frame& frame = frames_.back();
    const bool in_group = frame.close == '\0' || frame.close == '}';
    if (token.kind == Kind::kBad) {
      return false;
    }
    if (token.kind == Kind::kMark) {
      if (token.text[0] == frame.close && !frame.named) {
        frames_.pop_back();
        return true;
      }
      if (token.text == "," || token.text == ";") {
        return !frame.named && (in_group || token.text == ",");
      }
      return (!in_group || frame.named) && Open(token.text);
    }
    return in_group && !frame.named ? Name(frame, std::move(token.text))
                                    : Value(frame, std::move(token));
  }

  bool Name(Frame& frame, std::string name) {
    const Token mark = lexer_.Next();
    if (mark.kind != Kind::kMark || (mark.text != "=" && mark.text != ":") ||
        !frame.seen.insert(name).second) {
      return false;
    }
    frame.name = std::move(name);
    frame.named = true;
    return true;
  }

  bool Value(Frame& frame, Token token) {
    while (token.kind == Kind::kString && lexer_.StringFollows()) {
      token.text += lexer_.Next().text;
    }
    if (frame.named) {
      if (token.kind == Kind::kString) {
        groups_[frame.group].strings[frame.name] = std::move(token.text);
      }
      frame.named = false;
    }
    return true;
  }

  bool Open(std::string_view mark) {
    Frame& outer = frames_.back();
    const char close = mark == "{"   ? '}'
                       : mark == "(" ? ')'
                       : mark == "[" ? ']'
                                     : '\0';
    if (close == '\0' || frames_.size() >= kMaxDepth ||
        groups_.size() >= kMaxGroups) {
      return false;
    }
    std::string path =
        outer.named ? fmt::format("{}/{}", outer.path, outer.name) : outer.path;
    path.resize(std::min(path.size(), kMaxPath));
    outer.named = false;
    if (close == '}') {
      groups_.push_back({.path = path});
    }
    frames_.push_back(
        {.close = close, .group = groups_.size() - 1, .path = std::move(path)});
    return true;
  }

  Lexer lexer_;
  std::vector<ConfigGroup> groups_;
  std::vector<Frame> frames_;
};

}  // namespace

Result<std::vector<ConfigGroup>> ReadLibconfig(std::string_view text) {
  return Reader(text).Read();
}

}  // namespace assay::signatures
