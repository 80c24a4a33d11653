#include "sbom/attributes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "sbom/licence_expression.h"
#include "sbom/purl.h"
#include "sbom/writer_support.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Words that tell no maker from another.
bool IsNoise(std::string_view word) {
  constexpr std::array<std::string_view, 34> kNoise = {
      "inc",      "ltd",        "llc",     "gmbh",        "corp",
      "co",       "ag",         "bv",      "sa",          "the",
      "and",      "of",         "project", "team",        "maintainer",
      "group",    "foundation", "company", "maintainers", "developers",
      "packages", "packaging",  "org",     "com",         "net",
      "mail",     "gmail",      "lists",   "www",         "organization",
      "person",   "http",       "https",   "corporation"};
  return word.size() < 2 ||
         std::find(kNoise.begin(), kNoise.end(), word) != kNoise.end();
}

std::set<std::string> WordsOf(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!IsNoise(word)) {
      words.insert(word);
    }
    word.clear();
  };
  for (const char c : Lower(text)) {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c < 0;
    if (part) {
      word.push_back(c);
    } else {
      finish();
    }
  }
  finish();
  return words;
}

std::string InitialsOf(std::string_view name) {
  std::string initials;
  for (const std::string_view word : Split(name, ' ')) {
    if (!word.empty()) {
      initials.push_back(word.front());
    }
  }
  return Lower(initials);
}

// Lower case, and the newer spellings of versions in the older one's terms.
LicenceTerm Plain(LicenceTerm term) {
  const auto drop = [&term](std::string_view end) {
    const bool has =
        term.id.size() > end.size() &&
        term.id.compare(term.id.size() - end.size(), end.size(), end) == 0;
    if (has) {
      term.id.resize(term.id.size() - end.size());
    }
    return has;
  };
  term.id = Lower(term.id);
  term.addition = Lower(term.addition);
  term.or_later = drop("-or-later") || term.or_later;
  drop("-only");
  drop(".0");
  return term;
}

// One licence and no family of them.
bool IsPrecise(const LicenceTerm& term) {
  constexpr std::array<std::string_view, 16> kWithoutDigit = {
      "mit",     "isc",       "zlib",     "x11",        "curl", "libpng",
      "openssl", "unlicense", "ntp",      "postgresql", "ruby", "vim",
      "wtfpl",   "info-zip",  "beerware", "0bsd"};
  return term.id.find_first_of("0123456789") != std::string::npos ||
         std::find(kWithoutDigit.begin(), kWithoutDigit.end(), term.id) !=
             kWithoutDigit.end();
}

// All of the list together; nothing when that cannot be compared.
std::optional<LicenceExpression> Joined(const std::vector<std::string>& list) {
  const bool all_are =
      std::all_of(list.begin(), list.end(), [](const std::string& one) {
        return ParseLicenceExpression(one).has_value();
      });
  if (list.empty() || !all_are) {
    return std::nullopt;
  }
  auto parsed =
      ParseLicenceExpression(fmt::format("({})", fmt::join(list, ") AND (")));
  if (!parsed) {
    return std::nullopt;
  }
  for (LicenceTerm& term : parsed->terms) {
    term = Plain(std::move(term));
    if (!IsPrecise(term) || term.id.find("ref-") != std::string::npos) {
      return std::nullopt;
    }
  }
  for (std::vector<LicenceTerm>& way : parsed->alternatives) {
    std::transform(way.begin(), way.end(), way.begin(), Plain);
    std::sort(way.begin(), way.end());
    way.erase(std::unique(way.begin(), way.end()), way.end());
  }
  std::sort(parsed->alternatives.begin(), parsed->alternatives.end());
  return std::move(*parsed);
}

// A Debian package in an opkg database is the same package still.
bool AreOneKind(std::string_view a, std::string_view b) {
  const auto is_deb = [](std::string_view type) {
    return type == "deb" || type == "opkg";
  };
  return a == b || (is_deb(a) && is_deb(b));
}

class Checker {
 public:
  Checker(const std::vector<HeldDocument>& documents,
          const PackageRecords& records, const ClaimSet& set)
      : documents_(documents), records_(records), set_(set) {}

