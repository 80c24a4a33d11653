// A report with something in every section, as a verification would give it.
#pragma once

#include <string>

#include "verifier/base/digest.h"
#include "verifier/model/report.h"

namespace assay::testing {

inline Artifact ExampleArtifact(ArtifactId id, ArtifactId parent,
                                std::string path, std::uint64_t size) {
  Artifact artifact;
  artifact.id = id;
  artifact.parent = parent;
  artifact.depth = id == 0 ? 0 : 1;
  artifact.path = std::move(path);
  artifact.name = artifact.path.substr(artifact.path.rfind('/') + 1);
  artifact.size = size;
  artifact.has_content = true;
  artifact.digests = {{DigestAlgorithm::kSha256, Sha256Hex(AsBytes("abc"))}};
  artifact.structure = {{{0, size}, Structure::kContent}};
  return artifact;
}

inline Finding ExampleFinding() {
  Finding finding;
  finding.rule = "accounts.second-root";
  finding.rule_version = "2";
  finding.family = "HF-03";
  finding.severity = Severity::kCritical;
  finding.confidence = Confidence::kHigh;
  finding.title = "possible hidden administrator \"toor\"";
  finding.explanation = "An account besides root has user id 0.";
  finding.fix = "Remove the account or declare it in the manifest.";
  finding.cwe = {"CWE-798"};
  finding.attack = {"T1136.001"};
  finding.norm = {"13(i)"};
  finding.subject = "router.bin!/etc/passwd";
  finding.evidence = {
      {.kind = Evidence::Kind::kBytes,
       .path = "router.bin!/etc/passwd",
       .sha256 = Sha256Hex(AsBytes("abc")),
       .place = Range{31, 12},
       .digest = Sha256Hex(AsBytes("toor:x:0:0::")),
       .excerpt = "toor:x:0:0::"},
      {.kind = Evidence::Kind::kMetadata,
       .path = "router.bin!/etc/shadow",
       .field = "mode",
       .value = "0644"},
      {.kind = Evidence::Kind::kAbsence, .path = "router.bin!/etc/securetty"}};
  finding.id = FindingId(finding);
  return finding;
}

inline SignatureCheck ExampleCheck() {
  SignatureCheck check;
  check.scheme = "minisign";
  check.holder = "router.bin.minisig";
  check.target = "router.bin";
  check.indication = Indication::kTotalFailed;
  check.sub_indication = "HASH_FAILURE";
  check.key = "RWQf6LRCGA9i53ml";
  check.signed_at = 1768435200;  // 2026-01-15T00:00:00Z
  check.steps = {"the key is the policy's anchor \"acme\""};
  check.detail = "the signature is over other bytes";
  check.covers = {{0, {0, 100}, Coverage::kSigned}};
  return check;
}

inline Reconciliation ExampleReconciliation() {
  Reconciliation sbom;
  HeldDocument held;
  held.holder = "router.cdx.json";
  held.document.format = "CycloneDX JSON";
  held.document.spec_version = "1.5";
  held.document.components.resize(2);
  held.document.subject = Component{.name = "router", .version = "1.0"};
  sbom.documents = {held};
  InventoryItem item;
  item.artifact = 1;
  item.evidence.component.name = "busybox";
  item.evidence.component.version = "1.36.1";
  item.evidence.cataloguer = "dpkg";
  item.evidence.place = {0, 40};
  sbom.inventory = {item};
  sbom.owners = {{0, Provenance::kUnexplained, ""},
                 {1, Provenance::kRecord, "base-files"}};
  sbom.discrepancies = {{.kind = DiscrepancyKind::kPhantom,
                         .component = "openssl",
                         .claimed = "3.0.2",
                         .document = "router.cdx.json",
                         .pointer = "/components/1"}};
  sbom.confirmed = 1;
  return sbom;
}

inline Report ExampleReport() {
  Report report;
  report.tool_version = "0.1.0";
  report.rules_sha256 = Sha256Hex(AsBytes("rules"));
  report.policy_name = "acme";
  report.policy_sha256 = Sha256Hex(AsBytes("policy"));
  report.at = 1773619200;  // 2026-03-16T00:00:00Z
  report.keys = 1;
  report.passwords = 2;
  report.product = "router.bin";
  report.product_sha256 = Sha256Hex(AsBytes("product"));
  report.product_size = 12'345'678;
  report.verdict = Verdict::kFail;
  report.reasons = {"a finding is critical", "a signature failed"};
  report.findings = {ExampleFinding()};
  report.checks = {ExampleCheck()};
  report.reconciliation = ExampleReconciliation();
  report.ledger.leaf_bytes = 1000;
  report.ledger.headline = {
      {"structure", {{"content", 999}, {"unknown", 1}}},
      {"authenticity", {{"uncovered-live", 1000}}},
  };
  report.ledger.accounts = {{1, {{"structure", {{"content", 43}}}}}};
  report.artifacts = {
      ExampleArtifact(0, kNoArtifact, "router.bin", 100),
      ExampleArtifact(1, 0, "router.bin!/etc/passwd", 43),
  };
  report.traits = {{1, "account", "toor"}, {1, "password.hash", "toor"}};
  report.artifacts[1].meta.mode = 0644;
  report.artifacts[1].entropy = 4.25;
  report.artifacts[1].origin = Range{50, 43};
  report.not_examined = {{"router.bin!/blob", {0, 9}, "encrypted"}};
  report.rules = {.evaluated = 40,
                  .matched = 1,
                  .passed = {"NI3-HF03-001", "NI3-HF03-002"},
                  .not_evaluated = {"pe.x"},
                  .disabled = {"NI3-HF11-002"}};
  report.delta =
      Delta{.previous = "router-1.0.bin",
            .previous_sha256 = Sha256Hex(AsBytes("previous")),
            .same = 7,
            .files = {{FileChange::kChanged, "router.bin!/etc/passwd"}},
            .traits = {{7, "router.bin!/etc/passwd", "account", "toor", false}},
            .incomplete = {"1 part could not be examined"},
            .light = 3};
  report.explanations = {{.kind = "reference",
                          .name = "debian.ref",
                          .sha256 = Sha256Hex(AsBytes("reference")),
                          .detail = "3 originals of 1 publication"}};
  return report;
}

// The same, with the byte in its tree that its ledger calls unknown: 999 of its
// 1,000 bytes are explained.
inline Report ReportWithUnknownByte() {
  Report report = ExampleReport();
  report.artifacts[1].digests = {
      {DigestAlgorithm::kSha256, Sha256Hex(AsBytes("passwd"))}};
  report.artifacts[1].structure = {{{0, 42}, Structure::kContent},
                                   {{42, 1}, Structure::kUnknown}};
  return report;
}

}  // namespace assay::testing
