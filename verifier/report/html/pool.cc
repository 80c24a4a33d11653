#include "verifier/report/html/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "verifier/report/html/inert.h"

namespace assay::report::html {

constexpr std::uint64_t kExact = (1ULL << 53U) - 1;

void Pool::Put(std::string_view value, std::string_view key) {
  if (!empty_) {
    body_.push_back(',');
  }
  if (!key.empty()) {
    body_.append(InertJson(key)).push_back(':');
  }
  body_.append(value);
  empty_ = false;
}

void Pool::OpenArray(std::string_view key) {
  Put("[", key);
  open_.push_back(']');
  empty_ = true;
}

void Pool::OpenObject(std::string_view key) {
  Put("{", key);
  open_.push_back('}');
  empty_ = true;
}

void Pool::Close() {
  assert(!open_.empty());
  body_.push_back(open_.back());
  open_.pop_back();
  empty_ = false;
}

void Pool::Number(std::uint64_t value, std::string_view key) {
  Put(fmt::format_int(std::min(value, kExact)).c_str(), key);
}

std::size_t Pool::IndexOf(std::string_view text) {
  const auto [known, fresh] = at_.try_emplace(std::string(text), texts_.size());
  if (fresh) {
    texts_.emplace_back(text);
  }
  return known->second;
}

void Pool::Text(std::string_view text, std::string_view key) {
  Number(IndexOf(text), key);
}

void Pool::Texts(const std::vector<std::string>& texts) {
  OpenArray();
  for (const std::string& text : texts) {
    Text(text);
  }
  Close();
}

std::string Pool::Finish() {
  assert(open_.empty());
  std::string text = "{\"strings\":[";
  bool first = true;
  for (const std::string& one : texts_) {
    text.append(first ? "" : ",").append(InertJson(one));
    first = false;
  }
  return text.append("],\n\"data\":").append(body_).append("}");
}

}  // namespace assay::report::html
