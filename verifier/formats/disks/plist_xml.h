// Property lists in XML, as Apple's formats embed them: elements of a fixed
// set, without attributes that matter, and text. Layout: the DTD
// "PropertyList-1.0.dtd"; XML 1.0, sections 2 and 4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats {

// NOLINTNEXTLINE(misc-no-recursion): 32 deep at most
struct PlistNode {
  // The element's name; the content of "data" is still in Base64.
  std::string_view element = {};
  std::string text = {};  // of elements without children
  // Of a "dict" with their keys, of an "array" with empty ones.
  std::vector<std::pair<std::string, PlistNode>> children = {};

  // The first child of that key, or null.
  [[nodiscard]] const PlistNode* Find(std::string_view key) const;
};

// The value in a property list. Nothing when it is no such document, nests
// more than 32 deep or holds more than 200,000 elements. The views are into
// `document`.
[[nodiscard]] std::optional<PlistNode> ReadPlistXml(std::string_view document);

// The bytes of a "data" element.
[[nodiscard]] std::optional<std::string> PlistData(const PlistNode& node);

}  // namespace assay::formats
