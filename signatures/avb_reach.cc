#include "signatures/avb_reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/disks/avb_tree.h"

namespace assay::signatures {
namespace {

using formats::avb::Descriptor;
using formats::avb::Header;
using formats::avb::Tag;

constexpr std::size_t kMaxOwnImages = 8;

DigestAlgorithm AlgorithmOf(const Descriptor& descriptor) {
  return DigestAlgorithmOf(descriptor.algorithm).value_or(DigestAlgorithm{});
}

// "boot" for boot, boot.img, boot_a and boot_b.img.
bool IsNamed(std::string_view artifact, std::string_view partition) {
  if (!artifact.starts_with(partition)) {
    return false;
  }
  std::string_view rest = artifact.substr(partition.size());
  if (rest.starts_with("_a") || rest.starts_with("_b")) {
    rest.remove_prefix(2);
  }
  return rest.empty() || rest.starts_with('.');
}

// How factory images and disks call a partition; never one of the other slot.
std::vector<std::string> NamesOf(const std::string& partition,
                                 std::string_view holder) {
  const std::string_view stem = holder.substr(0, holder.find('.'));
  std::vector<std::string_view> slots = {"", "_a"};
  if (stem.ends_with("_a") || stem.ends_with("_b")) {
    slots = {stem.substr(stem.size() - 2), ""};
  }
  std::vector<std::string> names;
  for (const std::string_view slot : slots) {
    for (const std::string_view suffix : {".img", "", ".bin"}) {
      names.push_back(fmt::format("{}{}{}", partition, slot, suffix));
    }
  }
  return names;
}

ByteView PartOf(const formats::avb::Vbmeta& vbmeta, Range range) {
  return Slice(vbmeta.bytes(), range.offset, range.length).value_or(ByteView{});
}

}  // namespace

bool IsAvb(const Descriptor& descriptor, Tag tag) {
  return descriptor.tag == static_cast<std::uint64_t>(tag);
}

bool IsOfAvbImage(const Descriptor& descriptor) {
  return IsAvb(descriptor, Tag::kHash) || IsAvb(descriptor, Tag::kHashTree);
}

bool IsComputable(const Descriptor& descriptor) {
  if (descriptor.salt.length > formats::avb::kMaxSalt) {
    return false;
  }
  if (IsAvb(descriptor, Tag::kHash)) {
    return formats::avb::SaltedDigest(descriptor.algorithm, {}, {}).has_value();
  }
  return descriptor.data_block == descriptor.hash_block &&
         formats::avb::CanComputeTree(descriptor.algorithm,
                                      descriptor.image_size,
                                      descriptor.hash_block);
}

std::string AvbImageName(const Descriptor& descriptor) {
  return fmt::format("image of partition {}", Escaped(descriptor.name));
}

std::vector<const Descriptor*> OwnAvbImages(const formats::avb::Vbmeta& vbmeta,
                                            std::string_view artifact) {
  std::vector<const Descriptor*> all;
  std::vector<const Descriptor*> own;
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    if (IsOfAvbImage(descriptor)) {
      all.push_back(&descriptor);
      if (IsNamed(artifact, descriptor.name)) {
        own.push_back(&descriptor);
      }
    }
  }
  return own.empty() && all.size() == 1 ? all : own;
}

void ListAvbImages(const formats::avb::Vbmeta& vbmeta, std::string_view holder,
                   const std::vector<const Descriptor*>& own,
                   SignatureCandidate& candidate) {
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    if (!IsOfAvbImage(descriptor) || !IsComputable(descriptor) ||
        std::ranges::find(own, &descriptor) != own.end()) {
      continue;
    }
    DigestedPart part{.length = descriptor.image_size,
                      .salt = CopyOf(PartOf(vbmeta, descriptor.salt))};
    if (IsAvb(descriptor, Tag::kHashTree)) {
      part.block = descriptor.hash_block;
      part.tree = descriptor.tree;
      part.correction = descriptor.correction;
    }
    std::vector<std::string> names = NamesOf(descriptor.name, holder);
    ListedFile listed{.name = names.front()};
    listed.digests = {
        {AlgorithmOf(descriptor), HexOf(PartOf(vbmeta, descriptor.value))}};
    listed.also.assign(names.begin() + 1, names.end());
    listed.part = std::move(part);
    candidate.listed.push_back(std::move(listed));
  }
}

