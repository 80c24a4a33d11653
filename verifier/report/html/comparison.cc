#include "verifier/report/html/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "verifier/report/comparison_words.h"
#include "verifier/report/html/comparison_tables.h"
#include "verifier/report/html/figures.h"
#include "verifier/report/html/pieces.h"
#include "verifier/report/layout.h"

namespace assay::report::html {
namespace {

constexpr std::size_t kPlacesShown = 6;

// The verdict whose sign and colours the word has.
Verdict ToneOf(const Comparison& comparison) {
  switch (BalanceOf(comparison).riskier) {
    case Riskier::kNow:
      return Verdict::kFail;
    case Riskier::kBefore:
      return Verdict::kPass;
    case Riskier::kNeither:
      break;
  }
  return Verdict::kInconclusive;
}

std::string_view AdviceOf(const Comparison& comparison) {
  switch (ToneOf(comparison)) {
    case Verdict::kFail:
      return "Before the newer one is put to use, let its maker explain what "
             "came. This is about the bytes, not about anybody's intent.";
    case Verdict::kPass:
      return "What went gave an attacker more than what came. What came still "
             "wants an explanation.";
    case Verdict::kInconclusive:
      break;
  }
  return "That the two differ little says nothing about how good either is: "
         "their own reports do.";
}

void PutHeadline(Markup& page, const Comparison& comparison) {
  const Verdict tone = ToneOf(comparison);
  page.Open("section", {{"class", fmt::format("verdict {}", NameOf(tone))},
                        {"aria-labelledby", "verdict"}});
  page.Open("div", {{"class", "word"}});
  PutSign(page, tone);
  page.Open("h1", {{"id", "verdict"}});
  page.Leaf("span", WordOf(comparison));
  page.Open("small");
  page.Name(comparison.now.product);
  page.Text(" against ");
  page.Name(comparison.before.product);
  page.Close();
  page.Close();
  page.Close();
  page.Open("p", {{"class", "why"}});
  page.Name(RiskSentence(comparison));
  page.Close();
  page.Leaf("p", AdviceOf(comparison));
  page.Close();
}

void PutTiles(Markup& page, const Comparison& comparison) {
  const Balance balance = BalanceOf(comparison);
  const auto differ =
      std::count_if(comparison.places.begin(), comparison.places.end(),
                    [](const ChangedPlace& place) { return !!place.file; });
  page.Open("ul", {{"class", "tiles"}, {"aria-label", "At a glance"}});
  PutTile(page, "changes", fmt::format("{}", balance.against_now),
          "changes that matter speak against the newer one");
  PutTile(page, "changes", fmt::format("{}", balance.against_before),
          "changes that matter speak against the older one");
  PutTile(page, "files", fmt::format("{}", differ),
          fmt::format("files differ, {} are the same", comparison.same));
  PutTile(page, "sides",
          ShareText(comparison.now.signed_bytes, comparison.now.leaf_bytes),
          fmt::format("of the newer one is signed; of the older {}",
                      ShareText(comparison.before.signed_bytes,
                                comparison.before.leaf_bytes)));
  page.Close();
}

std::string_view ToneOfWeight(std::uint32_t weight) {
  return weight >= 10  ? "critical"
         : weight >= 8 ? "high"
         : weight >= 5 ? "medium"
         : weight >= 4 ? "low"
                       : "info";
}

void PutProof(Markup& page, const PlacedChange& heaviest) {
  const Change& change = *heaviest.change;
  page.Open("p", {{"class", "small"}});
  if (!change.evidence.empty() && !change.evidence.front().excerpt.empty()) {
    page.Text("There: ");
    page.Code(change.evidence.front().excerpt);
  } else if (!change.detail.empty()) {
    page.Name(change.detail);
  } else if (heaviest.place != nullptr) {
    const ChangedPlace& place = *heaviest.place;
    const std::string& sha256 =
        change.gained ? place.new_sha256 : place.old_sha256;
    page.Text("sha256 of the file ");
    page.Code(sha256);
  }
  page.Close();
}

// A place with the heaviest of what changed there.
void PutHeaviest(Markup& page, const PlacedChange& heaviest) {
  const Change& change = *heaviest.change;
  page.Open("li");
  page.Open("p", {{"class", "about"}});
  page.Leaf("span", change.gained ? "gained" : "lost",
            {{"class", fmt::format("badge {}", ToneOfWeight(change.weight))}});
  page.Text(" ");
  page.Name(WordsOf(change));
  page.Close();
  if (heaviest.place != nullptr) {
    const ChangedPlace& place = *heaviest.place;
    page.Open("p", {{"class", "place"}});
    page.Code(place.path);
    if (place.changes.size() > 1) {
      page.Text(fmt::format(
          " and {} there", CountText(place.changes.size() - 1, "more change")));
    }
    page.Close();
  }
  PutProof(page, heaviest);
  page.Close();
}

// Places and what concerns the whole product, heaviest first.
std::vector<PlacedChange> HeaviestOf(const Comparison& comparison) {
  std::vector<PlacedChange> all;
  for (const Change& change : comparison.product) {
    all.push_back({&change, nullptr});
  }
  for (const ChangedPlace& place : comparison.places) {
    if (!place.changes.empty()) {
      all.push_back({&place.changes.front(), &place});
    }
  }
  std::erase_if(all, [](const PlacedChange& one) {
    return one.change->weight < kReportedWeight;
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const PlacedChange& a, const PlacedChange& b) {
                     return a.change->weight > b.change->weight;
                   });
  return all;
}

void PutWhere(Markup& page, const Comparison& comparison) {
  page.Open("section", {{"class", "asks"}, {"aria-labelledby", "where"}});
  page.Leaf("h2", "What gives most to an attacker", {{"id", "where"}});
  const std::vector<PlacedChange> heaviest = HeaviestOf(comparison);
  if (heaviest.empty()) {
    page.Leaf("p", "Nothing that leads to control or data came or went.",
              {{"class", "first"}});
  } else {
    page.Open("ol");
    const std::size_t shown = std::min(heaviest.size(), kPlacesShown);
    for (std::size_t i = 0; i < shown; ++i) {
      PutHeaviest(page, heaviest[i]);
    }
    page.Close();
    PutOmitted(page, heaviest.size() - shown, "places under Changes");
  }
  page.Close();
}

}  // namespace

std::string_view WordOf(const Comparison& comparison) {
  switch (ToneOf(comparison)) {
    case Verdict::kFail:
      return "Riskier";
    case Verdict::kPass:
      return "Less risky";
    case Verdict::kInconclusive:
      break;
  }
  return comparison.places.empty() && comparison.product.empty()
             ? "No change"
             : "No clear difference";
}

std::vector<PlacedChange> AllChanges(const Comparison& comparison) {
  std::vector<PlacedChange> all;
  for (const Change& change : comparison.product) {
    all.push_back({&change, nullptr});
  }
  for (const ChangedPlace& place : comparison.places) {
    for (const Change& change : place.changes) {
      all.push_back({&change, &place});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const PlacedChange& a, const PlacedChange& b) {
                     return a.change->weight > b.change->weight;
                   });
  return all;
}

void PutComparison(Markup& page, const Comparison& comparison) {
  PutHeadline(page, comparison);
  PutTiles(page, comparison);
  page.Open("div", {{"class", "columns"}});
  PutWhere(page, comparison);
  page.Open("div");
  PutSides(page, comparison);
  PutLimits(page, comparison);
  page.Close();
  page.Close();
  PutKinds(page, comparison);
  PutLists(page, comparison);
}

}  // namespace assay::report::html
