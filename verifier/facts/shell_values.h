// The names of a shell script and what they may stand for, as far as the
// script itself says so in constants.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

// A text with several readings, one for each value of the names in it. Two
// names change together, so that readings never multiply: reading i takes the
// i-th value of each, or its last.
class ShellText {
 public:
  static constexpr std::size_t kMaxReadings = 16;
  static constexpr std::size_t kMaxBytes = 8192;  // of each reading

  void Append(std::string_view text);
  void Append(const ShellText& values);
  // Something that only a run of the script would tell.
  void AppendUnknown(std::string_view as_written);
  // Another reading; at the limit, or when it is there already, nothing.
  void AddReading(std::string_view text);

  [[nodiscard]] const std::string& Reading(std::size_t index) const;
  [[nodiscard]] std::size_t readings() const { return 1 + others_.size(); }
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  std::string first_;
  std::vector<std::string> others_;
  bool known_ = true;
};

class ShellValues {
 public:
  ShellValues();

  // `sure`: the assignment always happens, so the values before are gone;
  // else it adds its own. A value that is not known makes the name unknown.
  void Learn(std::string_view name, const ShellText& value, bool sure);
  void Forget(std::string_view name);
  // Null when nothing is known, or more was asked for than a script is worth.
  [[nodiscard]] const ShellText* Find(std::string_view name);

  [[nodiscard]] std::optional<ShellText> Saved(std::string_view name) const;
  void Restore(std::string_view name, std::optional<ShellText> value);

 private:
  std::map<std::string, ShellText, std::less<>> values_;
  std::size_t budget_;
};

// ${name}, ${name:-default}, ${name#prefix}, ${name%suffix}, ${name/a/b},
// ${name:offset:length}, ${name^^}, ${name,,} and their relatives, by what
// stands between the braces; operands are plain text. Null: as written.
[[nodiscard]] std::optional<ShellText> ExpandBraces(std::string_view inside,
                                                    ShellValues& values);

// Integer arithmetic of XCU 2.6.4 on constants and known names.
[[nodiscard]] std::optional<std::string> EvaluateArithmetic(
    std::string_view expression, ShellValues& values);

}  // namespace assay::facts
