// Makes a report that may be disclosed: chosen findings, paths and proof are
// taken out, and the report says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::report {

struct RedactWish {
  std::vector<std::string> findings = {};  // ids, or rules
  std::vector<std::string> paths = {};     // globs over paths
  std::vector<std::string> evidence = {};  // ids of findings, or globs
  std::vector<std::string> texts = {};     // that may stand nowhere
  std::string reason = {};                 // stands in the report
  Bytes salt = {};                         // kSaltSize unpredictable bytes
  bool name_original = false;              // its plain SHA-256 stands there too
  std::optional<Tlp> tlp = {};             // the new label; as it was
};

struct RedactedReport {
  Report report = {};
  std::string opening = {};  // JSON (verifier/report/opening.h): to be kept
};

// Of a finding that goes, its severity, confidence and pack are left; of a
// path, that it is an artifact of this size in its parent, and that something
// is said about it; of proof, its kind and path. Where else these are named, by
// whole words of whatever case, "[redacted]" stands, but not in what a rule
// says of whatever it finds. Verdict, ledger and every count stay. The same
// wish gives the same bytes.
// kMalformed: no report as Assay writes it, or one that is redacted already.
// kConfig: a wish that nothing answers to, or that cannot be met.
[[nodiscard]] Result<RedactedReport> Redact(std::string_view json,
                                            const RedactWish& wish);

}  // namespace assay::report
