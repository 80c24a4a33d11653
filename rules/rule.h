// Rules as plain data. What each key of a rule file means stands in
// rules/README.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/comparison.h"
#include "verifier/base/bytes.h"
#include "verifier/base/pattern_set.h"
#include "verifier/model/dossier.h"
#include "verifier/model/finding.h"

namespace assay::yara {
struct Program;
}  // namespace assay::yara

namespace assay::rules {

// Where something stands in a rule file; both count from 1.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct FieldTest {
  std::string field = {};
  Comparison comparison = {};
};

// A node of a rule's condition tree.
struct Condition {
  enum class Kind : std::uint8_t {
    kAll,           // every condition of `of`
    kAny,           // at least one of `of`
    kNone,          // not one of `of`
    kCount,         // at least `at_least` of `of`
    kSameArtifact,  // `of[0]` holds for one artifact (in product scope)
    kJoin,          // facts `of[0]` and `of[1]` agree in the field `what`
    kArtifact,      // tests on the artifact itself
    kPattern,       // the rule's pattern `what` occurs `at_least` times
    kFact,          // `at_least` facts of kind `what` pass the tests
    kSignature,     // a signature check about the artifact
    kSbom,          // a discrepancy between SBOM and content
    kAnomaly,       // something odd that unpacking saw
    kRegion,        // a range of the container with a role on the ledger
  };
  Kind kind = Kind::kAll;
  std::vector<Condition> of = {};
  std::uint32_t at_least = 1;
  std::string what = {};
  std::uint32_t pattern = 0;  // kPattern: its place in RuleSet::patterns
  std::vector<FieldTest> tests = {};
  Mark mark = {};
};

[[nodiscard]] constexpr bool IsLeaf(Condition::Kind kind) {
  return kind >= Condition::Kind::kArtifact;
}

// What may explain a finding: never a string or a path inside the product.
enum class Anchor : std::uint8_t {
  kDeclared,        // the authentic manifest of declared functions names it
  kSbom,            // a component of an authentic SBOM claims the file
  kSignedOriginal,  // a signed list of an anchor has the file's digest
};

struct NamedPattern {
  std::string name = {};
  Pattern pattern = {};
  Mark mark = {};
};

struct ExampleFile {
  std::string path = {};  // inner path
  Bytes content = {};
  std::string mode = {};  // octal, "" when it has none
};

// A product in miniature. With `files` the whole pipeline is needed to judge
// it (the engine runs those); otherwise `dossier` is all that is known, and
// the linter judges it alone.
struct Example {
  enum class Expect : std::uint8_t {
    kMatch,      // at least one finding that nothing explains
    kNoMatch,    // no finding
    kExplained,  // findings, all of them explained by an anchor
  };
  Expect expect = Expect::kMatch;
  std::string name = {};
  std::vector<ExampleFile> files = {};
  Dossier dossier = {};
  // Contents that the linter scans for the rule's patterns: artifact, bytes.
  std::vector<std::pair<ArtifactId, Bytes>> texts = {};
  Mark mark = {};
};

struct Rule {
  enum class Scope : std::uint8_t { kArtifact, kProduct };
  std::string id = {};  // "NI3-HF01-001"
  std::uint32_t version = 0;
  std::string title = {};
  std::string family = {};  // "HF-01" ... "SIGNATURE", "SBOM", "UNPACK"
  Severity severity = Severity::kInfo;
  Confidence confidence = Confidence::kMedium;
  std::string gge = {};                // "13(i)"
  std::vector<std::string> para = {};  // "58(c)"
  std::vector<std::uint32_t> cwe = {};
  std::vector<std::string> attack = {};
  Scope scope = Scope::kArtifact;
  std::vector<std::string> needs = {};  // fact kinds beyond those of `when`
  std::vector<NamedPattern> patterns = {};
  Condition when = {};
  // One finding per witness of the condition's first part instead of one per
  // artifact (or product).
  bool each = false;
  bool redact = false;  // evidence shows no excerpt: it may be a secret
  std::vector<Anchor> unless = {};
  std::string explanation = {};
  std::string fix = {};
  std::vector<Example> examples = {};
  std::string file = {};  // below the folder it was loaded from
};

class PatternScanner;

// A rule of somebody else's file that this version cannot evaluate.
struct NotImported {
  std::string id = {};
  std::string file = {};
  Mark mark = {};
  std::string why = {};
};

// Immutable once loaded; shared by all threads.
struct RuleSet {
  std::vector<Rule> rules = {};        // by id
  std::string sha256 = {};             // over all rule files
  std::vector<Pattern> patterns = {};  // of all rules, each once
  std::vector<Pattern> regexes = {};   // of all comparisons, each once
  // Finds `patterns` in content: HitRecord::hit.pattern is an index into them.
  std::shared_ptr<const PatternScanner> scanner = {};
  std::shared_ptr<const PatternSet> values = {};  // finds `regexes` in texts
  // Imported YARA rules, or null. Their hits are numbered behind `patterns`.
  std::shared_ptr<const yara::Program> yara = {};
  std::vector<NotImported> not_imported = {};  // by id

  // How many patterns HitRecord::hit may speak of.
  [[nodiscard]] std::size_t PatternCount() const;
};

[[nodiscard]] std::string_view NameOf(Anchor anchor);  // "signed_original"
[[nodiscard]] std::string_view NameOf(Rule::Scope scope);

// The fact kinds that a condition tests, each once, in order of name.
[[nodiscard]] std::vector<std::string> FactKindsOf(const Condition& condition);

}  // namespace assay::rules
