#include "verifier/engine/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/engine/freshness.h"
#include "verifier/engine/ledger.h"

namespace assay::engine {
namespace {

// Anomalies that leave part of an artifact unread.
constexpr std::array<std::string_view, 5> kBlinding = {
    "unpack.damaged", "unpack.limit", "unpack.unreadable", "unpack.internal",
    "unpack.crashed"};

constexpr UnixTime kLongestWaiver = 365LL * 86400;

// Two heaps of reasons; the heavier one decides and leads.
struct Reasons {
  std::vector<std::string> fail;
  std::vector<std::string> inconclusive;
};

double PercentOf(const Ledger& ledger, std::string_view axis,
                 std::initializer_list<std::string_view> categories) {
  std::uint64_t bytes = 0;
  for (const LedgerAxis& row : ledger.headline) {
    for (const LedgerEntry& entry : row.entries) {
      if (row.name == axis && std::find(categories.begin(), categories.end(),
                                        entry.category) != categories.end()) {
        bytes += entry.bytes;
      }
    }
  }
  return ledger.leaf_bytes == 0 ? 0.0
                                : 100.0 * static_cast<double>(bytes) /
                                      static_cast<double>(ledger.leaf_bytes);
}

void WeighFindings(const Policy& policy, const Report& report,
                   Reasons& reasons) {
  std::size_t count = 0;
  std::string worst;
  for (const Finding& finding : report.findings) {
    if (finding.waiver.empty() && finding.severity >= policy.fail_on) {
      worst = count++ == 0
                  ? fmt::format("{} ({})", finding.title, finding.subject)
                  : worst;
    }
  }
  if (count > 0) {
    reasons.fail.push_back(fmt::format(
        "{} finding{} of severity {} or above; the first: {}", count,
        count == 1 ? "" : "s", NameOf(policy.fail_on), worst));
  }
}

bool Satisfies(const GoodKey& good, const SignatureRule& rule) {
  return !good.anchor.empty() && IsTimely(rule, good) &&
         (rule.anchors.empty() ||
          std::find(rule.anchors.begin(), rule.anchors.end(), good.anchor) !=
              rule.anchors.end());
}

// The words for why a required signature is missing: the best check made.
std::string_view BestIndication(const Report& report, const std::string& path) {
  std::string_view best = NameOf(Indication::kNone);
  for (const SignatureCheck& check : report.checks) {
    if (check.target == path) {
      best = NameOf(check.indication);
    }
  }
  return best;
}

bool OnlyIndeterminate(const Report& report, const std::string& path) {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [&](const SignatureCheck& check) {
                       return check.target == path &&
                              (check.indication == Indication::kIndeterminate ||
                               check.indication == Indication::kUnsupported);
                     });
}

// The signers whose signatures count for the rule. A private key counts once,
// however often and by whichever of its certificates it signed.
std::size_t CountSigners(const Report& report, const SignatureRule& rule,
                         const std::string& path) {
  std::set<std::string> signers;
  for (const SignatureCheck& check : report.checks) {
    if (check.target != path || check.indication != Indication::kTotalPassed) {
      continue;
    }
    for (const GoodKey& good : check.good_keys) {
      if (Satisfies(good, rule)) {
        signers.insert(SignerOf(good));
      }
    }
  }
  return signers.size();
}

// The account of what good signatures by the rule's signers alone reach:
// anybody may add one of their own.
Ledger LedgerOf(const SignatureRule& rule, const Survey& survey,
                const Report& report) {
  std::vector<SignatureCheck> theirs;
  std::copy_if(
      report.checks.begin(), report.checks.end(), std::back_inserter(theirs),
      [&](const SignatureCheck& check) {
        return std::any_of(
            check.good_keys.begin(), check.good_keys.end(),
            [&](const GoodKey& good) { return Satisfies(good, rule); });
      });
  return BuildLedger(survey, theirs, {});
}

// Per cent of the artifact's bytes that a good signature reaches, or that
// the format itself leaves out.
double ReachedOf(const Ledger& ledger, const Artifact& artifact) {
  for (const LedgerAccount& account : ledger.accounts) {
    if (account.artifact != artifact.id || artifact.size == 0) {
      continue;
    }
    std::uint64_t live = 0;
    for (const LedgerAxis& axis : account.axes) {
      for (const LedgerEntry& entry : axis.entries) {
        live += axis.name == "authenticity" &&
                        entry.category == NameOf(Coverage::kUncoveredLive)
                    ? entry.bytes
                    : 0;
      }
    }
    return 100.0 - 100.0 * static_cast<double>(live) /
                       static_cast<double>(artifact.size);
  }
  return 100.0;
}

void WeighCoverage(const SignatureRule& rule, const Ledger& ledger,
                   const Artifact& artifact, Reasons& reasons) {
  const double reached = ReachedOf(ledger, artifact);
  if (reached < rule.coverage) {
    reasons.fail.push_back(fmt::format(
        "{}: signatures reach {:.3f} % of its bytes; the policy demands {} %",
        artifact.path, reached, rule.coverage));
  }
}

void WeighSigners(const SignatureRule& rule, const Report& report,
                  const std::string& path, Reasons& reasons) {
  const std::size_t good = CountSigners(report, rule, path);
  if (good >= rule.count) {
    return;
  }
  auto& heap =
      OnlyIndeterminate(report, path) ? reasons.inconclusive : reasons.fail;
  const std::string whose =
      rule.anchors.empty() ? "an anchor"
                           : fmt::format("{}", fmt::join(rule.anchors, " or "));
  const std::string when =
      rule.time == TimeModel::kByScheme
          ? ""
          : fmt::format(" at the time \"{}\"", NameOf(rule.time));
  heap.push_back(
      fmt::format("{} needs {} good signature{} by {}{}, has {} (best: {})",
                  path, rule.count, rule.count == 1 ? "" : "s", whose, when,
                  good, BestIndication(report, path)));
}

// Whether a check lacks nothing but its youth.
bool IsStale(const Policy& policy, const SignatureCheck& check, UnixTime at) {
  return check.sub_indication == "SIG_CONSTRAINTS_FAILURE" &&
         !check.detail.empty() && check.detail == WhyStale(policy, check, at);
}

// Whether anything that holds was asked for the age that the rule demands.
bool MeetsAny(const FreshnessRule& rule, const Policy& policy,
              const Report& report) {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [&](const SignatureCheck& check) {
                       return Concerns(rule, check) &&
                              (check.indication == Indication::kTotalPassed ||
                               IsStale(policy, check, report.at));
                     });
}

