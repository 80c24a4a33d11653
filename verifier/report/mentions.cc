#include "verifier/report/mentions.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

bool IsOfWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || (c & '\x80') != 0;
}

std::size_t StartOfWord(std::string_view text, std::size_t at) {
  while (at < text.size() && !IsOfWord(text[at])) {
    ++at;
  }
  return at;
}

std::size_t EndOfWord(std::string_view text, std::size_t at) {
  while (at < text.size() && IsOfWord(text[at])) {
    ++at;
  }
  return at;
}

// Of words that begin at `at`: what leads to the next node, and where it ends.
struct Step {
  std::string key = {};
  std::size_t end = 0;
};

Step StepFrom(std::string_view text, std::size_t at) {
  const std::size_t end = EndOfWord(text, StartOfWord(text, at));
  return {Lower(text.substr(at, end - at)), end};
}

// Without what stands before the first and behind the last word.
std::string_view WordsOf(std::string_view name) {
  const std::size_t start = StartOfWord(name, 0);
  std::size_t end = name.size();
  while (end > start && !IsOfWord(name[end - 1])) {
    --end;
  }
  return name.substr(std::min(start, name.size()), end - start);
}

}  // namespace

std::uint32_t Mentions::NodeOf(std::string_view name) {
  std::uint32_t node = 0;
  std::size_t at = StartOfWord(name, 0);
  while (StartOfWord(name, at) < name.size()) {
    Step step = StepFrom(name, at);
    at = step.end;
    const auto [next, is_new] = nodes_[node].next.emplace(
        std::move(step.key), static_cast<std::uint32_t>(nodes_.size()));
    node = next->second;
    if (is_new) {
      nodes_.emplace_back();
    }
  }
  return node;
}

void Mentions::Add(std::string_view name, std::string_view replacement) {
  if (const std::uint32_t node = NodeOf(name); node != 0) {
    nodes_[node].ends = true;
    nodes_[node].sparable = false;
    nodes_[node].replacement = replacement;
  }
}

void Mentions::AddUnlessSpared(std::string_view name,
                               std::string_view replacement) {
  if (const std::uint32_t node = NodeOf(name); node != 0) {
    if (!nodes_[node].ends) {
      nodes_[node].ends = true;
      nodes_[node].sparable = true;
      nodes_[node].replacement = replacement;
    }
  }
}

void Mentions::Keep(std::string_view name) {
  Add(name, WordsOf(name));
}

void Mentions::AddRaw(std::string_view text, std::string_view replacement) {
  if (!text.empty()) {
    raws_.push_back({Lower(text), std::string(replacement)});
  }
}

template <typename Use>
void Mentions::Walk(std::string_view text, std::size_t start, Use use) const {
  std::uint32_t node = 0;
  for (std::size_t at = start; at < text.size();) {
    const Step step = StepFrom(text, at);
    const auto next = nodes_[node].next.find(step.key);
    if (next == nodes_[node].next.end()) {
      return;
    }
    node = next->second;
    at = step.end;
    use(node, at);
  }
}

void Mentions::SpareNode(std::uint32_t node) {
  nodes_[node].ends = nodes_[node].ends && !nodes_[node].sparable;
}

void Mentions::SparePath(std::string_view path) {
  for (std::size_t begin = 0; begin < path.size();) {
    Walk(path, StartOfWord(path, begin),
         [&](std::uint32_t node, std::size_t end) {
           const std::size_t word = StartOfWord(path, end);
           if (word >= path.size() ||
               path.substr(end, word - end).find('/') != path.npos) {
             SpareNode(node);
           }
         });
    begin = std::min(path.find('/', begin), path.size() - 1) + 1;
  }
}

void Mentions::SpareText(std::string_view text) {
  for (std::size_t start = StartOfWord(text, 0); start < text.size();
       start = StartOfWord(text, EndOfWord(text, start))) {
    Walk(text, start,
         [&](std::uint32_t node, std::size_t /*end*/) { SpareNode(node); });
  }
}

std::string Mentions::RawReplaced(std::string_view text) const {
  std::string out(text);
  for (const Raw& raw : raws_) {
    std::string lower = Lower(out);
    std::string next;
    std::size_t from = 0;
    for (std::size_t at = 0;
         (at = lower.find(raw.text, from)) != std::string::npos;
         from = at + raw.text.size()) {
      next.append(out, from, at - from).append(raw.replacement);
    }
    out = next.append(out, from);
  }
  return out;
}

std::string Mentions::Replaced(std::string_view text) const {
  const std::string swept = RawReplaced(text);
  const std::string_view rest = swept;
  std::string out;
  std::size_t done = 0;
  for (std::size_t start = StartOfWord(rest, 0); start < rest.size();) {
    std::uint32_t found = 0;
    std::size_t found_end = EndOfWord(rest, start);
    Walk(rest, start, [&](std::uint32_t node, std::size_t end) {
      if (nodes_[node].ends) {
        found = node;
        found_end = end;
      }
    });
    if (found != 0) {
      out.append(rest.substr(done, start - done));
      out.append(nodes_[found].replacement);
      done = found_end;
    }
    start = StartOfWord(rest, found_end);
  }
  return out.append(rest.substr(done));
}

}  // namespace assay::report
