// Flattened devicetrees, and the FIT images that U-Boot makes of them.
// Layout: Devicetree Specification v0.4, chapter 5; U-Boot doc/uImage.FIT,
// "Flat Image Tree (FIT) Source Format", sections 4 to 6 and "External data".
//
// A plain devicetree has no members and is metadata throughout. In a FIT each
// /images/<name> is a member: its `data` property, or the bytes that
// `data-size` and `data-offset` (behind the tree, aligned to 4) or
// `data-position` (from the start of the tree) name. Zeros that nothing
// describes are padding, everything else is slack.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/boot/fdt_view.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Image {
  std::string name = {};
  Range data = {};  // from the start of the tree; external data may lie
                    // outside of the input
};

struct Images {
  std::vector<Image> list = {};  // in the order of the tree
  std::vector<std::string> ambiguous = {};
};

Images ImagesOf(const FdtView& tree) {
  Images images;
  const auto parent =
      tree.nodes.empty() ? std::nullopt : tree.Child(0, "images");
  for (std::size_t i = 0; parent && i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].parent != *parent) {
      continue;
    }
    const std::string name = fmt::format("images/{}", tree.nodes[i].name);
    const std::size_t before = images.list.size();
    const auto size = tree.Cell(i, "data-size");
    if (const auto position = tree.Cell(i, "data-position"); position && size) {
      images.list.push_back({name, {*position, *size}});
    }
    if (const auto offset = tree.Cell(i, "data-offset"); offset && size) {
      const std::uint64_t base = (tree.bytes.size() + 3) / 4 * 4;
      images.list.push_back({name, {base + *offset, *size}});
    }
    if (const FdtProperty* data = tree.Find(i, "data")) {
      images.list.push_back({name, data->value});
    }
    if (images.list.size() > before + 1) {
      images.ambiguous.push_back(name);
    }
  }
  return images;
}

bool Matches(ByteView head) {
  return FdtView::HasHeader(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto tree = FdtView::Parse(bytes);
  if (!tree) {
    return Fail(tree.error());
  }
  if (tree->damage) {
    return Fail(*tree->damage);
  }
  std::uint64_t end = tree->bytes.size();
  for (const Image& image : ImagesOf(*tree).list) {
    end = std::max(end, image.data.end());
  }
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("fdt: external data end at {}, the input at {}",
                            end, bytes.size()));
  }
  return end;
}

Result<void> AddImage(const Image& image, const ByteSource& source,
                      Coverage& coverage, ArtifactSink& sink) {
  Member member{.name = image.name};
  const auto content = source.Slice(image.data);
  if (!content) {
    return sink.AddOpaque(
        std::move(member),
        fmt::format("its data at {}+{} lie past the input's {} bytes",
                    image.data.offset, image.data.length, source.size()));
  }
  if (coverage.Touches(image.data)) {
    sink.Report({.id = "fdt.overlapping-data",
                 .range = image.data,
                 .detail = fmt::format("{} shares bytes with an image before "
                                       "it or with the tree's header",
                                       image.name)});
  } else {
    member.origin = image.data;
    member.stored = true;
    coverage.Add(image.data);
  }
  return sink.Add(std::move(member), *content);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto tree = FdtView::Parse(source.bytes());
  if (!tree) {
    return Fail(tree.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : tree.error().code,
                tree.error().what);
  }
  const Images images = ImagesOf(*tree);
  for (const std::string& name : images.ambiguous) {
    sink.Report({.id = "fdt.ambiguous-data",
                 .range = tree->structure,
                 .detail = name + " names its data more than once"});
  }
  Coverage coverage;
  coverage.ClaimFree(tree->header, RegionUse::kMetadata, sink);
  std::uint64_t end = tree->bytes.size();
  for (const Image& image : images.list) {
    if (auto ok = AddImage(image, source, coverage, sink); !ok) {
      return ok;
    }
    if (image.data.end() <= source.size()) {
      end = std::max(end, image.data.end());
    }
  }
  for (const Range& block :
       {tree->reservations, tree->structure, tree->strings}) {
    coverage.ClaimFree(block, RegionUse::kMetadata, sink);
  }
  coverage.ClaimGaps(source.bytes().first(static_cast<std::size_t>(end)), sink);
  if (tree->damage) {
    return Fail(*tree->damage);
  }
  return {};
}

constexpr Magic kMagics[] = {{"\xd0\x0d\xfe\xed", 0}};  // NOLINT: a table

}  // namespace

extern const Format kFdt;
const Format kFdt = {
    .name = "fdt",
    .title = "Flattened devicetree or FIT image",
    .reference = "Devicetree Specification v0.4, chapter 5; U-Boot FIT",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
