#include "verifier/facts/program_words.h"

#include <algorithm>

namespace assay::facts {
namespace {

constexpr std::size_t kMostWords = 64;  // of a function
constexpr std::size_t kShortest = 3;

bool IsOfWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool IsShown(char c) {
  return c >= ' ' && c < 0x7f;
}

// Without what separates it from its arguments.
std::string_view Core(std::string_view text) {
  const auto end = text.find_last_not_of(" =:/\t\r\n");
  return end == std::string_view::npos ? "" : text.substr(0, end + 1);
}

// Runs of characters that `holds`, one after the other.
template <typename Holds, typename Visit>
void ForEachRun(std::string_view text, const Holds& holds, const Visit& visit) {
  auto at = text.begin();
  while (at != text.end()) {
    const auto begin = std::find_if(at, text.end(), holds);
    at = std::find_if_not(begin, text.end(), holds);
    if (begin != at) {
      visit(text.substr(static_cast<std::size_t>(begin - text.begin()),
                        static_cast<std::size_t>(at - begin)));
    }
  }
}

}  // namespace

ProgramWords::ProgramWords(const std::vector<code::Word>& words,
                           ByteView content) {
  for (const code::Word& word : words) {
    const std::string_view core = Core(word.text);
    auto& known = by_function_[word.function];
    if (core.size() >= kShortest && known.size() < kMostWords &&
        std::find(known.begin(), known.end(), core) == known.end()) {
      known.push_back(core);
      ForEachRun(core, IsOfWord,
                 [&](std::string_view part) { named_.emplace(part, false); });
    }
  }
  if (!named_.empty()) {
    ForEachRun(AsText(content), IsShown,
               [&](std::string_view text) { Note(text); });
  }
}

// A text names what it holds besides something else; one more sign is a mark of
// the word itself, as in "ping ".
void ProgramWords::Note(std::string_view text) {
  constexpr std::size_t kMark = 1;
  ForEachRun(text, IsOfWord, [&](std::string_view part) {
    const auto found =
        part.size() + kMark < text.size() ? named_.find(part) : named_.end();
    if (found != named_.end()) {
      found->second = true;
    }
  });
}

bool ProgramWords::IsNamed(std::string_view word) const {
  bool named = true;
  ForEachRun(word, IsOfWord, [&](std::string_view part) {
    const auto found = named_.find(part);
    named = named && found != named_.end() && found->second;
  });
  return named;
}

bool ProgramWords::IsUnlisted(const code::Gate& gate) const {
  const std::string_view own = Core(gate.text);
  const auto known = by_function_.find(gate.function);
  if (gate.opens.empty() || own.size() < kShortest ||
      known == by_function_.end() || IsNamed(own)) {
    return false;
  }
  const auto is_other = [&](std::string_view one) { return one != own; };
  const auto others =
      std::count_if(known->second.begin(), known->second.end(), is_other);
  const auto named = std::count_if(
      known->second.begin(), known->second.end(),
      [&](std::string_view one) { return is_other(one) && IsNamed(one); });
  constexpr std::ptrdiff_t kLeast = 2;
  return named >= kLeast && 4 * named >= 3 * others;
}

}  // namespace assay::facts
