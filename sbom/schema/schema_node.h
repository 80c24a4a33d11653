// One compiled schema: the keywords that were given.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/tree.h"

namespace assay::sbom {

enum class TextFormat : std::uint8_t {
  kNone,
  kDate,
  kDateTime,
  kIdnEmail,
  kIriReference,
  kUri,
};

// Whether a text is of the format (RFC 3339, RFC 3986, RFC 3987, RFC 6531).
[[nodiscard]] bool IsOfFormat(std::string_view text, TextFormat format);

// Whether no two elements of an array are equal, in O(n log n).
[[nodiscard]] bool AreUnique(Value array);

struct SchemaNode;

// Which alternatives an object may fit, by the text of one of its members: the
// others have a condition on that text, and nothing for objects that fail it.
struct Choice {
  std::string key = {};
  std::map<std::string, std::vector<const SchemaNode*>, std::less<>> by_text =
      {};
  std::vector<const SchemaNode*> otherwise = {};  // in each list as well
};

struct SchemaNode {
  std::string place = {};  // "bom-1.6.schema.json#/definitions/hash"
  bool never = false;      // the schema `false`
  // As a set of Value::Kind bits; 0 for any.
  std::uint32_t types = 0;
  bool integer = false;                   // numbers without fraction alone
  const SchemaNode* reference = nullptr;  // then nothing else counts

  std::set<std::string, std::less<>> enumeration = {};  // of texts
  std::optional<std::string> constant = {};  // a text, a number or "true"
  std::unique_ptr<RE2> pattern = {};
  std::unique_ptr<RE2> excluded = {};  // what the pattern's lookahead forbids
  TextFormat format = TextFormat::kNone;
  std::optional<std::uint64_t> min_length = {};  // in characters
  std::optional<std::uint64_t> max_length = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};

  std::map<std::string, const SchemaNode*, std::less<>> properties = {};
  std::vector<std::string> required = {};
  const SchemaNode* additional_properties = nullptr;
  const SchemaNode* unevaluated_properties = nullptr;

  const SchemaNode* items = nullptr;
  std::vector<const SchemaNode*> tuple = {};
  const SchemaNode* additional_items = nullptr;
  std::optional<std::uint64_t> min_items = {};
  std::optional<std::uint64_t> max_items = {};
  bool unique_items = false;

  std::vector<const SchemaNode*> all_of = {};
  std::vector<const SchemaNode*> any_of = {};
  std::optional<Choice> choice = {};  // among any_of, where that helps
  std::vector<const SchemaNode*> one_of = {};
  const SchemaNode* negated = nullptr;
  const SchemaNode* condition = nullptr;
  const SchemaNode* consequence = nullptr;  // then
  const SchemaNode* alternative = nullptr;  // else
};

// The schema itself, behind all references.
[[nodiscard]] inline const SchemaNode& Resolved(const SchemaNode& schema) {
  const SchemaNode* node = &schema;
  while (node->reference != nullptr) {
    node = node->reference;
  }
  return *node;
}

// The choice among the alternatives of an anyOf; nothing where no text decides.
[[nodiscard]] std::optional<Choice> ChoiceAmong(
    const std::vector<const SchemaNode*>& alternatives);

}  // namespace assay::sbom
