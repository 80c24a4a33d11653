#include "verifier/engine/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "rules/evaluate.h"
#include "rules/load.h"
#include "sbom/reconcile.h"
#include "signatures/anchor.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/engine/baseline.h"
#include "verifier/engine/blindness.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/delta.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/exceptions.h"
#include "verifier/engine/explanations.h"
#include "verifier/engine/judge.h"
#include "verifier/engine/ledger.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/policy_signature.h"
#include "verifier/engine/product.h"
#include "verifier/engine/sidecars.h"
#include "verifier/engine/verdict.h"
#include "verifier/engine/version.h"
#include "verifier/engine/waivers.h"
#include "verifier/engine/walk_cache.h"

namespace assay::engine {
namespace {

void Enter(const VerifyRequest& request, const char* stage) {
  if (request.progress != nullptr) {
    request.progress->stage = stage;
  }
}

// The manifest speaks only when somebody whom the policy trusts signed it.
void Authenticate(Declarations& declarations, const Policy* policy,
                  const std::vector<SignatureCheck>& checks) {
  if (policy == nullptr || declarations.holder.empty()) {
    return;
  }
  declarations.authentic =
      !policy->manifest_must_be_signed ||
      std::any_of(checks.begin(), checks.end(), [&](const auto& check) {
        return check.target == declarations.holder &&
               check.indication == Indication::kTotalPassed &&
               !check.anchor.empty();
      });
}

std::vector<NotExamined> ListNotExamined(const Survey& survey) {
  std::vector<NotExamined> list;
  for (const Node& node : survey.nodes) {
    const Artifact& artifact = node.artifact;
    if (artifact.examination == Examination::kOpaque) {
      list.push_back(
          {artifact.path,
           {0, artifact.has_content ? artifact.size
                                    : artifact.origin.value_or(Range{}).length},
           artifact.opaque_reason});
    }
  }
  return list;
}

std::vector<Trait> ListTraits(const Survey& survey) {
  std::vector<Trait> traits;
  for (const Node& node : survey.nodes) {
    std::set<std::pair<std::string_view, std::string_view>> told;
    for (const Fact& fact : node.seen.facts) {
      if (WeightOf(fact.kind, fact.value) >= kReportedWeight) {
        told.emplace(fact.kind, fact.value);
      }
    }
    for (const auto& [kind, value] : told) {
      traits.push_back(
          {node.artifact.id, std::string(kind), std::string(value)});
    }
  }
  return traits;
}

Report Assemble(const VerifyRequest& request, const Policy* policy,
                const rules::RuleSet& rule_set, const Dossier& dossier) {
  Report report;
  report.tool_version = Version();
  report.rules_sha256 = rule_set.sha256;
  report.policy_name = policy != nullptr ? policy->name : "";
  report.policy_sha256 = policy != nullptr ? policy->sha256 : "";
  report.at = request.at;
  report.limits = request.limits;
  report.reproducible =
      !dossier.survey.wall_clock &&
      (request.interrupted == nullptr || !request.interrupted->load());
  report.confinement =
      request.unsafe_no_sandbox ? kNotConfined : kConfinedProcess;
  report.keys = request.secrets.keys.size();
  report.passwords = request.secrets.passwords.size();
  const Artifact& root = dossier.survey.At(0);
  report.product = root.name;
  report.product_sha256 = ProductDigest(dossier.survey);
  report.product_size = ProductSize(dossier.survey);
  report.checks = dossier.checks;
  report.reconciliation = dossier.reconciliation;
  report.not_examined = ListNotExamined(dossier.survey);
  for (const Node& node : dossier.survey.nodes) {
    report.artifacts.push_back(node.artifact);
  }
  report.traits = ListTraits(dossier.survey);
  return report;
}

struct Inputs {
  std::optional<Policy> policy = {};
  std::string policy_signer = {};
  rules::RuleSet rules = {};
  unpack::Product product = {};
  std::optional<unpack::Product> previous = {};
  Sidecars sidecars = {};
  std::vector<NamedFile> signatures = {};
  std::vector<NamedFile> context = {};
  Explanations explanations = {};
};

// Moves the value of `from` into `to`; false, with the error, when it has none.
template <typename T, typename U>
bool Take(Result<T> from, U& to, Error& error) {
  if (!from) {
    error = std::move(from.error());
    return false;
  }
  to = std::move(*from);
  return true;
}

// Whether the policy says which keys and revocation lists of the file count,
// and nothing else of the file does. The key ids of minisign and signify pin
// nothing: whoever makes a key chooses its id.
bool IsPinned(const TrustAnchor& anchor) {
  using Type = TrustAnchor::Type;
  constexpr std::array kByFingerprint = {Type::kOpenPgpCert, Type::kX509Ca,
                                         Type::kX509Pin, Type::kRawKey};
  const auto lists = signatures::RevocationListsOf(anchor);
  return !anchor.fingerprints.empty() &&
         std::find(kByFingerprint.begin(), kByFingerprint.end(), anchor.type) !=
             kByFingerprint.end() &&
         std::all_of(lists.begin(), lists.end(), [&](const std::string& list) {
           return signatures::AllowsFingerprint(anchor, list);
         });
}

// The bytes that were checked are those that are read: a policy that changes
// in between has another digest.
Result<std::string> SignerOfPolicy(const VerifyRequest& request,
                                   const Policy& policy) {
  const auto content = ByteSource::MapFile(request.policy);
  if (!content) {
    return Fail(content.error());
  }
  if (Sha256Hex(content->bytes()) != policy.sha256) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}: changed while it was read", request.policy));
  }
  // The signature is over the policy, not over the files that it names.
  for (const TrustAnchor& anchor : policy.anchors) {
    if (anchor.from_file && !IsPinned(anchor)) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("{}: anchor {}: a signed policy holds the key, "
                              "or names the fingerprints of what its file "
                              "holds, revocation lists among them",
                              request.policy, anchor.name));
    }
  }
  return AuthenticatePolicy(request.policy, content->bytes(),
                            request.policy_key, request.at);
}

