#include "rules/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "rules/capa_rules.h"
#include "rules/example.h"
#include "rules/fields.h"
#include "rules/title.h"
#include "rules/yara_rules.h"
#include "verifier/base/text.h"
#include "verifier/model/fact.h"

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

constexpr std::size_t kShortestLiteral = 5;
constexpr std::size_t kShortestExplanation = 120;
constexpr std::size_t kShortestFix = 60;

struct Family {
  std::string_view name = {};
  std::string_view folder = {};  // the folder's name begins so
  std::string_view id = {};      // the id is this and three digits
};

constexpr std::array<Family, 4> kFamilies = {{
    {"SIGNATURE", "signature", "NI1-SIG-"},
    {"UNPACK", "unpack", "NI1-UNPACK-"},
    {"SBOM", "sbom", "NI2-SBOM-"},
    {"LIMIT", "limits", "NI8-LIMIT-"},
}};

// Intent is not decided and nobody is accused: the report says what there is.
// Neutrality: no text speaks of a vendor or a country.
constexpr std::array<std::string_view, 32> kForbidden = {
    "malicious",  "virus",  "malware", "spyware",   "backdoored by",
    "planted by", "china",  "chinese", "russia",    "russian",
    "iran",       "korea",  "israel",  "america",   "american",
    "huawei",     "zte",    "cisco",   "juniper",   "fortinet",
    "zyxel",      "d-link", "tp-link", "tenda",     "netgear",
    "hikvision",  "dahua",  "samsung", "microsoft", "google",
    "apple",      "siemens"};

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool HasWord(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !IsWordCharacter(text[at - 1])) &&
        (end == text.size() || !IsWordCharacter(text[end]))) {
      return true;
    }
  }
  return false;
}

// "T1234" or "T1234.001"
bool IsTechnique(std::string_view text) {
  return text.size() >= 5 && text[0] == 'T' && IsDigits(text.substr(1, 4)) &&
         (text.size() == 5 ||
          (text.size() == 9 && text[5] == '.' && IsDigits(text.substr(6))));
}

// "58" or "58(c)"
bool IsParagraph(std::string_view text) {
  const std::size_t open = text.find('(');
  return IsDigits(text.substr(0, open)) &&
         (open == std::string_view::npos ||
          (text.size() == open + 3 && text.back() == ')' &&
           text[open + 1] >= 'a' && text[open + 1] <= 'z'));
}

class RuleLinter {
 public:
  RuleLinter(const RuleSet& rules, const Rule& rule,
             std::vector<Problem>& problems)
      : rules_(rules), rule_(rule), problems_(problems) {}

  void Run() {
    CheckNames();
    CheckTexts();
    CheckNeutrality();
    CheckReferences();
    CheckAnchors();
    CheckCondition(rule_.when);
    CheckKinds();
    CheckPatterns();
    CheckTitle();
    CheckExamples();
  }

 private:
  void Complain(std::string what, Mark mark = {1, 1}) {
    problems_.push_back({rule_.file, mark, std::move(what)});
  }

  bool IsHiddenFunction() const { return StartsWith(rule_.family, "HF-"); }

  // NI3-HF01-001 in hf01_static_credentials/name.yml
  void CheckNames() {
    std::string folder;
    std::string id;
    if (IsHiddenFunction() && rule_.family.size() == 5 &&
        IsDigits(rule_.family.substr(3))) {
      folder = "hf" + rule_.family.substr(3) + "_";
      id = "NI3-HF" + rule_.family.substr(3) + "-";
    }
    for (const Family& family : kFamilies) {
      if (family.name == rule_.family) {
        folder = family.folder;
        id = family.id;
      }
    }
    if (folder.empty()) {
      Complain("family is HF-01 to HF-16, SIGNATURE, SBOM, UNPACK or LIMIT");
      return;
    }
    const bool well_placed =
        StartsWith(rule_.file, folder) &&
        std::count(rule_.file.begin(), rule_.file.end(), '/') == 1;
    if (!well_placed) {
      Complain(fmt::format("a rule of family {} belongs into folder {}*",
                           rule_.family, folder));
    }
    if (!StartsWith(rule_.id, id) || rule_.id.size() != id.size() + 3 ||
        !IsDigits(std::string_view(rule_.id).substr(id.size()))) {
      Complain(fmt::format("the id is {} and three digits", id));
    }
    if (rule_.version == 0) {
      Complain("the version counts from 1");
    }
  }

  void CheckTexts() {
    if (IsHiddenFunction() && !StartsWith(rule_.title, "possible ")) {
      Complain("the title of a hidden function begins with \"possible \"");
    }
    if (rule_.title.size() < 10 || rule_.title.size() > 120) {
      Complain("a title has 10 to 120 characters");
    }
    if (rule_.explanation.size() < kShortestExplanation) {
      Complain(fmt::format(
          "explain to a buyer, in at least {} characters, why this matters",
          kShortestExplanation));
    }
    if (rule_.fix.size() < kShortestFix) {
      Complain(fmt::format(
          "tell the vendor, in at least {} characters, what to change",
          kShortestFix));
    }
  }

  void CheckNeutrality() {
    const std::string text =
        Lower(rule_.title + "\n" + rule_.explanation + "\n" + rule_.fix);
    for (const std::string_view word : kForbidden) {
      if (HasWord(text, word)) {
        Complain(fmt::format("say what there is, without \"{}\"", word));
      }
    }
  }

