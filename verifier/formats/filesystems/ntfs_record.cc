#include "verifier/formats/filesystems/ntfs_record.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "verifier/formats/utf16_text.h"

namespace assay::formats::ntfs {
namespace {

constexpr std::uint64_t kLargestVolume = 1ULL << 62U;
constexpr std::uint64_t kFixupSector = 512;
constexpr std::uint64_t kMostClusters = 1ULL << 56U;
constexpr std::uint32_t kEndOfAttributes = 0xFFFFFFFF;

struct RecordHeader {  // struct MFT_REC
  std::array<std::uint8_t, 4> signature = {};
  Le16 fixup_offset, fixup_count;
  Le64 log_sequence;
  Le16 sequence, links, attributes, flags;
  Le32 used, allocated;
  Le64 base;
};
struct AttributeHeader {  // struct ATTRIB
  Le32 type, length;
  std::uint8_t nonresident = 0, name_length = 0;
  Le16 name_offset, flags, id;
};
struct ResidentHeader {
  AttributeHeader common = {};
  Le32 length;
  Le16 offset, indexed;
};
struct NonresidentHeader {
  AttributeHeader common = {};
  Le64 first_vcn, last_vcn;
  Le16 runs_offset, unit_shift;
  Le32 reserved;
  Le64 allocated, size, initialized;
};

// A size as a count of clusters, or (negative) as a power of two of bytes.
std::uint64_t SizeOf(std::uint8_t code, std::uint64_t cluster) {
  if (code < 0x80) {
    return code * cluster;
  }
  const unsigned shift = 256U - code;
  return shift < 32 ? 1ULL << shift : 0;
}

// Puts back the last two bytes of every sector; false when they are not the
// number that the record was last written with.
bool UndoFixups(Bytes& record, const RecordHeader& header) {
  const ByteView view(record);
  const auto number = ReadAt<Le16>(view, header.fixup_offset);
  const std::size_t sectors = record.size() / kFixupSector;
  if (!number || header.fixup_count != sectors + 1) {
    return false;
  }
  for (std::size_t i = 0; i < sectors; ++i) {
    const std::size_t end = (i + 1) * kFixupSector - 2;
    const auto original =
        Slice(view, header.fixup_offset + 2 * (i + 1), sizeof(Le16));
    const auto last = ReadAt<Le16>(view, end);
    if (!original || !last || *last != *number) {
      return false;
    }
    const std::array<std::uint8_t, 2> bytes = {(*original)[0], (*original)[1]};
    std::copy(bytes.begin(), bytes.end(),
              record.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return true;
}

// A little-endian number of `bytes`, sign-extended when `is_signed`.
std::uint64_t NumberOf(ByteView bytes, bool is_signed) {
  std::uint64_t value = is_signed && (bytes.back() & 0x80U) != 0 ? ~0ULL : 0ULL;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8U | bytes[i - 1];
  }
  return value;
}

// Pairs of a length and a distance to the last place, each of 1 to 8 bytes;
// without a distance it is a hole. False when they do not make sense.
bool ReadRuns(ByteView bytes, std::uint64_t vcn, std::vector<Run>& runs) {
  ByteReader reader(bytes);
  std::uint64_t lcn = 0;
  while (const auto sizes = reader.TakeBytes(1)) {
    const std::uint64_t count_bytes = sizes->front() & 0x0FU;
    const std::uint64_t place_bytes = sizes->front() >> 4U;
    if (sizes->front() == 0) {
      return true;
    }
    const auto count = reader.TakeBytes(count_bytes);
    const auto place = reader.TakeBytes(place_bytes);
    if (!count || !place || count->empty() || count_bytes > 8 ||
        place_bytes > 8) {
      return false;
    }
    Run run{
        .vcn = vcn, .count = NumberOf(*count, false), .hole = place->empty()};
    if (!run.hole) {
      lcn += NumberOf(*place, true);
      run.lcn = lcn;
    }
    if (run.count == 0 || run.count > kMostClusters - vcn ||
        lcn > kMostClusters) {
      return false;
    }
    vcn += run.count;
    runs.push_back(run);
  }
  return false;
}

std::optional<Attribute> ReadAttribute(ByteView bytes,
                                       const AttributeHeader& header) {
  Attribute attribute{.type = header.type,
                      .flags = header.flags,
                      .resident = header.nonresident == 0};
  const auto name =
      Slice(bytes, header.name_offset, header.name_length * sizeof(Le16));
  if (!name) {
    return std::nullopt;
  }
  attribute.name = TextOfUtf16(*name);
  if (attribute.resident) {
    const auto resident = ReadAt<ResidentHeader>(bytes, 0);
    const auto value = resident
                           ? Slice(bytes, resident->offset, resident->length)
                           : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
    attribute.value = CopyOf(*value);
    attribute.size = value->size();
    return attribute;
  }
  // An attribute that goes on in another record may lack the sizes.
  Bytes padded =
      CopyOf(bytes.first(std::min(bytes.size(), sizeof(NonresidentHeader))));
  padded.resize(sizeof(NonresidentHeader));
  const auto header2 = *ReadAt<NonresidentHeader>(padded, 0);
  if (header2.runs_offset > bytes.size()) {
    return std::nullopt;
  }
  attribute.first_vcn = header2.first_vcn;
  attribute.unit_shift = header2.unit_shift;
  attribute.size = header2.size;
  attribute.initialized = header2.initialized;
  attribute.damaged = attribute.first_vcn > kMostClusters ||
                      attribute.unit_shift > 8 ||
                      !ReadRuns(bytes.subspan(header2.runs_offset),
                                attribute.first_vcn, attribute.runs);
  return attribute;
}

}  // namespace

Reference ReferenceOf(std::uint64_t raw) {
  return {raw & 0x0000FFFFFFFFFFFFULL, static_cast<std::uint16_t>(raw >> 48U)};
}

std::optional<Volume> ReadVolume(ByteView head) {
  const auto boot = ReadAt<BootSector>(head, 0);
  const auto signature = ReadAt<Be16>(head, 510);
  if (!boot || !signature || *signature != 0x55AA ||
      AsText(boot->name) != "NTFS    " || boot->jump[0] != 0xEB ||
      !std::has_single_bit(std::uint32_t{boot->sector_size}) ||
      boot->sector_size < 256 || boot->sector_size > 4096 ||
      std::any_of(boot->zeros.begin(), boot->zeros.end(),
                  [](std::uint8_t byte) { return byte != 0; })) {
    return std::nullopt;
  }
  Volume volume{.boot = *boot, .sector = boot->sector_size};
  // Since clusters of 128 sectors the code may be a power of two, negated.
  const std::uint64_t sectors = boot->cluster_code <= 0x80
                                    ? boot->cluster_code
                                    : (256U - boot->cluster_code < 13
                                           ? 1ULL << (256U - boot->cluster_code)
                                           : 0);
  volume.cluster = sectors * volume.sector;
  if (!std::has_single_bit(sectors) || volume.cluster > (2U << 20U) ||
      boot->sectors == 0 || boot->sectors > kLargestVolume / volume.sector) {
    return std::nullopt;
  }
  volume.clusters = boot->sectors / sectors;
  volume.size = (boot->sectors + 1) * volume.sector;
  volume.record = SizeOf(boot->record_code, volume.cluster);
  if (!std::has_single_bit(volume.record) || volume.record < kFixupSector ||
      volume.record > 65536 || boot->mft == 0 || boot->mft >= volume.clusters ||
      boot->mirror >= volume.clusters) {
    return std::nullopt;
  }
  return volume;
}

std::optional<Record> ReadRecord(ByteView bytes, const Volume& volume) {
  const auto header = ReadAt<RecordHeader>(bytes, 0);
  if (!header || AsText(header->signature) != "FILE" ||
      bytes.size() != volume.record) {
    return std::nullopt;
  }
  Bytes whole = CopyOf(bytes);
  if (!UndoFixups(whole, *header)) {
    return std::nullopt;
  }
  Record record{.sequence = header->sequence,
                .links = header->links,
                .in_use = (header->flags & 1U) != 0,
                .directory = (header->flags & 2U) != 0,
                .part = header->base != 0,
                .base = ReferenceOf(header->base)};
  std::uint64_t at = header->attributes;
  while (true) {
    const auto type = ReadAt<Le32>(whole, at);
    if (type && *type == kEndOfAttributes) {
      return record;
    }
    const auto start = ReadAt<AttributeHeader>(whole, at);
    const auto attribute = start && start->length >= sizeof(AttributeHeader)
                               ? Slice(whole, at, start->length)
                               : std::nullopt;
    auto read = attribute ? ReadAttribute(*attribute, *start) : std::nullopt;
    if (!read) {
      record.problem = "an attribute leaves its record";
      return record;
    }
    if (read->damaged) {
      record.problem = "the runs of an attribute are damaged";
    }
    record.attributes.push_back(std::move(*read));
    at += start->length;
  }
}

}  // namespace assay::formats::ntfs
