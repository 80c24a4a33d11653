// The subcommands of `assay`, one file each, and what they share.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/cli/command_line.h"
#include "verifier/cli/console.h"
#include "verifier/cli/exit_codes.h"
#include "verifier/model/report.h"
#include "verifier/report/writer.h"

namespace assay::cli {

// What commands that write reports share: their options ...
struct OutputOptions {
  std::vector<std::string> outputs;  // "FORMAT[=PATH]"; none: text
  std::string tlp;                   // "": as it is
  std::string attest_key;            // file; "" for none
  bool verbose = false;
};
void AddOutputs(CLI::App* command, OutputOptions& options);
// ... and what these say. "-" and no path mean standard output.
struct Output {
  const report::ReportWriter* writer = nullptr;  // null: a result bundle
  std::string path = "-";

  [[nodiscard]] std::string_view format() const {
    return writer == nullptr ? "bundle" : writer->name;
  }
};
struct Outputs {
  std::vector<Output> list = {};
  std::optional<Tlp> tlp = {};
  std::string attest_key = {};  // what is signed is signed with it, PEM
  bool verbose = false;
};
// kConfig: wrong usage; kUnreadable and kMalformed: the key.
[[nodiscard]] Result<Outputs> ParseOutputs(const OutputOptions& options);
// Before anything is read: nobody waits for a report that cannot be written.
[[nodiscard]] Result<void> CheckOutputs(const Outputs& outputs,
                                        std::size_t products,
                                        const std::vector<std::string>& inputs);
// Writes all of them, of the product number `index`; gives the exit code: the
// verdict's, or that of the last failure.
[[nodiscard]] int WriteOutputs(const Outputs& outputs, const Report& report,
                               std::size_t index);

// --tlp: nothing when it was not given; kConfig when it is no label.
void AddTlp(CLI::App* command, std::string& tlp);
[[nodiscard]] Result<std::optional<Tlp>> ParseTlp(const std::string& text);

// Sets a limit from "KEY=VALUE"; sizes take the suffixes K, M, G (1024).
[[nodiscard]] Result<void> ApplyLimit(const std::string& option,
                                      Limits& limits);
// Refuses an output that would replace one of `inputs`, or lies in one.
[[nodiscard]] Result<void> RefuseInput(const std::string& path,
                                       const std::vector<std::string>& inputs);
// Standard output ("-"), a device or FIFO, or a file that appears whole or not
// at all.
[[nodiscard]] Result<void> WriteOutput(const std::string& path,
                                       std::string_view text);

// Of --at; now when it is empty.
[[nodiscard]] Result<UnixTime> ParseAt(const std::string& text);

// Files with what opens encrypted parts.
struct SecretFiles {
  std::vector<std::string> keys;       // raw key material
  std::vector<std::string> passwords;  // one a line
};
void AddSecrets(CLI::App* command, SecretFiles& files);
// kUnreadable names the file.
[[nodiscard]] Result<Secrets> ReadSecrets(const SecretFiles& files);
// Adds --cache.
void AddCache(CLI::App* command, std::string& folder);
// Adds --unsafe-no-sandbox.
void AddUnsafe(CLI::App* command, bool& unsafe_no_sandbox);

// Becomes true on SIGINT and SIGTERM; a second signal ends the program.
[[nodiscard]] const std::atomic<bool>& Interrupted();
void CatchInterrupts();
// After everything was written: ends by the signal that was caught, if any, so
// that a shell's loop over products ends too.
void EndAsInterrupted();

// Each adds its options and a callback that sets `exit`.
void AddVerify(CLI::App& app, int& exit);
void AddDiff(CLI::App& app, int& exit);
void AddLs(CLI::App& app, int& exit);
void AddUnpack(CLI::App& app, int& exit);
void AddCat(CLI::App& app, int& exit);
void AddReport(CLI::App& app, int& exit);
void AddRedact(CLI::App& app, int& exit);
void AddRecheck(CLI::App& app, int& exit);
void AddSignatures(CLI::App& app, int& exit);
void AddTrust(CLI::App& app, int& exit);
void AddSbom(CLI::App& app, int& exit);
void AddFormats(CLI::App& app, int& exit);
void AddRules(CLI::App& app, int& exit);
void AddPolicy(CLI::App& app, int& exit);
void AddManifest(CLI::App& app, int& exit);
void AddReference(CLI::App& app, int& exit);
void AddDoctor(CLI::App& app, int& exit);
void AddConfig(CLI::App& app, int& exit);
void AddHelp(CLI::App& app, int& exit);
void AddCompletion(CLI::App& app, int& exit);
void AddMan(CLI::App& app, int& exit);

}  // namespace assay::cli