enum class With { kRules, kNoRules };

Result<Inputs> ReadInputs(const VerifyRequest& request, With with) {
  Inputs inputs;
  Error error;
  if (!request.policy_key.empty() && request.policy.empty()) {
    return Fail(ErrorCode::kConfig, "--policy-key without --policy");
  }
  const bool all =
      (request.policy.empty() ||
       Take(LoadPolicy(request.policy), inputs.policy, error)) &&
      (request.policy_key.empty() || !inputs.policy ||
       Take(SignerOfPolicy(request, *inputs.policy), inputs.policy_signer,
            error)) &&
      (with == With::kNoRules ||
       Take(LoadCatalogue(request.rules), inputs.rules, error)) &&
      Take(OpenProduct(request.product), inputs.product, error) &&
      (request.previous.empty() ||
       Take(OpenProduct(request.previous), inputs.previous, error)) &&
      Take(ReadSidecars(inputs.product, request.sboms), inputs.sidecars,
           error) &&
      Take(ReadFiles(request.signatures), inputs.signatures, error) &&
      Take(ReadFiles(request.contexts), inputs.context, error) &&
      Take(ReadExplanations(request, inputs.policy ? &*inputs.policy : nullptr),
           inputs.explanations, error);
  if (!all) {
    return Fail(std::move(error));
  }
  return inputs;
}

// A rule that was meant to be switched off and is not there is a mistake.
Result<void> CheckDisabled(const VerifyRequest& request, const Inputs& inputs) {
  const auto disabled = inputs.policy ? inputs.policy->disabled_rules
                                      : std::vector<std::string>();
  for (const std::string& name : disabled) {
    const auto& rules = inputs.rules.rules;
    const bool known =
        std::any_of(rules.begin(), rules.end(), [&](const rules::Rule& rule) {
          return rule.id == name || rule.family == name;
        });
    if (!known) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("{}: there is no rule and no family \"{}\" to "
                              "disable",
                              request.policy, name));
    }
  }
  return {};
}

ExaminePlan PlanFor(const VerifyRequest& request, const Inputs& inputs,
                    std::optional<WalkCache>& cache) {
  return {.limits = request.limits,
          .secrets = request.secrets,
          .jobs = request.jobs,
          .digests = inputs.sidecars.digests,
          .rules = &inputs.rules,
          .interrupted = request.interrupted,
          .progress =
              request.progress != nullptr ? &request.progress->bytes : nullptr,
          .confinement = request.unsafe_no_sandbox ? Confinement::kUnsafe
                                                   : Confinement::kProcess,
          .cache = cache ? &*cache : nullptr};
}

Result<void> CheckInto(Dossier& dossier, const VerifyRequest& request,
                       const Inputs& given, const ExaminePlan& plan) {
  Enter(request, "checking signatures");
  auto checks = JudgeSignatures({.product = given.product,
                                 .survey = dossier.survey,
                                 .policy = given.policy.value_or(Policy{}),
                                 .at = request.at,
                                 .plan = plan,
                                 .signatures = given.signatures,
                                 .context = given.context});
  if (!checks) {
    return Fail(checks.error());
  }
  dossier.checks = std::move(*checks);
  return {};
}

// A manifest that the user names speaks instead of the delivery's.
void Explain(Dossier& dossier, Inputs& given, UnixTime at) {
  Explanations& explanations = given.explanations;
  if (explanations.manifest) {
    dossier.declarations = std::move(*explanations.manifest);
  } else {
    dossier.declarations = std::move(given.sidecars.declarations);
    Authenticate(dossier.declarations, given.policy ? &*given.policy : nullptr,
                 dossier.checks);
  }
  dossier.references = std::move(explanations.references);
  dossier.exceptions =
      LiveExceptions(std::move(explanations.exceptions), at, dossier.survey);
}

// The release before is examined in the same way, and no longer kept.
Result<std::optional<Delta>> CompareWithPrevious(Dossier& dossier,
                                                 const VerifyRequest& request,
                                                 const Inputs& given,
                                                 const ExaminePlan& plan) {
  if (!given.previous) {
    return std::nullopt;
  }
  Enter(request, "examining the previous release");
  const auto before = ExamineProduct(*given.previous, plan);
  if (!before) {
    return Fail(before.error());
  }
  Delta delta = CompareReleases(*before, dossier.survey);
  delta.previous = before->At(0).name;
  delta.previous_sha256 = ProductDigest(*before);
  delta.incomplete = Blindness(*before);
  dossier.has_previous = true;
  return delta;
}

