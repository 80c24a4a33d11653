// UDF 1.02 to 2.60 (ECMA-167), on media that are rewritten, written once, or
// packet-written with sparing.
//
// Claims: recognition sequence, anchors, volume descriptors, tables of the
// partition maps, space bitmaps, file entries in use and directories are
// metadata. A file has its extents up to its last byte. Named streams are
// members "a/b:stream". Free blocks, what is left of blocks, deleted files and
// the boot area in front are slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/udf_space.h"
#include "verifier/formats/filesystems/udf_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using udf::Malformed;
using udf::Volume;

bool Matches(ByteView head) {
  return udf::Recognize(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  auto volume = Volume::Open(ByteSource::Borrow(bytes));
  if (!volume) {
    return Fail(volume.error());
  }
  const auto end = volume->End();
  if (!end) {
    return end;
  }
  if (*end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("udf: {} bytes are stated, {} are there", *end,
                            bytes.size()));
  }
  if (auto ok = LoadMaps(*volume); !ok) {
    return Fail(ok.error());
  }
  const auto sets = udf::ReadFileSet(*volume);
  if (!sets) {
    return Fail(sets.error());
  }
  return *end;
}

void ClaimTables(const Volume& volume, Coverage& coverage, ArtifactSink& sink) {
  for (const Range& range : volume.tables()) {
    if (range.length > 0 && Slice(volume.bytes(), range.offset, range.length)) {
      coverage.ClaimFree(range, RegionUse::kMetadata, sink);
    }
  }
}

Result<void> Walk(Volume& volume, Coverage& coverage, ArtifactSink& sink) {
  if (!volume.reserve_agrees()) {
    sink.Report({.id = "udf.reserve-mismatch",
                 .detail = "the reserve volume descriptors say something "
                           "else than the main ones"});
  }
  const auto loaded = LoadMaps(volume);
  const auto set = loaded ? udf::ReadFileSet(volume)
                          : Result<udf::FileSet>(Fail(loaded.error()));
  udf::NoteFreeSpace(volume);
  ClaimTables(volume, coverage, sink);
  if (!set) {
    return Fail(set.error());
  }
  udf::Tree tree(volume, *set, coverage, sink);
  TreeWalk walk(tree, "udf", sink);
  if (auto ok = walk.Run(udf::NumberOf(set->root)); !ok) {
    return ok;
  }
  if (!walk.damage()) {
    walk.CompareLinks();
    udf::CompareBitmaps(volume, coverage, sink);
  }
  udf::ClaimMirrors(volume, coverage, sink);
  return walk.damage() ? Result<void>(Fail(*walk.damage())) : Result<void>();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  auto volume = Volume::Open(input.source());
  if (!volume) {
    return Fail(volume.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : volume.error().code,
                volume.error().what);
  }
  const auto end = volume->End();
  const std::uint64_t size =
      std::min(end.value_or(input.source().size()), input.source().size());
  if (size < input.source().size()) {  // what follows is not the volume's
    volume = Volume::Open(*input.source().Slice({0, size}));
    if (!volume) {
      return Fail(volume.error());
    }
  }
  volume->NoteAnchors(size);
  Coverage coverage;
  const auto walked = Walk(*volume, coverage, sink);
  coverage.ClaimGaps(volume->bytes(), sink);
  if (!end) {
    return Fail(end.error());
  }
  if (*end > size) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("udf: {} bytes are stated, {} are there", *end, size));
  }
  return walked ? input.Skip(size) : walked;
}

// The sequence of UDF alone, and behind that of ISO 9660 on bridge discs.
constexpr std::uint64_t kSequence = 32768;
constexpr std::string_view kBegin("\0BEA01\x01", 7);
constexpr Magic kMagics[] = {  // NOLINT: a table
    {kBegin, kSequence},
    {"\x01"
     "CD001\x01",
     kSequence}};
constexpr Magic kCarveMagics[] = {{kBegin, kSequence}};  // NOLINT: a table
// A disc may be both, and be started from like a disk.
constexpr std::string_view kAlso[] = {"iso9660", "mbr", "gpt",
                                      "apm"};  // NOLINT

}  // namespace

extern const Format kUdf;
const Format kUdf = {
    .name = "udf",
    .title = "UDF file system",
    .reference = "ECMA-167 3rd edition; OSTA UDF 1.02 to 2.60",
    .magics = kMagics,
    .also = kAlso,
    .carvable = true,
    .carve_magics = kCarveMagics,
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