  void CheckReferences() {
    if (rule_.gge != "13(i)" && rule_.gge != "13(j)") {
      Complain("norm.gge is the norm of the 2015 report, e.g. 13(i)");
    }
    if (rule_.para.empty() ||
        !std::all_of(rule_.para.begin(), rule_.para.end(), IsParagraph)) {
      Complain("norm.para lists paragraphs of the 2021 report, e.g. 58(c)");
    }
    if (IsHiddenFunction() && rule_.cwe.empty()) {
      Complain("name at least one CWE");
    }
    for (const std::uint32_t cwe : rule_.cwe) {
      if (cwe == 0 || cwe > 2000) {
        Complain(fmt::format("there is no CWE-{}", cwe));
      }
    }
    for (const std::string& technique : rule_.attack) {
      if (!IsTechnique(technique)) {
        Complain(fmt::format("\"{}\" is no ATT&CK technique such as T1078.001",
                             technique));
      }
    }
  }

  void CheckAnchors() {
    const bool by_signature =
        std::find(rule_.unless.begin(), rule_.unless.end(),
                  Anchor::kSignedOriginal) != rule_.unless.end();
    if (by_signature && rule_.severity >= Severity::kHigh) {
      Complain(
          "a signature alone must not explain a finding of severity high: "
          "lower the severity or drop signed_original");
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
  void CheckCondition(const Condition& condition) {
    if (condition.kind == Kind::kFact) {
      CheckFact(condition);
    }
    if (condition.kind == Kind::kPattern) {
      used_.insert(condition.what);
    }
    for (const Condition& child : condition.of) {
      CheckCondition(child);
    }
  }

  void CheckFact(const Condition& leaf) {
    const FactKind* kind = FindFactKind(leaf.what);
    if (kind == nullptr) {
      Complain(fmt::format("unknown kind of fact \"{}\"", leaf.what),
               leaf.mark);
      return;
    }
    const auto fields = FieldsOf(Kind::kFact);
    for (const FieldTest& test : leaf.tests) {
      const auto& attributes = kind->attributes;
      if (std::find(fields.begin(), fields.end(), test.field) == fields.end() &&
          std::find(attributes.begin(), attributes.end(), test.field) ==
              attributes.end()) {
        Complain(
            fmt::format("{} has no attribute \"{}\"", kind->name, test.field),
            leaf.mark);
      }
    }
  }

  void CheckKinds() {
    for (const std::string& kind : rule_.needs) {
      if (FindFactKind(kind) == nullptr) {
        Complain(fmt::format("needs an unknown kind of fact \"{}\"", kind));
      }
    }
  }

  void CheckPatterns() {
    for (const NamedPattern& named : rule_.patterns) {
      const Pattern& pattern = named.pattern;
      std::size_t length = pattern.text.size();
      if (pattern.kind == Pattern::Kind::kHex) {
        const auto words = Split(Trim(pattern.text), ' ');
        length = static_cast<std::size_t>(std::count_if(
            words.begin(), words.end(), [](std::string_view word) {
              return word.size() == 2 && word != "??";
            }));
      }
      if (length < kShortestLiteral) {
        Complain(fmt::format("pattern {} has fewer than {} bytes: too many "
                             "files contain it by chance",
                             named.name, kShortestLiteral),
                 named.mark);
      }
      if (used_.count(named.name) == 0) {
        Complain(fmt::format("no condition uses pattern {}", named.name),
                 named.mark);
      }
    }
  }

  void CheckTitle() {
    for (const std::string& gap : GapsOf(rule_.title)) {
      if (!IsField(gap)) {
        Complain(fmt::format("nothing fills the gap {{{}}} of the title", gap));
      }
    }
  }

  bool IsField(const std::string& name) const {
    for (const Kind kind : {Kind::kArtifact, Kind::kFact, Kind::kSignature,
                            Kind::kSbom, Kind::kAnomaly, Kind::kRegion}) {
      const auto fields = FieldsOf(kind);
      if (std::find(fields.begin(), fields.end(), name) != fields.end()) {
        return true;
      }
    }
    for (const std::string& kind : FactKindsOf(rule_.when)) {
      const FactKind* known = FindFactKind(kind);
      if (known != nullptr &&
          std::find(known->attributes.begin(), known->attributes.end(), name) !=
              known->attributes.end()) {
        return true;
      }
    }
    return name == "count";
  }

  void CheckExamples() {
    std::array<std::size_t, 3> counts = {};
    for (const Example& example : rule_.examples) {
      ++counts.at(static_cast<std::size_t>(example.expect));
      if (const std::string why = RunExample(rules_, rule_, example);
          !why.empty()) {
        Complain(why, example.mark);
      }
    }
    const auto count = [&](Example::Expect expect) {
      return counts.at(static_cast<std::size_t>(expect));
    };
    if (count(Example::Expect::kMatch) < 1 ||
        count(Example::Expect::kNoMatch) < 2) {
      Complain("give at least one example that matches and two that do not");
    }
    if (!rule_.unless.empty() && count(Example::Expect::kExplained) < 1) {
      Complain("give an example that an anchor explains");
    }
  }

  const RuleSet& rules_;
  const Rule& rule_;
  std::vector<Problem>& problems_;
  std::set<std::string> used_;
};

}  // namespace

std::vector<Problem> Lint(const LoadedRules& loaded) {
  std::vector<Problem> problems = loaded.problems;
  for (const Rule& rule : loaded.rules.rules) {
    if (rule.family == kYaraFamily || rule.family == kCapaFamily) {
      continue;  // nobody here answers for how others write
    }
    RuleLinter(loaded.rules, rule, problems).Run();
  }
  std::sort(problems.begin(), problems.end());
  return problems;
}

}  // namespace assay::rules
