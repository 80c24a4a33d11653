#include "rules/yara/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "rules/yara/condition_parser.h"
#include "rules/yara/lexer.h"
#include "rules/yara/modules.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

constexpr std::size_t kMostStrings = 10000;  // of one rule, as in YARA
constexpr std::size_t kAlphabet = 64;
constexpr std::size_t kShortestBase64 = 2;

class FileParser {
 public:
  explicit FileParser(std::string_view text) : lexer_(text) {}

  ParsedFile Parse() {
    while (!lexer_.failed() && lexer_.Peek().kind != Token::Kind::kEnd) {
      Item();
    }
    if (lexer_.failed()) {
      file_.problem = lexer_.problem();
      file_.mark = lexer_.problem_mark();
    }
    return std::move(file_);
  }

 private:
  bool Is(std::string_view what) {
    const Token& token = lexer_.Peek();
    return token.text == what && (token.kind == Token::Kind::kWord ||
                                  token.kind == Token::Kind::kSign);
  }
  bool TakeIf(std::string_view what) {
    const bool there = Is(what);
    if (there) {
      lexer_.Take();
    }
    return there;
  }
  void Expect(std::string_view what) {
    if (!TakeIf(what)) {
      lexer_.Complain(lexer_.Peek().mark,
                      fmt::format("\"{}\" is missing here", what));
    }
  }
  Token Take(Token::Kind kind, std::string_view what) {
    Token token = lexer_.Take();
    if (token.kind != kind) {
      lexer_.Complain(token.mark, fmt::format("{} is missing here", what));
    }
    return token;
  }

  void Item() {
    if (TakeIf("import")) {
      modules_.insert(Take(Token::Kind::kText, "a module's name in \"\"").text);
    } else if (TakeIf("include")) {
      Token name = Take(Token::Kind::kText, "a file's name in \"\"");
      file_.includes.push_back({std::move(name.text), name.mark});
    } else {
      ReadRule();
    }
  }

  void ReadRule() {
    Rule rule;
    for (;;) {
      if (TakeIf("private")) {
        rule.is_private = true;
      } else if (TakeIf("global")) {
        rule.is_global = true;
      } else {
        break;
      }
    }
    Expect("rule");
    const Token name = Take(Token::Kind::kWord, "the rule's name");
    rule.name = name.text;
    rule.mark = name.mark;
    if (names_.count(rule.name) != 0) {
      lexer_.Complain(name.mark, fmt::format("a rule {} stands before this one",
                                             rule.name));
    }
    if (TakeIf(":")) {
      while (lexer_.Peek().kind == Token::Kind::kWord) {
        rule.tags.push_back(lexer_.Take().text);
      }
    }
    Expect("{");
    ReadBody(rule);
    if (lexer_.failed()) {
      return;
    }
    names_[rule.name] = static_cast<std::uint32_t>(file_.rules.size());
    file_.rules.push_back(std::move(rule));
  }

  void ReadBody(Rule& rule) {
    if (TakeIf("meta")) {
      Expect(":");
      while (!Is("strings") && !Is("condition") && !lexer_.failed()) {
        ReadMeta(rule);
      }
    }
    if (TakeIf("strings")) {
      Expect(":");
      while (!Is("condition") && !lexer_.failed()) {
        ReadString(rule);
      }
    }
    Expect("condition");
    Expect(":");
    const Names names{names_, modules_};
    rule.condition = ConditionParser(lexer_, names, rule).Parse();
  }

  void ReadMeta(Rule& rule) {
    const Token name = Take(Token::Kind::kWord, "\"condition:\"");
    Expect("=");
    const bool minus = TakeIf("-");
    const Token value = lexer_.Take();
    std::string text = value.text;
    if (value.kind == Token::Kind::kNumber) {
      text = fmt::format("{}{}", minus ? "-" : "", value.number);
    } else if (value.kind != Token::Kind::kText && text != "true" &&
               text != "false") {
      lexer_.Complain(value.mark,
                      "a value is a text in \"\", a number, true "
                      "or false");
    }
    rule.meta.emplace_back(name.text, std::move(text));
  }

  void ReadString(Rule& rule) {
    const Token name = Take(Token::Kind::kString, "\"condition:\"");
    if (lexer_.failed()) {
      return;
    }
    String string{.name = name.text, .mark = name.mark};
    if (name.text.front() != '$' || name.text.back() == '*') {
      lexer_.Complain(name.mark, "the name of a string is like $a");
    }
    const bool twice = std::any_of(
        rule.strings.begin(), rule.strings.end(), [&](const String& other) {
          return other.name == name.text && name.text != "$";
        });
    if (twice || rule.strings.size() == kMostStrings) {
      lexer_.Complain(
          name.mark,
          twice ? fmt::format("the rule has two strings {}: give "
                              "one another name",
                              name.text)
                : fmt::format("a rule has at most {} strings", kMostStrings));
    }
    Expect("=");
    ReadPattern(string);
    ReadModifiers(string);
    Check(string);
    rule.strings.push_back(std::move(string));
  }

