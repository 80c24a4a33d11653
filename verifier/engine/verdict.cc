#include "verifier/engine/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sbom/profile.h"
#include "verifier/base/text.h"
#include "verifier/engine/blindness.h"
#include "verifier/engine/freshness.h"
#include "verifier/engine/ledger.h"

namespace assay::engine {
namespace {

// Two heaps of reasons; the heavier one decides and leads.
struct Reasons {
  std::vector<std::string> fail;
  std::vector<std::string> inconclusive;
};

double PercentOf(const Ledger& ledger, std::uint64_t bytes) {
  return ledger.leaf_bytes == 0 ? 0.0
                                : 100.0 * static_cast<double>(bytes) /
                                      static_cast<double>(ledger.leaf_bytes);
}

bool Fails(const Policy& policy, const Finding& finding) {
  return finding.waiver.empty() && finding.baseline.empty() &&
         finding.severity >= policy.ThresholdOf(finding.family);
}

void WeighFindings(const Policy& policy, const Report& report,
                   Reasons& reasons) {
  const auto is_failure = [&](const Finding& finding) {
    return Fails(policy, finding);
  };
  const auto first =
      std::find_if(report.findings.begin(), report.findings.end(), is_failure);
  if (first == report.findings.end()) {
    return;
  }
  const auto count = std::count_if(first, report.findings.end(), is_failure);
  reasons.fail.push_back(fmt::format(
      "{} finding{} of severity {} or above{}; the first: {} ({})", count,
      count == 1 ? "" : "s", NameOf(policy.fail_on),
      policy.fail_on_family.empty() ? "" : " (some families have their own)",
      first->title, first->subject));
}

// What does not decide and should not be overlooked.
void NoteWarnings(const Policy& policy, const Report& report,
                  std::vector<std::string>& notes) {
  const auto warns = [&](const Finding& finding) {
    return policy.warn_on && finding.severity >= *policy.warn_on &&
           finding.waiver.empty() && finding.baseline.empty() &&
           !Fails(policy, finding);
  };
  const auto count =
      std::count_if(report.findings.begin(), report.findings.end(), warns);
  if (count > 0) {
    notes.push_back(fmt::format(
        "warning: {} finding{} of severity {} or above that {} not fail it",
        count, count == 1 ? "" : "s", NameOf(*policy.warn_on),
        count == 1 ? "does" : "do"));
  }
  const auto known = std::count_if(
      report.findings.begin(), report.findings.end(),
      [](const Finding& finding) { return !finding.baseline.empty(); });
  if (known > 0) {
    notes.push_back(
        fmt::format("{} finding{} already in the baseline and not weighed",
                    known, known == 1 ? " was" : "s were"));
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

// "{:.1f} % of the bytes {}; the policy {} {} %".
std::string ShareSentence(double share, std::string_view what,
                          std::string_view verb, double bound) {
  return fmt::format("{:.1f} % of the bytes {}; the policy {} {} %", share,
                     what, verb, bound);
}

void WeighLedger(const Policy& policy, const Report& report, Reasons& reasons) {
  const Ledger& ledger = report.ledger;
  const std::uint64_t opaque_bytes = BytesOf(ledger, "examination", {"opaque"});
  const double unknown =
      PercentOf(ledger, BytesOf(ledger, "structure", {"unknown"}));
  const double opaque = PercentOf(ledger, opaque_bytes);
  const double parsed =
      PercentOf(ledger, BytesOf(ledger, "examination", {"parsed"}));
  const double claimed = PercentOf(ledger, ClaimedBytesOf(ledger));
  const double covered = PercentOf(ledger, SignedBytesOf(ledger));
  if (unknown > policy.max_unknown) {
    reasons.inconclusive.push_back(ShareSentence(
        unknown, "belong to no known format", "allows", policy.max_unknown));
  }
  if (opaque > policy.max_opaque) {
    reasons.inconclusive.push_back(
        ShareSentence(opaque, "are opaque", "allows", policy.max_opaque));
  }
  if (policy.max_opaque_bytes && opaque_bytes > *policy.max_opaque_bytes) {
    reasons.inconclusive.push_back(
        fmt::format("{} bytes are opaque; the policy allows {}", opaque_bytes,
                    *policy.max_opaque_bytes));
  }
  if (parsed < policy.min_parsed) {
    reasons.inconclusive.push_back(ShareSentence(
        parsed, "were understood by a reader", "demands", policy.min_parsed));
  }
  if (covered < policy.min_signed) {
    reasons.fail.push_back(
        fmt::format("signatures reach {:.1f} % of the bytes; the policy "
                    "demands {} %",
                    covered, policy.min_signed));
  }
  if (claimed < policy.min_claimed) {
    reasons.fail.push_back(
        ShareSentence(claimed, "are claimed by an SBOM or a package record",
                      "demands", policy.min_claimed));
  }
}

// Which "must" of the profile the document lacks, in words.
std::string LackOf(const sbom::ProfileCheck& check) {
  if (!check.format_accepted) {
    return "its format is not accepted";
  }
  if (!check.has_components) {
    return "it has no components";
  }
  std::vector<std::string> missing;
  for (const sbom::FieldTally& tally : check.tallies) {
    if (tally.field->must && !tally.Met()) {
      missing.push_back(tally.field->title);
    }
  }
  return fmt::format("it lacks {}", fmt::join(missing, ", "));
}

void WeighProfile(const sbom::Profile& profile, const Report& report,
                  Reasons& reasons) {
  std::string lack;
  for (const HeldDocument& held : report.reconciliation.documents) {
    if (held.embedded) {
      continue;
    }
    const auto check = sbom::CheckProfile(profile, held.document);
    if (check.Conforms()) {
      return;
    }
    lack = fmt::format("{}: {}", held.holder, LackOf(check));
  }
  reasons.fail.push_back(
      fmt::format("no SBOM has the minimum elements of {} ({})", profile.name,
                  lack.empty() ? "none came" : lack));
}

void WeighSbom(const Policy& policy, const Report& report, Reasons& reasons) {
  const auto& documents = report.reconciliation.documents;
  const bool any =
      std::any_of(documents.begin(), documents.end(),
                  [](const HeldDocument& held) { return !held.embedded; });
  if (policy.sbom_required && !any) {
    reasons.fail.emplace_back("the policy requires an SBOM, and none came");
  }
  for (const std::string& name : policy.sbom_profiles) {
    WeighProfile(*sbom::FindProfile(name), report, reasons);
  }
  const auto& scores = report.reconciliation.scores;
  const std::uint32_t index = scores ? scores->index : 0;
  if (index < policy.min_sbom_index) {
    reasons.fail.push_back(fmt::format(
        "SBOM and content agree to {} of 100; the policy demands {}", index,
        policy.min_sbom_index));
  }
}

}  // namespace

void Decide(const Policy* policy, const Survey& survey, Report& report,
            std::optional<Severity> fail_on) {
  Reasons reasons;
  reasons.inconclusive = Blindness(survey);
  if (report.confinement == kNotConfined) {
    reasons.inconclusive.emplace_back(
        "it was read without confinement (--unsafe-no-sandbox): what the "
        "product may have done to this program meanwhile, nobody knows");
  }
  std::vector<std::string> notes;
  Policy weighed = policy != nullptr ? *policy : Policy{};
  if (fail_on) {
    notes.push_back(fmt::format(
        "findings fail from severity {} on, as the command line says, not the "
        "policy",
        NameOf(*fail_on)));
    weighed.fail_on = *fail_on;
    weighed.fail_on_family.clear();
  }
  report.thresholds = {weighed.fail_on, weighed.fail_on_family};
  if (policy != nullptr || fail_on) {
    WeighFindings(weighed, report, reasons);
    NoteWarnings(weighed, report, notes);
  }
  if (policy == nullptr) {
    reasons.inconclusive.emplace_back(
        "no policy was given, so nothing is trusted and nothing is required");
  } else {
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
