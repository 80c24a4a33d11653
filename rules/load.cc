#include "rules/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "rules/capa_rules.h"
#include "rules/pattern_scanner.h"
#include "rules/rule_reader.h"
#include "rules/yara/program.h"
#include "rules/yara_rules.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"

namespace assay::rules {
namespace {

namespace fs = std::filesystem;

// Numbers equal patterns alike, in the order of their first use.
class Numbering {
 public:
  std::uint32_t NumberOf(const Pattern& pattern, std::vector<Pattern>& all) {
    const auto [at, is_new] =
        numbers_.try_emplace({pattern.kind, pattern.text, pattern.caseless},
                             static_cast<std::uint32_t>(all.size()));
    if (is_new) {
      all.push_back(pattern);
    }
    return at->second;
  }

 private:
  std::map<std::tuple<Pattern::Kind, std::string, bool>, std::uint32_t>
      numbers_;
};

// Gives every pattern and regex of the rules its place in the set.
class Linker {
 public:
  explicit Linker(RuleSet& set) : set_(set) {}

  void Link(Rule& rule) { Link(rule.when, rule); }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): the reader bounds the tree's depth.
  void Link(Condition& condition, const Rule& rule) {
    if (condition.kind == Condition::Kind::kPattern) {
      for (const NamedPattern& named : rule.patterns) {
        if (named.name == condition.what) {
          condition.pattern = patterns_.NumberOf(named.pattern, set_.patterns);
        }
      }
    }
    for (FieldTest& test : condition.tests) {
      if (IsRegex(test.comparison)) {
        const Pattern regex{.kind = Pattern::Kind::kRegex,
                            .text = test.comparison.operands.front(),
                            .located = false};
        test.comparison.regex = regexes_.NumberOf(regex, set_.regexes);
      }
    }
    for (Condition& child : condition.of) {
      Link(child, rule);
    }
  }

