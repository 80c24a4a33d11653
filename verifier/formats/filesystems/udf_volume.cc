#include "verifier/formats/filesystems/udf_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <utility>

namespace assay::formats::udf {
namespace {

constexpr std::uint64_t kRecognition = 32768;  // where the sequence begins
constexpr std::uint64_t kSmallestStep = 2048;  // 3/9.1: of its descriptors
constexpr std::uint64_t kLargestBlock = 32768;
constexpr std::uint64_t kSmallestBlock = 512;
constexpr std::uint64_t kAnchorBlock = 256;
// How far behind everything else the last anchor may lie.
constexpr std::uint64_t kTail = 512;
constexpr std::size_t kMostDescriptors = 64;
constexpr std::size_t kMostHops = 16;
constexpr std::size_t kMostMaps = 64;

// 3/10.5; what it says of free space stands in its contents use.
struct PartitionDescriptor {
  Tag tag;
  Le32 sequence;
  Le16 flags, number;
  EntityId contents;
  std::array<ShortAd, 5> spaces = {};
  std::array<std::uint8_t, 88> reserved = {};
  Le32 access, first, blocks;
};
static_assert(sizeof(PartitionDescriptor) == 196);

// 3/10.6; the partition maps follow.
struct LogicalVolumeDescriptor {
  Tag tag;
  Le32 sequence;
  std::array<std::uint8_t, 64> charset = {};
  std::array<std::uint8_t, 128> name = {};
  Le32 block_size;
  EntityId domain;
  LongAd file_set;
  Le32 maps_length, maps;
  EntityId implementation;
  std::array<std::uint8_t, 128> use = {};
  ExtentAd integrity;
};
static_assert(sizeof(LogicalVolumeDescriptor) == 440);

struct AnchorDescriptor {
  Tag tag;
  ExtentAd main, reserve;
};
struct PointerDescriptor {
  Tag tag;
  Le32 sequence;
  ExtentAd next;
};

// The descriptors of a volume recognition sequence with such steps between
// them; none unless an NSR descriptor follows the one that begins the area.
std::vector<Range> RecognitionIn(ByteView bytes, std::uint64_t step) {
  constexpr std::array<std::string_view, 5> kOthers = {
      "BEA01", "CD001", "CDW02", "BOOT2", "TEA01"};
  std::vector<Range> met;
  bool begun = false;
  bool found = false;
  for (std::size_t i = 0; i < kMostDescriptors; ++i) {
    const std::uint64_t at = kRecognition + i * step;
    const auto raw = Slice(bytes, at, 7);
    const std::string_view id = raw ? AsText(raw->subspan(1, 5)) : "";
    const bool nsr = id == "NSR02" || id == "NSR03";
    if (!nsr &&
        std::find(kOthers.begin(), kOthers.end(), id) == kOthers.end()) {
      break;
    }
    met.push_back({at, std::min(step, bytes.size() - at)});
    found = found || (nsr && begun);
    begun = begun || id == "BEA01";
    if (id == "TEA01") {
      break;
    }
  }
  return found ? met : std::vector<Range>();
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("udf: {}", what));
}

bool Recognize(ByteView bytes, std::vector<Range>* claimed) {
  for (std::uint64_t step = kSmallestStep; step <= kLargestBlock; step *= 2) {
    const auto met = RecognitionIn(bytes, step);
    if (!met.empty()) {
      if (claimed != nullptr) {
        *claimed = met;
      }
      return true;
    }
  }
  return false;
}

// What the prevailing descriptors of a sequence say (3/8.4.3).
struct Volume::Sequence {
  std::optional<LogicalVolumeDescriptor> volume;
  Bytes maps;
  std::map<std::uint16_t, PartitionDescriptor> partitions;

  void Note(ByteView bytes, std::uint64_t at, std::uint16_t id) {
    if (id == kLogicalVolume) {
      const auto read = ReadAt<LogicalVolumeDescriptor>(bytes, at);
      const auto stored =
          read ? Slice(bytes, at + sizeof(*read), read->maps_length)
               : std::nullopt;
      if (stored && (!volume || read->sequence >= volume->sequence)) {
        volume = read;
        maps = CopyOf(*stored);
      }
    } else if (id == kPartition) {
      const auto read = ReadAt<PartitionDescriptor>(bytes, at);
      const auto known =
          read ? partitions.find(read->number) : partitions.end();
      if (read && (known == partitions.end() ||
                   read->sequence >= known->second.sequence)) {
        partitions[read->number] = *read;
      }
    }
  }