void AvbReach::Metadata() {
  Signed({0, sizeof(Header)}, "vbmeta header");
  Signed({vbmeta_.auxiliary(), vbmeta_.header().auxiliary_size},
         "vbmeta auxiliary data");
  Inert(Moved(vbmeta_.hash()), "hash of the vbmeta");
  Inert(Moved(vbmeta_.signature()), "signature");
  const std::uint64_t end =
      std::max(vbmeta_.hash().end(), vbmeta_.signature().end());
  Padding(Moved({end, vbmeta_.auxiliary() - end}));
}

void AvbReach::Images(const std::vector<const Descriptor*>& own) {
  if (own.size() > kMaxOwnImages) {
    into_.problems.push_back(
        fmt::format("{} descriptors of the image before the metadata; {} are "
                    "read",
                    own.size(), kMaxOwnImages));
    return;
  }
  for (const Descriptor* descriptor : own) {
    Image(*descriptor);
  }
}

void AvbReach::Image(const Descriptor& descriptor) {
  const auto image = Slice(artifact_, 0, descriptor.image_size);
  if (!image || descriptor.image_size > at_) {
    into_.problems.push_back(
        fmt::format("the {} is to have {} bytes; {} stand before the metadata",
                    AvbImageName(descriptor), descriptor.image_size, at_));
  } else if (!IsComputable(descriptor)) {
    return;  // the check is UNSUPPORTED
  } else if (IsAvb(descriptor, Tag::kHash)) {
    const auto digest = formats::avb::SaltedDigest(
        descriptor.algorithm, Part(descriptor.salt), *image);
    ByDigest({0, image->size()}, AvbImageName(descriptor), descriptor,
             Part(descriptor.value), digest.value_or(Bytes{}));
  } else {
    Tree(descriptor, *image);
  }
}

// The kernel reads the stored tree; error correction changes blocks only to
// what the tree says.
void AvbReach::Tree(const Descriptor& descriptor, ByteView image) {
  const auto tree =
      formats::avb::ComputeTree(descriptor.algorithm, Part(descriptor.salt),
                                image, descriptor.hash_block);
  if (!tree) {
    return;
  }
  ByDigest({0, image.size()}, AvbImageName(descriptor), descriptor,
           Part(descriptor.value), tree->root);
  const ByteView front = artifact_.first(static_cast<std::size_t>(at_));
  const Range stored = descriptor.tree;
  const auto levels = Slice(front, stored.offset, stored.length);
  if (!levels) {
    into_.problems.emplace_back("the hash tree is not before the metadata");
  } else if (stored.length > 0) {  // else it is made on the device
    const auto digest = [&](ByteView bytes) {
      return *BytesFromHex(DigestOf(AlgorithmOf(descriptor), bytes).hex);
    };
    ByDigest(stored, "hash tree", descriptor, digest(tree->levels),
             digest(*levels));
  }
  const Range correction = descriptor.correction;
  if (Slice(front, correction.offset, correction.length)) {
    Inert(correction, "error correction");
  }
}

bool AvbReach::Padding(Range range) {
  const auto bytes = Slice(artifact_, range.offset, range.length);
  if (!bytes || !formats::AllAre(*bytes, 0)) {
    return false;
  }
  Inert(range, "padding");
  return true;
}

void AvbReach::Inert(Range range, std::string what) {
  if (range.length > 0) {
    into_.ranges.push_back({range, Coverage::kUncoveredInert, std::move(what)});
  }
}

ByteView AvbReach::Part(Range range) const {
  return PartOf(vbmeta_, range);
}

Range AvbReach::Moved(Range range) const {
  return {at_ + range.offset, range.length};
}

void AvbReach::Signed(Range range, std::string what) {
  into_.ranges.push_back({Moved(range), Coverage::kSigned, std::move(what)});
}

void AvbReach::ByDigest(Range range, std::string what,
                        const Descriptor& descriptor, ByteView expected,
                        ByteView found) {
  const DigestAlgorithm algorithm = AlgorithmOf(descriptor);
  into_.ranges.push_back({.range = range,
                          .coverage = Coverage::kByDigest,
                          .what = std::move(what),
                          .expected = Digest{algorithm, HexOf(expected)},
                          .found = Digest{algorithm, HexOf(found)}});
}

}  // namespace assay::signatures
