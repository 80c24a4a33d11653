// The lower half of reading UDF: how a volume is found, what its descriptors
// say, and where the blocks of its partitions lie. Layouts: ECMA-167 2/8, 3/8
// to 3/10; UDF 2.60, section 2.2.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/filesystems/udf_descriptors.h"

namespace assay::formats::udf {

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

// Whether a volume recognition sequence with an NSR descriptor is there; with
// `claimed`, where its descriptors lie.
[[nodiscard]] bool Recognize(ByteView bytes,
                             std::vector<Range>* claimed = nullptr);

// A partition as the logical volume's maps number them (UDF 2.2.8 to 2.2.10).
struct PartitionMap {
  enum class Kind : std::uint8_t { kPlain, kVirtual, kSparable, kMetadata };
  Kind kind = Kind::kPlain;
  std::uint16_t number = 0;  // of the partition descriptor
  Range blocks = {};         // of the medium
  bool read_only = false;
  Bytes raw = {};  // the map itself

  std::vector<std::uint32_t> virtual_blocks = {};  // by virtual block
  std::uint32_t packet = 0;                        // blocks that are spared
  std::map<std::uint32_t, std::uint32_t> spared = {};
  // What lies from these bytes of a metadata partition on, and where.
  std::map<std::uint64_t, Range> metadata = {};
  std::vector<Extent> mirror = {};
};

// A map of a type that UDF knows.
[[nodiscard]] std::optional<PartitionMap> MapIn(ByteView map);

// The spaces that a partition descriptor lists as free (4/14.3).
struct FreeSpace {
  std::uint16_t partition = 0;  // number of its descriptor
  std::vector<ShortAd> tables = {}, bitmaps = {};
};

class Volume {
 public:
  // Anchors and volume descriptors; LoadMaps does the rest.
  [[nodiscard]] static Result<Volume> Open(const ByteSource& source);

  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] ByteView bytes() const { return source_.bytes(); }
  [[nodiscard]] std::uint64_t block_size() const { return block_size_; }
  // Where it ends; beyond the source when that is cut short. An error when the
  // last anchor is missing.
  [[nodiscard]] Result<std::uint64_t> End() const;
  // What was read so far, and is not content of a file.
  [[nodiscard]] const std::vector<Range>& tables() const { return tables_; }
  void NoteTable(Range range) { tables_.push_back(range); }
  // Notes the anchors of a volume that ends there.
  void NoteAnchors(std::uint64_t end);
  [[nodiscard]] LongAd file_set() const { return file_set_; }
  [[nodiscard]] std::vector<PartitionMap>& maps() { return maps_; }
  [[nodiscard]] const std::vector<PartitionMap>& maps() const { return maps_; }
  [[nodiscard]] const std::vector<FreeSpace>& free_space() const {
    return free_space_;
  }
  [[nodiscard]] bool is_write_once() const;
  // Whether the reserve sequence says what the main one says.
  [[nodiscard]] bool reserve_agrees() const { return reserve_agrees_; }

  // The bytes from this block on that lie in one piece; nothing when the
  // partition does not have it. They may lie beyond the source.
  [[nodiscard]] std::optional<Range> Locate(Address address) const;

 private:
  struct Sequence;

  Volume() = default;
  [[nodiscard]] bool FindAnchors(std::uint64_t block_size);
  [[nodiscard]] bool IsAnchor(std::uint64_t block) const;
  [[nodiscard]] std::optional<ExtentAd> ReadSequencePart(const ExtentAd& part,
                                                         Sequence& sequence);
  [[nodiscard]] Sequence ReadSequence(const ExtentAd& extent);
  [[nodiscard]] Result<void> Take(const Sequence& sequence);
  void ReadIntegrity(ExtentAd extent);

  ByteSource source_;
  std::uint64_t block_size_ = 0;
  ExtentAd main_, reserve_;
  bool reserve_agrees_ = true;
  bool lone_anchor_ = false;
  std::uint64_t stated_end_ = 0;  // of everything but anchors, in bytes
  std::vector<Range> tables_;
  std::vector<PartitionMap> maps_;
  std::vector<FreeSpace> free_space_;
  LongAd file_set_;
};

// Reads what virtual, sparable and metadata partitions keep on the medium.
[[nodiscard]] Result<void> LoadMaps(Volume& volume);

}  // namespace assay::formats::udf
