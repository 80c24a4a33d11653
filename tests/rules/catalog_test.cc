// The catalogue itself: every rule is documented, neutral and does what its
// examples say.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "rules/evaluate.h"
#include "rules/lint.h"
#include "rules/load.h"

namespace assay::rules {
namespace {

const LoadedRules& Catalog() {
  static const LoadedRules loaded = ParseRules(
      ReadFolder(std::string(ASSAY_SOURCE_DIR) + "/rules/catalog").value());
  return loaded;
}

TEST(CatalogTest, LoadsWithoutProblems) {
  for (const Problem& problem : Catalog().problems) {
    ADD_FAILURE() << TextOf(problem);
  }
}

TEST(CatalogTest, PassesTheLinterAndItsExamples) {
  for (const Problem& problem : Lint(Catalog())) {
    ADD_FAILURE() << TextOf(problem);
  }
}

TEST(CatalogTest, CoversManyFamilies) {
  std::set<std::string> families;
  for (const Rule& rule : Catalog().rules.rules) {
    families.insert(rule.family);
  }
  EXPECT_GE(Catalog().rules.rules.size(), 30U);
  EXPECT_GE(families.size(), 9U);
}

TEST(CatalogTest, SaysNothingAboutAnEmptyProduct) {
  Dossier dossier{.has_previous = true};
  dossier.survey.nodes.emplace_back();
  const Evaluation evaluation = Evaluate(Catalog().rules, dossier);
  EXPECT_TRUE(evaluation.findings.empty());
  EXPECT_EQ(evaluation.tally.evaluated, Catalog().rules.rules.size());
  EXPECT_TRUE(evaluation.tally.not_evaluated.empty());
}

TEST(CatalogTest, WithoutAReleaseBeforeChangesAreNotEvaluated) {
  Dossier dossier;
  dossier.survey.nodes.emplace_back();
  const Evaluation evaluation = Evaluate(Catalog().rules, dossier);
  const auto& left_out = evaluation.tally.not_evaluated;
  EXPECT_EQ(std::count(left_out.begin(), left_out.end(), "NI3-HF04-007"), 1);
  EXPECT_EQ(evaluation.tally.evaluated + left_out.size(),
            Catalog().rules.rules.size());
}

}  // namespace
}  // namespace assay::rules
