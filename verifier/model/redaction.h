// What was taken out of a report before it was disclosed. The report says that
// it was, and whoever has the opening can prove what.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/finding.h"

namespace assay {

struct RedactionRecord {
  // "finding": a finding of which only its severity is left; "path": an
  // artifact's names, digests and contents; "evidence": a finding's proof;
  // "text": a text that may stand nowhere; "mention": other places that told
  // any of these; "label": the label of the original.
  std::string kind = {};
  std::uint64_t count = 0;
  // SHA-256 over salt and canonical JSON of all that was removed
  // (verifier/report/opening.h).
  std::string commitment = {};
};

struct Redaction {
  std::string reason = {};    // in the words of who redacted
  std::string original = {};  // SHA-256 over salt and original report
  // Of the original alone. "" unless asked for: whoever guesses what was
  // removed can confirm it by this digest.
  std::string original_sha256 = {};
  std::vector<RedactionRecord> records = {};
  // How many findings of which nothing but the severity is left.
  std::map<Severity, std::uint64_t> findings = {};
  // By pack ("NI3"): evaluated rules that the report does not name, because
  // those it names would give away the others.
  std::map<std::string, std::uint64_t> rules = {};
};

inline constexpr std::string_view kRedacted = "[redacted]";

}  // namespace assay
