#include "verifier/report/html/markup.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "verifier/report/html/inert.h"

namespace assay::report::html {
namespace {

// Elements that begin a line of the source, so that a reader finds something.
bool IsBlock(std::string_view tag) {
  constexpr std::array<std::string_view, 17> kBlocks = {
      "body",   "dd", "div",  "dl",   "footer", "h1", "h2",      "h3",   "head",
      "header", "li", "main", "meta", "nav",    "ol", "section", "table"};
  return std::find(kBlocks.begin(), kBlocks.end(), tag) != kBlocks.end();
}

}  // namespace

void Markup::Start(std::string_view tag, const Attributes& attributes) {
  if (IsBlock(tag) && !text_.empty() && text_.back() != '\n') {
    text_.push_back('\n');
  }
  text_.append("<").append(tag);
  for (const auto& [name, value] : attributes) {
    text_.append(" ").append(name).append("=\"");
    text_.append(Inert(value)).append("\"");
  }
  text_.push_back('>');
}

void Markup::Open(std::string_view tag, const Attributes& attributes) {
  Start(tag, attributes);
  open_.emplace_back(tag);
}

void Markup::Close() {
  assert(!open_.empty());
  text_.append("</").append(open_.back()).append(">");
  open_.pop_back();
}

void Markup::Void(std::string_view tag, const Attributes& attributes) {
  Start(tag, attributes);
}

void Markup::Leaf(std::string_view tag, std::string_view text,
                  const Attributes& attributes) {
  Open(tag, attributes);
  Text(text);
  Close();
}

void Markup::Text(std::string_view text) {
  text_.append(Inert(text));
}

void Markup::Name(std::string_view text) {
  Leaf("bdi", text);
}

void Markup::Code(std::string_view text) {
  Open("code");
  Leaf("bdi", text, {{"dir", "ltr"}});
  Close();
}

std::string Markup::Finish() {
  assert(open_.empty());
  text_.push_back('\n');
  return std::move(text_);
}

}  // namespace assay::report::html
