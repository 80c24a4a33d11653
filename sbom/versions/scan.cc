#include "sbom/versions/scan.h"

#include <algorithm>

namespace assay::sbom::versions {
namespace {

std::string_view TakeWhile(std::string_view& text, bool (*belongs)(char)) {
  std::size_t end = 0;
  while (end < text.size() && belongs(text[end])) {
    ++end;
  }
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

}  // namespace

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

int CompareText(std::string_view a, std::string_view b) {
  return Compare(a.compare(b), 0);
}

int CompareLowered(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = static_cast<unsigned char>(LowerChar(a[i]));
    const auto right = static_cast<unsigned char>(LowerChar(b[i]));
    if (left != right) {
      return left < right ? -1 : 1;
    }
  }
  return Compare(a.size(), b.size());
}

bool EqualsLowered(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && CompareLowered(text, lower) == 0;
}

int CompareNumbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  return a.size() != b.size() ? Compare(a.size(), b.size()) : CompareText(a, b);
}

std::string_view TakeDigits(std::string_view& text) {
  return TakeWhile(text, IsDigit);
}

std::string_view TakeLetters(std::string_view& text) {
  return TakeWhile(text, IsAlpha);
}

std::string_view TakeLastDigits(std::string_view& text) {
  std::size_t begin = text.size();
  while (begin > 0 && IsDigit(text[begin - 1])) {
    --begin;
  }
  const std::string_view taken = text.substr(begin);
  text = text.substr(0, begin);
  return taken;
}

bool Skip(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) {
    return false;
  }
  text.remove_prefix(word.size());
  return true;
}

std::string_view WithoutV(std::string_view text) {
  const bool marked =
      text.size() > 1 && LowerChar(text[0]) == 'v' && IsDigit(text[1]);
  return marked ? text.substr(1) : text;
}

std::optional<std::string_view> Fields::Next() {
  if (done_) {
    return std::nullopt;
  }
  const std::size_t end = text_.find_first_of(separators_);
  const std::string_view field = text_.substr(0, end);
  done_ = end == std::string_view::npos;
  text_.remove_prefix(done_ ? text_.size() : end + 1);
  return field;
}

int ComparePrerelease(std::string_view a, std::string_view b,
                      int (*words)(std::string_view, std::string_view)) {
  const auto compare = [words](std::string_view left, std::string_view right) {
    const bool number_a = IsNumber(left);
    const bool number_b = IsNumber(right);
    if (number_a != number_b) {
      return number_a ? -1 : 1;
    }
    return number_a ? CompareNumbers(left, right) : words(left, right);
  };
  return CompareEach(Fields(a, "."), Fields(b, "."), std::nullopt, compare);
}

}  // namespace assay::sbom::versions
