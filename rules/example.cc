#include "rules/example.h"

#include <fmt/format.h>

#include <utility>

#include "rules/evaluate.h"
#include "rules/pattern_scanner.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

// The excerpt of HitRecord: the first 64 bytes of the hit.
constexpr std::size_t kExcerpt = 64;

void AddHits(const PatternScanner& scanner, ByteView content, Node& to) {
  for (const PatternHit& hit :
       scanner.Scan(to.artifact, to.seen.facts, content)) {
    const auto bytes = Slice(content, hit.offset, hit.length);
    HitRecord record{.hit = hit};
    if (bytes) {
      record.excerpt = AsText(bytes->first(std::min(bytes->size(), kExcerpt)));
    }
    to.seen.hits.push_back(std::move(record));
  }
}

}  // namespace

std::string WhyNotAsExpected(const Rule& rule, const Example& example,
                             const std::vector<Finding>& findings) {
  std::size_t open = 0;
  std::size_t explained = 0;
  for (const Finding& finding : findings) {
    if (finding.rule == rule.id) {
      ++(finding.explained_by.empty() ? open : explained);
    }
  }
  const bool good = example.expect == Example::Expect::kMatch ? open > 0
                    : example.expect == Example::Expect::kNoMatch
                        ? open + explained == 0
                        : open == 0 && explained > 0;
  if (good) {
    return {};
  }
  return fmt::format("example \"{}\" gave {} findings and {} explained ones",
                     Escaped(example.name), open, explained);
}

std::string RunExample(const RuleSet& rules, const Rule& rule,
                       const Example& example) {
  if (!example.files.empty()) {
    return {};
  }
  Dossier dossier = example.dossier;
  for (const auto& [artifact, content] : example.texts) {
    AddHits(*rules.scanner, content, dossier.survey.nodes.at(artifact));
  }
  RuleSet alone = rules;
  alone.rules = {rule};
  return WhyNotAsExpected(rule, example, Evaluate(alone, dossier).findings);
}

}  // namespace assay::rules
