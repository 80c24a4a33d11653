// The one path: from a product's bytes to a report.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/base/time.h"
#include "verifier/model/report.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// What the run is doing, for a progress line; read by another thread.
struct Progress {
  std::atomic<const char*> stage = "opening";
  std::atomic<std::uint64_t> bytes = 0;
};

struct VerifyRequest {
  std::string product = {};                  // file, directory or "-"
  std::vector<std::string> sboms = {};       // files
  std::vector<std::string> signatures = {};  // detached, over the product
  std::vector<std::string> contexts = {};    // files or directories
  std::vector<std::string> references = {};  // files, see model/reference.h
  std::vector<std::string> exceptions = {};  // files, see engine/exceptions.h
  std::string manifest = {};                 // file, "" for none
  std::string previous = {};    // the release before, as `product`; "" for none
  std::string policy = {};      // file, "" for none
  std::string policy_key = {};  // file; the policy must be signed by it
  std::optional<Severity> fail_on = {};  // instead of the policy's thresholds
  // An older report: what stands in it as well is not weighed. Its name and
  // SHA-256, for the report.
  const Report* baseline = nullptr;
  std::string baseline_name = {};
  std::string baseline_sha256 = {};
  std::vector<std::string> rules = {};  // folders beside the built-in rules
  UnixTime at = 0;                      // the time the verdict speaks of
  Limits limits = {};
  Secrets secrets = {};  // to open encrypted parts with
  unsigned jobs = 1;
  bool unsafe_no_sandbox = false;  // read in this process; forbids "pass"
  std::string cache = {};  // folder, see engine/walk_cache.h; "" for none
  const std::atomic<bool>* interrupted = nullptr;
  Progress* progress = nullptr;
};

// SHA-256 of the product: of the file, or of the list "SHA-256  name" of a
// delivery's files, as sha256sum prints it, sorted by name.
[[nodiscard]] std::string ProductDigest(const Survey& survey);
[[nodiscard]] std::uint64_t ProductSize(const Survey& survey);

// kUnreadable: an input cannot be opened. kMalformed: a document that the user
// gave is broken. kConfig: policy, rules or options are wrong. kConfinement:
// see engine/examine.h. The product itself never makes it fail.
[[nodiscard]] Result<Report> Verify(const VerifyRequest& request);

// Only the signatures of the product and what they reach: neither facts nor
// SBOM nor rules, and no verdict: `reasons` say what was not examined. Fails as
// Verify does.
[[nodiscard]] Result<Report> CheckSignatures(const VerifyRequest& request);

}  // namespace assay::engine
