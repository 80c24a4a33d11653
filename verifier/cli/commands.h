// The subcommands of `assay`, one file each, and what they share.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/model/report.h"
#include "verifier/report/writer.h"

namespace assay::cli {

// Exit codes: the verdict's, then as in sysexits.h.
enum Exit : int {
  kExitPass = 0,
  kExitFail = 1,
  kExitInconclusive = 2,
  kExitUsage = 64,
  kExitMalformed = 65,   // a document that the user gave
  kExitUnreadable = 66,  // an input
  kExitInternal = 70,
  kExitUnconfined = 71,  // confinement could not be set up
  kExitUnwritable = 74,  // an output
  kExitConfig = 78,      // policy or rules
};

[[nodiscard]] int ExitOf(const Error& error);
[[nodiscard]] int ExitOf(Verdict verdict);
// Prints "assay: ..." on standard error and gives the exit code.
int Complain(const Error& error);

// "FORMAT[=PATH]"; "-" and no path mean standard output.
struct Output {
  const report::ReportWriter* writer = nullptr;
  std::string path = "-";
};
// kUsage-like errors are reported as kConfig naming the option.
[[nodiscard]] Result<std::vector<Output>> ParseOutputs(
    const std::vector<std::string>& options);
// Sets a limit from "KEY=VALUE"; sizes take the suffixes K, M, G (1024).
[[nodiscard]] Result<void> ApplyLimit(const std::string& option,
                                      Limits& limits);
// What suits the stream `descriptor` (1 or 2): colours on a terminal only,
// and not when NO_COLOR is set.
[[nodiscard]] report::Style StyleOf(int descriptor);

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
// Adds --unsafe-no-sandbox.
void AddUnsafe(CLI::App* command, bool& unsafe_no_sandbox);

// Becomes true on SIGINT and SIGTERM; a second signal ends the program.
[[nodiscard]] const std::atomic<bool>& Interrupted();
void CatchInterrupts();

// Each adds its options and a callback that sets `exit`.
void AddVerify(CLI::App& app, int& exit);
void AddLs(CLI::App& app, int& exit);
void AddUnpack(CLI::App& app, int& exit);
void AddCat(CLI::App& app, int& exit);
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

}  // namespace assay::cli
