// YAFFS1 and YAFFS2: what mkyaffsimage and mkyaffs2image write, and dumps of
// chips with their spare areas. Layout: yaffs2 yaffs_guts.h,
// yaffs_packedtags2.h; semantics: yaffs_yaffs1.c, yaffs_yaffs2.c.
//
// Nothing states the sizes of pages and spare areas, the byte order or the
// place of the tags: they are what makes the first pages agree with their
// tags. Nothing states the end either: it is that of the last page with tags,
// and of what is erased behind it.
//
// Claims: the newest headers of what the root leads to, and their tags, are
// metadata, as are checkpoints and summaries; the newest chunks of files are
// member bytes. Deleted objects and older chunks are slack, and where they
// hold what no file shows, an anomaly says so.

#include <fmt/format.h>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/yaffs_log.h"
#include "verifier/formats/flash/yaffs_objects.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using yaffs::Log;

bool Matches(ByteView head) {
  return yaffs::Recognize(head).has_value();
}

Result<Log> Open(ByteView bytes) {
  const auto geometry =
      yaffs::Recognize(bytes.first(std::min(bytes.size(), Input::kPeekLimit)));
  if (!geometry) {
    return Fail(ErrorCode::kNotThisFormat,
                "yaffs: the first pages and their tags do not agree");
  }
  return yaffs::ReadLog(bytes, *geometry);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto log = Open(bytes);
  return log ? Result<std::uint64_t>(log->end) : Fail(log.error());
}

void ReportPages(const Log& log, ArtifactSink& sink) {
  if (log.unreadable > 0) {
    sink.Report({.id = "yaffs.bad-tags",
                 .range = log.first_unreadable,
                 .detail = fmt::format("{} pages have content, but no tags",
                                       log.unreadable)});
  }
  if (log.corrected > 0) {
    sink.Report({.id = "yaffs.corrected-tags",
                 .range = log.first_corrected,
                 .detail = fmt::format("{} pages have tags with a wrong bit",
                                       log.corrected)});
  }
  if (log.contradictions > 0) {
    sink.Report({.id = "yaffs.tag-mismatch",
                 .range = log.first_contradiction,
                 .detail = fmt::format(
                     "{} headers differ from what their tags repeat of them",
                     log.contradictions)});
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto log = Open(input.source().bytes());
  if (!log) {
    return Fail(ErrorCode::kMalformed, log.error().what);
  }
  const auto image = input.source().Slice({0, log->end});
  if (!image) {
    return Fail(image.error());
  }
  ReportPages(*log, sink);
  yaffs::Objects objects(*image, *log, sink);
  TreeWalk walk(objects, "yaffs", sink);
  if (auto ok = walk.Run(yaffs::kRoot); !ok) {
    return ok;
  }
  if (auto ok = objects.WalkUnlisted(walk); !ok) {
    return ok;
  }
  objects.ReportHidden();
  objects.ClaimAll();
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(log->end);
}

// A header in the root, in both byte orders.
using namespace std::string_view_literals;
constexpr Magic kCarveMagics[] = {  // NOLINT: a table
    {"\x01\0\0\0\x01\0\0\0\xff\xff"sv, 0},
    {"\x02\0\0\0\x01\0\0\0\xff\xff"sv, 0},
    {"\x03\0\0\0\x01\0\0\0\xff\xff"sv, 0},
    {"\x04\0\0\0\x01\0\0\0\xff\xff"sv, 0},
    {"\x05\0\0\0\x01\0\0\0\xff\xff"sv, 0},
    {"\0\0\0\x01\0\0\0\x01\xff\xff"sv, 0},
    {"\0\0\0\x02\0\0\0\x01\xff\xff"sv, 0},
    {"\0\0\0\x03\0\0\0\x01\xff\xff"sv, 0},
    {"\0\0\0\x04\0\0\0\x01\xff\xff"sv, 0},
    {"\0\0\0\x05\0\0\0\x01\xff\xff"sv, 0}};

}  // namespace

extern const Format kYaffs;
const Format kYaffs = {
    .name = "yaffs",
    .title = "YAFFS file system, version 1 and 2",
    .reference = "yaffs2 core/yaffs_guts.h, core/yaffs_packedtags2.c",
    .carvable = true,
    .carve_magics = kCarveMagics,
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
