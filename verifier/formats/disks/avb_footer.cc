// A partition image with an Android verified boot footer: the original image,
// its hash tree and error correction if it has them, vbmeta, and 64 bytes at
// the very end that lead there. Layout: AOSP external/avb,
// libavb/avb_footer.h; the order of the parts is that of avbtool.
//
// Members: "image" and "vbmeta". Digest and tree of the first descriptor are
// computed again; nobody else would notice before the device does not boot.

#include "verifier/formats/disks/avb_footer.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "verifier/formats/boot/stored_parts.h"
#include "verifier/formats/disks/avb_tree.h"
#include "verifier/formats/disks/avb_vbmeta.h"
#include "verifier/formats/format.h"

namespace assay::formats {

namespace avb {

std::optional<Footer> ReadFooter(ByteView bytes) {
  if (bytes.size() < sizeof(Footer)) {
    return std::nullopt;
  }
  const std::uint64_t end = bytes.size() - sizeof(Footer);
  const auto footer = ReadAt<Footer>(bytes, end);
  if (!footer || footer->magic != kFooterMagic || footer->major != 1 ||
      footer->vbmeta_offset > end ||
      footer->vbmeta_size > end - footer->vbmeta_offset ||
      footer->original_size > footer->vbmeta_offset) {
    return std::nullopt;
  }
  return footer;
}

}  // namespace avb

namespace {

using avb::Descriptor;
using avb::Tag;
using avb::Vbmeta;

bool MatchesEnd(ByteView bytes) {
  const auto footer = avb::ReadFooter(bytes);
  return footer && avb::HasHeader(bytes.subspan(
                       static_cast<std::size_t>(footer->vbmeta_offset),
                       static_cast<std::size_t>(footer->vbmeta_size)));
}

class Checker {
 public:
  // `image` and `place`, that of the vbmeta, lie in `partition`.
  Checker(ByteView partition, const Vbmeta& vbmeta, Range image, Range place,
          ArtifactSink& sink)
      : partition_(partition),
        vbmeta_(vbmeta),
        image_(image),
        place_(place),
        sink_(sink) {}

  void Check(const Descriptor& descriptor) {
    const bool tree =
        descriptor.tag == static_cast<std::uint64_t>(Tag::kHashTree);
    const auto covered = Slice(partition_, 0, descriptor.image_size);
    if (!covered || descriptor.image_size > place_.offset) {
      Report(
          "avb.size-mismatch",
          fmt::format("{} bytes of {} are covered, the image has {}",
                      descriptor.image_size, descriptor.name, image_.length));
      return;
    }
    const ByteView salt = Part(descriptor.salt);
    if (tree) {
      CheckTree(descriptor, salt, *covered);
      return;
    }
    const auto digest = avb::SaltedDigest(descriptor.algorithm, salt, *covered);
    Compare(descriptor, digest, "the image");
  }

 private:
  [[nodiscard]] ByteView Part(Range range) const {
    return *Slice(vbmeta_.bytes(), range.offset, range.length);
  }

  void CheckTree(const Descriptor& descriptor, ByteView salt,
                 ByteView covered) {
    if (descriptor.data_block != descriptor.hash_block ||
        descriptor.tree.length == 0) {
      return;
    }
    const auto tree = avb::ComputeTree(descriptor.algorithm, salt, covered,
                                       descriptor.hash_block);
    if (!tree) {
      return;
    }
    Compare(descriptor, tree->root, "the root of the tree");
    const auto stored =
        Slice(partition_, descriptor.tree.offset, descriptor.tree.length);
    if (!stored || CopyOf(*stored) != tree->levels) {
      Report("avb.checksum-mismatch",
             fmt::format("the stored hash tree of {} is not that of its blocks",
                         descriptor.name));
    }
  }

  void Compare(const Descriptor& descriptor, const std::optional<Bytes>& digest,
               const char* what) {
    if (digest && *digest != CopyOf(Part(descriptor.value))) {
      Report("avb.checksum-mismatch",
             fmt::format("{}: the digest of {} is not the one that is stated",
                         descriptor.name, what));
    }
  }

  void Report(std::string id, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = image_, .detail = std::move(detail)});
  }

  ByteView partition_;
  const Vbmeta& vbmeta_;
  Range image_;
  Range place_;
  ArtifactSink& sink_;
};

// The first descriptor that covers this partition: a second would only repeat
// the work.
const Descriptor* CoveringDescriptor(const Vbmeta& vbmeta, ArtifactSink& sink,
                                     Range place) {
  const Descriptor* first = nullptr;
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    if (descriptor.tag != static_cast<std::uint64_t>(Tag::kHash) &&
        descriptor.tag != static_cast<std::uint64_t>(Tag::kHashTree)) {
      continue;
    }
    if (first != nullptr) {
      sink.Report({.id = "avb.ambiguous-descriptor",
                   .range = place,
                   .detail = "more than one descriptor covers the image; only "
                             "the first is checked"});
      break;
    }
    first = &descriptor;
  }
  return first;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto footer = avb::ReadFooter(source.bytes());
  if (!footer || !MatchesEnd(source.bytes())) {
    return Fail(ErrorCode::kMalformed, "no Android verified boot footer");
  }
  const Range image{0, footer->original_size};
  const Range place{footer->vbmeta_offset, footer->vbmeta_size};
  StoredParts parts(source, "avb", sink);
  parts.Metadata({source.size() - sizeof(avb::Footer), sizeof(avb::Footer)});
  if (auto ok = parts.Add("vbmeta", place); !ok) {
    return ok;
  }
  const auto vbmeta =
      Vbmeta::Read(*Slice(source.bytes(), place.offset, place.length));
  const Descriptor* covering =
      vbmeta ? CoveringDescriptor(*vbmeta, sink, place) : nullptr;
  if (auto ok = parts.Add("image", image); !ok) {
    return ok;
  }
  if (covering != nullptr) {
    Checker(source.bytes(), *vbmeta, image, place, sink).Check(*covering);
    for (const Range range : {covering->tree, covering->correction}) {
      if (Slice(source.bytes(), range.offset, range.length)) {
        parts.Metadata(range);
      }
    }
  }
  parts.Rest(source.size());
  return input.Skip(source.size());
}

}  // namespace

extern const Format kAvbFooter;
const Format kAvbFooter = {
    .name = "avb_footer",
    .title = "partition with Android verified boot footer",
    .reference = "AOSP external/avb/libavb/avb_footer.h",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
