// What is new since the release before.

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>

#include "verifier/base/text.h"
#include "verifier/report/text_sections.h"

namespace assay::report {
namespace {

constexpr std::size_t kTraitsShown = 15;

std::string CountsOf(const Delta& delta) {
  std::array<std::size_t, 5> counts = {};
  for (const ChangedFile& file : delta.files) {
    ++counts.at(static_cast<std::size_t>(file.change));
  }
  std::string text = fmt::format("{} the same", delta.same);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0) {
      text += fmt::format(", {} {}", counts.at(i),
                          NameOf(static_cast<FileChange>(i)));
    }
  }
  return text;
}

}  // namespace

void PutDelta(Layout& layout, const Report& report) {
  if (!report.delta) {
    return;
  }
  const Delta& delta = *report.delta;
  layout.Heading(fmt::format("New since {}: files {}", Escaped(delta.previous),
                             CountsOf(delta)));
  for (const std::string& why : delta.incomplete) {
    layout.Prose(2, "! ",
                 "not all of that release was read, so more seems new than "
                 "is: " +
                     why);
  }
  const std::size_t shown = layout.Shown(delta.traits.size(), kTraitsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const NewTrait& trait = delta.traits[i];
    layout.Prose(
        2, "- ",
        fmt::format("{} {} in {}{}", trait.kind, trait.value, trait.path,
                    trait.elsewhere ? " (another file had it)" : ""));
  }
  layout.Omitted(2, delta.traits.size() - shown);
  if (delta.traits.empty()) {
    layout.Line("  Nothing that leads to control or data.");
  }
}

}  // namespace assay::report
