// What a UBIFS image holds by its index and its journal.
// Semantics: Linux fs/ubifs/{sb,master,tnc,log,replay}.c.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/formats/flash/ubifs_media.h"
#include "verifier/formats/format.h"

namespace assay::formats::ubifs {

struct Geometry {
  std::uint64_t leb_size = 0;
  std::uint32_t lebs = 0;
  std::uint32_t log_first = 3,
                log_end = 0;  // the log ends where the LPT begins
  std::uint32_t lpt_end = 0;
  std::uint32_t main_first = 0;  // after the orphans

  [[nodiscard]] std::uint64_t size() const { return leb_size * lebs; }
};

// Whether an intact super block that does not contradict itself is here.
[[nodiscard]] std::optional<Geometry> ReadGeometry(ByteView bytes);

// A node whose checksum holds.
struct Node {
  Range range = {};
  Header header = {};

  [[nodiscard]] NodeType type() const {
    return static_cast<NodeType>(header.type);
  }
};

[[nodiscard]] std::optional<Node> NodeAt(ByteView bytes, std::uint64_t at);

// Calls `visit` for the nodes that follow one another from `from` to `end`,
// padding nodes included; returns where the first byte is that is neither
// node nor padding. `visit` returns false to stop.
std::uint64_t ForEachNode(ByteView bytes, std::uint64_t from, std::uint64_t end,
                          const std::function<bool(const Node&)>& visit);

struct Entry {
  Range node = {};
  std::uint32_t inode = 0;
  std::uint8_t type = 0;
};
using Names = std::map<std::string, Entry>;

class Index {
 public:
  Index(ByteView bytes, const Geometry& geometry, ArtifactSink& sink)
      : bytes_(bytes), geometry_(geometry), sink_(sink) {}

  // The committed index, and on top of it the journal. kMalformed when there
  // is no master node or no root.
  [[nodiscard]] Result<void> Read();

  // Nodes of an inode; where the file system knows of none, nothing.
  std::map<std::uint32_t, Range> inodes;
  std::map<std::uint32_t, std::map<std::uint32_t, Range>> data;  // by block
  std::map<std::uint32_t, Names> entries;  // of directories
  std::map<std::uint32_t, Names> xattrs;
  // Offsets of the nodes that the index, log and master consist of.
  std::set<std::uint64_t> structure;

 private:
  struct Pointer {
    std::uint64_t at = 0;
    std::uint32_t length = 0;
    std::optional<std::uint16_t> level = {};
  };

  [[nodiscard]] Result<MasterNode> ReadMaster();
  void ReadTree(const Pointer& root);
  void ReadIndexNode(const Pointer& pointer, const Node& node,
                     std::vector<Pointer>& open);
  [[nodiscard]] std::optional<Node> Checked(std::uint64_t at);
  void AddLeaf(std::uint64_t at, const Branch& branch);
  void AddEntry(const Node& node);
  void Replay(const MasterNode& master);
  [[nodiscard]] std::vector<Node> ReadBuds(const MasterNode& master);
  void Apply(const Node& node);
  void Truncate(const TruncationNode& truncation);
  [[nodiscard]] std::optional<std::uint64_t> Place(std::uint32_t leb,
                                                   std::uint32_t offset) const;
  void Report(std::string_view what, Range range, std::string detail);

  ByteView bytes_;
  Geometry geometry_;
  ArtifactSink& sink_;
  std::map<std::uint64_t, std::optional<Node>> checked_;
};

}  // namespace assay::formats::ubifs
