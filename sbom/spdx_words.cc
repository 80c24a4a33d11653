#include "sbom/spdx_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 16> kPurposes = {
    {{"application", "application"},
     {"framework", "framework"},
     {"library", "library"},
     {"container", "container"},
     {"platform", "platform"},
     {"operating-system", "operatingSystem"},
     {"device", "device"},
     {"device-driver", "deviceDriver"},
     {"firmware", "firmware"},
     {"file", "file"},
     {"data", "data"},
     {"machine-learning-model", "model"},
     {"source", "source"},
     {"archive", "archive"},
     {"install", "install"},
     {"executable", "executable"}}};

constexpr std::array<Words, 8> kReferences = {
    {{"vcs", "vcs"},
     {"website", "altWebPage"},
     {"advisories", "securityAdvisory"},
     {"distribution", "altDownloadLocation"},
     {"source-distribution", "sourceArtifact"},
     {"documentation", "documentation"},
     {"issue-tracker", "issueTracker"},
     {"rfc-9116", "securityOther"}}};

constexpr std::array<Words, 10> kSbomTypes = {{{"design", "design"},
                                               {"pre-build", "source"},
                                               {"source", "source"},
                                               {"build", "build"},
                                               {"post-build", "analyzed"},
                                               {"analyzed", "analyzed"},
                                               {"operations", "runtime"},
                                               {"runtime", "runtime"},
                                               {"deployed", "deployed"},
                                               {"discovery", "deployed"}}};

constexpr std::array<Words, 14> kAlgorithms = {{{"MD5", "md5"},
                                                {"SHA-1", "sha1"},
                                                {"SHA-224", "sha224"},
                                                {"SHA-256", "sha256"},
                                                {"SHA-384", "sha384"},
                                                {"SHA-512", "sha512"},
                                                {"SHA3-256", "sha3_256"},
                                                {"SHA3-384", "sha3_384"},
                                                {"SHA3-512", "sha3_512"},
                                                {"BLAKE2b-256", "blake2b256"},
                                                {"BLAKE2b-384", "blake2b384"},
                                                {"BLAKE2b-512", "blake2b512"},
                                                {"BLAKE3", "blake3"},
                                                {"ADLER32", "adler32"}}};

constexpr std::string_view kTypeLabel = "SBOM Type: ";

constexpr std::string_view kExecutable = "bsi:component:executable";
constexpr std::string_view kArchive = "bsi:component:archive";
constexpr std::string_view kStructured = "bsi:component:structured";

template <typename Table>
std::string_view Find(const Table& table, std::string_view word) {
  for (const auto& [from, to] : table) {
    if (from == word) {
      return to;
    }
  }
  return "";
}

template <typename Table>
std::string_view FindBack(const Table& table, std::string_view word) {
  for (const auto& [from, to] : table) {
    if (to == word) {
      return from;
    }
  }
  return "";
}

template <typename List>
bool Holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string_view Spdx3PurposeOf(std::string_view type) {
  return Find(kPurposes, type);
}

std::string TypeOfSpdx3Purpose(std::string_view purpose) {
  if (const auto type = FindBack(kPurposes, purpose); !type.empty()) {
    return std::string(type);
  }
  std::string type;  // "diskImage" -> "disk-image"
  for (const char c : purpose) {
    const bool upper = c >= 'A' && c <= 'Z';
    type += upper ? "-" : "";
    type.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return type;
}

std::string_view Spdx3ReferenceOf(std::string_view type) {
  return Find(kReferences, type);
}

std::string TypeOfSpdx3Reference(std::string_view word) {
  const auto type = FindBack(kReferences, word);
  return std::string(type.empty() ? word : type);
}

std::string_view Spdx3AlgorithmOf(std::string_view algorithm) {
  return Find(kAlgorithms, algorithm);
}

std::string_view SbomTypeOf(std::string_view phase) {
  return Find(kSbomTypes, phase);
}

std::string_view PurposeOfBsiProperty(const Property& property) {
  const std::string& value = property.value;
  if ((property.name == kExecutable && value == "executable") ||
      (property.name == kArchive && value == "archive")) {
    return value;
  }
  if (property.name == kStructured) {
    return value == "structured"     ? "container"
           : value == "unstructured" ? "firmware"
                                     : "";
  }
  return "";
}

bool IsBsiPurpose(const Property& property) {
  return !PurposeOfBsiProperty(property).empty() ||
         (property.name == kExecutable && property.value == "non-executable") ||
         (property.name == kArchive && property.value == "no archive");
}

std::vector<Property> BsiPropertiesOf(
    const std::vector<std::string_view>& purposes) {
  const bool structured = Holds(purposes, "container");
  const bool complete = structured || Holds(purposes, "firmware");
  std::vector<Property> properties;
  for (const auto& [name, yes, no] :
       {std::tuple{kExecutable, "executable", "non-executable"},
        std::tuple{kArchive, "archive", "no archive"}}) {
    const bool is = Holds(purposes, yes);
    if (is || complete) {
      properties.push_back({std::string(name), is ? yes : no});
    }
  }
  if (complete) {
    properties.push_back(
        {std::string(kStructured), structured ? "structured" : "unstructured"});
  }
  return properties;
}

std::string CreatorComment(const std::vector<std::string>& lifecycle_phases) {
  std::string comment;
  for (const std::string& phase : lifecycle_phases) {
    if (std::string type(SbomTypeOf(phase)); !type.empty()) {
      type[0] = static_cast<char>(type[0] - 'a' + 'A');
      comment +=
          fmt::format("{}{}{}", comment.empty() ? "" : "\n", kTypeLabel, type);
    }
  }
  return comment;
}

std::vector<std::string> PhasesOfComment(std::string_view comment) {
  std::vector<std::string> phases;
  for (const std::string_view line : SplitLines(comment)) {
    const std::string_view text = Trim(line);
    std::string type = Lower(text.substr(0, kTypeLabel.size()) == kTypeLabel
                                 ? text.substr(kTypeLabel.size())
                                 : text);
    if (!FindBack(kSbomTypes, type).empty()) {
      phases.push_back(std::move(type));
    }
  }
  return phases;
}

void SettleEmptyLists(SbomDocument& document) {
  std::map<std::string, std::vector<std::string>> lists;  // by completeness
  auto& all = document.dependencies;
  const auto settle = [&lists](const SbomDocument::Dependency& one) {
    const std::string_view last =
        std::string_view(one.to).substr(one.to.rfind('/') + 1);
    const bool none = last == "NONE" || last == "NoneElement";
    const bool unknown = last == "NOASSERTION" || last == "NoAssertionElement";
    if (!none && !unknown) {
      return false;
    }
    const std::string said =
        one.completeness == "noAssertion" ? "unknown" : one.completeness;
    lists[!said.empty() ? said
          : none        ? "complete"
                        : "unknown"]
        .push_back(one.from);
    return true;
  };
  all.erase(std::remove_if(all.begin(), all.end(), settle), all.end());
  for (auto& [completeness, refs] : lists) {
    document.compositions.push_back(
        {.aggregate = completeness, .dependencies = std::move(refs)});
  }
}

}  // namespace assay::sbom
