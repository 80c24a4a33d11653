#include "sbom/writer_support.h"

#include <fmt/format.h>

#include <algorithm>

#include "sbom/licence_expression.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool IsSlugChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z') || c == '.' || c == '-';
}

// "SHA-256" for DigestAlgorithm::kSha256, as CycloneDX spells it.
std::string_view SpellingOf(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5:
      return "MD5";
    case DigestAlgorithm::kSha1:
      return "SHA-1";
    case DigestAlgorithm::kSha256:
      return "SHA-256";
    case DigestAlgorithm::kSha384:
      return "SHA-384";
    case DigestAlgorithm::kSha512:
      return "SHA-512";
    case DigestAlgorithm::kBlake2b512:
      return "BLAKE2b-512";
  }
  return "";
}

}  // namespace

Party PartyOf(std::string_view text) {
  for (const auto& [open, close] : {std::pair{'<', '>'}, std::pair{'(', ')'}}) {
    const std::size_t at = text.rfind(open);
    if (at == std::string_view::npos || text.empty() || text.back() != close) {
      continue;
    }
    const std::string_view inside =
        Trim(text.substr(at + 1, text.size() - at - 2));
    Party party{.name = std::string(Trim(text.substr(0, at)))};
    if (inside.find("://") != std::string_view::npos) {
      party.url = inside;
      return party;
    }
    if (inside.find('@') != std::string_view::npos) {
      party.email = inside;
      return party;
    }
  }
  Party party;
  if (text.find("://") != std::string_view::npos) {
    party.url = text;
  } else if (text.find('@') != std::string_view::npos &&
             text.find(' ') == std::string_view::npos) {
    party.email = text;
  } else {
    party.name = text;
  }
  return party;
}

ToolName ToolOf(std::string_view text) {
  std::size_t end = text.rfind(' ');
  if (end == std::string_view::npos) {
    const std::size_t dash = text.rfind('-');
    const std::string_view rest = text.substr(std::min(dash, text.size()));
    end = rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9' ? dash : end;
  }
  if (end == std::string_view::npos) {
    return {std::string(text), ""};
  }
  return {std::string(text.substr(0, end)), std::string(text.substr(end + 1))};
}

std::vector<ClaimedDigest> DigestsOf(const Component& component) {
  if (!component.claimed_digests.empty()) {
    return component.claimed_digests;
  }
  std::vector<ClaimedDigest> digests;
  for (const Digest& digest : component.digests) {
    digests.push_back({std::string(SpellingOf(digest.algorithm)), digest.hex});
  }
  return digests;
}

std::string LicenceJoiner::Joined(const std::vector<std::string>& licences) {
  std::set<std::string> terms;
  for (const std::string& licence : licences) {
    if (licence.empty() || licence == "NONE" || licence == kNoAssertion) {
      continue;
    }
    if (const auto parsed = ParseLicenceExpression(licence)) {
      terms.insert(parsed->text);
      continue;
    }
    terms.insert(ReferenceTo(licence));
  }
  std::string joined;
  for (const std::string& term : terms) {
    const bool compound =
        terms.size() > 1 && term.find(" OR ") != std::string::npos;
    joined += fmt::format("{}{}{}{}", joined.empty() ? "" : " AND ",
                          compound ? "(" : "", term, compound ? ")" : "");
  }
  return joined;
}

std::string Slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    const bool blank = !IsSlugChar(c);
    if (!blank || slug.empty() || slug.back() != '-') {
      slug.push_back(blank ? '-' : c);
    }
  }
  while (!slug.empty() && slug.back() == '-') {
    slug.pop_back();
  }
  return slug.empty() ? "x" : slug;
}

std::vector<std::string> LicenceJoiner::Terms(
    const std::vector<std::string>& licences) {
  std::set<std::string> terms;
  for (const std::string& licence : licences) {
    const auto parsed = ParseLicenceExpression(licence);
    if (parsed) {
      for (const LicenceTerm& term : parsed->terms) {
        terms.insert(term.id + (term.or_later ? "+" : ""));
      }
    } else if (!licence.empty() && licence != "NONE" &&
               licence != kNoAssertion) {
      terms.insert(ReferenceTo(licence));
    }
  }
  return {terms.begin(), terms.end()};
}

std::string LicenceJoiner::ReferenceTo(const std::string& licence) {
  constexpr std::size_t kNamed = 64;  // a text may be a whole licence
  const auto [entry, fresh] = references_.emplace(licence, "");
  if (fresh) {
    entry->second = ids_.Of("", licence.substr(0, kNamed));
    texts_.emplace(entry->second, licence);
  }
  return entry->second;
}

std::string UniqueNames::Of(const std::string& wanted) {
  std::string name = wanted;
  std::size_t& last = last_.emplace(wanted, 1).first->second;
  while (!taken_.insert(name).second) {
    name = fmt::format("{}{}{}", wanted, separator_, ++last);
  }
  return name;
}

std::string IdMaker::Of(const std::string& ref, std::string_view name) {
  std::string_view base = ref.empty() ? name : std::string_view(ref);
  if (base.substr(0, prefix_.size()) == prefix_) {
    base.remove_prefix(prefix_.size());
  }
  std::string id = names_.Of(prefix_ + Slug(base));
  if (!ref.empty()) {
    ids_.emplace(ref, id);
  }
  return id;
}

std::string IdMaker::Known(const std::string& ref) const {
  const auto found = ids_.find(ref);
  return found == ids_.end() ? std::string() : found->second;
}

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void PutIf(Json& object, const char* key, std::string_view text) {
  if (!text.empty()) {
    object[key] = std::string(text);
  }
}

}  // namespace assay::sbom