  void ReadPattern(String& string) {
    const Token token = lexer_.Take();
    Result<Regex> regex;
    if (token.kind == Token::Kind::kText) {
      string.text = token.text;
      if (string.text.empty()) {
        lexer_.Complain(token.mark, fmt::format("{} is empty, it would match "
                                                "everything",
                                                string.name));
      }
      return;
    }
    if (token.kind == Token::Kind::kRegex) {
      string.kind = String::Kind::kRegex;
      regex_ = token;
      return;
    }
    if (token.kind == Token::Kind::kSign && token.text == "{") {
      string.kind = String::Kind::kHex;
      regex = ParseHexString(lexer_.TakeHexString());
      if (!regex) {
        lexer_.Complain(token.mark, regex.error().what);
        return;
      }
      string.regex = std::move(*regex);
      return;
    }
    lexer_.Complain(token.mark,
                    "a string is a \"text\", { bytes } or a /regex/");
  }

  void ReadModifiers(String& string) {
    for (;;) {
      if (TakeIf("nocase")) {
        string.caseless = true;
      } else if (TakeIf("wide")) {
        string.wide = true;
      } else if (TakeIf("ascii")) {
        string.ascii = true;
      } else if (TakeIf("fullword")) {
        string.whole_word = true;
      } else if (TakeIf("private")) {
        string.is_private = true;
      } else if (TakeIf("xor")) {
        ReadKeys(string);
      } else if (TakeIf("base64")) {
        string.base64 = true;
        ReadAlphabet(string);
      } else if (TakeIf("base64wide")) {
        string.base64_wide = true;
        ReadAlphabet(string);
      } else {
        return;
      }
    }
  }

  std::uint8_t Key() {
    const Token token = Take(Token::Kind::kNumber, "a key");
    if (token.number < 0 || token.number > 255) {
      lexer_.Complain(token.mark, "a key goes from 0 to 255");
      return 0;
    }
    return static_cast<std::uint8_t>(token.number);
  }

  void ReadKeys(String& string) {
    string.keys = {0, 255};
    if (!TakeIf("(")) {
      return;
    }
    const Mark mark = lexer_.Peek().mark;
    string.keys->first = Key();
    string.keys->second = TakeIf("-") ? Key() : string.keys->first;
    if (string.keys->first > string.keys->second) {
      lexer_.Complain(mark, "the lower key comes first");
    }
    Expect(")");
  }

  void ReadAlphabet(String& string) {
    if (!TakeIf("(")) {
      return;
    }
    const Token token = Take(Token::Kind::kText, "an alphabet in \"\"");
    if (token.text.size() != kAlphabet) {
      lexer_.Complain(token.mark, "an alphabet has 64 characters");
    }
    string.alphabet = token.text;
    Expect(")");
  }

  // Which modifiers do not go together, "" when all do.
  static std::string_view ConflictIn(const String& string) {
    const bool encoded = string.base64 || string.base64_wide;
    const bool masked = string.keys || encoded;
    const bool plain = !string.caseless && !string.wide && !string.ascii &&
                       !string.whole_word && !masked;
    if (string.kind == String::Kind::kHex) {
      return plain ? "" : "a hex string takes no modifier but private";
    }
    if (!masked) {
      return "";
    }
    if (string.kind == String::Kind::kRegex) {
      return "xor and base64 are for texts";
    }
    if (string.caseless) {
      return "nocase goes with neither xor nor base64";
    }
    if (encoded && (string.keys || string.whole_word)) {
      return "base64 goes with neither xor nor fullword";
    }
    return encoded && string.text.size() < kShortestBase64
               ? "base64 needs at least two characters"
               : "";
  }

  // A regex depends on a modifier that stands behind it.
  void Check(String& string) {
    const std::string_view conflict = ConflictIn(string);
    if (!conflict.empty()) {
      lexer_.Complain(string.mark, std::string(conflict));
    }
    if (string.kind != String::Kind::kRegex || lexer_.failed()) {
      return;
    }
    const auto has = [this](char flag) {
      return regex_.flags.find(flag) != std::string::npos;
    };
    auto regex = ParseRegex(regex_.text, string.caseless || has('i'), has('s'));
    if (!regex) {
      lexer_.Complain(regex_.mark, regex.error().what);
      return;
    }
    string.regex = std::move(*regex);
  }

  Lexer lexer_;
  ParsedFile file_;
  Token regex_;  // of the string that is being read
  std::map<std::string, std::uint32_t> names_;
  std::set<std::string> modules_;
};

}  // namespace

ParsedFile ParseFile(std::string_view text) {
  return FileParser(text).Parse();
}

}  // namespace assay::yara