  AttributeCheck Run() {
    for (const InventoryItem& item : records_.inventory) {
      suppliers_.merge(WordsOf(item.evidence.component.supplier));
    }
    for (const Package& package : records_.packages) {
      if (package.declared_by == kNone) {
        continue;
      }
      const Claim& claim = set_.claims[package.declared_by];
      const std::string type = IdentityOf(*claim.component).type;
      if (claim.is_subject || !AreOneKind(type, package.identity.type)) {
        continue;
      }
      for (const std::size_t item : package.items) {
        Check(claim, records_.inventory[item]);
      }
    }
    return std::move(check_);
  }

 private:
  void Check(const Claim& claim, const InventoryItem& item) {
    const Component& said = *claim.component;
    const Component& recorded = item.evidence.component;
    const std::string& maker =
        said.supplier.empty() ? said.manufacturer : said.supplier;
    if (!maker.empty() && maker != kNoAssertion && !recorded.supplier.empty()) {
      const auto purl = ParsePurl(recorded.purl);
      const bool agree = ProducersAgree(maker, recorded.supplier) ||
                         (purl && ProducersAgree(maker, purl->name_space)) ||
                         SuppliesOthers(maker);
      Count(check_.producers, agree);
      if (!agree) {
        Add(DiscrepancyKind::kProducerMismatch, claim, item, maker,
            recorded.supplier);
      }
    }
    const LicenceRelation relation =
        CompareLicences(said.licences, recorded.licences);
    if (relation != LicenceRelation::kIncomparable) {
      Count(check_.licences, relation == LicenceRelation::kAgree);
    }
    if (relation == LicenceRelation::kDiffer) {
      Add(DiscrepancyKind::kLicenceMismatch, claim, item,
          fmt::format("{}", fmt::join(said.licences, " AND ")),
          fmt::format("{}", fmt::join(recorded.licences, " AND ")));
    }
  }

  // A distribution's package names the person who maintains it there.
  [[nodiscard]] bool SuppliesOthers(std::string_view maker) const {
    const auto words = WordsOf(maker);
    return std::any_of(words.begin(), words.end(), [&](const auto& word) {
      return suppliers_.count(word) != 0;
    });
  }

  static void Count(Tally& tally, bool agree) {
    ++tally.compared;
    tally.agreed += agree ? 1U : 0U;
  }

  void Add(DiscrepancyKind kind, const Claim& claim, const InventoryItem& item,
           std::string claimed, std::string found) {
    check_.mismatches.push_back({.kind = kind,
                                 .component = claim.component->name,
                                 .purl = claim.component->purl,
                                 .artifact = item.artifact,
                                 .place = item.evidence.place,
                                 .claimed = std::move(claimed),
                                 .found = std::move(found),
                                 .document = documents_[claim.document].holder,
                                 .pointer = claim.component->pointer});
  }

  const std::vector<HeldDocument>& documents_;
  const PackageRecords& records_;
  const ClaimSet& set_;
  std::set<std::string> suppliers_;  // words of all records' suppliers
  AttributeCheck check_;
};

}  // namespace

bool ProducersAgree(std::string_view a, std::string_view b) {
  const auto x = WordsOf(a);
  const auto y = WordsOf(b);
  if (Trim(a).empty() || Trim(b).empty()) {
    return Trim(a).empty() && Trim(b).empty();
  }
  return x.empty() || y.empty() || x.count(InitialsOf(b)) != 0 ||
         y.count(InitialsOf(a)) != 0 ||
         std::any_of(x.begin(), x.end(), [&](const std::string& word) {
           return y.count(word) != 0;
         });
}

LicenceRelation CompareLicences(const std::vector<std::string>& claimed,
                                const std::vector<std::string>& recorded) {
  if (claimed.empty() || recorded.empty()) {
    return LicenceRelation::kIncomparable;
  }
  const auto premise = Joined(claimed);
  const auto conclusion =
      premise ? Joined(recorded) : std::optional<LicenceExpression>();
  if (!premise || !conclusion) {
    return LicenceRelation::kIncomparable;
  }
  return Implies(*premise, *conclusion) ? LicenceRelation::kAgree
                                        : LicenceRelation::kDiffer;
}

AttributeCheck CheckAttributes(const std::vector<HeldDocument>& documents,
                               const PackageRecords& records,
                               const ClaimSet& set) {
  return Checker(documents, records, set).Run();
}

}  // namespace assay::sbom
