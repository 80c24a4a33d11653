#include "verifier/cli/exit_codes.h"

#include <fmt/format.h>

#include <array>
#include <csignal>

namespace assay::cli {
namespace {

constexpr int kBySignal = 128;

constexpr std::array<ExitCode, 12> kExitCodes = {{
    {kExitPass, "pass",
     "What was asked holds, and nothing that it depends on was left out."},
    {kExitFail, "fail",
     "It does not hold; of several products any. recheck: an evidence does "
     "not hold; sbom diff: something changed."},
    {kExitInconclusive, "inconclusive",
     "It could not be decided: no policy, a limit was met, a part could not "
     "be read. Never 0 instead."},
    {kExitUsage, "wrong usage",
     "The command line is wrong; nothing was examined."},
    {kExitMalformed, "malformed document",
     "A document that was given (SBOM, report, manifest, reference set) is "
     "broken. A broken product is no error, but a finding."},
    {kExitUnreadable, "unreadable input",
     "A file that was given cannot be read."},
    {kExitInternal, "internal error", "Our own fault: please report it."},
    {kExitUnconfined, "no confinement",
     "The confined process could not be set up; assay doctor says what is "
     "missing."},
    {kExitUnwritable, "output not written",
     "An output could not be written: no space, no such folder."},
    {kExitConfig, "wrong configuration",
     "Policy, rules, exceptions or a configuration file are wrong; file, line "
     "and column are named."},
    {kBySignal + SIGINT, "interrupted",
     "Ended by SIGINT. verify first writes the report of what was seen, as "
     "inconclusive; a second signal ends it at once."},
    {kBySignal + SIGTERM, "terminated", "The same by SIGTERM."},
}};

}  // namespace

std::span<const ExitCode> ExitCodes() {
  return kExitCodes;
}

std::string ExitCodeLine() {
  std::string line;
  for (const ExitCode& one : kExitCodes) {
    line +=
        fmt::format("{}{} {}", line.empty() ? "" : ", ", one.code, one.name);
  }
  return line;
}

std::string ExitCodeMarkdown() {
  std::string table = "| exit code | | meaning |\n| --- | --- | --- |\n";
  for (const ExitCode& one : kExitCodes) {
    table += fmt::format("| {} | {} | {} |\n", one.code, one.name, one.meaning);
  }
  return table;
}

int ExitOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnreadable:
      return kExitUnreadable;
    case ErrorCode::kUnwritable:
      return kExitUnwritable;
    case ErrorCode::kConfig:
      return kExitConfig;
    case ErrorCode::kConfinement:
      return kExitUnconfined;
    case ErrorCode::kTruncated:
    case ErrorCode::kMalformed:
    case ErrorCode::kNotThisFormat:
    case ErrorCode::kUnsupported:
    case ErrorCode::kLimit:
      return kExitMalformed;
    case ErrorCode::kInternal:
      break;
  }
  return kExitInternal;
}

int ExitOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return kExitPass;
    case Verdict::kFail:
      return kExitFail;
    case Verdict::kInconclusive:
      break;
  }
  return kExitInconclusive;
}

}  // namespace assay::cli
