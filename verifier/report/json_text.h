// Writes JSON straight to text: two spaces of indent, keys in the order they
// are given. A report on a million artifacts never exists as a value tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::report {

class JsonText {
 public:
  // Opens an object or array: the document, an element, or a member.
  void OpenObject();
  void OpenObject(std::string_view key);
  void OpenArray(std::string_view key);
  // Closes what was opened last.
  void Close();

  // Members of the open object. Text that is no UTF-8 is written Escaped();
  // characters that change how a terminal shows the text become \uXXXX.
  void Text(std::string_view key, std::string_view value);
  void Number(std::string_view key, std::uint64_t value);
  void Signed(std::string_view key, std::int64_t value);
  void Real(std::string_view key, double value);  // at most three decimals
  void Flag(std::string_view key, bool value);
  void Null(std::string_view key);
  // The same, left out when there is nothing to say.
  void TextIf(std::string_view key, std::string_view value);
  void FlagIf(std::string_view key, bool value);
  // "offset" and "length".
  void Place(Range range);

  // Elements of the open array.
  void Element(std::string_view text);
  void Element(std::uint64_t number);
  void Texts(std::string_view key, const std::vector<std::string>& values);

  // Bytes written so far.
  [[nodiscard]] std::size_t size() const { return text_.size(); }

  // The document with its final newline. Everything opened has been closed.
  [[nodiscard]] std::string Finish();

 private:
  void Begin();
  void Begin(std::string_view key);
  void Open(char opening, char closing);
  void Quote(std::string_view text);

  struct Level {
    char closing = '}';
    bool empty = true;
  };
  std::vector<Level> open_;
  std::string text_;
};

}  // namespace assay::report
