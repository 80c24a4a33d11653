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
  std::string id;
  bool facts = false;
};

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
  return kExitPass;
}

int Lint(const Options& options) {
  const auto result = engine::LintRules(options.folders);
  if (!result) {
    return Complain(result.error());
  }
  for (const rules::Problem& problem : result->problems) {
    fmt::print(stderr, "{}\n", rules::TextOf(problem));
  }
  fmt::print("{} rules, {} examples through the whole pipeline, {} problems\n",
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
    fmt::print(stderr, "assay: there is no rule \"{}\"\n", Escaped(options.id));
    return kExitUsage;
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
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* help,
                       int (*run)(const Options&)) {
    CLI::App* sub = command->add_subcommand(name, help);
    sub->add_option("--rules", options->folders,
                    "a folder of rules beside the built-in ones")
        ->expected(1)
        ->take_all();
    sub->callback([options, &exit, run] { exit = run(*options); });
    return sub;
  };
  add("list", "One line a rule", List)
      ->add_flag("--facts", options->facts,
                 "list the kinds of facts that rules reason over instead");
  add("lint", "Check every rule and run its examples", Lint);
  add("coverage", "Families by the kinds of their evidence", Coverage);
  add("explain", "Say what a rule means and what can be done", Explain)
      ->add_option("ID", options->id, "a rule's id")
      ->required();
}

}  // namespace assay::cli
