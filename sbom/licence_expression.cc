#include "sbom/licence_expression.h"

#include <algorithm>
#include <utility>

#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// "[DocumentRef-id:]<prefix>id"
bool IsReference(std::string_view text, std::string_view prefix) {
  constexpr std::string_view kDocument = "DocumentRef-";
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    std::string_view document = text.substr(0, colon);
    if (!versions::Skip(document, kDocument) || !IsLicenceId(document)) {
      return false;
    }
    text.remove_prefix(colon + 1);
  }
  return versions::Skip(text, prefix) && IsLicenceId(text);
}

std::map<std::string, std::string> ByLowerCase(
    const std::vector<std::string>& ids) {
  std::map<std::string, std::string> map;
  for (const std::string& id : ids) {
    map.emplace(Lower(id), id);
  }
  return map;
}

std::string_view Find(const std::map<std::string, std::string>& map,
                      std::string_view id) {
  const auto found = map.find(Lower(id));
  return found == map.end() ? std::string_view() : found->second;
}

// Whether a licence of `have`, which is sorted, is one under `want`.
bool Satisfies(const std::vector<LicenceTerm>& have, LicenceTerm want) {
  if (std::binary_search(have.begin(), have.end(), want)) {
    return true;
  }
  const bool any_version = std::exchange(want.or_later, false);
  return any_version && std::binary_search(have.begin(), have.end(), want);
}

}  // namespace

bool IsLicenceId(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return versions::IsAlpha(c) || versions::IsDigit(c) || c == '-' || c == '.';
  });
}

bool IsLicenceRef(std::string_view text) {
  return IsReference(text, "LicenseRef-");
}

bool IsAdditionRef(std::string_view text) {
  return IsReference(text, "AdditionRef-");
}

LicenceList::LicenceList(const std::vector<std::string>& licences,
                         const std::vector<std::string>& exceptions)
    : licences_(ByLowerCase(licences)), exceptions_(ByLowerCase(exceptions)) {}

std::string_view LicenceList::Licence(std::string_view id) const {
  return Find(licences_, id);
}

std::string_view LicenceList::Exception(std::string_view id) const {
  return Find(exceptions_, id);
}

std::vector<std::string> UnlistedIds(const LicenceExpression& expression,
                                     const LicenceList& list) {
  std::vector<std::string> ids;
  for (const LicenceTerm& term : expression.terms) {
    if (list.Licence(term.id).empty() && !IsLicenceRef(term.id)) {
      ids.push_back(term.id);
    }
    if (!term.addition.empty() && list.Exception(term.addition).empty() &&
        !IsAdditionRef(term.addition)) {
      ids.push_back(term.addition);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

bool Implies(const LicenceExpression& premise,
             const LicenceExpression& conclusion) {
  const auto meets = [](const std::vector<LicenceTerm>& have,
                        const std::vector<LicenceTerm>& wanted) {
    return std::all_of(
        wanted.begin(), wanted.end(),
        [&have](const LicenceTerm& want) { return Satisfies(have, want); });
  };
  return std::all_of(premise.alternatives.begin(), premise.alternatives.end(),
                     [&](const std::vector<LicenceTerm>& have) {
                       return std::any_of(
                           conclusion.alternatives.begin(),
                           conclusion.alternatives.end(),
                           [&](const std::vector<LicenceTerm>& wanted) {
                             return meets(have, wanted);
                           });
                     });
}

}  // namespace assay::sbom
