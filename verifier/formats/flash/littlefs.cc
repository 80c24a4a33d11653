// littlefs, version 2.0 and 2.1. Layout: littlefs SPEC.md.
//
// Claims: the commits of the newer block of each metadata pair are metadata,
// except for the content of small files, which lies in them; large files have
// the blocks of their skip list behind the pointers. The older block of a pair,
// older contents, what fills commits up, and blocks in no use are slack unless
// they are filler.

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/littlefs_log.h"
#include "verifier/formats/flash/littlefs_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using littlefs::Super;

bool Matches(ByteView head) {
  return littlefs::Recognize(head).has_value();
}

Result<Super> Open(ByteView bytes) {
  const auto first = littlefs::Recognize(
      bytes.first(std::min(bytes.size(), Input::kPeekLimit)));
  if (!first) {
    return Fail(ErrorCode::kNotThisFormat, "littlefs: no super block");
  }
  return littlefs::NewestSuper(bytes, *first);
}

tl::unexpected<Error> Truncated(const Super& super, std::uint64_t size) {
  return Fail(ErrorCode::kTruncated,
              fmt::format("littlefs: {} bytes are stated, {} are there",
                          super.size(), size));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto super = Open(bytes);
  if (!super) {
    return Fail(super.error());
  }
  if (super->size() > bytes.size()) {
    return Truncated(*super, bytes.size());
  }
  const auto root = littlefs::ReadPair(bytes, *super, {0, 1});
  return root ? Result<std::uint64_t>(super->size()) : Fail(root.error());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto super = Open(input.source().bytes());
  if (!super) {
    return Fail(ErrorCode::kMalformed, super.error().what);
  }
  constexpr std::uint32_t kKnown = 0x00020001;
  if (super->version > kKnown) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("littlefs: version {}.{}", super->version >> 16U,
                            super->version & 0xffffU));
  }
  const std::uint64_t size = std::min(super->size(), input.source().size());
  const auto source = input.source().Slice({0, size});
  if (!source) {
    return Fail(source.error());
  }
  littlefs::Tree tree(*source, *super, sink);
  if (auto ok = tree.FollowList(); !ok) {
    return ok;
  }
  TreeWalk walk(tree, "littlefs", sink);
  if (auto ok = walk.Run(littlefs::kRoot); !ok) {
    return ok;
  }
  tree.ReportOrphans();
  tree.ClaimRest();
  if (super->size() > size) {
    return Truncated(*super, size);
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

// In the first block; or in the second one, where the first was erased.
constexpr Magic kMagics[] = {
    // NOLINT: a table
    {"littlefs", 8},         {"littlefs", 128 + 8},   {"littlefs", 256 + 8},
    {"littlefs", 512 + 8},   {"littlefs", 1024 + 8},  {"littlefs", 2048 + 8},
    {"littlefs", 4096 + 8},  {"littlefs", 8192 + 8},  {"littlefs", 16384 + 8},
    {"littlefs", 32768 + 8}, {"littlefs", 65536 + 8},
};
constexpr Magic kCarveMagics[] = {{"littlefs", 8}};  // NOLINT: a table

}  // namespace

extern const Format kLittlefs;
const Format kLittlefs = {
    .name = "littlefs",
    .title = "littlefs file system, version 2",
    .reference = "littlefs SPEC.md (lfs2.1)",
    .magics = kMagics,
    .carvable = true,
    .carve_magics = kCarveMagics,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
