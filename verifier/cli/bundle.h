// Result bundles on the command line, and saved results in either form: a JSON
// report, or a bundle with one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/engine/recheck.h"
#include "verifier/model/report.h"
#include "verifier/report/bundle/bundle.h"

namespace assay::cli {

// What `-o bundle` writes: signed, and with attestations, when there is a key
// (PEM, engine/attest.h). It is made of what the JSON report holds, so that a
// saved report gives the bundle that its verification gave. kUnwritable when it
// would be larger than bundles may be.
[[nodiscard]] Result<std::string> MakeBundle(const Report& report,
                                             std::string_view attest_key);

struct Saved {
  ByteSource file = {};
  std::optional<report::Bundle> bundle = {};  // borrows `file`
  // Of a bundle: every entry, and what is wrong with it.
  std::vector<report::Bundle::Checked> checked = {};
  // The JSON report where it is not the file: out of a bundle, or what it was
  // before it was redacted.
  std::optional<std::string> unpacked = {};
  Report report = {};

  [[nodiscard]] std::string_view json() const {
    return unpacked ? std::string_view(*unpacked) : AsText(file.bytes());
  }
};
// Maps the file; of a bundle, looks whether it is whole. The report is not read
// yet. kUnreadable, kMalformed and kLimit name the file.
[[nodiscard]] Result<Saved> OpenSaved(const std::string& path);
// Reads the report of what OpenSaved() gave for `path`.
[[nodiscard]] Result<void> LoadReport(Saved& saved, const std::string& path);
// Both; a bundle that is not whole is kMalformed. Who signed it is not asked.
[[nodiscard]] Result<Saved> ReadSaved(const std::string& path);

struct BundleCheck {
  std::vector<engine::RecheckedLine> lines = {};
  // What could not be decided, a sentence each.
  std::vector<std::string> open = {};
  std::string signer = {};  // SHA-256 of the key, when its signature holds
};
// Who signed a bundle, and whether what is in it is what this version makes of
// its report. `key`: the public key that must have signed it, "" for none; its
// kMalformed is that of engine::SignerOf.
[[nodiscard]] Result<BundleCheck> CheckBundle(const Saved& saved,
                                              std::string_view key);

}  // namespace assay::cli
