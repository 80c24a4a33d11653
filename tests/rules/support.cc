#include "tests/rules/support.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <utility>

#include "rules/example_reader.h"
#include "rules/pattern_scanner.h"

namespace assay::rules::testing {

std::string RuleText(const std::string& when, const std::string& extra) {
  return "id: NI3-HF01-001\n"
         "version: 1\n"
         "title: possible thing of a test\n"
         "family: HF-01\n"
         "severity: high\n"
         "confidence: high\n"
         "norm: {gge: \"13(i)\", para: [\"58(c)\"]}\n"
         "cwe: [798]\n"
         "explanation: text\n"
         "fix: text\n" +
         extra + "when:\n  " + when + "\n";
}

RuleSet RulesOf(const std::vector<std::string>& texts) {
  std::vector<RuleFile> files;
  for (const std::string& text : texts) {
    const char letter = static_cast<char>('a' + files.size());
    files.push_back({std::string("hf01_x/") + letter + ".yml", text});
  }
  LoadedRules loaded = ParseRules(std::move(files));
  for (const Problem& problem : loaded.problems) {
    ADD_FAILURE() << TextOf(problem);
  }
  return std::move(loaded.rules);
}

Dossier DossierOf(const RuleSet& rules, const std::string& example) {
  std::vector<Problem> problems;
  YamlReader reader("example", problems);
  Example read =
      ReadExample(YAML::Load(example), Example::Expect::kMatch, reader);
  for (const Problem& problem : problems) {
    ADD_FAILURE() << TextOf(problem);
  }
  for (const auto& [artifact, content] : read.texts) {
    Node& node = read.dossier.survey.nodes.at(artifact);
    for (const PatternHit& hit :
         rules.scanner->Scan(node.artifact, node.seen.facts, content)) {
      node.seen.hits.push_back({.hit = hit});
    }
  }
  return std::move(read.dossier);
}

}  // namespace assay::rules::testing
