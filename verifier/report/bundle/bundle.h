// A result bundle: one zip with a result and what was written of it, and a
// statement of what belongs in it. This knows no keys: who signed the statement
// is the caller's to ask (engine/attest.h).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/report/bundle/archive.h"
#include "verifier/report/bundle/predicate.h"
#include "verifier/report/writer.h"

namespace assay::report {

// The statement, and a DSSE envelope with it when somebody signed it. Entries
// are sorted by name: one of these begins every bundle.
inline constexpr std::string_view kBundleStatement = "assay-bundle.json";
inline constexpr std::string_view kBundleEnvelope = "assay-bundle.dsse.json";

// The result, which everything else in a bundle is made from.
inline constexpr std::string_view kBundledReport = "report.json";
// The other outputs in it, and the writer of each.
struct BundlePart {
  std::string_view name = {};
  std::string_view writer = {};  // ReportWriter::name
};
[[nodiscard]] std::span<const BundlePart> BundleParts();

class BundleWriter {
 public:
  // An entry that the statement will list. Fails as ArchiveWriter does.
  [[nodiscard]] Result<void> Add(std::string_view name,
                                 std::string_view content);
  // About all that was added.
  [[nodiscard]] std::string Statement(const Report& report) const;
  // The bundle with its statement, and the envelope unless it is empty.
  [[nodiscard]] Result<std::string> Finish(std::string_view statement,
                                           std::string_view envelope);

 private:
  ArchiveWriter archive_;
  std::vector<BundleEntry> entries_;
};

class Bundle {
 public:
  // Whether the bytes are meant to be one: they may still be a broken one.
  [[nodiscard]] static bool Begins(ByteView bytes);
  // Borrows `bytes`. kMalformed and kLimit when they are no bundle that this
  // version can read; whether all is in it that should be, says Check().
  [[nodiscard]] static Result<Bundle> Open(ByteView bytes);

  [[nodiscard]] const BundleClaims& claims() const { return claims_; }
  // As it stands in the bundle, for who compares or verifies it.
  [[nodiscard]] const std::string& statement() const { return statement_; }
  [[nodiscard]] const std::string& envelope() const { return envelope_; }

  // For each entry, listed or there, what is wrong with it: "" when it is there
  // once, with the size and SHA-256 that the statement says.
  struct Checked {
    std::string name = {};
    std::string problem = {};
  };
  [[nodiscard]] std::vector<Checked> Check() const;

  // The content of an entry. kMalformed when it is not there or damaged.
  [[nodiscard]] Result<std::string> Read(std::string_view name) const;

 private:
  explicit Bundle(Archive archive) : archive_(std::move(archive)) {}
  [[nodiscard]] std::string ProblemOf(const BundleEntry& entry) const;

  Archive archive_;
  BundleClaims claims_ = {};
  std::string statement_ = {};
  std::string envelope_ = {};
};

}  // namespace assay::report
