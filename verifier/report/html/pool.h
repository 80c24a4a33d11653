// The data of a page as compact JSON: rows of numbers and of references into
// one table of texts, each of which stands there once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay::report::html {

class Pool {
 public:
  // An array or object inside the open one; `key` only inside an object.
  void OpenArray(std::string_view key = {});
  void OpenObject(std::string_view key = {});
  void Close();

  // Numbers beyond what a program in the page can count exactly (2^53) become
  // the largest that it can.
  void Number(std::uint64_t value, std::string_view key = {});
  // A number that is -1 where there is nothing.
  void Missing() { Put("-1"); }
  // A reference to the text.
  void Text(std::string_view text, std::string_view key = {});
  void Texts(const std::vector<std::string>& texts);

  // {"strings": [...], "data": <what was put>}.
  [[nodiscard]] std::string Finish();

 private:
  void Put(std::string_view value, std::string_view key = {});
  [[nodiscard]] std::size_t IndexOf(std::string_view text);

  std::string body_;
  std::string open_;  // closing characters
  bool empty_ = true;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::size_t> at_;
};

}  // namespace assay::report::html
