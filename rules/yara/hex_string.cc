#include <fmt/format.h>

#include <optional>
#include <utility>

#include "rules/yara/regex.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

constexpr std::uint32_t kMostDepth = 32;

class HexParser {
 public:
  explicit HexParser(std::string_view text) : text_(text) {}

  Result<Regex> Parse() {
    Regex regex{.root = Alternatives(0), .shortest = true, .hex = true};
    if (problem_.empty() && !Ended()) {
      Complain("a \")\" without its \"(\"");
    }
    if (problem_.empty() && (regex.root.of.empty() || IsJump(regex.root, 0) ||
                             IsJump(regex.root, regex.root.of.size() - 1))) {
      Complain("a hex string begins and ends with a byte");
    }
    if (!problem_.empty()) {
      return Fail(ErrorCode::kMalformed, problem_);
    }
    return regex;
  }

 private:
  static bool IsJump(const Node& sequence, std::size_t at) {
    return sequence.kind == Node::Kind::kSequence &&
           sequence.of[at].kind == Node::Kind::kRepeat;
  }
  void Complain(std::string_view what) {
    if (problem_.empty()) {
      problem_ =
          fmt::format("{} (character {} of the hex string)", what, at_ + 1);
    }
    at_ = text_.size();
  }
  void SkipSpaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) !=
                                     std::string_view::npos) {
      ++at_;
    }
  }
  bool Ended() {
    SkipSpaces();
    return at_ == text_.size();
  }
  bool TakeIf(char c) {
    if (!Ended() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Alternatives(std::uint32_t depth) {
    if (depth > kMostDepth) {
      Complain("alternatives are nested too deeply");
      return {};
    }
    Node either{.kind = Node::Kind::kEither};
    do {
      either.of.push_back(Sequence(depth));
    } while (depth > 0 && TakeIf('|'));
    return either.of.size() == 1 ? std::move(either.of.front()) : either;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Sequence(std::uint32_t depth) {
    Node sequence;
    while (!Ended() && text_[at_] != '|' && text_[at_] != ')') {
      sequence.of.push_back(Item(depth));
    }
    if (sequence.of.empty()) {
      Complain("bytes are missing");
    }
    return sequence;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
  Node Item(std::uint32_t depth) {
    if (TakeIf('[')) {
      return Jump();
    }
    if (!TakeIf('(')) {
      return Byte();
    }
    Node group;
    group.of.push_back(Alternatives(depth + 1));
    if (!TakeIf(')')) {
      Complain("a \"(\" without its \")\"");
    }
    return group;
  }

  // [4], [2-4], [2-], [-]
  Node Jump() {
    const std::size_t close = text_.find(']', at_);
    if (close == std::string_view::npos) {
      Complain("a \"[\" without its \"]\"");
      return {};
    }
    const std::string_view inside = text_.substr(at_, close - at_);
    const std::size_t dash = inside.find('-');
    const std::string_view low = Trim(inside.substr(0, dash));
    const bool single = dash == std::string_view::npos;
    const std::string_view high = single ? low : Trim(inside.substr(dash + 1));
    const auto min = low.empty() && !single ? std::optional<std::uint64_t>(0)
                                            : NumberOf(low);
    const auto max = high.empty() && !single
                         ? std::optional<std::uint64_t>(kUnbounded)
                         : NumberOf(high);
    if (!min || !max || *min > *max || *max > kUnbounded) {
      Complain("a jump is [4], [2-4], [2-] or [-], the lower limit first");
      return {};
    }
    at_ = close + 1;
    Node jump{.kind = Node::Kind::kRepeat,
              .min = static_cast<std::uint32_t>(*min),
              .max = static_cast<std::uint32_t>(*max)};
    jump.of.push_back({.kind = Node::Kind::kSet, .set = ~ByteSet()});
    return jump;
  }

  Node Byte() {
    const bool negated = TakeIf('~');
    Node node{.kind = Node::Kind::kSet};
    const auto high = Nibble();
    const auto low = Nibble();
    if (!high || !low) {
      Complain("two hexadecimal digits or ? make a byte");
      return node;
    }
    for (unsigned byte = 0; byte < node.set.size(); ++byte) {
      const bool fits =
          (*high < 0 || byte >> 4U == static_cast<unsigned>(*high)) &&
          (*low < 0 || (byte & 15U) == static_cast<unsigned>(*low));
      node.set.set(byte, fits != negated);
    }
    return node;
  }

  // 0 to 15, or -1 for any.
  std::optional<int> Nibble() {
    if (at_ >= text_.size()) {
      return std::nullopt;
    }
    const char c = text_[at_];
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t digit = kDigits.find(Lower(std::string_view(&c, 1)));
    if (c != '?' && digit == std::string_view::npos) {
      return std::nullopt;
    }
    ++at_;
    return c == '?' ? -1 : static_cast<int>(digit);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

Result<Regex> ParseHexString(std::string_view text) {
  return HexParser(text).Parse();
}

}  // namespace assay::yara