// What holds and is too old is no open question.
void WeighFreshness(const Policy& policy, const Report& report,
                    Reasons& reasons) {
  std::size_t count = 0;
  std::string first;
  for (const SignatureCheck& check : report.checks) {
    if (IsStale(policy, check, report.at)) {
      first = count++ == 0 ? fmt::format("{}: {}", check.target, check.detail)
                           : first;
    }
  }
  if (count > 0) {
    reasons.fail.push_back(
        fmt::format("{} signature{} older than the policy allows; the first: "
                    "{}",
                    count, count == 1 ? " is" : "s are", first));
  }
  for (const FreshnessRule& rule : policy.freshness) {
    if (!MeetsAny(rule, policy, report)) {
      reasons.inconclusive.push_back(fmt::format(
          "the policy says how old \"{}\" may be, and no signature that holds "
          "is of that kind",
          rule.match.empty() ? rule.scheme : rule.match));
    }
  }
}

void WeighSignatures(const Policy& policy, const Survey& survey,
                     const Report& report, Reasons& reasons) {
  for (const SignatureRule& rule : policy.signatures) {
    const Ledger ledger =
        rule.coverage > 0 ? LedgerOf(rule, survey, report) : Ledger{};
    bool matched = false;
    for (const Artifact& artifact : report.artifacts) {
      if (artifact.has_content && GlobMatches(rule.match, artifact.path)) {
        matched = true;
        WeighSigners(rule, report, artifact.path, reasons);
        WeighCoverage(rule, ledger, artifact, reasons);
      }
    }
    if (!matched) {
      reasons.inconclusive.push_back(fmt::format(
          "the policy wants \"{}\" signed, and the product has no such file",
          rule.match));
    }
  }
}

void WeighLedger(const Policy& policy, const Report& report, Reasons& reasons) {
  const double unknown = PercentOf(report.ledger, "structure", {"unknown"});
  const double opaque = PercentOf(report.ledger, "examination", {"opaque"});
  const double covered =
      PercentOf(report.ledger, "authenticity",
                {"signed", "signed-by-digest", "signed-by-derived-key"});
  if (unknown > policy.max_unknown) {
    reasons.inconclusive.push_back(
        fmt::format("{:.1f} % of the bytes belong to no known format; the "
                    "policy allows {} %",
                    unknown, policy.max_unknown));
  }
  if (opaque > policy.max_opaque) {
    reasons.inconclusive.push_back(
        fmt::format("{:.1f} % of the bytes are opaque; the policy allows {} %",
                    opaque, policy.max_opaque));
  }
  if (covered < policy.min_signed) {
    reasons.fail.push_back(
        fmt::format("signatures reach {:.1f} % of the bytes; the policy "
                    "demands {} %",
                    covered, policy.min_signed));
  }
}

