// What the readers of all formats share: reading fields with a note of what is
// wrong, and the checks that no schema makes.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// "/components" + "/" + "0", escaped as RFC 6901 section 3 says.
[[nodiscard]] std::string Join(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string Join(std::string_view pointer, std::size_t index);

// Fills one SbomDocument. Field readers give "" or an empty list for an absent
// or wrong value and note wrong ones as "sbom.type-wrong".
class DocumentBuilder {
 public:
  // Problems past this many are counted, not listed.
  static constexpr std::size_t kMaxProblems = 1000;

  void Report(std::string pointer, std::string_view rule, std::string detail);

  [[nodiscard]] std::string Text(const Json& object, std::string_view key,
                                 std::string_view pointer);
  // The array or object at a key; a null value when there is none.
  [[nodiscard]] const Json& Array(const Json& object, std::string_view key,
                                  std::string_view pointer);
  [[nodiscard]] const Json& Object(const Json& object, std::string_view key,
                                   std::string_view pointer);
  // Whether an element of an array is an object; notes it when not.
  [[nodiscard]] bool IsObject(const Json& element, std::string_view pointer);

  // "sbom.digest-algorithm-unknown", "sbom.digest-malformed". Algorithms that
  // are known but not computed here are checked and dropped.
  void AddDigest(Component& component, std::string_view algorithm,
                 std::string_view hex, std::string_view pointer);
  // "sbom.name-missing", "sbom.purl-malformed", "sbom.purl-disagrees".
  void CheckIdentity(const Component& component);
  void CheckTimestamp(std::string_view text, std::string_view pointer);

  // Declares a reference; "sbom.reference-duplicate".
  void Declare(const std::string& ref, std::string_view pointer);
  // Whether Declare() saw the reference; notes it when not.
  bool Resolve(const std::string& ref, std::string_view pointer);

  [[nodiscard]] SbomDocument Finish();

  SbomDocument document;

 private:
  const Json& Typed(const Json& object, std::string_view key,
                    std::string_view pointer, std::string_view wanted,
                    bool (Json::*is_wanted)() const);

  std::unordered_map<std::string, std::string> declared_;  // ref -> pointer
  std::size_t unlisted_ = 0;
};

}  // namespace assay::sbom
