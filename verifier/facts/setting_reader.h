// Settings of configuration files, whatever their syntax: a name, a value and
// what they stand in. The readers are lenient where programs differ, because
// no program's own grammar is known here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct Setting {
  std::string key = {};      // in small letters
  std::string value = {};    // without quotes and trailing punctuation
  std::string section = {};  // header, block or element around it; may be ""
  std::uint32_t group = 0;   // the same for settings of one section or object
  Range place = {};          // in the text, name and value
};

inline constexpr std::size_t kMaxSettings = 100000;
inline constexpr std::size_t kMaxSettingText = 1024;

// What a reader found; one reader fills one list.
class SettingList {
 public:
  // Leaves out settings without a name or a value.
  void Add(Setting setting);
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] const std::vector<Setting>& all() const { return settings_; }

 private:
  std::vector<Setting> settings_;
  bool full_ = false;
};

// One per line or statement: "key = value", "key: value", "key value", under
// "[section]", inside "block { }" and "<Block>", and OpenWrt's "config",
// "option" and "list".
void ReadSettingLines(std::string_view text, SettingList& into);
// JSON: every member whose value is no object; the elements of an array go by
// the array's name. Comments are allowed, as many programs do.
void ReadSettingJson(std::string_view text, SettingList& into);
// XML: every attribute, and every element that holds text alone. An attribute
// "value" goes by what stands in "name", "key" or "id" beside it.
void ReadSettingXml(std::string_view text, SettingList& into);

}  // namespace assay::facts