  RuleSet& set_;
  Numbering patterns_;
  Numbering regexes_;
};

void CheckCompiles(const Pattern& pattern, Mark mark, YamlReader& reader) {
  if (const auto compiled = PatternSet::Check(pattern); !compiled) {
    reader.Complain(mark, compiled.error().what);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the reader bounds the tree's depth.
void CheckRegexes(const Condition& condition, YamlReader& reader) {
  for (const FieldTest& test : condition.tests) {
    if (IsRegex(test.comparison)) {
      CheckCompiles({.kind = Pattern::Kind::kRegex,
                     .text = test.comparison.operands.front(),
                     .located = false},
                    condition.mark, reader);
    }
  }
  for (const Condition& child : condition.of) {
    CheckRegexes(child, reader);
  }
}

// Links and compiles, unless Hyperscan refuses a pattern of the rules.
Result<void> Compile(RuleSet& set) {
  Linker linker(set);
  for (Rule& rule : set.rules) {
    linker.Link(rule);
  }
  auto scanner = PatternScanner::Compile(set.rules, set.patterns);
  auto values = PatternSet::Compile(set.regexes);
  if (!scanner || !values) {
    return Fail(scanner ? values.error() : scanner.error());
  }
  set.scanner = std::make_shared<const PatternScanner>(std::move(*scanner));
  set.values = std::make_shared<const PatternSet>(std::move(*values));
  return {};
}

// Compiling all at once is cheap but names no file; so only when that fails,
// every rule is tried alone, and those that are refused are left out.
void CompileOrBlame(LoadedRules& loaded) {
  if (Compile(loaded.rules)) {
    return;
  }
  std::vector<Rule> good;
  for (Rule& rule : loaded.rules.rules) {
    const std::size_t before = loaded.problems.size();
    YamlReader reader(rule.file, loaded.problems);
    for (const NamedPattern& named : rule.patterns) {
      CheckCompiles(named.pattern, named.mark, reader);
    }
    CheckRegexes(rule.when, reader);
    if (loaded.problems.size() == before) {
      good.push_back(std::move(rule));
    }
  }
  loaded.rules.rules = std::move(good);
  loaded.rules.patterns.clear();
  loaded.rules.regexes.clear();
  if (const auto compiled = Compile(loaded.rules); !compiled) {
    loaded.problems.push_back(
        {.what = "the patterns of all rules together are refused: " +
                 compiled.error().what});
    loaded.rules = {.sha256 = loaded.rules.sha256};
  }
}

// Sorts by id; of two rules with one id the first file's stays.
void SortById(LoadedRules& loaded) {
  auto& rules = loaded.rules.rules;
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) {
                     return std::tie(a.id, a.file) < std::tie(b.id, b.file);
                   });
  const auto twice = std::unique(
      rules.begin(), rules.end(), [&](const Rule& first, const Rule& second) {
        if (first.id != second.id) {
          return false;
        }
        loaded.problems.push_back({second.file,
                                   {1, 1},
                                   fmt::format("id {} is already that of {}",
                                               second.id, first.file)});
        return true;
      });
  rules.erase(twice, rules.end());
}

// Their patterns are a set of their own: that of the built-in rules is compiled
// when the program is built.
void Import(const std::vector<yara::SourceFile>& files, LoadedRules& loaded) {
  yara::Compiled compiled = yara::Compile(files);
  const auto mark = [](const yara::Note& note) {
    return Mark{note.mark.line, note.mark.column};
  };
  for (yara::Note& note : compiled.mistakes) {
    loaded.problems.push_back(
        {std::move(note.file), mark(note), std::move(note.what)});
  }
  RuleSet& set = loaded.rules;
  for (const yara::Note& note : compiled.not_imported) {
    set.not_imported.push_back(
        {YaraRuleId(note.file, note.rule), note.file, mark(note), note.what});
  }
  set.yara = std::make_shared<const yara::Program>(std::move(compiled.program));
  std::vector<Rule> rules =
      RulesOf(*set.yara, static_cast<std::uint32_t>(set.patterns.size()));
  std::move(rules.begin(), rules.end(), std::back_inserter(set.rules));
  SortById(loaded);
}

std::string DigestOfFiles(const std::vector<RuleFile>& files) {
  Hasher hasher;
  for (const RuleFile& file : files) {
    hasher.Update(AsBytes(fmt::format("{}:{};{}:", file.name.size(), file.name,
                                      file.text.size())));
    hasher.Update(AsBytes(file.text));
  }
  return hasher.Finish().front().hex;
}

// The text without the value of its key "examples", which stands alone at the
// beginning of a line; all that belongs to it is indented.
std::string_view WithoutExamples(std::string_view text) {
  constexpr std::string_view kKey = "\nexamples:\n";
  const std::size_t at = text.find(kKey);
  if (at == std::string_view::npos) {
    return text;
  }
  std::string_view rest = text.substr(at + kKey.size());
  while (!rest.empty()) {
    if (rest[0] != ' ' && rest[0] != '\n' && rest[0] != '#') {
      return text;  // another key follows: not worth the trouble
    }
    const std::size_t end = rest.find('\n');
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return text.substr(0, at + 1);
}

}  // namespace

bool IsRuleFile(std::string_view name) {
  constexpr std::string_view kOurs = ".yml";
  return IsYaraFile(name) || (name.size() > kOurs.size() &&
                              name.substr(name.size() - kOurs.size()) == kOurs);
}

LoadedRules ParseRules(std::vector<RuleFile> files, Examples examples) {
  LoadedRules loaded;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.text) < std::tie(b.name, b.text);
  });
  loaded.rules.sha256 = DigestOfFiles(files);
  std::vector<yara::SourceFile> imported;
  std::vector<CapaFile> capa;
  for (RuleFile& file : files) {
    if (IsYaraFile(file.name)) {
      imported.push_back({std::move(file.name), std::move(file.text)});
      continue;
    }
    if (IsCapaRule(file.text)) {
      capa.push_back({std::move(file.name), std::move(file.text)});
      continue;
    }
    const std::size_t before = loaded.problems.size();
    YamlReader reader(file.name, loaded.problems);
    Rule rule =
        ReadRule(examples == Examples::kLeftOut ? WithoutExamples(file.text)
                                                : std::string_view(file.text),
                 reader);
    if (loaded.problems.size() == before) {
      loaded.rules.rules.push_back(std::move(rule));
    }
  }
  CapaRules translated = ImportCapa(capa, loaded.problems);
  std::move(translated.rules.begin(), translated.rules.end(),
            std::back_inserter(loaded.rules.rules));
  loaded.rules.not_imported = std::move(translated.not_imported);
  SortById(loaded);
  CompileOrBlame(loaded);
  if (!imported.empty()) {
    Import(imported, loaded);
  }
  std::sort(loaded.rules.not_imported.begin(), loaded.rules.not_imported.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(loaded.problems.begin(), loaded.problems.end());
  return loaded;
}

Result<std::vector<RuleFile>> ReadFolder(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator at(folder, error);
       !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    if (IsRuleFile(at->path().filename().string())) {
      paths.push_back(at->path());
    }
  }
  if (error) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: {}", folder, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<RuleFile> files;
  for (const fs::path& path : paths) {
    const auto text = ByteSource::MapFile(path.string());
    if (!text) {
      return Fail(text.error());
    }
    files.push_back({path.lexically_relative(folder).string(),
                     std::string(AsText(text->bytes()))});
  }
  return files;
}

}  // namespace assay::rules
