// What a vbmeta reaches of the artifact that it lies in, and what the digests
// in its descriptors are compared with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/disks/avb_vbmeta.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

[[nodiscard]] bool IsAvb(const formats::avb::Descriptor& descriptor,
                         formats::avb::Tag tag);
// Whether it states a digest or a hash tree of a partition's image.
[[nodiscard]] bool IsOfAvbImage(const formats::avb::Descriptor& descriptor);
// False: the algorithm or the shape of the tree is not known, or the salt is
// longer than dm-verity's tools write it.
[[nodiscard]] bool IsComputable(const formats::avb::Descriptor& descriptor);
// "image of partition boot": ClaimedRange::what of its range.
[[nodiscard]] std::string AvbImageName(
    const formats::avb::Descriptor& descriptor);

// The images that are about the partition that the metadata lie in: by the
// artifact's name, or the only one there is.
[[nodiscard]] std::vector<const formats::avb::Descriptor*> OwnAvbImages(
    const formats::avb::Vbmeta& vbmeta, std::string_view artifact);
// Lists the images of other partitions, which are files beside `holder`.
void ListAvbImages(const formats::avb::Vbmeta& vbmeta, std::string_view holder,
                   const std::vector<const formats::avb::Descriptor*>& own,
                   SignatureCandidate& candidate);

// Adds the ranges of one vbmeta, which begin at `at` of `artifact`, to a
// candidate; what cannot be there goes to its problems.
class AvbReach {
 public:
  AvbReach(ByteView artifact, const formats::avb::Vbmeta& vbmeta,
           std::uint64_t at, SignatureCandidate& into)
      : artifact_(artifact), vbmeta_(vbmeta), at_(at), into_(into) {}

  void Metadata();
  // The image in front of the metadata, by the digests of each descriptor:
  // passes over it, so that there may be no more than a few.
  void Images(const std::vector<const formats::avb::Descriptor*>& own);
  // Inert if it is zeros, which nothing reads; false when it is not.
  bool Padding(Range range);
  void Inert(Range range, std::string what);

 private:
  [[nodiscard]] ByteView Part(Range range) const;
  [[nodiscard]] Range Moved(Range range) const;
  void Image(const formats::avb::Descriptor& descriptor);
  void Signed(Range range, std::string what);
  void ByDigest(Range range, std::string what,
                const formats::avb::Descriptor& descriptor, ByteView expected,
                ByteView found);
  void Tree(const formats::avb::Descriptor& descriptor, ByteView image);

  ByteView artifact_;
  const formats::avb::Vbmeta& vbmeta_;
  std::uint64_t at_;
  SignatureCandidate& into_;
};

}  // namespace assay::signatures
