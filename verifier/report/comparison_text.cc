#include <fmt/format.h>

#include <cstddef>

#include "verifier/base/text.h"
#include "verifier/report/comparison.h"
#include "verifier/report/comparison_words.h"
#include "verifier/report/layout.h"

namespace assay::report {
namespace {

constexpr std::size_t kPlacesShown = 40;
constexpr std::size_t kChangesShown = 8;

void PutSides(Layout& layout, const Comparison& comparison) {
  const ComparedProduct& before = comparison.before;
  const ComparedProduct& now = comparison.now;
  layout.Line(fmt::format("{}  ->  {}",
                          layout.Paint(Colour::kBold, Escaped(before.product)),
                          layout.Paint(Colour::kBold, Escaped(now.product))));
  const auto row = [&](std::string_view what, const std::string& left,
                       const std::string& right) {
    layout.Line(fmt::format("  {:<17}{:>14}{:>14}", what, left, right));
  };
  row("verdict", std::string(NameOf(before.verdict)),
      std::string(NameOf(now.verdict)));
  row("size", SizeText(before.size), SizeText(now.size));
  row("signed", ShareText(before.signed_bytes, before.leaf_bytes),
      ShareText(now.signed_bytes, now.leaf_bytes));
  row("of no format", ShareText(before.unknown_bytes, before.leaf_bytes),
      ShareText(now.unknown_bytes, now.leaf_bytes));
  row("opaque", ShareText(before.opaque_bytes, before.leaf_bytes),
      ShareText(now.opaque_bytes, now.leaf_bytes));
  row("sha256", before.sha256.substr(0, 12), now.sha256.substr(0, 12));
  layout.Line(fmt::format("  {}", NameOf(comparison.tlp)));
  layout.Line();
  layout.Prose(2, "", RiskSentence(comparison));
}

void PutChanges(Layout& layout, const std::vector<Change>& changes,
                std::size_t indent) {
  const std::size_t shown = layout.Shown(changes.size(), kChangesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Change& change = changes[i];
    layout.Prose(indent, change.gained ? "+ " : "- ",
                 fmt::format("{} {}", change.kind, change.value));
  }
  layout.Omitted(indent, changes.size() - shown);
}

// A place where nothing changed but bytes, or what weighs no more.
void PutPlain(Layout& layout, const ChangedPlace& place) {
  layout.Prose(2, "  ",
               fmt::format("{} ({})", place.path,
                           place.file ? NameOf(*place.file)
                                      : place.changes.front().kind));
  if (layout.style().verbose) {
    PutChanges(layout, place.changes, 7);
  }
}

void PutPlaces(Layout& layout, const Comparison& comparison) {
  const auto& places = comparison.places;
  std::size_t heavy = 0;
  while (heavy < places.size() && places[heavy].weight > kPlainChange) {
    ++heavy;
  }
  layout.Heading(heavy == 0 ? "Nothing changed that leads to control or data"
                            : "Where, what gives most to an attacker first");
  const std::size_t shown = layout.Shown(heavy, kPlacesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ChangedPlace& place = places[i];
    layout.Prose(2, fmt::format("{:>2} ", place.weight),
                 place.file
                     ? fmt::format("{} ({})", place.path, NameOf(*place.file))
                     : place.path);
    PutChanges(layout, place.changes, 7);
  }
  layout.Omitted(2, heavy - shown);
  layout.Heading("Files: " + FileCounts(comparison));
  const std::size_t plain = places.size() - heavy;
  const std::size_t listed = layout.Shown(plain, kChangesShown);
  for (std::size_t i = heavy; i < heavy + listed; ++i) {
    PutPlain(layout, places[i]);
  }
  layout.Omitted(2, plain - listed);
}

}  // namespace

std::string ComparisonText(const Comparison& comparison, const Style& style) {
  Layout layout(style);
  PutSides(layout, comparison);
  for (const std::string& why : comparison.incomplete) {
    layout.Prose(2, "! ", why);
  }
  if (!comparison.product.empty()) {
    layout.Heading("Signers and components");
    PutChanges(layout, comparison.product, 2);
  }
  PutPlaces(layout, comparison);
  return layout.Finish();
}

}  // namespace assay::report
