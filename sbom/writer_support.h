// What the writers of all formats share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/writer.h"
#include "verifier/base/json.h"

namespace assay::sbom {

// The word for what is known not to be known, as SPDX spells it; documents of
// other formats use it the same way where they have no word of their own.
inline constexpr std::string_view kNoAssertion = "NOASSERTION";

// "Debian curl team <curl@example.org>" or "Example (mail@example.org)".
struct Party {
  std::string name = {};
  std::string email = {};
  std::string url = {};
};
[[nodiscard]] Party PartyOf(std::string_view text);

// "assay 0.1.0": what stands behind the last blank is the version.
struct ToolName {
  std::string name = {};
  std::string version = {};
};
[[nodiscard]] ToolName ToolOf(std::string_view text);

// Digests of a component in the document's own words, or those that we read.
[[nodiscard]] std::vector<ClaimedDigest> DigestsOf(const Component& component);

// Several licences as one expression, joined by AND. A licence that is no
// expression becomes a reference, "LicenseRef-" and a name made of its text,
// and is added to `texts` by that reference.
[[nodiscard]] std::string JoinedLicences(
    const std::vector<std::string>& licences,
    std::map<std::string, std::string>& texts);

// Letters, digits, '.' and '-' of a text; '-' for anything else.
[[nodiscard]] std::string Slug(std::string_view text);

// Unique ids for the references of one document, in order of asking.
class IdMaker {
 public:
  explicit IdMaker(std::string_view prefix) : prefix_(prefix) {}
  // The same reference gets the same id; "" gets a new one each time.
  [[nodiscard]] std::string Of(const std::string& ref, std::string_view name);
  // The id that Of() gave, or "".
  [[nodiscard]] std::string Known(const std::string& ref) const;

 private:
  std::string prefix_;
  std::map<std::string, std::string> ids_ = {};
  std::set<std::string> taken_ = {};
};

// Counts what a format cannot carry.
class LossTally {
 public:
  void Add(std::string_view what, bool lost);
  [[nodiscard]] std::vector<std::string> Phrases() const;

 private:
  std::map<std::string, std::size_t> counts_ = {};
};

// Text for a file, indented, with a last line feed; bytes that are no UTF-8
// are replaced.
[[nodiscard]] std::string Dump(const Json& json);

// Sets a member of an object when the text is not empty.
void PutIf(Json& object, const char* key, std::string_view text);

}  // namespace assay::sbom
