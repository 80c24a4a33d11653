#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "rules/yara/regex.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

constexpr std::uint32_t kMostDepth = 32;
constexpr std::uint32_t kMostRepeats = 32767;  // RE_MAX_RANGE of libyara

ByteSet Single(std::uint8_t byte) {
  ByteSet set;
  set.set(byte);
  return set;
}

ByteSet Between(std::uint8_t first, std::uint8_t last) {
  ByteSet set;
  for (unsigned byte = first; byte <= last; ++byte) {
    set.set(byte);
  }
  return set;
}

ByteSet Of(std::string_view bytes) {
  ByteSet set;
  for (const std::uint8_t byte : AsBytes(bytes)) {
    set.set(byte);
  }
  return set;
}

ByteSet Digits() {
  return Between('0', '9');
}
ByteSet WordBytes() {
  return Digits() | Between('a', 'z') | Between('A', 'Z') | Single('_');
}
ByteSet Spaces() {
  return Of(" \t\r\n\v\f");
}

Node SetNode(const ByteSet& set) {
  return {.kind = Node::Kind::kSet, .set = set};
}

class RegexParser {
 public:
  RegexParser(std::string_view text, bool caseless, bool dot_all)
      : text_(text), caseless_(caseless), dot_all_(dot_all) {}

  Result<Regex> Parse() {
    Regex regex{.root = Alternatives(0)};
    if (problem_.empty() && at_ < text_.size()) {
      Complain("a \")\" without its \"(\"");
    }
    if (!problem_.empty()) {
      return Fail(ErrorCode::kMalformed, problem_);
    }
    if (greedy_ && lazy_) {
      return Fail(ErrorCode::kMalformed,
                  "greedy and lazy repeats cannot be mixed: make all of them "
                  "one or the other");
    }
    regex.shortest = lazy_;
    return regex;
  }

