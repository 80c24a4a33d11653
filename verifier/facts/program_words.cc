#include "verifier/facts/program_words.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

namespace assay::facts {
namespace {

constexpr std::size_t kMostWords = 64;        // of a function
constexpr std::size_t kLargest = 8UL << 20U;  // bytes of a program
constexpr std::size_t kShortestWord = 3;

bool IsOfWord(std::uint8_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '-';
}

// Without what separates it from its arguments.
std::string_view Core(std::string_view text) {
  const auto end = text.find_last_not_of(" =:/\t\r\n");
  return end == std::string_view::npos ? "" : text.substr(0, end + 1);
}

// Whether it stands in a longer text.
bool IsNamed(std::string_view word, ByteView content) {
  auto from = content.begin();
  while (true) {
    const auto at = std::search(from, content.end(), word.begin(), word.end(),
                                [](std::uint8_t a, char b) {
                                  return a == static_cast<std::uint8_t>(b);
                                });
    if (at == content.end()) {
      return false;
    }
    const auto after = at + static_cast<std::ptrdiff_t>(word.size());
    const std::uint8_t before = at == content.begin() ? 0 : *(at - 1);
    const std::uint8_t behind = after == content.end() ? 0 : *after;
    const bool text =
        (before >= ' ' && before < 0x7f) ||
        (behind >= ' ' && behind < 0x7f && after + 1 != content.end() &&
         *(after + 1) >= ' ' && *(after + 1) < 0x7f);
    if (text && !IsOfWord(before) && !IsOfWord(behind)) {
      return true;
    }
    from = at + 1;
  }
}

}  // namespace

bool IsUnlisted(const code::Gate& gate, const std::vector<code::Word>& words,
                ByteView content) {
  const std::string_view own = Core(gate.text);
  if (gate.opens.empty() || own.size() < kShortestWord ||
      content.size() > kLargest) {
    return false;
  }
  std::set<std::string_view> others;
  auto word = std::lower_bound(
      words.begin(), words.end(), gate.function,
      [](const code::Word& one, std::uint64_t f) { return one.function < f; });
  for (; word != words.end() && word->function == gate.function; ++word) {
    const std::string_view text = Core(word->text);
    if (text != own && text.size() >= kShortestWord &&
        others.size() < kMostWords) {
      others.insert(text);
    }
  }
  constexpr std::size_t kLeast = 2;
  if (others.size() < kLeast || IsNamed(own, content)) {
    return false;
  }
  const auto named = static_cast<std::size_t>(std::count_if(
      others.begin(), others.end(),
      [&](std::string_view one) { return IsNamed(one, content); }));
  return named >= kLeast && 4 * named >= 3 * others.size();
}

}  // namespace assay::facts
