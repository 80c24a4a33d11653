#include "tests/golden/verified.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch.h"
#include "verifier/report/writer.h"

namespace assay::testing {

namespace fs = std::filesystem;

Report Verified(engine::VerifyRequest request) {
  request.at = 1'795'305'600;  // 2026-11-22
  auto report = engine::Verify(request);
  EXPECT_TRUE(report) << (report ? "" : report.error().what)
                      << "\n(./run test makes the sample deliveries)";
  return report ? std::move(*report) : Report{};
}

namespace {

Report Under(const std::string& trust, engine::VerifyRequest request,
             Result<Report> (*verify)(const engine::VerifyRequest&)) {
  const ScratchFolder folder;
  request.policy = folder.Write(
      "policy.yaml",
      "schema: assay-policy/1\nname: t\nfail_on: critical\n" + trust);
  request.jobs = 2;
  auto report = verify(request);
  EXPECT_TRUE(report) << (report ? "" : report.error().what);
  return report ? std::move(*report) : Report{};
}

}  // namespace

Report VerifiedUnder(const std::string& trust, engine::VerifyRequest request) {
  return Under(trust, std::move(request), engine::Verify);
}

Report SignaturesUnder(const std::string& trust,
                       engine::VerifyRequest request) {
  return Under(trust, std::move(request), engine::CheckSignatures);
}

std::string VerdictsOn(const Report& report, std::string_view target) {
  std::string text;
  for (const SignatureCheck& check : report.checks) {
    if (check.target == target) {
      text += fmt::format(
          "{}{}{}{}", text.empty() ? "" : ", ", NameOf(check.indication),
          check.sub_indication.empty() ? "" : " ", check.sub_indication);
    }
  }
  return text;
}

std::string ReasonsOf(const Report& report) {
  return fmt::format("{}", fmt::join(report.reasons, "\n"));
}

std::string JsonOf(const Report& report) {
  return report::FindWriter("json")->write(report, report::Style{});
}

void ExpectBalanced(const Report& report) {
  const auto sum = [](const LedgerAxis& axis) {
    std::uint64_t bytes = 0;
    for (const LedgerEntry& entry : axis.entries) {
      bytes += entry.bytes;
    }
    return bytes;
  };
  EXPECT_FALSE(report.ledger.accounts.empty());
  for (const LedgerAccount& account : report.ledger.accounts) {
    EXPECT_EQ(account.axes.size(), 4U);
    for (const LedgerAxis& axis : account.axes) {
      EXPECT_EQ(sum(axis), report.artifacts.at(account.artifact).size)
          << report.artifacts.at(account.artifact).path << " " << axis.name;
    }
  }
  for (const LedgerAxis& axis : report.ledger.headline) {
    EXPECT_EQ(sum(axis), report.ledger.leaf_bytes) << axis.name;
  }
}

void CopyFolder(const std::string& from, const std::string& to) {
  fs::copy(from, to,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void FlipByte(const std::string& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 1));
  ASSERT_TRUE(file) << path;
}

void RemoveFile(const std::string& path) {
  ASSERT_TRUE(fs::remove(path)) << path;
}

}  // namespace assay::testing
