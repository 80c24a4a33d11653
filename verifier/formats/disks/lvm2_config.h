// The text that LVM2 keeps its metadata in: sections in braces, and values
// that are numbers, strings or lists of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"

namespace assay::formats::lvm2 {

struct ConfigValue {
  std::string text = {};  // of a string; of anything else as it stands there
  std::optional<std::uint64_t> number = {};
};

struct ConfigNode {
  std::string name = {};
  bool section = false;
  std::vector<ConfigValue> values = {};   // of an assignment
  std::vector<ConfigNode> children = {};  // of a section

  // The child of that name, or null; the first when there are several.
  [[nodiscard]] const ConfigNode* Find(std::string_view child) const;
  // The single value of the child of that name.
  [[nodiscard]] std::optional<std::uint64_t> Number(
      std::string_view child) const;
  [[nodiscard]] std::string Text(std::string_view child) const;
};

// The whole text as one nameless section. kMalformed names the byte; kLimit
// for sections more than 8 deep, or more than 8 MiB of text.
[[nodiscard]] Result<ConfigNode> ParseConfig(std::string_view text);

}  // namespace assay::formats::lvm2
