// RubyGems: the class documentation of Gem::Version. Runs of digits and runs of
// letters; words are older than numbers; zeros before the first word and at the
// end do not count; '-' reads as ".pre.". Other bytes only separate.

#include <optional>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

class Segments {
 public:
  explicit Segments(std::string_view text) : text_(text) {}

  // The next segment; runs of zeros that do not count are left out.
  std::optional<std::string_view> Next() {
    if (zeros_ > 0) {
      --zeros_;
      return "0";
    }
    if (held_) {
      const auto segment = held_;
      held_ = std::nullopt;
      return segment;
    }
    auto segment = Raw();
    while (segment && IsZero(*segment)) {
      ++zeros_;
      segment = Raw();
    }
    const bool drops = !segment || (IsAlpha((*segment)[0]) && !in_words_);
    in_words_ = in_words_ || (segment && IsAlpha((*segment)[0]));
    if (drops) {
      zeros_ = 0;
      return segment;
    }
    if (zeros_ == 0) {
      return segment;
    }
    held_ = segment;
    --zeros_;
    return "0";
  }

 private:
  static bool IsZero(std::string_view segment) {
    return segment.find_first_not_of('0') == std::string_view::npos;
  }

  std::optional<std::string_view> Raw() {
    while (!text_.empty() && !IsDigit(text_[0]) && !IsAlpha(text_[0])) {
      const bool dash = text_[0] == '-';
      text_.remove_prefix(1);
      if (dash) {
        return "pre";
      }
    }
    if (text_.empty()) {
      return std::nullopt;
    }
    return IsDigit(text_[0]) ? TakeDigits(text_) : TakeLetters(text_);
  }

  std::string_view text_;
  std::size_t zeros_ = 0;
  std::optional<std::string_view> held_ = {};
  bool in_words_ = false;
};

int CompareSegment(std::string_view a, std::string_view b) {
  const bool word_a = IsAlpha(a[0]);
  const bool word_b = IsAlpha(b[0]);
  if (word_a != word_b) {
    return word_a ? -1 : 1;
  }
  return word_a ? CompareText(a, b) : CompareNumbers(a, b);
}

}  // namespace

int CompareGem(std::string_view a, std::string_view b) {
  Segments left(a);
  Segments right(b);
  while (true) {
    const auto segment_a = left.Next();
    const auto segment_b = right.Next();
    if (!segment_a && !segment_b) {
      return 0;
    }
    const int order =
        CompareSegment(segment_a.value_or("0"), segment_b.value_or("0"));
    if (order != 0) {
      return order;
    }
  }
}

}  // namespace assay::sbom::versions
