#include "rules/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "rules/rule_reader.h"
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

// Links and compiles; false when Vectorscan refuses a pattern of the rules.
bool Compile(RuleSet& set) {
  Linker linker(set);
  for (Rule& rule : set.rules) {
    linker.Link(rule);
  }
  auto scanner = PatternSet::Compile(set.patterns);
  auto values = PatternSet::Compile(set.regexes);
  if (!scanner || !values) {
    return false;
  }
  set.scanner = std::make_shared<const PatternSet>(std::move(*scanner));
  set.values = std::make_shared<const PatternSet>(std::move(*values));
  return true;
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
  if (!Compile(loaded.rules)) {
    loaded.problems.push_back(
        {.what = "the patterns of all rules together are refused"});
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

void ReadFolder(const fs::path& folder, std::vector<RuleFile>& files,
                std::vector<Problem>& problems) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".yml") {
      continue;
    }
    std::ifstream stream(at->path(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    const std::string name =
        at->path().lexically_relative(folder).generic_string();
    if (stream.bad() || !stream.is_open()) {
      problems.push_back({.file = name, .what = "the file cannot be read"});
      continue;
    }
    files.push_back({name, std::move(text)});
  }
  if (error) {
    problems.push_back({.file = folder.generic_string(),
                        .what = fmt::format("the folder cannot be read: {}",
                                            error.message())});
  }
}

}  // namespace

LoadedRules ParseRules(std::vector<RuleFile> files, Examples examples) {
  LoadedRules loaded;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.text) < std::tie(b.name, b.text);
  });
  loaded.rules.sha256 = DigestOfFiles(files);
  for (const RuleFile& file : files) {
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
  SortById(loaded);
  CompileOrBlame(loaded);
  std::sort(loaded.problems.begin(), loaded.problems.end());
  return loaded;
}

LoadedRules ReadRules(const std::vector<std::string>& folders) {
  std::vector<RuleFile> files;
  std::vector<Problem> problems;
  for (const std::string& folder : folders) {
    ReadFolder(folder, files, problems);
  }
  LoadedRules loaded = ParseRules(std::move(files));
  loaded.problems.insert(loaded.problems.end(), problems.begin(),
                         problems.end());
  std::sort(loaded.problems.begin(), loaded.problems.end());
  return loaded;
}

Result<RuleSet> LoadRules(const std::vector<std::string>& folders) {
  LoadedRules loaded = ReadRules(folders);
  if (loaded.problems.empty()) {
    return std::move(loaded.rules);
  }
  std::string what;
  for (const Problem& problem : loaded.problems) {
    what.append(what.empty() ? "" : "\n").append(TextOf(problem));
  }
  return Fail(ErrorCode::kConfig, std::move(what));
}

}  // namespace assay::rules
