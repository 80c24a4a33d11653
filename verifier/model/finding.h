// What a reader must know, with proof.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay {

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
enum class Confidence : std::uint8_t { kLow, kMedium, kHigh };

[[nodiscard]] std::string_view NameOf(Severity severity);
[[nodiscard]] std::string_view NameOf(Confidence confidence);
[[nodiscard]] std::optional<Severity> SeverityOf(std::string_view name);
[[nodiscard]] std::optional<Confidence> ConfidenceOf(std::string_view name);

// One piece of proof that `assay recheck` can repeat from the product alone.
struct Evidence {
  enum class Kind : std::uint8_t {
    kBytes,     // `digest` is the SHA-256 of the artifact's bytes at `place`
    kMetadata,  // `field` of the artifact has `value` ("mode", "4755")
    kAbsence,   // no artifact has the path `path`
    kRelation,  // `value` says how the artifact relates to the other evidence
  };
  Kind kind = Kind::kBytes;
  std::string path = {};    // Artifact::path
  std::string sha256 = {};  // of the whole artifact; "" without content
  std::optional<Range> place = {};
  std::string digest = {};
  std::string field = {};
  std::string value = {};
  std::string excerpt = {};  // escaped text, secrets redacted
  bool redacted = false;  // not as it was found, so that nobody can repeat it
};
[[nodiscard]] std::string_view NameOf(Evidence::Kind kind);
[[nodiscard]] std::optional<Evidence::Kind> EvidenceKindOf(
    std::string_view name);

struct Finding {
  // Stable across runs and machines: a digest over rule, version and evidence
  // (FindingId below), so that an altered report shows.
  std::string id = {};
  std::string rule = {};
  std::string rule_version = {};
  std::string family = {};  // "HF-01" ... "HF-16", "SIGNATURE", "UNPACK" ...
  Severity severity = Severity::kInfo;
  Confidence confidence = Confidence::kMedium;
  std::string title = {};        // "possible ...", filled in
  std::string explanation = {};  // for a buyer
  std::string fix = {};          // for a vendor
  std::vector<std::string> cwe = {};
  std::vector<std::string> attack = {};
  std::vector<std::string> norm = {};  // paragraphs: "13(i)", "58(c)"
  std::string subject = {};            // path of the artifact it is about
  std::vector<Evidence> evidence = {};
  std::string explained_by = {};  // anchor that lowered it to info, "" if none
  std::string waiver = {};        // id of the waiver that accepts it
  std::string baseline = {};      // name of the older report that has it too
  // Something of it was taken out for disclosure: its id stands for it alone.
  bool redacted = false;
};

// "f-" and 16 hex digits over rule, version, subject and all evidence.
[[nodiscard]] std::string FindingId(const Finding& finding);

}  // namespace assay
