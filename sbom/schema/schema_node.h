// One compiled schema: the keywords of draft 07 that were given.
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
  TextFormat format = TextFormat::kNone;
  std::optional<std::uint64_t> min_length = {};  // in characters
  std::optional<std::uint64_t> max_length = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};

  std::map<std::string, const SchemaNode*, std::less<>> properties = {};
  std::vector<std::string> required = {};
  const SchemaNode* additional_properties = nullptr;

  const SchemaNode* items = nullptr;
  std::vector<const SchemaNode*> tuple = {};
  const SchemaNode* additional_items = nullptr;
  std::optional<std::uint64_t> min_items = {};
  std::optional<std::uint64_t> max_items = {};
  bool unique_items = false;

  std::vector<const SchemaNode*> all_of = {};
  std::vector<const SchemaNode*> any_of = {};
  std::vector<const SchemaNode*> one_of = {};
  const SchemaNode* negated = nullptr;
  const SchemaNode* condition = nullptr;
  const SchemaNode* consequence = nullptr;  // then
  const SchemaNode* alternative = nullptr;  // else
};

}  // namespace assay::sbom
