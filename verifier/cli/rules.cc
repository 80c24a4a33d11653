#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/lint.h"
#include "verifier/engine/rule_coverage.h"
#include "verifier/model/fact.h"

namespace assay::cli {
namespace {

struct Options {
  std::vector<std::string> folders;
  std::string folder;
  std::string id;
  bool facts = false;
};

void ListNotImported(const std::vector<rules::NotImported>& rules) {
  for (const rules::NotImported& rule : rules) {
    fmt::print("{}:{}:{}: {} not imported: {}\n", Escaped(rule.file),
               rule.mark.line, rule.mark.column, rule.id, rule.why);
  }
  if (!rules.empty()) {
    fmt::print("{} rules not imported\n", rules.size());
  }
}

int List(const Options& options) {
  if (options.facts) {
    for (const FactKind& kind : FactKinds()) {
      fmt::print("{:<20} {}{}{}\n", kind.name, kind.value,
                 kind.attributes.empty() ? "" : "; ",
                 fmt::join(kind.attributes, ", "));
    }
    return kExitPass;
  }
  const auto rules = engine::LoadCatalogue(options.folders);
  if (!rules) {
    return Complain(rules.error());
  }
  for (const rules::Rule& rule : rules->rules) {
    fmt::print("{:<14} {:<10} {:<9} {}\n", rule.id, rule.family,
               NameOf(rule.severity), rule.title);
  }
  fmt::print("{} rules, digest {}\n", rules->rules.size(), rules->sha256);
  ListNotImported(rules->not_imported);
  return kExitPass;
}

std::string_view NameOf(rules::Example::Expect expect) {
  switch (expect) {
    case rules::Example::Expect::kMatch:
      return "match";
    case rules::Example::Expect::kNoMatch:
      return "no_match";
    case rules::Example::Expect::kExplained:
      return "explained";
  }
  return "";
}

int Test(const Options& options) {
  const auto tested = engine::TestRules(options.folder);
  if (!tested) {
    return Complain(tested.error());
  }
  std::size_t wrong = 0;
  for (const engine::TestedExample& example : *tested) {
    wrong += example.wrong.empty() ? 0U : 1U;
    fmt::print("{} {} {} \"{}\"\n", example.wrong.empty() ? "ok   " : "WRONG",
               example.rule, NameOf(example.expect), Escaped(example.name));
    if (!example.wrong.empty()) {
      Warn(fmt::format("{}/{}:{}:{}: {}", options.folder, example.file,
                       example.mark.line, example.mark.column, example.wrong));
    }
  }
  if (tested->empty()) {
    return Complain(
        {ErrorCode::kConfig, fmt::format("{}: no rule there has an example",
                                         Escaped(options.folder))});
  }
  Say("{} examples, {} not as they should be\n", tested->size(), wrong);
  return wrong == 0 ? kExitPass : kExitFail;
}

int Lint(const Options& options) {
  const auto result = engine::LintRules(options.folders);
  if (!result) {
    return Complain(result.error());
  }
  for (const rules::Problem& problem : result->problems) {
    Warn(rules::TextOf(problem));
  }
  ListNotImported(result->not_imported);
  Say("{} rules, {} examples through the whole pipeline, {} problems\n",
      result->rules, result->examples, result->problems.size());
  return result->problems.empty() ? kExitPass : kExitConfig;
}

int Explain(const Options& options) {
  const auto rules = engine::LoadCatalogue(options.folders);
  if (!rules) {
    return Complain(rules.error());
  }
  const auto rule =
      std::find_if(rules->rules.begin(), rules->rules.end(),
                   [&](const auto& known) { return known.id == options.id; });
  if (rule == rules->rules.end()) {
    return Misuse(fmt::format("there is no rule \"{}\"", Escaped(options.id)));
  }
  fmt::print(
      "{} (version {}, family {}, severity {}, confidence {})\n{}\n\n"
      "What it means\n  {}\n\nWhat a vendor can do\n  {}\n\n"
      "Norm {} paragraphs {}; CWE {}; ATT&CK {}\nFile {}\n",
      rule->id, rule->version, rule->family, NameOf(rule->severity),
      NameOf(rule->confidence), rule->title, Trim(rule->explanation),
      Trim(rule->fix), rule->gge, fmt::join(rule->para, ", "),
      fmt::join(rule->cwe, ", "), fmt::join(rule->attack, ", "), rule->file);
  return kExitPass;
}

// Families by tiers of evidence: how many rules there are.
int Coverage(const Options& options) {
  const auto rules = engine::LoadCatalogue(options.folders);
  if (!rules) {
    return Complain(rules.error());
  }
  fmt::print("{:<10} {:>6}", "family", "rules");
  for (const std::string_view tier : engine::EvidenceTiers()) {
    fmt::print(" {:>12}", tier);
  }
  fmt::print(" {:>12}\n", "two or more");
  for (const engine::FamilyCoverage& one : engine::CoverageOf(*rules)) {
    fmt::print("{:<10} {:>6}", one.family, one.rules);
    for (const std::size_t count : one.by_tier) {
      fmt::print(" {:>12}", count == 0 ? "-" : fmt::format("{}", count));
    }
    fmt::print(" {:>12}\n", one.several);
  }
  fmt::print("{} rules, digest {}\n", rules->rules.size(), rules->sha256);
  return kExitPass;
}

}  // namespace

void AddRules(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("rules", "List, check or explain the rules");
  command->require_subcommand(1);
  AddExamples(command, {{"assay rules list", "all rules, one a line"},
                        {"assay rules explain NI3-HF01-001",
                         "what one means, and what a vendor can do"}});
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* help,
                       int (*run)(const Options&), const Example& example) {
    CLI::App* sub = command->add_subcommand(name, help);
    AddExamples(sub, {example});
    sub->add_option("--rules", options->folders,
                    "a folder of rules beside the built-in ones")
        ->expected(1)
        ->take_all();
    sub->callback([options, &exit, run] { exit = run(*options); });
    return sub;
  };
  add("list", "One line a rule", List,
      {"assay rules list --rules my-rules", "yours among the built-in ones"})
      ->add_flag("--facts", options->facts,
                 "list the kinds of facts that rules reason over instead");
  add("lint", "Check every rule and run its examples", Lint,
      {"assay rules lint --rules my-rules", "before you use them"});
  CLI::App* test =
      command->add_subcommand("test", "Run the examples of your rules");
  AddExamples(test, {{"assay rules test my-rules",
                      "does each match what it should, and nothing else?"}});
  test->add_option("DIR", options->folder, "a folder of rules")->required();
  test->callback([options, &exit] { exit = Test(*options); });
  add("coverage", "Families by the kinds of their evidence", Coverage,
      {"assay rules coverage", "what is looked for, and how"});
  add("explain", "Say what a rule means and what can be done", Explain,
      {"assay rules explain NI3-HF01-001", "the rule behind a finding"})
      ->add_option("ID", options->id, "a rule's id")
      ->required();
}

}  // namespace assay::cli
