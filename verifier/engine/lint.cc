#include "verifier/engine/lint.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "rules/evaluate.h"
#include "rules/example.h"
#include "rules/lint.h"
#include "sbom/reconcile.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/examine.h"

namespace assay::engine {
namespace {

using rules::Example;

// A delivery of the example's files; a file's mode counts only here, where no
// real disk gave it.
unpack::Product ProductOf(const Example& example) {
  unpack::Product product{.name = "example", .directory = true};
  for (const rules::ExampleFile& file : example.files) {
    unpack::ProductFile entry{.name = file.path};
    unsigned mode = 0;
    if (std::from_chars(file.mode.data(), file.mode.data() + file.mode.size(),
                        mode, 8)
                .ec == std::errc() &&
        !file.mode.empty()) {
      entry.meta.mode = mode;
    }
    entry.open = [source = ByteSource::Own(file.content)] { return source; };
    product.files.push_back(std::move(entry));
  }
  return product;
}

// "" when the example comes out as expected.
std::string Disagreement(const rules::RuleSet& rule_set,
                         const rules::Rule& rule, const Example& example) {
  Dossier dossier;
  // A rule's own examples are as trusted as the rule.
  auto survey =
      ExamineProduct(ProductOf(example),
                     {.rules = &rule_set, .confinement = Confinement::kUnsafe});
  if (!survey) {
    return survey.error().what;
  }
  dossier.survey = std::move(*survey);
  dossier.reconciliation = sbom::Reconcile(dossier.survey, {});
  return rules::WhyNotAsExpected(rule, example,
                                 rules::Evaluate(rule_set, dossier).findings);
}

}  // namespace

Result<std::vector<TestedExample>> TestRules(const std::string& folder) {
  auto files = RuleFiles({folder}, Catalogue::kLeftOut);
  if (!files) {
    return Fail(files.error());
  }
  rules::LoadedRules loaded = rules::ParseRules(std::move(*files));
  if (!loaded.problems.empty()) {
    return Fail(ErrorCode::kConfig,
                TextOf(std::move(loaded.problems), {folder}));
  }
  std::vector<TestedExample> tested;
  for (const rules::Rule& rule : loaded.rules.rules) {
    for (const Example& example : rule.examples) {
      tested.push_back(
          {.rule = rule.id,
           .name = example.name,
           .expect = example.expect,
           .file = rule.file,
           .mark = example.mark,
           .wrong = example.files.empty()
                        ? rules::RunExample(loaded.rules, rule, example)
                        : Disagreement(loaded.rules, rule, example)});
    }
  }
  return tested;
}

Result<LintResult> LintRules(const std::vector<std::string>& folders) {
  auto files = RuleFiles(folders);
  if (!files) {
    return Fail(files.error());
  }
  const rules::LoadedRules loaded = rules::ParseRules(std::move(*files));
  LintResult result;
  result.problems = rules::Lint(loaded);
  result.rules = loaded.rules.rules.size();
  result.not_imported = loaded.rules.not_imported;
  for (const rules::Rule& rule : loaded.rules.rules) {
    for (const Example& example : rule.examples) {
      if (example.files.empty()) {
        continue;
      }
      ++result.examples;
      std::string wrong = Disagreement(loaded.rules, rule, example);
      if (!wrong.empty()) {
        result.problems.push_back({rule.file, example.mark, std::move(wrong)});
      }
    }
  }
  return result;
}

}  // namespace assay::engine
