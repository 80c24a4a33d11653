#include "rules/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "rules/anchors.h"
#include "rules/evidence.h"
#include "rules/index.h"
#include "rules/matcher.h"
#include "rules/title.h"
#include "verifier/model/fact.h"

namespace assay::rules {
namespace {

bool CanEvaluate(const Rule& rule, const Dossier& dossier) {
  std::vector<std::string> kinds = FactKindsOf(rule.when);
  kinds.insert(kinds.end(), rule.needs.begin(), rule.needs.end());
  return std::all_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
    return FindFactKind(kind) != nullptr &&
           (kind != "new" || dossier.has_previous);
  });
}

bool IsNamed(const Rule& rule, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == rule.id || name == rule.family;
  });
}

// What the finding is about: the artifact, or what stands beside the product.
std::string SubjectOf(const Witness& witness, const Artifact& artifact) {
  if (const auto* check = std::get_if<const SignatureCheck*>(&witness.thing)) {
    return (*check)->target.empty() ? (*check)->holder : (*check)->target;
  }
  if (const auto* one = std::get_if<const Discrepancy*>(&witness.thing)) {
    if ((*one)->artifact == kNoArtifact && !(*one)->document.empty()) {
      return (*one)->document;
    }
  }
  return artifact.path;
}

class Evaluator {
 public:
  Evaluator(const RuleSet& rules, const Dossier& dossier)
      : rules_(rules),
        index_(rules, dossier),
        matcher_(rules, index_),
        anchors_(index_) {}

  Evaluation Run(const std::vector<std::string>& disabled) {
    for (const Rule& rule : rules_.rules) {
      if (IsNamed(rule, disabled)) {
        result_.tally.disabled.push_back(rule.id);
        continue;
      }
      if (!CanEvaluate(rule, index_.dossier())) {
        result_.tally.not_evaluated.push_back(rule.id);
        continue;
      }
      ++result_.tally.evaluated;
      const std::size_t before = result_.findings.size();
      Judge(rule);
      if (result_.findings.size() > before) {
        ++result_.tally.matched;
      } else {
        result_.tally.passed.push_back(rule.id);
      }
    }
    for (const NotImported& rule : rules_.not_imported) {
      result_.tally.not_evaluated.push_back(rule.id);
    }
    Sort();
    return std::move(result_);
  }

 private:
  void Judge(const Rule& rule) {
    if (rule.scope == Rule::Scope::kProduct) {
      Report(rule, 0, matcher_.Find(rule.when, std::nullopt));
      return;
    }
    for (const ArtifactId id : matcher_.Candidates(rule.when)) {
      Report(rule, id, matcher_.Find(rule.when, id));
    }
  }

  void Report(const Rule& rule, ArtifactId artifact, Match match) {
    if (!match.holds || index_.size() == 0) {
      return;
    }
    if (match.groups.empty()) {
      // Something is missing; the artifact itself is all there is to show.
      static const Condition kAbsence{.kind = Condition::Kind::kArtifact,
                                      .tests = {{.field = "path"}}};
      match.groups.push_back({{.artifact = artifact,
                               .thing = &index_.At(artifact).artifact,
                               .leaf = &kAbsence}});
    }
    if (rule.each) {
      for (const Group& group : match.groups) {
        Add(rule, group);
      }
      return;
    }
    Group all;
    for (const Group& group : match.groups) {
      all.insert(all.end(), group.begin(), group.end());
    }
    Add(rule, all);
  }

  void Add(const Rule& rule, const Group& witnesses) {
    const Witness& first = witnesses.front();
    const Artifact& artifact = index_.At(first.artifact).artifact;
    Finding finding;
    finding.rule = rule.id;
    finding.rule_version = fmt::format("{}", rule.version);
    finding.family = rule.family;
    finding.severity = rule.severity;
    finding.confidence = rule.confidence;
    finding.explanation = rule.explanation;
    finding.fix = rule.fix;
    for (const std::uint32_t number : rule.cwe) {
      finding.cwe.push_back(fmt::format("CWE-{}", number));
    }
    finding.attack = rule.attack;
    finding.norm.push_back(rule.gge);
    finding.norm.insert(finding.norm.end(), rule.para.begin(), rule.para.end());
    finding.subject = SubjectOf(first, artifact);
    const std::size_t proofs = Prove(rule, witnesses, finding.evidence);
    finding.title = index_.WrittenFrom(first.artifact)
                        ? FilledTitle(rule.title, first, Named(first), proofs)
                        : FilledTitle(rule.title, first, artifact, proofs);
    finding.explained_by = anchors_.Explain(rule, witnesses);
    if (!finding.explained_by.empty()) {
      finding.severity = Severity::kInfo;
    }
    finding.id = FindingId(finding);
    // Two witnesses may prove the very same thing.
    if (seen_.insert(finding.id).second) {
      result_.findings.push_back(std::move(finding));
    }
  }

  // A file that a script writes, as titles name it.
  [[nodiscard]] Artifact Named(const Witness& witness) const {
    Artifact file = index_.At(witness.artifact).artifact;
    const Artifact& script =
        index_.At(index_.HolderOf(witness.artifact)).artifact;
    file.inner_path +=
        " (written by " +
        (script.inner_path.empty() ? script.name : script.inner_path) + ")";
    return file;
  }

  // Adds distinct evidence in order; returns how many pieces there were.
  std::size_t Prove(const Rule& rule, const Group& witnesses,
                    std::vector<Evidence>& into) const {
    const bool only_artifacts =
        std::all_of(witnesses.begin(), witnesses.end(), [](const Witness& one) {
          return one.leaf->kind == Condition::Kind::kArtifact;
        });
    std::set<std::tuple<std::string, std::uint64_t, std::uint64_t, std::string,
                        std::string>>
        known;
    for (const Witness& witness : witnesses) {
      // Beside real evidence the tests on the artifact are no news.
      if (!only_artifacts && witness.leaf->kind == Condition::Kind::kArtifact) {
        continue;
      }
      for (Evidence& one : EvidenceOf(witness, index_, rule.redact)) {
        const Range place = one.place.value_or(Range{});
        const bool is_new = known
                                .emplace(one.path, place.offset, place.length,
                                         one.field, one.value)
                                .second;
        if (is_new && into.size() < kEvidencePerFinding) {
          into.push_back(std::move(one));
        }
      }
    }
    return known.size();
  }

  void Sort() {
    const auto place = [](const Finding& finding) {
      return finding.evidence.front().place.value_or(Range{});
    };
    std::sort(result_.findings.begin(), result_.findings.end(),
              [&](const Finding& a, const Finding& b) {
                return std::make_tuple(b.severity, std::string_view(a.rule),
                                       std::string_view(a.subject), place(a),
                                       std::string_view(a.id)) <
                       std::make_tuple(a.severity, std::string_view(b.rule),
                                       std::string_view(b.subject), place(b),
                                       std::string_view(b.id));
              });
  }

  const RuleSet& rules_;
  Index index_;
  Matcher matcher_;
  Anchors anchors_;
  Evaluation result_;
  std::set<std::string> seen_;
};

}  // namespace

Evaluation Evaluate(const RuleSet& rules, const Dossier& dossier,
                    const std::vector<std::string>& disabled) {
  return Evaluator(rules, dossier).Run(disabled);
}

}  // namespace assay::rules
