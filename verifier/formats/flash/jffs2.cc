// JFFS2, in both byte orders, with the current and the old magic.
// Layout: Linux include/uapi/linux/jffs2.h; semantics: fs/jffs2/.
//
// Claims: the newest nodes of what the root leads to are metadata, and the
// data in them that a file still shows are member bytes. Everything else that
// is no padding is slack: deleted files, older versions, damaged nodes. Where
// such a rest holds content that no living file shows, an anomaly says so.
//
// Nothing states where a JFFS2 ends, nor how large its erase blocks are: it
// ends with the last node that is near enough to the one before it.

#include <fmt/format.h>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/jffs2_nodes.h"
#include "verifier/formats/flash/jffs2_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using jffs2::Log;
using jffs2::Node;

bool Matches(ByteView head) {
  return jffs2::BeginsWithNode(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no JFFS2 node");
  }
  return jffs2::ReadLog(bytes).end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const Log log = jffs2::ReadLog(bytes);
  if (log.nodes.empty()) {
    return Fail(ErrorCode::kMalformed, "no JFFS2 node at the start");
  }
  for (const Anomaly& anomaly : log.anomalies) {
    sink.Report(anomaly);
  }
  for (const Anomaly& anomaly : jffs2::CheckSummaries(bytes, log)) {
    sink.Report(anomaly);
  }
  jffs2::FileSystem files(input.source(), log, sink);
  TreeWalk walk(files, "jffs2", sink);
  if (auto ok = walk.Run(jffs2::kRootInode); !ok) {
    return ok;
  }
  files.ReportHidden();
  files.ClaimAll();
  const Node& last = log.nodes.back();
  if (!last.intact && last.range.end() == bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("the JFFS2 node at offset {} is cut off",
                            last.range.offset));
  }
  return {};
}

constexpr Magic kMagics[] = {
    // NOLINT: a table
    {"\x85\x19\x01\xe0", 0}, {"\x85\x19\x02\xe0", 0}, {"\x85\x19\x03\x20", 0},
    {"\x85\x19\x04\x20", 0}, {"\x85\x19\x06\x20", 0}, {"\x85\x19\x08\xe0", 0},
    {"\x85\x19\x09\xe0", 0}, {"\x85\x19\x01\xc0", 0}, {"\x85\x19\x02\xc0", 0},
    {"\x19\x85\xe0\x01", 0}, {"\x19\x85\xe0\x02", 0}, {"\x19\x85\x20\x03", 0},
    {"\x19\x85\x20\x04", 0}, {"\x19\x85\x20\x06", 0}, {"\x19\x85\xe0\x08", 0},
    {"\x19\x85\xe0\x09", 0}, {"\x19\x85\xc0\x01", 0}, {"\x19\x85\xc0\x02", 0},
    {"\x84\x19\x01\xe0", 0}, {"\x84\x19\x02\xe0", 0}, {"\x84\x19\x03\x20", 0},
    {"\x19\x84\xe0\x01", 0}, {"\x19\x84\xe0\x02", 0}, {"\x19\x84\x20\x03", 0},
};

}  // namespace

extern const Format kJffs2;
const Format kJffs2 = {
    .name = "jffs2",
    .title = "JFFS2 file system",
    .reference = "Linux include/uapi/linux/jffs2.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
