// Summary nodes against what they sum up.
// Layout: Linux fs/jffs2/summary.h.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "verifier/formats/flash/jffs2_layout.h"
#include "verifier/formats/flash/jffs2_nodes.h"

namespace assay::formats::jffs2 {
namespace {

// One entry, without what its kind does not state.
struct Entry {
  NodeKind kind = NodeKind::kOther;
  std::uint64_t offset = 0;  // in the erase block
  std::optional<std::uint32_t> length = {};
  std::optional<std::uint32_t> id = {};
  std::optional<std::uint32_t> version = {};
  std::optional<std::uint32_t> target = {};
};

template <ByteOrder order>
std::optional<Entry> TakeEntry(ByteReader& reader, ByteView list) {
  using L = Layout<order>;
  const auto type = ReadAt<typename L::U16>(list, reader.consumed());
  if (!type) {
    return std::nullopt;
  }
  if (*type == kInodeType || *type == kXattrType) {
    const auto raw = reader.Take<typename L::SummaryInode>();
    return !raw ? std::nullopt
                : std::optional(Entry{
                      *type == kInodeType ? NodeKind::kInode : NodeKind::kXattr,
                      raw->offset, raw->length, raw->inode, raw->version});
  }
  if (*type == kDirentType) {
    const auto raw = reader.Take<typename L::SummaryDirent>();
    return !raw || !reader.Skip(raw->name_length)
               ? std::nullopt
               : std::optional(Entry{NodeKind::kDirent, raw->offset,
                                     raw->length, raw->parent, raw->version,
                                     raw->inode});
  }
  if (*type == kXrefType) {
    const auto raw = reader.Take<typename L::SummaryXref>();
    return !raw ? std::nullopt
                : std::optional(Entry{NodeKind::kXref, raw->offset});
  }
  return std::nullopt;
}

bool Agrees(const Entry& entry, const Node& node) {
  return entry.kind == node.kind &&
         entry.length.value_or(static_cast<std::uint32_t>(node.range.length)) ==
             node.range.length &&
         (!node.intact ||
          (entry.id.value_or(node.id) == node.id &&
           entry.version.value_or(node.version) == node.version &&
           entry.target.value_or(node.target) == node.target));
}

template <ByteOrder order>
class Check {
 public:
  Check(ByteView bytes, const Log& log) : bytes_(bytes), log_(log) {}

  std::vector<Anomaly> Run() {
    for (const Node& node : log_.nodes) {
      if (node.kind == NodeKind::kSummary && node.intact && !node.obsolete) {
        One(node);
      }
    }
    return std::move(anomalies_);
  }

 private:
  using L = Layout<order>;

  void Report(std::string_view what, Range range, std::string detail) {
    anomalies_.push_back({.id = fmt::format("jffs2.{}", what),
                          .range = range,
                          .detail = std::move(detail)});
  }

  void One(const Node& summary) {
    const ByteView list =
        *Slice(bytes_, summary.payload.offset, summary.payload.length);
    const auto marker = ReadAt<typename L::SummaryMarker>(
        list, list.size() - std::min<std::size_t>(8, list.size()));
    if (!marker || marker->magic != kSummaryMagic ||
        marker->offset > summary.range.offset) {
      Report("summary-mismatch", summary.range,
             fmt::format("the summary at offset {} has no end marker",
                         summary.range.offset));
      return;
    }
    const std::uint64_t block = summary.range.offset - marker->offset;
    std::set<std::uint64_t> listed;
    ByteReader reader(list);
    for (std::uint32_t i = 0; i < summary.entries; ++i) {
      const auto entry = TakeEntry<order>(reader, list);
      if (!entry) {
        Report("summary-mismatch", summary.range,
               fmt::format("the summary at offset {} ends at entry {} of {}",
                           summary.range.offset, i, summary.entries));
        break;
      }
      listed.insert(block + entry->offset);
      const auto node = At(block + entry->offset);
      if (!node || !Agrees(*entry, *node)) {
        Report("summary-mismatch", summary.range,
               fmt::format("the summary at offset {} lists a node at {} that "
                           "is not there like this",
                           summary.range.offset, block + entry->offset));
      }
    }
    ReportUnlisted({block, marker->offset}, listed);
  }

  [[nodiscard]] auto From(std::uint64_t offset) const {
    return std::lower_bound(log_.nodes.begin(), log_.nodes.end(), offset,
                            [](const Node& node, std::uint64_t at) {
                              return node.range.offset < at;
                            });
  }

  [[nodiscard]] std::optional<Node> At(std::uint64_t offset) const {
    const auto at = From(offset);
    return at != log_.nodes.end() && at->range.offset == offset
               ? std::optional(*at)
               : std::nullopt;
  }

  void ReportUnlisted(Range block, const std::set<std::uint64_t>& listed) {
    // Blocks do not overlap; where hostile markers say so, once is enough.
    const std::uint64_t end = block.end();
    for (auto at = From(std::max(block.offset, checked_));
         at != log_.nodes.end() && at->range.offset < end; ++at) {
      const bool counts =
          at->kind == NodeKind::kInode || at->kind == NodeKind::kDirent ||
          at->kind == NodeKind::kXattr || at->kind == NodeKind::kXref;
      if (counts && at->intact && !at->obsolete &&
          listed.count(at->range.offset) == 0) {
        Report("unlisted-node", at->range,
               fmt::format("the node at offset {} is missing in the summary "
                           "of its erase block",
                           at->range.offset));
      }
    }
    checked_ = std::max(checked_, end);
  }

  ByteView bytes_;
  const Log& log_;
  std::vector<Anomaly> anomalies_;
  std::uint64_t checked_ = 0;
};

}  // namespace

std::vector<Anomaly> CheckSummaries(ByteView bytes, const Log& log) {
  return log.order == ByteOrder::kBig
             ? Check<ByteOrder::kBig>(bytes, log).Run()
             : Check<ByteOrder::kLittle>(bytes, log).Run();
}

}  // namespace assay::formats::jffs2
