// Writes HTML as a tree of elements. Text and attribute values are made inert
// here; only the page's own style, program and figures pass as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::report::html {

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

class Markup {
 public:
  // Opens an element; tag and attribute names are our own words.
  void Open(std::string_view tag, const Attributes& attributes = {});
  // Closes what was opened last.
  void Close();
  // An element that has no content: <meta>, <rect>.
  void Void(std::string_view tag, const Attributes& attributes = {});
  // An element that holds text alone.
  void Leaf(std::string_view tag, std::string_view text,
            const Attributes& attributes = {});

  // Our own words, and what the policy or the rules say.
  void Text(std::string_view text);
  // A name from the product, apart from the words around it: <bdi>.
  void Name(std::string_view text);
  // Paths and digests: the same, in the type of code, from left to right.
  void Code(std::string_view text);

  // What is markup already. Never text from a report.
  void Raw(std::string_view markup) { text_.append(markup); }

  // The document. Everything opened has been closed.
  [[nodiscard]] std::string Finish();

 private:
  void Start(std::string_view tag, const Attributes& attributes);

  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace assay::report::html
