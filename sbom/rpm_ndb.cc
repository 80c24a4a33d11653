// rpm's own database, "ndb": pages of slots, then blobs in blocks of 16 bytes.
// Reference: rpm 4.18, lib/backend/ndb/rpmpkg.c. All integers little-endian.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "sbom/rpm_rows.h"

namespace assay::sbom {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kBlock = 16;
constexpr std::uint32_t kSlotMagic = 0x746f6c53;  // "Slot"
constexpr std::uint32_t kBlobMagic = 0x53626c42;  // "BlbS"

struct Header {
  Le32 magic, version, generation, slot_pages, next_index;
  std::array<std::uint8_t, 12> reserved = {};
};
static_assert(sizeof(Header) == 32 && FileStruct<Header>);

struct Slot {
  Le32 magic, index, block, blocks;
};
static_assert(sizeof(Slot) == 16 && FileStruct<Slot>);

struct BlobHead {
  Le32 magic, index, generation, length;
};
static_assert(sizeof(BlobHead) == 16 && FileStruct<BlobHead>);

// What is wrong with a slot, or "" when its row was visited. `read` counts the
// bytes so far: blobs that overlap could otherwise be many times the file.
std::string ReadSlot(ByteView database, const Slot& slot, std::uint64_t& read,
                     const RpmRowVisitor& visit) {
  if (slot.magic != kSlotMagic) {
    return "no slot where the slot pages say one is";
  }
  if (slot.block == 0) {
    return {};  // free
  }
  const std::uint64_t at = slot.block * kBlock;
  const auto head = ReadAt<BlobHead>(database, at);
  if (!head || head->magic != kBlobMagic || head->index != slot.index) {
    return fmt::format("no blob of package {} at its block",
                       std::uint32_t{slot.index});
  }
  const auto blob = Slice(database, at + sizeof(BlobHead), head->length);
  if (!blob || head->length > slot.blocks * kBlock ||
      blob->size() > database.size() - read) {
    return fmt::format("the blob of package {} does not fit its blocks",
                       std::uint32_t{slot.index});
  }
  read += blob->size();
  visit({*blob, {at, sizeof(BlobHead) + blob->size()}});
  return {};
}

}  // namespace

std::vector<RpmDamage> ReadRpmNdb(ByteView database,
                                  const RpmRowVisitor& visit) {
  std::vector<RpmDamage> damage;
  const auto header = ReadAt<Header>(database, 0);
  if (!header || header->version != 0) {
    damage.push_back({"no header of version 0", {0, database.size()}});
    return damage;
  }
  const std::uint64_t end = header->slot_pages * kPage;
  if (end > database.size()) {
    damage.push_back({"the slot pages end past the file", {0, sizeof(Header)}});
  }
  std::uint64_t read = 0;
  for (std::uint64_t at = sizeof(Header); at < end; at += sizeof(Slot)) {
    const auto slot = ReadAt<Slot>(database, at);
    if (!slot) {
      break;
    }
    std::string wrong = ReadSlot(database, *slot, read, visit);
    if (!wrong.empty() && damage.size() < kMostDamage) {
      damage.push_back({std::move(wrong), {at, sizeof(Slot)}});
    }
  }
  return damage;
}

}  // namespace assay::sbom