  // Takes what is missing from the other copy.
  void FillUpFrom(const Sequence& other) {
    if (!volume) {
      volume = other.volume;
      maps = other.maps;
    }
    partitions.insert(other.partitions.begin(), other.partitions.end());
  }

  [[nodiscard]] bool SaysTheSameAs(const Sequence& other) const {
    if (volume.has_value() != other.volume.has_value() || maps != other.maps ||
        partitions.size() != other.partitions.size()) {
      return false;
    }
    // Behind the tags, which name the places they stand at.
    const auto body = [](const auto& descriptor) {
      return AsText(BytesOf(descriptor).subspan(sizeof(Tag)));
    };
    return (!volume || body(*volume) == body(*other.volume)) &&
           std::equal(partitions.begin(), partitions.end(),
                      other.partitions.begin(),
                      [&](const auto& a, const auto& b) {
                        return body(a.second) == body(b.second);
                      });
  }
};

bool Volume::IsAnchor(std::uint64_t block) const {
  const auto tag = TagAt(bytes(), block * block_size_);
  return tag && tag->id == kAnchor && tag->location == block;
}

bool Volume::FindAnchors(std::uint64_t block_size) {
  block_size_ = block_size;
  const std::uint64_t blocks = source_.size() / block_size;
  if (blocks <= kAnchorBlock) {
    return false;
  }
  // 3/8.4.2.1; 512 where the disc is not closed yet (UDF 2.2.3).
  for (const std::uint64_t block : {kAnchorBlock, 2 * kAnchorBlock, blocks - 1,
                                    blocks - 1 - kAnchorBlock}) {
    if (IsAnchor(block)) {
      const auto anchor =
          *ReadAt<AnchorDescriptor>(bytes(), block * block_size);
      main_ = anchor.main;
      reserve_ = anchor.reserve;
      lone_anchor_ = block == blocks - 1;
      NoteTable({block * block_size, block_size});
      return true;
    }
  }
  return false;
}

// One extent of a sequence; where the sequence goes on, if it says so.
std::optional<ExtentAd> Volume::ReadSequencePart(const ExtentAd& part,
                                                 Sequence& sequence) {
  std::optional<ExtentAd> next;
  const std::uint64_t first = part.block * block_size_;
  stated_end_ = std::max(stated_end_, first + part.length);
  std::uint64_t at = 0;
  while (at < part.length) {
    const auto tag = TagAt(bytes(), first + at);
    if (!tag || tag->id < kPrimaryVolume || tag->id > kTerminating) {
      break;
    }
    const std::uint64_t size =
        (sizeof(Tag) + tag->crc_length + block_size_ - 1) / block_size_;
    NoteTable({first + at, size * block_size_});
    sequence.Note(bytes(), first + at, tag->id);
    const auto pointer = ReadAt<PointerDescriptor>(bytes(), first + at);
    if (tag->id == kVolumePointer && pointer) {
      next = pointer->next;
    }
    if (tag->id == kTerminating) {
      break;
    }
    at += size * block_size_;
  }
  return next;
}

Volume::Sequence Volume::ReadSequence(const ExtentAd& extent) {
  Sequence sequence;
  std::optional<ExtentAd> part = extent;
  for (std::size_t hop = 0; part && hop < kMostHops; ++hop) {
    part = ReadSequencePart(*part, sequence);
  }
  return sequence;
}

void Volume::ReadIntegrity(ExtentAd extent) {
  std::set<std::uint32_t> seen;
  while (extent.length != 0 && seen.size() < kMostDescriptors &&
         seen.insert(extent.block).second) {
    const std::uint64_t first = extent.block * block_size_;
    stated_end_ = std::max(stated_end_, first + extent.length);
    ExtentAd next;
    for (std::uint64_t at = 0; at < extent.length; at += block_size_) {
      const auto tag = TagAt(bytes(), first + at);
      if (!tag || (tag->id != kIntegrity && tag->id != kTerminating)) {
        break;
      }
      NoteTable({first + at, block_size_});
      if (tag->id == kTerminating) {
        break;
      }
      next = ReadAt<ExtentAd>(bytes(), first + at + 32).value_or(ExtentAd{});
    }
    extent = next;
  }
}

Result<void> Volume::Take(const Sequence& sequence) {
  file_set_ = sequence.volume->file_set;
  ByteReader reader(sequence.maps);
  const std::uint32_t count = sequence.volume->maps;
  if (count == 0 || count > kMostMaps) {
    return Malformed(fmt::format("{} partition maps", count));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = reader.consumed();
    const auto length = ReadAt<std::uint8_t>(sequence.maps, at + 1);
    const auto raw =
        length && *length >= 6 ? reader.TakeBytes(*length) : std::nullopt;
    auto map = raw ? MapIn(*raw) : std::nullopt;
    if (!map) {
      return Malformed(fmt::format("partition map {} is of no known type", i));
    }
    const auto partition = sequence.partitions.find(map->number);
    if (partition == sequence.partitions.end()) {
      return Malformed(fmt::format("there is no partition {}", map->number));
    }
    map->blocks = {partition->second.first, partition->second.blocks};
    map->read_only = partition->second.access <= 1;
    maps_.push_back(std::move(*map));
  }
  for (const auto& [number, partition] : sequence.partitions) {
    const std::uint64_t end =
        (std::uint64_t{partition.first} + partition.blocks) * block_size_;
    // What a disc that is written once has room for is not all recorded.
    stated_end_ = std::max(
        stated_end_, is_write_once() ? std::min(end, source_.size()) : end);
    free_space_.push_back({number,
                           {partition.spaces[0], partition.spaces[3]},
                           {partition.spaces[1], partition.spaces[4]}});
  }
  ReadIntegrity(sequence.volume->integrity);
  return {};
}

Result<Volume> Volume::Open(const ByteSource& source) {
  std::vector<Range> recognition;
  if (!Recognize(source.bytes(), &recognition)) {
    return Fail(ErrorCode::kNotThisFormat, "no UDF volume");
  }
  std::optional<Error> error;
  for (std::uint64_t size :
       {2048U, 512U, 1024U, 4096U, 8192U, 16384U, 32768U}) {
    static_assert(kSmallestBlock == 512);
    Volume volume;
    volume.source_ = source;
    if (!volume.FindAnchors(size)) {
      continue;
    }
    for (const Range& range : recognition) {
      volume.NoteTable(range);
    }
    Sequence main = volume.ReadSequence(volume.main_);
    const Sequence reserve = volume.ReadSequence(volume.reserve_);
    volume.reserve_agrees_ = main.SaysTheSameAs(reserve);
    main.FillUpFrom(reserve);
    if (!main.volume || main.volume->block_size != size) {
      error = Malformed("there is no logical volume descriptor").value();
      continue;
    }
    if (auto ok = volume.Take(main); !ok) {
      return Fail(ok.error());
    }
    return volume;
  }
  return error ? Result<Volume>(Fail(*error))
               : Fail(ErrorCode::kTruncated, "udf: there is no anchor");
}

bool Volume::is_write_once() const {
  return std::any_of(maps_.begin(), maps_.end(), [](const PartitionMap& map) {
    return map.kind == PartitionMap::Kind::kVirtual;
  });
}

void Volume::NoteAnchors(std::uint64_t end) {
  const std::uint64_t blocks = end / block_size_;
  for (const std::uint64_t block :
       {2 * kAnchorBlock, blocks - 1, blocks - 1 - kAnchorBlock}) {
    if (block < blocks && IsAnchor(block)) {
      NoteTable({block * block_size_, block_size_});
    }
  }
}

Result<std::uint64_t> Volume::End() const {
  if (is_write_once() || stated_end_ > source_.size()) {
    return stated_end_;
  }
  if (lone_anchor_) {
    return source_.size();
  }
  const std::uint64_t first = (stated_end_ + block_size_ - 1) / block_size_;
  for (std::uint64_t block = first + kTail; block >= first; --block) {
    if (IsAnchor(block)) {
      return (block + 1) * block_size_;
    }
  }
  // One in front of the end is 256 blocks in front of the last (3/8.4.2.1).
  for (std::uint64_t back = 1; back <= 2 * kAnchorBlock && back < first;
       ++back) {
    const std::uint64_t block = first - back;
    if (block > 2 * kAnchorBlock && IsAnchor(block)) {
      const std::uint64_t end = (block + kAnchorBlock + 1) * block_size_;
      return back == 1 ? stated_end_ : std::max(end, stated_end_);
    }
  }
  return Fail(ErrorCode::kTruncated,
              fmt::format("udf: there is no second anchor behind byte {}",
                          stated_end_));
}

}  // namespace assay::formats::udf
