#include <algorithm>
#include <compare>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sbom/schema/number.h"
#include "sbom/schema/schema_node.h"

namespace assay::sbom {
namespace {

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t mixed = (a ^ (b + 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9U;
  return mixed ^ (mixed >> 29U);
}

// Equal values have equal sums, whatever the order of an object's members.
// NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
std::uint64_t SumOf(Value value) {
  const auto kind = static_cast<std::uint64_t>(value.kind());
  if (value.is_number()) {
    const Decimal number = DecimalOf(value.text());
    return Mix(kind, Mix(static_cast<std::uint64_t>(number.exponent),
                         std::hash<std::string>{}(number.digits)));
  }
  if (value.is_string()) {
    return Mix(kind, std::hash<std::string_view>{}(value.text()));
  }
  std::uint64_t sum = kind;
  for (const Value child : value) {
    sum = value.is_object()
              ? sum + Mix(std::hash<std::string_view>{}(child.key()),
                          SumOf(child))
              : Mix(sum, SumOf(child));
  }
  return Mix(kind, sum);
}

std::vector<Value> ChildrenOf(Value value) {
  std::vector<Value> children(value.begin(), value.end());
  if (value.is_object()) {
    std::sort(children.begin(), children.end(),
              [](Value a, Value b) { return a.key() < b.key(); });
  }
  return children;
}

int Sign(bool less, bool greater) {
  return less ? -1 : (greater ? 1 : 0);
}

// A total order in which only equal values tie.
// NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
int Order(Value a, Value b) {
  if (a.kind() != b.kind()) {
    return Sign(a.kind() < b.kind(), true);
  }
  if (a.is_number()) {
    const auto order = DecimalOf(a.text()) <=> DecimalOf(b.text());
    return Sign(order<0, order> 0);
  }
  if (a.is_string()) {
    return a.text().compare(b.text());
  }
  if (a.size() != b.size()) {
    return Sign(a.size() < b.size(), true);
  }
  const std::vector<Value> left = ChildrenOf(a);
  const std::vector<Value> right = ChildrenOf(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int keys = left[i].key().compare(right[i].key());
    const int order = keys != 0 ? keys : Order(left[i], right[i]);
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

using Summed = std::pair<std::uint64_t, Value>;

bool IsBefore(const Summed& a, const Summed& b) {
  return a.first != b.first ? a.first < b.first : Order(a.second, b.second) < 0;
}

}  // namespace

bool AreUnique(Value array) {
  std::vector<Summed> sums;
  sums.reserve(array.size());
  for (const Value child : array) {
    sums.emplace_back(SumOf(child), child);
  }
  std::sort(sums.begin(), sums.end(), IsBefore);
  return std::adjacent_find(
             sums.begin(), sums.end(), [](const Summed& a, const Summed& b) {
               return a.first == b.first && Order(a.second, b.second) == 0;
             }) == sums.end();
}

}  // namespace assay::sbom