// Rules, findings, waivers, verdict, report.
Report Judged(const VerifyRequest& request, Inputs& given,
              const Dossier& dossier, std::optional<Delta> delta) {
  Enter(request, "judging");
  const Policy* policy = given.policy ? &*given.policy : nullptr;
  rules::Evaluation evaluation = rules::Evaluate(
      given.rules, dossier,
      policy != nullptr ? policy->disabled_rules : std::vector<std::string>());
  Report report = Assemble(request, policy, given.rules, dossier);
  report.policy_signer = given.policy_signer;
  report.delta = std::move(delta);
  report.explanations = std::move(given.explanations.sources);
  report.findings = std::move(evaluation.findings);
  if (policy != nullptr) {
    NoteVoidWaivers(given.rules, ApplyWaivers(*policy, report), dossier.survey,
                    report);
  }
  if (request.baseline != nullptr) {
    MarkKnown(*request.baseline, request.baseline_name, report);
    report.explanations.push_back(
        {.kind = "baseline",
         .name = request.baseline_name,
         .sha256 = request.baseline_sha256,
         .detail = "what stands in it as well is not weighed"});
  }
  report.rules = std::move(evaluation.tally);
  report.ledger =
      BuildLedger(dossier.survey, dossier.checks, dossier.reconciliation);
  Decide(policy, dossier.survey, report, request.fail_on);
  return report;
}

}  // namespace

std::string ProductDigest(const Survey& survey) {
  const Artifact& root = survey.At(0);
  if (root.format != "directory" || root.has_content) {
    return root.sha256();
  }
  // What sha256sum would print over the delivery's files, sorted by name.
  std::string list;
  for (const Node& node : survey.nodes) {
    if (node.artifact.depth == 1 && node.artifact.has_content) {
      list +=
          fmt::format("{}  {}\n", node.artifact.sha256(), node.artifact.path);
    }
  }
  return Sha256Hex(AsBytes(list));
}

std::uint64_t ProductSize(const Survey& survey) {
  std::uint64_t size = survey.At(0).size;
  for (const Node& node : survey.nodes) {
    size += node.artifact.depth == 1 && !survey.At(0).has_content
                ? node.artifact.size
                : 0;
  }
  return size;
}

Result<Report> Verify(const VerifyRequest& request) {
  // What is trusted and what is looked for; bytes, and the claims beside them.
  auto given = ReadInputs(request, With::kRules);
  if (!given) {
    return Fail(given.error());
  }
  if (auto known = CheckDisabled(request, *given); !known) {
    return Fail(known.error());
  }

  auto cache = WalkCache::Open(request.cache);
  if (!cache) {
    return Fail(cache.error());
  }

  // Artifact tree and facts.
  Enter(request, "examining");
  const ExaminePlan plan = PlanFor(request, *given, *cache);
  auto survey = ExamineProduct(given->product, plan);
  if (!survey) {
    return Fail(survey.error());
  }
  Dossier dossier{.survey = std::move(*survey)};
  PlaceDocuments(dossier.survey, given->sidecars.documents);

  if (auto checked = CheckInto(dossier, request, *given, plan); !checked) {
    return Fail(checked.error());
  }

  // SBOM against tree.
  Enter(request, "reconciling");
  dossier.reconciliation =
      sbom::Reconcile(dossier.survey, std::move(given->sidecars.documents));
  Explain(dossier, *given, request.at);

  auto delta = CompareWithPrevious(dossier, request, *given, plan);
  if (!delta) {
    return Fail(delta.error());
  }

  if (*cache) {
    (*cache)->Tidy();
  }
  return Judged(request, *given, dossier, std::move(*delta));
}

Result<Report> CheckSignatures(const VerifyRequest& request) {
  auto given = ReadInputs(request, With::kNoRules);
  if (!given) {
    return Fail(given.error());
  }
  auto cache = WalkCache::Open(request.cache);
  if (!cache) {
    return Fail(cache.error());
  }
  Enter(request, "examining");
  ExaminePlan plan = PlanFor(request, *given, *cache);
  plan.rules = nullptr;
  plan.scope = Scope::kSignatures;
  auto survey = ExamineProduct(given->product, plan);
  if (!survey) {
    return Fail(survey.error());
  }
  Dossier dossier{.survey = std::move(*survey)};
  if (auto checked = CheckInto(dossier, request, *given, plan); !checked) {
    return Fail(checked.error());
  }
  Report report = Assemble(request, given->policy ? &*given->policy : nullptr,
                           given->rules, dossier);
  if (*cache) {
    (*cache)->Tidy();
  }
  report.policy_signer = given->policy_signer;
  report.reasons = Blindness(dossier.survey);
  report.ledger = BuildLedger(dossier.survey, dossier.checks, {});
  return report;
}

}  // namespace assay::engine
