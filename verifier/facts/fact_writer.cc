#include "verifier/facts/fact_writer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace assay::facts {
namespace {

std::size_t Shorten(std::string& text) {
  if (text.size() > FactWriter::kMaxValueBytes) {
    text.resize(FactWriter::kMaxValueBytes);
  }
  return text.size();
}

}  // namespace

FactWriter::FactWriter(std::string_view analysis, const Subject& subject,
                       Observations& into, std::uint64_t limit)
    : analysis_(analysis),
      into_(into),
      limit_(std::min(limit, subject.limits.facts)) {}

bool FactWriter::Add(Fact fact) {
  if (full_) {
    return false;
  }
  std::size_t text = Shorten(fact.value);
  for (auto& [name, value] : fact.attributes) {
    text += Shorten(value);
  }
  if (added_ >= limit_ || text > kMaxTextBytes - text_) {
    Truncate();
    return false;
  }
  std::erase_if(fact.attributes,
                [](const auto& entry) { return entry.second.empty(); });
  into_.facts.push_back(std::move(fact));
  ++added_;
  text_ += text;
  return true;
}

void FactWriter::Truncate() {
  if (std::exchange(full_, true) || limit_ == 0) {
    return;
  }
  if (added_ >= limit_) {
    into_.facts.pop_back();
  }
  into_.facts.push_back(
      {.kind = "facts.truncated", .value = std::string(analysis_)});
}

}  // namespace assay::facts