 private:
  void Complain(std::string_view what) {
    if (problem_.empty()) {
      problem_ = fmt::format("{} (character {} of the regular expression)",
                             what, at_ + 1);
    }
    at_ = text_.size();
  }
  [[nodiscard]] bool More() const { return at_ < text_.size(); }
  bool TakeIf(char c) {
    if (More() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Alternatives(std::uint32_t depth) {
    if (depth > kMostDepth) {
      Complain("groups are nested too deeply");
      return {};
    }
    Node either{.kind = Node::Kind::kEither};
    do {
      either.of.push_back(Sequence(depth));
    } while (TakeIf('|'));
    return either.of.size() == 1 ? std::move(either.of.front()) : either;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Sequence(std::uint32_t depth) {
    Node sequence;
    while (More() && text_[at_] != '|' && text_[at_] != ')') {
      sequence.of.push_back(Repeated(Atom(depth)));
    }
    return sequence;
  }

  Node Repeated(Node node) {
    auto range = Repeats();
    if (!range) {
      return node;
    }
    (TakeIf('?') ? lazy_ : greedy_) = true;
    if (node.kind >= Node::Kind::kBegin) {
      Complain("nothing there to repeat");
    }
    Node repeat{
        .kind = Node::Kind::kRepeat, .min = range->first, .max = range->second};
    repeat.of.push_back(std::move(node));
    if (Repeats()) {
      Complain("a repeat of a repeat: put it into brackets");
    }
    return repeat;
  }

  std::optional<std::pair<std::uint32_t, std::uint32_t>> Repeats() {
    if (TakeIf('*')) {
      return std::pair(0U, kUnbounded);
    }
    if (TakeIf('+')) {
      return std::pair(1U, kUnbounded);
    }
    if (TakeIf('?')) {
      return std::pair(0U, 1U);
    }
    return CountedRepeats();
  }

  // {2}, {2,}, {,4}, {2,4}; any other brace is a character.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> CountedRepeats() {
    const std::size_t close = text_.find('}', at_);
    if (!More() || text_[at_] != '{' || close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    const std::size_t comma = inside.find(',');
    const std::string_view low = inside.substr(0, comma);
    const std::string_view high =
        comma == std::string_view::npos ? low : inside.substr(comma + 1);
    const bool open_end = high.empty() && comma != std::string_view::npos;
    const auto min = low.empty() && comma != std::string_view::npos
                         ? std::optional<std::uint64_t>(0)
                         : NumberOf(low);
    const auto max =
        open_end ? std::optional<std::uint64_t>(kUnbounded) : NumberOf(high);
    if (!min || !max) {
      return std::nullopt;
    }
    at_ = close + 1;
    if (*min > kMostRepeats || (!open_end && *max > kMostRepeats) ||
        *min > *max) {
      Complain(
          fmt::format("repeats are counted from 0 to {}, the lower limit "
                      "first",
                      kMostRepeats));
      return std::pair(0U, 0U);
    }
    return std::pair(static_cast<std::uint32_t>(*min),
                     static_cast<std::uint32_t>(*max));
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Atom(std::uint32_t depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return Group(depth);
      case '[':
        return SetNode(Class());
      case '.':
        return SetNode(dot_all_ ? ~ByteSet() : ~Single('\n'));
      case '^':
        return {.kind = Node::Kind::kBegin};
      case '$':
        return {.kind = Node::Kind::kEnd};
      case '\\':
        return Escape();
      case '*':
      case '+':
      case '?':
        Complain("nothing there to repeat");
        return {};
      default:
        return SetNode(Cased(Single(static_cast<std::uint8_t>(c))));
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Group(std::uint32_t depth) {
    if (TakeIf('?') && !TakeIf(':')) {
      Complain("\"(?\" is not known to YARA: no lookaround and no flags");
    }
    Node inside = Alternatives(depth + 1);
    if (!TakeIf(')')) {
      Complain("a \"(\" without its \")\"");
    }
    // A group of its own even when it holds one thing: `(a|b)c`.
    Node group;
    group.of.push_back(std::move(inside));
    return group;
  }

  Node Escape() {
    if (!More()) {
      Complain("a \\ at the end");
      return {};
    }
    if (TakeIf('b')) {
      return {.kind = Node::Kind::kBoundary};
    }
    if (TakeIf('B')) {
      return {.kind = Node::Kind::kNoBoundary};
    }
    if (text_[at_] >= '0' && text_[at_] <= '9') {
      Complain("no reference back to a group is known to YARA");
      return {};
    }
    const auto [set, single] = EscapedSet();
    return SetNode(single ? Cased(set) : set);
  }

  // What an escape stands for, after the backslash; whether it is one byte.
  std::pair<ByteSet, bool> EscapedSet() {
    const char c = text_[at_++];
    switch (c) {
      case 'w':
        return {WordBytes(), false};
      case 'W':
        return {~WordBytes(), false};
      case 's':
        return {Spaces(), false};
      case 'S':
        return {~Spaces(), false};
      case 'd':
        return {Digits(), false};
      case 'D':
        return {~Digits(), false};
      case 'x':
        return {Single(HexByte()), true};
      case 't':
        return {Single('\t'), true};
      case 'n':
        return {Single('\n'), true};
      case 'r':
        return {Single('\r'), true};
      case 'f':
        return {Single('\f'), true};
      case 'a':
        return {Single('\a'), true};
      default:
        return {Single(static_cast<std::uint8_t>(c)), true};
    }
  }

  std::uint8_t HexByte() {
    const auto bytes = BytesFromHex(text_.substr(at_, 2));
    if (!bytes || bytes->size() != 1) {
      Complain("\\x is followed by two hexadecimal digits");
      return 0;
    }
    at_ += 2;
    return bytes->front();
  }

  [[nodiscard]] ByteSet Cased(const ByteSet& set) const {
    return caseless_ ? WithoutCase(set) : set;
  }

  ByteSet Class() {
    const bool negated = TakeIf('^');
    ByteSet set;
    bool first = true;
    while (More() && (first || text_[at_] != ']')) {
      first = false;
      AddToClass(set);
    }
    if (!TakeIf(']')) {
      Complain("a \"[\" without its \"]\"");
    }
    set = Cased(set);
    return negated ? ~set : set;
  }

  void AddToClass(ByteSet& set) {
    const auto [item, low] = ClassItem();
    const bool is_range =
        at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
    if (!is_range) {
      set |= item;
      return;
    }
    ++at_;
    const std::uint8_t high = ClassItem().second;
    if (low > high) {
      Complain("a range goes from a lower character to a higher one");
      return;
    }
    set |= Between(low, high);
  }

  // What stands there, and what it is as an end of a range: as in YARA, "\w"
  // is then the letter.
  std::pair<ByteSet, std::uint8_t> ClassItem() {
    const auto c = static_cast<std::uint8_t>(text_[at_++]);
    if (c != '\\') {
      return {Single(c), c};
    }
    if (!More()) {
      Complain("a \\ at the end");
      return {};
    }
    const auto letter = static_cast<std::uint8_t>(text_[at_]);
    const auto [set, single] = EscapedSet();
    return {set, single ? FirstOf(set) : letter};
  }

  static std::uint8_t FirstOf(const ByteSet& set) {
    for (unsigned byte = 0; byte < set.size(); ++byte) {
      if (set.test(byte)) {
        return static_cast<std::uint8_t>(byte);
      }
    }
    return 0;
  }

  std::string_view text_;
  bool caseless_;
  bool dot_all_;
  std::size_t at_ = 0;
  bool greedy_ = false;
  bool lazy_ = false;
  std::string problem_;
};

}  // namespace

ByteSet WithoutCase(const ByteSet& set) {
  constexpr unsigned kCase = 'a' - 'A';
  ByteSet both = set;
  for (unsigned upper = 'A'; upper <= 'Z'; ++upper) {
    if (set.test(upper) || set.test(upper + kCase)) {
      both.set(upper);
      both.set(upper + kCase);
    }
  }
  return both;
}

Result<Regex> ParseRegex(std::string_view text, bool caseless, bool dot_all) {
  return RegexParser(text, caseless, dot_all).Parse();
}

}  // namespace assay::yara
