#include "rules/title.h"

#include <fmt/format.h>

#include "verifier/base/text.h"

namespace assay::rules {
namespace {

constexpr std::size_t kMaxFilling = 80;

// The next gap at or after `from`: where it opens and where it closes.
struct Gap {
  std::size_t open = std::string_view::npos;
  std::size_t close = std::string_view::npos;
};

Gap NextGap(std::string_view title, std::size_t from) {
  const std::size_t open = title.find('{', from);
  if (open == std::string_view::npos) {
    return {};
  }
  const std::size_t close = title.find('}', open);
  return close == std::string_view::npos ? Gap{} : Gap{open, close};
}

std::string Shortened(std::string text) {
  if (text.size() > kMaxFilling) {
    text.resize(kMaxFilling);
    while (!text.empty() && !IsValidUtf8(text)) {
      text.pop_back();
    }
    text += "...";
  }
  return text;
}

}  // namespace

std::vector<std::string> GapsOf(std::string_view title) {
  std::vector<std::string> gaps;
  for (Gap gap = NextGap(title, 0); gap.open != std::string_view::npos;
       gap = NextGap(title, gap.close)) {
    gaps.emplace_back(title.substr(gap.open + 1, gap.close - gap.open - 1));
  }
  return gaps;
}

std::string FilledTitle(std::string_view title, const Witness& witness,
                        const Artifact& artifact, std::size_t count) {
  std::string filled;
  std::size_t at = 0;
  for (Gap gap = NextGap(title, 0); gap.open != std::string_view::npos;
       gap = NextGap(title, gap.close)) {
    const std::string_view name =
        title.substr(gap.open + 1, gap.close - gap.open - 1);
    const std::string text = name == "count"
                                 ? fmt::format("{}", count)
                                 : FieldOf(witness.thing, artifact, name);
    filled += title.substr(at, gap.open - at);
    filled += text.empty() ? "?" : Shortened(Escaped(text));
    at = gap.close + 1;
  }
  filled += title.substr(at);
  return filled;
}

}  // namespace assay::rules
