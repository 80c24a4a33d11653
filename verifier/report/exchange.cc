#include "verifier/report/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::report {
namespace {

// RFC 9562 section 6.6: the namespace for URLs.
constexpr std::string_view kUrls = "6ba7b8119dad11d180b400c04fd430c8";

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

// Clients resolve "." and ".." also when they are percent-encoded (WHATWG URL,
// "double-dot path segment"): such names are written as escapes.
bool IsDots(std::string_view step) {
  return step == "." || step == "..";
}

void AppendStep(std::string_view step, std::string& to) {
  for (const char c : step) {
    if (c == '.' && IsDots(step)) {
      to += "%5Cx2e";
    } else if (IsUnreserved(c) || c == '!') {
      to.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(to), "%{:02X}",
                     static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

bool Weighs(const Finding& finding, const Report& report) {
  // Its family, which may have a threshold of its own, is not told.
  if (finding.family == kRedacted && report.verdict != Verdict::kFail) {
    return false;
  }
  const auto own = report.thresholds.families.find(finding.family);
  return finding.waiver.empty() && finding.baseline.empty() &&
         finding.severity >= (own == report.thresholds.families.end()
                                  ? report.thresholds.fail_on
                                  : own->second);
}

bool IsLoud(const Finding& finding) {
  return finding.severity != Severity::kInfo && finding.explained_by.empty() &&
         finding.waiver.empty() && finding.baseline.empty();
}

int ExitCodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return 0;
    case Verdict::kFail:
      return 1;
    case Verdict::kInconclusive:
      break;
  }
  return 2;
}

std::string_view SecuritySeverityOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return "9.5";
    case Severity::kHigh:
      return "8.0";
    case Severity::kMedium:
      return "5.5";
    case Severity::kLow:
      return "2.0";
    case Severity::kInfo:
      break;
  }
  return "0.0";
}

std::string UriOf(std::string_view path) {
  std::string uri;
  bool first = true;
  for (const std::string_view step : Split(path, '/')) {
    if (!first) {
      uri.push_back('/');
    }
    first = false;
    AppendStep(step, uri);
  }
  return uri;
}

std::string Cut(std::string text, std::size_t most) {
  constexpr std::string_view kMark = " ...";
  if (text.size() <= most) {
    return text;
  }
  std::size_t end = most - std::min(most, kMark.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  text.resize(end);
  return text.append(kMark);
}

std::string UuidIn(std::string_view space, std::string_view name) {
  Bytes text = BytesFromHex(space).value_or(Bytes());
  const ByteView view = AsBytes(name);
  text.insert(text.end(), view.begin(), view.end());
  const std::string hex = DigestOf(DigestAlgorithm::kSha1, text).hex;
  constexpr std::string_view kDigits = "0123456789abcdef";
  // The two high bits of this digit are the variant, 10.
  const char variant = kDigits[8 + kDigits.find(hex[16]) % 4];
  return fmt::format("{}-{}-5{}-{}{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(13, 3), variant, hex.substr(17, 3),
                     hex.substr(20, 12));
}

std::string UuidOf(std::string_view kind, std::string_view name) {
  return UuidIn(kUrls, fmt::format("urn:assay:{}:{}", kind, name));
}

std::string FingerprintOf(const Finding& finding) {
  std::string text = finding.rule;
  // Without its evidence it is like others of its rule only by chance.
  text += finding.redacted ? finding.id : "";
  for (const Evidence& evidence : finding.evidence) {
    const bool absent = evidence.kind == Evidence::Kind::kAbsence;
    text += fmt::format("\n{} {} {} {}:{} {}", NameOf(evidence.kind),
                        evidence.sha256, evidence.digest, evidence.field.size(),
                        evidence.field, evidence.value);
    text += absent ? " " + evidence.path : "";
  }
  return Sha256Hex(AsBytes(text));
}

std::vector<const Finding*> FindingsOf(const Report& report) {
  std::vector<const Finding*> findings;
  findings.reserve(report.findings.size());
  for (const Finding& finding : report.findings) {
    findings.push_back(&finding);
  }
  return findings;
}

std::vector<RuleSummary> RulesOf(const std::vector<const Finding*>& findings) {
  std::vector<RuleSummary> rules;
  std::unordered_map<std::string_view, std::size_t> known;
  for (const Finding* finding : findings) {
    const auto [at, is_new] = known.emplace(finding->rule, rules.size());
    if (is_new) {
      rules.push_back({.id = finding->rule, .worst = finding});
    }
    const Finding*& worst = rules[at->second].worst;
    worst = finding->severity > worst->severity ? finding : worst;
  }
  return rules;
}

ArtifactIndex::ArtifactIndex(const Report& report) {
  by_path_.reserve(report.artifacts.size());
  for (const Artifact& artifact : report.artifacts) {
    by_path_.emplace(artifact.path, &artifact);
  }
}

const Artifact* ArtifactIndex::Find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

}  // namespace assay::report
