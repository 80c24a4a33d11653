// What proves which parts of a report were redacted: kept by who redacted it,
// and never published with the report.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::report {

inline constexpr std::string_view kOpeningSchema = "assay-redaction-opening/1";
inline constexpr std::size_t kSaltSize = 32;  // bytes

// One place of the original that the redacted report has otherwise.
struct Removed {
  std::string at = {};  // JSON pointer (RFC 6901)
  Json was = {};
};

// All of one kind; RedactionRecord says what of it stands in the report.
struct RemovedParts {
  std::string kind = {};
  std::vector<Removed> parts = {};
};

struct Opening {
  Bytes salt = {};
  std::string original_sha256 = {};  // of the original report
  std::string reason = {};           // as the redacted report gives it
  std::vector<RemovedParts> removed = {};
};

[[nodiscard]] std::string WriteOpening(const Opening& opening);
// kMalformed names the place by JSON pointer.
[[nodiscard]] Result<Opening> ReadOpening(std::string_view json);

// SHA-256 over salt and text: says nothing about the text to who lacks the
// salt, and fits no other.
[[nodiscard]] std::string Committed(const Bytes& salt, std::string_view text);
// Over {"kind":KIND,"removed":[{"at":POINTER,"was":VALUE},...]} without white
// space, values with their keys in the report's order.
[[nodiscard]] RedactionRecord RecordOf(const Bytes& salt,
                                       const RemovedParts& removed);
// What a finding is called that is not as it was: an id of the form that ids
// have, which tells nothing about evidence that somebody might guess.
[[nodiscard]] std::string RedactedId(const Bytes& salt, std::string_view id);

// "NI3" of a rule of the catalogue, "other" of another's.
[[nodiscard]] std::string_view PackOf(std::string_view rule);

// What Redaction::findings and Redaction::rules have to say.
[[nodiscard]] std::map<Severity, std::uint64_t> RedactedFindings(
    const Report& redacted);
[[nodiscard]] std::map<std::string, std::uint64_t> UnnamedRules(
    const Report& original, const Report& redacted);

// Redacted report and opening put together.
struct Opened {
  std::string original = {};  // the report, byte for byte
  // What does not fit; empty when this is proven: the original has the digest
  // that the redacted report commits to, and nothing was done to it but to
  // take away.
  std::vector<std::string> problems = {};
};
// kMalformed: the report or the opening is no such document.
[[nodiscard]] Result<Opened> OpenRedacted(std::string_view redacted,
                                          std::string_view opening);

}  // namespace assay::report
