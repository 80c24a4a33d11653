// What the readers of all formats share: reading fields with a note of what is
// wrong, and the checks that no schema makes.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sbom/tree.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Fills one SbomDocument from a tree, which it borrows. Field readers give ""
// or an absent value for an absent or wrong one, and note wrong ones as
// "sbom.type-wrong".
class DocumentBuilder {
 public:
  // Problems past this many are counted, not listed.
  static constexpr std::size_t kMaxProblems = 1000;
  // Of a document; past them it is not read on, and "sbom.limit" says so.
  static constexpr std::size_t kMaxComponents = 1'000'000;
  static constexpr std::size_t kMaxDependencies = 4'000'000;
  // Of an identifier, and of all text that stands in the document once and is
  // kept many times: the identifiers of parents, the pointers.
  static constexpr std::size_t kMaxId = 4096;
  static constexpr std::size_t kMaxCopied = std::size_t{256} << 20U;

  explicit DocumentBuilder(const Tree& tree) : tree_(tree) {}

  // A problem of a value, and of a member of `object` that may be absent.
  void Report(Value at, std::string_view rule, std::string detail);
  void Report(Value object, std::string_view key, std::string_view rule,
              std::string detail);

  [[nodiscard]] std::string Text(Value object, std::string_view key);
  // An identifier; "" past kMaxId, with "sbom.limit".
  [[nodiscard]] std::string Id(Value id);
  [[nodiscard]] std::string Id(Value object, std::string_view key);
  // The array or object at a key.
  [[nodiscard]] Value Array(Value object, std::string_view key);
  [[nodiscard]] Value Object(Value object, std::string_view key);
  // Whether an element of an array is an object or a string; notes it when
  // not.
  [[nodiscard]] bool IsObject(Value element);
  [[nodiscard]] bool IsString(Value element);

  // "sbom.digest-algorithm-unknown", "sbom.digest-malformed".
  void AddDigest(Component& component, std::string_view algorithm,
                 std::string_view hex, Value at);
  // "sbom.name-missing", "sbom.purl-malformed", "sbom.purl-disagrees".
  void CheckIdentity(const Component& component, Value at);
  void CheckTimestamp(std::string_view text, Value object,
                      std::string_view key);

  // Whether there was room for it; `at` is where it stands.
  bool AddComponent(Component component, Value at);
  bool AddDependency(SbomDocument::Dependency dependency, Value at);
  // Lets `parent` nest a component that was added.
  void Nest(Component& component, std::string_view parent, Value at);

  // Declares an identifier; "sbom.reference-duplicate".
  void Declare(std::string_view ref, Value at);
  // Whether Declare() saw the identifier; notes it when not.
  bool Resolve(std::string_view ref, Value at);

  [[nodiscard]] std::string PointerTo(Value value) const {
    return tree_.PointerTo(value);
  }
  [[nodiscard]] Value root() const { return tree_.root(); }
  [[nodiscard]] SbomDocument Finish();

  SbomDocument document;

 private:
  void Put(std::string pointer, Value at, std::string_view rule,
           std::string detail);
  [[nodiscard]] bool IsFull(std::string_view rule);
  // Counts text that is kept once more; false past kMaxCopied.
  bool Copies(std::size_t size);
  // False; reports the first limit that is met.
  bool ReportLimit(Value at);
  Value Typed(Value object, std::string_view key, Value::Kind wanted);

  const Tree& tree_;
  std::unordered_map<std::string_view, Value> declared_;
  std::size_t unlisted_ = 0;
  bool violation_unlisted_ = false;
  std::size_t copied_ = 0;
  bool limit_met_ = false;
};

// A digest's algorithm by any of its spellings: its name as CycloneDX has it
// and the bytes of its digests (0: of any length); an empty name when unknown.
struct AlgorithmFacts {
  std::string_view name = {};
  std::size_t size = 0;
};
[[nodiscard]] AlgorithmFacts FindAlgorithm(std::string_view name);

}  // namespace assay::sbom
