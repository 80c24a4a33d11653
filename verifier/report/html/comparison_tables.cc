#include "verifier/report/html/comparison_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/report/comparison_words.h"
#include "verifier/report/html/comparison.h"
#include "verifier/report/html/data.h"
#include "verifier/report/html/pieces.h"
#include "verifier/report/html/words.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"

namespace assay::report::html {
namespace {

constexpr std::size_t kWhysShown = 5;
constexpr std::size_t kKindsShown = 100;

void PutSideRow(Markup& page, std::string_view name, std::string_view before,
                std::string_view now) {
  page.Open("tr");
  page.Leaf("th", name, {{"scope", "row"}});
  for (const std::string_view value : {before, now}) {
    page.Open("td");
    page.Name(value);
    page.Close();
  }
  page.Close();
}

struct KindCount {
  std::uint32_t weight = 0;  // of the heaviest
  std::size_t gained = 0;
  std::size_t lost = 0;
};

void PutSettings(Markup& page, const Comparison& comparison) {
  OpenSection(page, kComparisonSections[2]);
  page.Leaf("p",
            "The same two reports give the same comparison, byte for byte.",
            {{"class", "lead"}});
  page.Open("dl");
  for (const auto& [name, side] : {std::pair("Older", &comparison.before),
                                   std::pair("Newer", &comparison.now)}) {
    PutFact(page, fmt::format("{}: SHA-256", name), side->sha256);
    PutFact(page, fmt::format("{}: verified by", name),
            "assay " + side->tool_version);
    PutFact(page, fmt::format("{}: rules", name),
            "sha256 " + side->rules_sha256);
    PutFact(page, fmt::format("{}: as of", name), TimeText(side->at));
  }
  const std::size_t shown = std::min(comparison.incomplete.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    PutFact(page, "Not compared", comparison.incomplete[i]);
  }
  page.Close();
  PutLeftOut(page, comparison.incomplete.size(), kMostRows, "reasons");
  page.Close();
}

}  // namespace

void PutSides(Markup& page, const Comparison& comparison) {
  const ComparedProduct& before = comparison.before;
  const ComparedProduct& now = comparison.now;
  constexpr std::size_t kShortDigest = 16;
  page.Open("section", {{"class", "facts"}, {"aria-labelledby", "sides"}});
  page.Leaf("h2", "The two", {{"id", "sides"}});
  page.Open("table");
  page.Open("thead");
  page.Open("tr");
  page.Leaf("td", "");
  for (const std::string_view head : {"Older", "Newer"}) {
    page.Leaf("th", head, {{"scope", "col"}});
  }
  page.Close();
  page.Close();
  page.Open("tbody");
  PutSideRow(page, "Product", before.product, now.product);
  PutSideRow(page, "Verdict of its own", WordOf(before.verdict),
             WordOf(now.verdict));
  PutSideRow(page, "Size", SizeText(before.size), SizeText(now.size));
  const auto share = [&](std::string_view name,
                         std::uint64_t ComparedProduct::*bytes) {
    PutSideRow(page, name, ShareText(before.*bytes, before.leaf_bytes),
               ShareText(now.*bytes, now.leaf_bytes));
  };
  share("Bytes that somebody signed", &ComparedProduct::signed_bytes);
  share("Bytes of no known format", &ComparedProduct::unknown_bytes);
  share("Bytes not looked into", &ComparedProduct::opaque_bytes);
  PutSideRow(page, "SHA-256", before.sha256.substr(0, kShortDigest) + "\u2026",
             now.sha256.substr(0, kShortDigest) + "\u2026");
  page.Close();
  page.Close();
  page.Close();
}

void PutLimits(Markup& page, const Comparison& comparison) {
  page.Open("section", {{"class", "unseen"}, {"aria-labelledby", "unseen"}});
  page.Leaf("h2", "What could not be compared", {{"id", "unseen"}});
  if (comparison.incomplete.empty()) {
    page.Leaf("p", "Everything of both was compared.", {{"class", "first"}});
  } else {
    page.Leaf("p",
              "More may differ than is listed, or less:", {{"class", "first"}});
    page.Open("ul");
    const std::size_t shown =
        std::min(comparison.incomplete.size(), kWhysShown);
    for (std::size_t i = 0; i < shown; ++i) {
      page.Open("li");
      page.Name(comparison.incomplete[i]);
      page.Close();
    }
    page.Close();
    PutOmitted(page, comparison.incomplete.size() - shown, "under Settings");
  }
  page.Close();
}

void PutKinds(Markup& page, const Comparison& comparison) {
  std::map<std::string_view, KindCount> kinds;
  for (const PlacedChange& placed : AllChanges(comparison)) {
    KindCount& count = kinds[placed.change->kind];
    count.weight = std::max(count.weight, placed.change->weight);
    ++(placed.change->gained ? count.gained : count.lost);
  }
  std::vector<std::pair<std::string_view, KindCount>> rows(kinds.begin(),
                                                           kinds.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.weight > b.second.weight;
  });
  page.Open("section", {{"class", "kinds"}, {"aria-labelledby", "kinds"}});
  page.Leaf("h2", "What came and went, by kind", {{"id", "kinds"}});
  page.Open("table");
  page.Open("thead");
  page.Open("tr");
  page.Leaf("th", "Kind", {{"scope", "col"}});
  for (const std::string_view head : {"Gained", "Lost", "Heaviest, of 10"}) {
    page.Leaf("th", head, {{"scope", "col"}, {"class", "number"}});
  }
  page.Close();
  page.Close();
  page.Open("tbody");
  const std::size_t shown = std::min(rows.size(), kKindsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [kind, count] = rows[i];
    page.Open("tr");
    page.Open("th", {{"scope", "row"}});
    page.Name(TitleOfKind(kind));
    page.Close();
    for (const std::size_t number :
         {count.gained, count.lost, std::size_t{count.weight}}) {
      page.Leaf("td", fmt::format("{}", number), {{"class", "number"}});
    }
    page.Close();
  }
  page.Close();
  page.Close();
  PutOmitted(page, rows.size() - shown, "kinds under Changes");
  page.Close();
}

void PutLists(Markup& page, const Comparison& comparison) {
  OpenSection(page, kComparisonSections[0]);
  page.Leaf("p",
            "What only one of the two has, heaviest first: 10 is what leads an "
            "attacker straight to control or data, 1 is what any rebuild "
            "changes. What is gone weighs half of what came, signatures "
            "excepted.",
            {{"class", "lead"}});
  PutLeftOut(page, AllChanges(comparison).size(), kMostRows,
             "changes, the heaviest,");
  PutView(page, "changes");
  page.Close();
  OpenSection(page, kComparisonSections[1]);
  page.Leaf("p", fmt::format("By their place: {}.", FileCounts(comparison)),
            {{"class", "lead"}});
  const auto differ =
      std::count_if(comparison.places.begin(), comparison.places.end(),
                    [](const ChangedPlace& place) { return !!place.file; });
  PutLeftOut(page, static_cast<std::size_t>(differ), kMostRows, "files");
  PutView(page, "files");
  page.Close();
  PutSettings(page, comparison);
}

}  // namespace assay::report::html
