#include "signatures/fit_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using formats::FdtNop;
using formats::FdtProperty;
using formats::FdtView;

// What may change after signing: where an image's bytes lie, and the bytes.
constexpr std::array<std::string_view, 4> kUnsignedProperties = {
    "data", "data-size", "data-position", "data-offset"};

// What of a configuration names no image.
constexpr std::array<std::string_view, 3> kWords = {"description", "compatible",
                                                    "default"};
constexpr std::array<std::string_view, 9> kImageProperties = {
    "kernel", "fdt",        "ramdisk", "loadables", "firmware",
    "fpga",   "standalone", "script",  "setup"};

constexpr std::size_t kMaxProblems = 8;
constexpr std::size_t kMaxText = 256;

bool Has(const auto& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::vector<std::string_view> StringsOf(const FdtView& tree,
                                        const FdtProperty& property) {
  std::string_view text = AsText(tree.Value(property));
  if (!text.empty() && text.back() == '\0') {
    text.remove_suffix(1);
  }
  return Split(text, '\0');
}

std::vector<const FdtProperty*> PropertiesOf(const FdtView& tree,
                                             std::size_t node) {
  std::vector<const FdtProperty*> found;
  for (const FdtProperty& property : tree.properties) {
    if (property.node == node) {
      found.push_back(&property);
    }
  }
  return found;
}

void FindImages(const FdtView& tree, std::size_t configuration,
                FitRegions& regions) {
  const auto parent = tree.Child(0, "images");
  std::map<std::string_view, std::size_t> images;
  for (const std::size_t image :
       parent ? ChildrenOf(tree, *parent) : FdtNodes{}) {
    images.emplace(tree.nodes[image].name, image);
  }
  std::set<std::size_t> seen;
  for (const FdtProperty* property : PropertiesOf(tree, configuration)) {
    if (Has(kWords, property->name)) {
      continue;
    }
    for (const std::string_view name : StringsOf(tree, *property)) {
      const auto image = images.find(name);
      if (image != images.end()) {
        if (seen.insert(image->second).second) {
          regions.images.push_back(image->second);
        }
      } else if (Has(kImageProperties, property->name) &&
                 regions.problems.size() < kMaxProblems) {
        regions.problems.push_back(
            fmt::format("{} names \"{}\", which is no image",
                        Escaped(property->name), Escaped(name)));
      }
    }
  }
  if (regions.images.empty()) {
    regions.problems.emplace_back("the configuration names no image");
  }
}

// Nodes of an image that are signed with it.
bool IsSignedPart(std::string_view name) {
  return name.starts_with("hash") || name == "cipher" || name == "dm-verity";
}

std::vector<bool> ListOf(const FdtView& tree, std::size_t configuration,
                         const FdtNodes& images) {
  std::vector<bool> listed(tree.nodes.size());
  listed[0] = true;
  listed[configuration] = true;
  for (const std::size_t image : images) {
    listed[image] = true;
    for (const std::size_t part : ChildrenOf(tree, image)) {
      listed[part] = IsSignedPart(tree.nodes[part].name);
    }
  }
  return listed;
}

// fdt_find_regions(): BEGIN and END of a node that is listed or whose parent
// is; properties and NOPs of a listed one; the END of the tree.
std::vector<Range> StructureOf(const FdtView& tree,
                               const std::vector<bool>& listed) {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (listed[i] || listed[tree.nodes[i].parent]) {
      ranges.push_back(tree.nodes[i].begin);
      ranges.push_back(tree.nodes[i].end);
    }
  }
  for (const FdtProperty& property : tree.properties) {
    if (listed[property.node] && !Has(kUnsignedProperties, property.name)) {
      ranges.push_back(property.whole);
    }
  }
  for (const FdtNop& nop : tree.nops) {
    if (listed[nop.node]) {
      ranges.push_back(nop.place);
    }
  }
  ranges.push_back(tree.end);
  std::ranges::sort(ranges);
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && merged.back().end() == range.offset) {
      merged.back().length += range.length;
    } else if (range.length > 0) {
      merged.push_back(range);
    }
  }
  return merged;
}

void AddStrings(const FdtView& tree, const std::vector<bool>& listed,
                std::size_t signature, FitRegions& regions) {
  const FdtProperty* hashed = tree.Find(signature, "hashed-strings");
  const auto size = hashed == nullptr
                        ? std::nullopt
                        : ReadAt<Be32>(tree.Value(*hashed), sizeof(Be32));
  if (!size || *size > tree.strings.length) {
    regions.problems.emplace_back(
        "no sane hashed-strings: the properties' names are not signed");
    return;
  }
  regions.ranges.push_back({tree.strings.offset, *size});
  const std::uint64_t end = tree.strings.offset + *size;
  for (const FdtProperty& property : tree.properties) {
    if (listed[property.node] && !Has(kUnsignedProperties, property.name) &&
        property.name_place.end() > end) {
      regions.problems.push_back(fmt::format(
          "the name of the signed property {} lies outside of hashed-strings",
          Escaped(property.name)));
      return;
    }
  }
}

}  // namespace

FdtNodes ChildrenOf(const FdtView& tree, std::size_t parent) {
  FdtNodes children;
  for (std::size_t i = parent + 1; i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].parent == parent) {
      children.push_back(i);
    } else if (tree.nodes[i].depth <= tree.nodes[parent].depth) {
      break;
    }
  }
  return children;
}

std::string_view TextOf(const FdtView& tree, std::size_t node,
                        std::string_view name) {
  const FdtProperty* property = tree.Find(node, name);
  const std::string_view text =
      property == nullptr ? "" : AsText(tree.Value(*property));
  return text.substr(0, text.find('\0'));
}

FitRegions RegionsOf(const FdtView& tree, std::size_t configuration,
                     std::size_t signature) {
  FitRegions regions;
  FindImages(tree, configuration, regions);
  const std::vector<bool> listed = ListOf(tree, configuration, regions.images);
  regions.ranges = StructureOf(tree, listed);
  AddStrings(tree, listed, signature, regions);
  return regions;
}

std::string LeftOutOf(const FdtView& tree, const FdtNodes& images,
                      std::size_t signature) {
  const FdtProperty* property = tree.Find(signature, "hashed-nodes");
  if (property == nullptr) {
    return "";
  }
  const auto strings = StringsOf(tree, *property);
  const std::set<std::string_view> stated(strings.begin(), strings.end());
  std::string missing;
  for (const std::size_t image : images) {
    const std::string path = fmt::format("/images/{}", tree.nodes[image].name);
    if (!stated.contains(path) && missing.size() < kMaxText) {
      missing += (missing.empty() ? "" : " ") + Escaped(path);
    }
  }
  return missing;
}

}  // namespace assay::signatures
