#include "verifier/formats/sealed/bitlocker_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::bitlocker {
namespace {

constexpr std::uint64_t kAreaSize = 64U << 10U;
constexpr std::uint64_t kAreaSizeOfVista = 16U << 10U;
constexpr std::uint64_t kUnit = 16;    // in which a block states its size
constexpr std::uint16_t kSettled = 4;  // neither encrypting nor decrypting

enum class EntryType : std::uint16_t {
  kMasterKey = 2,
  kVolumeKey = 3,
  kLabel = 7,
  kVolumeHeader = 15,
};

struct BootSector {
  std::array<std::uint8_t, 3> jump = {};
  std::array<std::uint8_t, 8> signature = {};
  Le16 sector;
  std::uint8_t cluster = 0;  // in sectors
  std::array<std::uint8_t, 26> skipped = {};
  Le64 sectors, first_cluster, metadata_cluster;  // of Vista
};
static_assert(sizeof(BootSector) == 64 && FileStruct<BootSector>);

// Where the copies of the metadata lie.
using Offsets = std::array<Le64, 3>;

struct Block {
  std::array<std::uint8_t, 8> signature = {};
  Le16 size, version, state, next_state;
  Le64 encrypted;
  Le32 unknown, header_sectors;
  Offsets areas = {};
  Le64 header_at;
  // The metadata proper.
  Le32 metadata_size, metadata_version, metadata_header, metadata_copy;
  Guid id;
  Le32 next_nonce;
  Le16 method, flags;
  Le64 created;
};
static_assert(sizeof(Block) == 112 && FileStruct<Block>);
constexpr std::uint64_t kBlockHeader = 64;

struct Validation {
  Le16 size, version;
  Le32 crc;
};
static_assert(sizeof(Validation) == 8 && FileStruct<Validation>);

struct EntryHead {
  Le16 size, type, value_type, version;
};
static_assert(sizeof(EntryHead) == 8 && FileStruct<EntryHead>);

struct MasterKeyHead {
  Guid id;
  Le64 changed;
  Le16 unknown, protection;
};
static_assert(sizeof(MasterKeyHead) == 28 && FileStruct<MasterKeyHead>);

struct StretchKey {
  Le32 method;
  std::array<std::uint8_t, 16> salt = {};
};
static_assert(sizeof(StretchKey) == 20 && FileStruct<StretchKey>);

struct Extent {
  Le64 offset, size;
};
static_assert(sizeof(Extent) == 16 && FileStruct<Extent>);

bool IsSectorSize(std::uint64_t size) {
  return size == 512 || size == 1024 || size == 2048 || size == 4096;
}

// Where the three offsets of metadata stand.
std::optional<std::uint64_t> OffsetsAt(ByteView head) {
  for (const std::uint64_t at : {kIdentifierAt, kIdentifierAtToGo}) {
    const auto id = Slice(head, at, kIdentifier.size());
    if (id && AsText(*id) == kIdentifier) {
      return at + kIdentifier.size();
    }
  }
  return std::nullopt;
}

bool IsVista(const BootSector& boot) {
  return AsText(boot.signature) == kSignature && boot.jump.at(1) == 0x52 &&
         boot.cluster != 0 && boot.sectors != 0 && boot.metadata_cluster != 0 &&
         boot.sectors <= std::numeric_limits<std::uint64_t>::max() / 8192 &&
         boot.metadata_cluster <= boot.sectors / boot.cluster;
}

bool IsCopy(const Block& block, bool vista) {
  return AsText(block.signature) == kSignature &&
         block.version == (vista ? 1 : 2) && block.metadata_version == 1 &&
         block.metadata_size >= sizeof(Block) - kBlockHeader;
}

// The whole of what is written at `at`: the metadata, and in front of the next
// area what confirms them.
std::optional<Range> ExtentOfCopy(ByteView bytes, std::uint64_t at,
                                  bool vista) {
  const auto block = ReadAt<Block>(bytes, at);
  if (!block || !IsCopy(*block, vista)) {
    return std::nullopt;
  }
  const std::uint64_t metadata = kBlockHeader + block->metadata_size;
  if (vista) {
    const bool fits =
        metadata <= kAreaSizeOfVista && Slice(bytes, at, metadata).has_value();
    return fits ? std::optional(Range{at, metadata}) : std::nullopt;
  }
  const std::uint64_t size = block->size * kUnit;
  const auto area = Slice(bytes, at, kAreaSize);
  const auto validation = area ? ReadAt<Validation>(*area, size) : std::nullopt;
  if (metadata > size || !validation ||
      Crc32(area->first(static_cast<std::size_t>(size))) != validation->crc) {
    return std::nullopt;
  }
  return Range{at, std::min(kAreaSize, size + validation->size)};
}

Protector ProtectorOf(ByteView value) {
  Protector protector;
  const auto head = ReadAt<MasterKeyHead>(value, 0);
  if (!head) {
    return protector;
  }
  protector.protection =
      static_cast<Protection>(static_cast<std::uint16_t>(head->protection));
  for (const Entry& entry : EntriesIn(value.subspan(sizeof(MasterKeyHead)))) {
    const auto stretch = ReadAt<StretchKey>(entry.value, 0);
    switch (static_cast<ValueType>(entry.value_type)) {
      case ValueType::kKey:
        protector.key = CopyOf(
            entry.value.subspan(std::min(sizeof(Le32), entry.value.size())));
        break;
      case ValueType::kStretchKey:
        protector.salt = stretch ? CopyOf(stretch->salt) : Bytes();
        break;
      case ValueType::kSealedKey:
        protector.sealed = CopyOf(entry.value);
        break;
      default:
        break;
    }
  }
  return protector;
}

void ReadEntries(ByteView bytes, Volume& volume) {
  for (const Entry& entry : EntriesIn(bytes)) {
    switch (static_cast<EntryType>(entry.type)) {
      case EntryType::kMasterKey:
        volume.protectors.push_back(ProtectorOf(entry.value));
        break;
      case EntryType::kVolumeKey:
        volume.sealed_key = CopyOf(entry.value);
        break;
      case EntryType::kLabel:
        volume.label = TextOfUtf16UntilNul(entry.value);
        break;
      case EntryType::kVolumeHeader:
        if (const auto extent = ReadAt<Extent>(entry.value, 0)) {
          volume.header = {extent->offset, extent->size};
        }
        break;
    }
  }
}

// What of the first copy that is whole holds for the volume.
void ReadBlock(ByteView bytes, Range copy, Volume& volume) {
  const auto block = ReadAt<Block>(bytes, copy.offset);
  if (!block) {
    return;
  }
  volume.id = block->id.Text();
  volume.method = block->method;
  if (!volume.vista) {
    const bool settled = block->state == kSettled;
    volume.encrypted = block->encrypted;
    volume.size = settled ? std::uint64_t{block->encrypted} : bytes.size();
    volume.header = {block->header_at, block->header_sectors * volume.sector};
    if (!settled) {
      volume.anomalies.push_back(
          {"bitlocker.partly-encrypted",
           {0, volume.size},
           fmt::format("{} bytes from the beginning are encrypted",
                       volume.encrypted)});
    }
  }
  const auto entries =
      Slice(bytes, copy.offset + sizeof(Block),
            block->metadata_size - (sizeof(Block) - kBlockHeader));
  ReadEntries(entries.value_or(ByteView()), volume);
}

void AddCopy(ByteView bytes, std::uint64_t at, Volume& volume) {
  const auto copy = ExtentOfCopy(bytes, at, volume.vista);
  if (!copy) {
    volume.anomalies.push_back(
        {"bitlocker.damaged-metadata",
         {std::min<std::uint64_t>(at, bytes.size()), 0},
         fmt::format("no intact copy of the metadata at {}", at)});
    return;
  }
  const auto text = [&](Range range) {
    return AsText(
        Slice(bytes, range.offset, range.length).value_or(ByteView()));
  };
  if (volume.blocks.empty()) {
    ReadBlock(bytes, *copy, volume);
  } else if (text(*copy) != text(volume.blocks.front())) {
    volume.anomalies.push_back(
        {"bitlocker.ambiguous-metadata", *copy, "two intact copies differ"});
  }
  volume.blocks.push_back(*copy);
}

std::vector<std::uint64_t> CopiesOf(ByteView bytes, Volume& volume) {
  const auto boot = ReadAt<BootSector>(bytes, 0);
  const auto offsets_at = OffsetsAt(bytes);
  if (!boot || !IsVolume(bytes)) {
    return {};
  }
  volume.sector = boot->sector;
  if (offsets_at) {
    const auto offsets =
        ReadAt<Offsets>(bytes, *offsets_at).value_or(Offsets());
    return {offsets.begin(), offsets.end()};
  }
  volume.vista = true;
  volume.size = boot->sectors * volume.sector;
  volume.encrypted = volume.size;
  const std::uint64_t first =
      boot->metadata_cluster * boot->cluster * volume.sector;
  const auto block = ReadAt<Block>(bytes, first);
  if (!block) {
    return {first};
  }
  return {block->areas.begin(), block->areas.end()};
}

}  // namespace

