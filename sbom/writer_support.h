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

// "assay 0.1.0": what stands behind the last blank is the version; in SPDX 2
// behind the last dash (clause 6.8), "assay-0.1.0".
struct ToolName {
  std::string name = {};
  std::string version = {};
};
[[nodiscard]] ToolName ToolOf(std::string_view text);

// Digests of a component in the document's own words, or those that we read.
[[nodiscard]] std::vector<ClaimedDigest> DigestsOf(const Component& component);

// Letters, digits, '.' and '-' of a text; '-' for anything else.
[[nodiscard]] std::string Slug(std::string_view text);

// Numbers what is named alike: "a", "a-2", "a-3".
class UniqueNames {
 public:
  explicit UniqueNames(std::string_view separator) : separator_(separator) {}
  [[nodiscard]] std::string Of(const std::string& wanted);

 private:
  std::string separator_;
  std::set<std::string> taken_ = {};
  std::map<std::string, std::size_t> last_ = {};  // number that was given
};

// Unique ids for the elements of one document, in order of asking.
class IdMaker {
 public:
  explicit IdMaker(std::string_view prefix) : prefix_(prefix) {}
  // A new id each time, also for a reference that two elements have, made of
  // the reference or, when there is none, of the name.
  [[nodiscard]] std::string Of(const std::string& ref, std::string_view name);
  // The id of the first element with the reference, or "".
  [[nodiscard]] std::string Known(const std::string& ref) const;

 private:
  std::string prefix_;
  std::map<std::string, std::string> ids_ = {};
  UniqueNames names_{"-"};
};

// Licences of one document as expressions.
class LicenceJoiner {
 public:
  // Several licences as one expression, joined by AND; "" when nothing is
  // known. A licence that is no expression becomes a reference, "LicenseRef-"
  // and a name made of its text.
  [[nodiscard]] std::string Joined(const std::vector<std::string>& licences);
  // Every licence on its own, as files list those found in them.
  [[nodiscard]] std::vector<std::string> Terms(
      const std::vector<std::string>& licences);
  // The texts behind the references that were made, by reference.
  [[nodiscard]] const std::map<std::string, std::string>& texts() const {
    return texts_;
  }

 private:
  std::string ReferenceTo(const std::string& licence);

  IdMaker ids_{"LicenseRef-"};
  std::map<std::string, std::string> references_ = {};  // by text
  std::map<std::string, std::string> texts_ = {};       // by reference
};

// Text for a file, indented, with a last line feed; bytes that are no UTF-8
// are replaced.
[[nodiscard]] std::string Dump(const Json& json);

// Sets a member of an object when the text is not empty.
void PutIf(Json& object, const char* key, std::string_view text);

}  // namespace assay::sbom