void WeighSbom(const Policy& policy, const Report& report, Reasons& reasons) {
  const auto& documents = report.reconciliation.documents;
  const bool any =
      std::any_of(documents.begin(), documents.end(),
                  [](const HeldDocument& held) { return !held.embedded; });
  if (policy.sbom_required && !any) {
    reasons.fail.emplace_back("the policy requires an SBOM, and none came");
  }
}

// Why part of an artifact was not examined; nothing when all of it was.
std::optional<std::string> BlindnessOf(const Node& node) {
  for (const AnomalyRecord& anomaly : node.artifact.anomalies) {
    if (std::find(kBlinding.begin(), kBlinding.end(), anomaly.id) !=
        kBlinding.end()) {
      return anomaly.detail;
    }
  }
  for (const Fact& fact : node.seen.facts) {
    if (fact.kind == "facts.truncated") {
      return "more facts than the limit, of " + fact.value;
    }
  }
  return std::nullopt;
}

std::string_view SubjectDigest(const Report& report, const Finding& finding) {
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.path == finding.subject) {
      return evidence.sha256;
    }
  }
  return report.product_sha256;
}

}  // namespace

std::vector<std::string> Blindness(const Survey& survey) {
  std::vector<std::string> reasons;
  if (!survey.stopped.empty()) {
    reasons.push_back("the examination ended early: " + survey.stopped);
  }
  std::size_t count = 0;
  std::string first;
  for (const Node& node : survey.nodes) {
    const auto why = BlindnessOf(node);
    if (why && count++ == 0) {
      first = fmt::format("{}: {}", node.artifact.path, *why);
    }
  }
  if (count > 0) {
    reasons.push_back(
        fmt::format("{} part{} could not be examined; the first: {}", count,
                    count == 1 ? "" : "s", first));
  }
  return reasons;
}

std::vector<std::string> ApplyWaivers(const Policy& policy, Report& report) {
  std::vector<std::string> notes;
  for (const Waiver& waiver : policy.waivers) {
    if (waiver.expires <= report.at) {
      notes.push_back(fmt::format("waiver {} expired on {} and accepts nothing",
                                  waiver.id, FormatTime(waiver.expires)));
      continue;
    }
    if (waiver.expires - report.at > kLongestWaiver) {
      notes.push_back(
          fmt::format("waiver {} runs longer than 365 days and accepts nothing",
                      waiver.id));
      continue;
    }
    bool met = false;
    for (Finding& finding : report.findings) {
      if (finding.rule == waiver.rule &&
          GlobMatches(waiver.subject, finding.subject) &&
          (waiver.sha256.empty() ||
           Lower(waiver.sha256) == SubjectDigest(report, finding))) {
        finding.waiver = waiver.id;
        met = true;
      }
    }
    if (!met) {
      notes.push_back(fmt::format("waiver {} meets no finding", waiver.id));
    }
  }
  return notes;
}

void Decide(const Policy* policy, const Survey& survey, Report& report) {
  Reasons reasons;
  reasons.inconclusive = Blindness(survey);
  if (report.confinement == kNotConfined) {
    reasons.inconclusive.emplace_back(
        "it was read without confinement (--unsafe-no-sandbox): what the "
        "product may have done to this program meanwhile, nobody knows");
  }
  std::vector<std::string> notes;
  if (policy == nullptr) {
    reasons.inconclusive.emplace_back(
        "no policy was given, so nothing is trusted and nothing is required");
  } else {
    notes = ApplyWaivers(*policy, report);
    WeighFindings(*policy, report, reasons);
    WeighSignatures(*policy, survey, report, reasons);
    WeighFreshness(*policy, report, reasons);
    WeighSbom(*policy, report, reasons);
    WeighLedger(*policy, report, reasons);
  }
  report.verdict = !reasons.fail.empty()           ? Verdict::kFail
                   : !reasons.inconclusive.empty() ? Verdict::kInconclusive
                                                   : Verdict::kPass;
  report.reasons = std::move(reasons.fail);
  report.reasons.insert(report.reasons.end(), reasons.inconclusive.begin(),
                        reasons.inconclusive.end());
  if (report.reasons.empty()) {
    report.reasons.push_back(fmt::format(
        "everything that the policy \"{}\" demands holds", report.policy_name));
  }
  report.reasons.insert(report.reasons.end(), notes.begin(), notes.end());
}

}  // namespace assay::engine