std::vector<Entry> EntriesIn(ByteView bytes) {
  std::vector<Entry> entries;
  ByteReader reader(bytes);
  while (const auto head = reader.Take<EntryHead>()) {
    if (head->size < sizeof(EntryHead)) {
      break;
    }
    const auto value = reader.TakeBytes(head->size - sizeof(EntryHead));
    if (!value) {
      break;
    }
    entries.push_back({head->type, head->value_type, *value});
  }
  return entries;
}

bool IsVolume(ByteView head) {
  const auto boot = ReadAt<BootSector>(head, 0);
  const auto end = Slice(head, 510, 2);
  if (!boot || boot->jump.at(0) != 0xEB || !IsSectorSize(boot->sector) ||
      !end || AsText(*end) != "\x55\xaa") {
    return false;
  }
  const auto at = OffsetsAt(head);
  return at ? ReadAt<Offsets>(head, *at).has_value() : IsVista(*boot);
}

Result<Volume> ReadVolume(ByteView bytes) {
  Volume volume;
  const std::vector<std::uint64_t> copies = CopiesOf(bytes, volume);
  if (copies.empty()) {
    return Fail(ErrorCode::kNotThisFormat, "no BitLocker volume header");
  }
  for (const std::uint64_t at : copies) {
    volume.areas.push_back({at, volume.vista ? kAreaSizeOfVista : kAreaSize});
    AddCopy(bytes, at, volume);
  }
  if (volume.blocks.empty()) {
    const bool cut =
        std::any_of(copies.begin(), copies.end(),
                    [&](std::uint64_t at) { return at >= bytes.size(); });
    return Fail(cut ? ErrorCode::kTruncated : ErrorCode::kMalformed,
                "bitlocker: no intact copy of the metadata");
  }
  return volume;
}

}  // namespace assay::formats::bitlocker
