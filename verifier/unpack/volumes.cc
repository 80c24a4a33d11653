#include "verifier/unpack/volumes.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace assay::unpack {
namespace {

constexpr std::size_t kFewestDigits = 3;
constexpr std::size_t kMostDigits = 9;

// Where the digits after the last dot begin; npos without such a suffix.
std::size_t DigitsOf(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    return std::string::npos;
  }
  const std::size_t count = name.size() - dot - 1;
  const bool digits =
      count >= kFewestDigits && count <= kMostDigits &&
      std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1,
                  name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? dot + 1 : std::string::npos;
}

}  // namespace

std::vector<VolumeSet> FindVolumes(const Product& product) {
  std::map<std::pair<std::string, std::size_t>,
           std::map<std::uint64_t, std::size_t>>
      numbered;  // stem and width to number to file
  std::set<std::string> names;
  for (std::size_t i = 0; i < product.files.size(); ++i) {
    const ProductFile& file = product.files[i];
    names.insert(file.name);
    const std::size_t at = DigitsOf(file.name);
    if (file.meta.type == FileType::kRegular && at != std::string::npos) {
      const std::string digits = file.name.substr(at);
      numbered[{file.name.substr(0, at - 1), digits.size()}]
              [std::stoull(digits)] = i;
    }
  }
  std::vector<VolumeSet> sets;
  for (const auto& [key, files] : numbered) {
    const std::uint64_t first = files.begin()->first;
    const std::uint64_t last = files.rbegin()->first;
    if (files.size() < 2 || first > 1 || last - first + 1 != files.size() ||
        names.count(key.first) != 0) {
      continue;
    }
    VolumeSet set{.name = key.first};
    for (const auto& [number, index] : files) {
      set.files.push_back(index);
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace assay::unpack
