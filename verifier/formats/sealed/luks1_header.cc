#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/formats/part_layout.h"
#include "verifier/formats/sealed/luks_volume.h"

namespace assay::formats::luks {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint32_t kActive = 0x00AC71F3;
constexpr std::uint32_t kDisabled = 0x0000DEAD;
constexpr std::uint32_t kLargestKey = 512;
constexpr std::uint32_t kMostStripes = 1U << 20U;
constexpr std::uint64_t kAlignment = 4096;  // of key material

struct Slot {
  Be32 active, iterations;
  std::array<std::uint8_t, 32> salt = {};
  Be32 material_at, stripes;
};
static_assert(sizeof(Slot) == 48 && FileStruct<Slot>);

struct Header {
  std::array<std::uint8_t, 6> magic = {};
  Be16 version;
  std::array<std::uint8_t, 32> cipher = {}, mode = {}, hash = {};
  Be32 payload_at, key_size;
  std::array<std::uint8_t, 20> digest = {};
  std::array<std::uint8_t, 32> digest_salt = {};
  Be32 digest_iterations;
  std::array<std::uint8_t, 40> uuid = {};
  std::array<Slot, 8> slots = {};
};
static_assert(sizeof(Header) == 592 && FileStruct<Header>);

bool IsName(ByteView field) {
  return IsPrintableField(field) && !UntilNul(field).empty();
}

// There is no checksum: every field that can be wrong has to be right.
std::optional<Header> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != kMagic || header->version != 1 ||
      !IsName(header->cipher) || !IsName(header->mode) ||
      !IsName(header->hash) || header->key_size == 0 ||
      header->key_size > kLargestKey || !IsPrintableField(header->uuid)) {
    return std::nullopt;
  }
  const bool slots_ok = std::all_of(
      header->slots.begin(), header->slots.end(), [](const Slot& slot) {
        return slot.active == kDisabled ||
               (slot.active == kActive && slot.stripes > 0 &&
                slot.stripes <= kMostStripes && slot.material_at > 1);
      });
  return slots_ok ? header : std::nullopt;
}

Keyslot KeyslotOf(const Header& header, std::size_t number) {
  const Slot& slot = header.slots.at(number);
  const std::uint64_t size =
      std::uint64_t{header.key_size} * std::uint64_t{slot.stripes};
  const std::uint64_t whole = (size + kAlignment - 1) / kAlignment * kAlignment;
  Keyslot keyslot{
      .id = fmt::format("{}", number),
      .area = {std::uint64_t{slot.material_at} * kSector, whole},
      .cipher =
          fmt::format("{}-{}", UntilNul(header.cipher), UntilNul(header.mode)),
      .cipher_key_size = header.key_size,
      .key_size = header.key_size,
      .stripes = slot.stripes,
      .split_hash = std::string(UntilNul(header.hash)),
  };
  keyslot.kdf = {.type = "pbkdf2",
                 .hash = keyslot.split_hash,
                 .iterations = slot.iterations,
                 .salt = CopyOf(slot.salt)};
  return keyslot;
}

}  // namespace

bool IsLuks1(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<Volume> ReadLuks1(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no LUKS1 header");
  }
  Volume volume{.version = 1,
                .uuid = std::string(UntilNul(header->uuid)),
                .headers = {{0, sizeof(Header)}}};
  KeyDigest digest{.segments = {"0"},
                   .hash = std::string(UntilNul(header->hash)),
                   .iterations = header->digest_iterations,
                   .salt = CopyOf(header->digest_salt),
                   .digest = CopyOf(header->digest)};
  for (std::size_t i = 0; i < header->slots.size(); ++i) {
    if (header->slots.at(i).active == kActive) {
      volume.keyslots.push_back(KeyslotOf(*header, i));
      digest.keyslots.push_back(volume.keyslots.back().id);
    }
  }
  volume.digests.push_back(std::move(digest));
  // Offset 0: the payload is a device of its own.
  if (header->payload_at != 0) {
    const std::uint64_t at = std::uint64_t{header->payload_at} * kSector;
    volume.segments.push_back(
        {.id = "0",
         .type = "crypt",
         .range = {at, at < bytes.size() ? bytes.size() - at : 0},
         .dynamic = true,
         .cipher = fmt::format("{}-{}", UntilNul(header->cipher),
                               UntilNul(header->mode))});
  }
  return volume;
}

}  // namespace assay::formats::luks
