#include "rules/tiers.h"

#include <algorithm>
#include <array>

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

Tier TierOfFact(std::string_view kind) {
  constexpr std::array<std::string_view, 3> kTexts = {"url", "address",
                                                      "domain"};
  if (std::find(kTexts.begin(), kTexts.end(), kind) != kTexts.end()) {
    return Tier::kBytes;
  }
  if (kind == "new") {
    return Tier::kChange;
  }
  if (kind == "web.unlinked") {
    return Tier::kRelations;
  }
  return kind.substr(0, 4) == "elf." || kind.substr(0, 3) == "pe." ||
                 kind.substr(0, 6) == "macho."
             ? Tier::kSymbols
             : Tier::kStructure;
}

bool IsAboutPlace(const Condition& leaf) {
  constexpr std::array<std::string_view, 3> kPlaces = {"path", "address",
                                                       "name"};
  return std::all_of(
      leaf.tests.begin(), leaf.tests.end(), [&](const FieldTest& test) {
        return std::find(kPlaces.begin(), kPlaces.end(), test.field) !=
               kPlaces.end();
      });
}

// NOLINTNEXTLINE(misc-no-recursion): the reader bounds the tree's depth.
void AddTiers(const Condition& condition, std::set<Tier>& into) {
  switch (condition.kind) {
    case Kind::kPattern:
      into.insert(Tier::kBytes);
      break;
    case Kind::kFact:
      into.insert(TierOfFact(condition.what));
      break;
    case Kind::kArtifact:
      if (!IsAboutPlace(condition)) {
        into.insert(Tier::kStructure);
      }
      break;
    case Kind::kAnomaly:
    case Kind::kRegion:
      into.insert(Tier::kStructure);
      break;
    case Kind::kSignature:
    case Kind::kSbom:
    case Kind::kJoin:
      into.insert(Tier::kRelations);
      break;
    case Kind::kNone:
      return;  // what is absent shows nothing
    default:
      break;
  }
  for (const Condition& part : condition.of) {
    AddTiers(part, into);
  }
}

}  // namespace

std::string_view NameOf(Tier tier) {
  constexpr std::array<std::string_view, kTiers> kNames = {
      "E1 bytes", "E2 structure", "E3 symbols",
      "E4 code",  "E5 relations", "E6 change"};
  return kNames.at(static_cast<std::size_t>(tier));
}

std::set<Tier> TiersOf(const Rule& rule) {
  std::set<Tier> tiers;
  AddTiers(rule.when, tiers);
  return tiers;
}

}  // namespace assay::rules
