#include "verifier/formats/flash/yaffs_tags.h"

#include <algorithm>
#include <array>
#include <bit>

namespace assay::formats::yaffs {
namespace {

constexpr std::size_t kTagsSize = 16;  // of version 2
constexpr std::size_t kEccSize = 12;
using RawTags = std::array<std::uint8_t, kTagsSize>;

std::uint32_t Number(ByteView bytes, std::size_t at, ByteOrder order) {
  return order == ByteOrder::kLittle
             ? std::uint32_t{ReadAt<Le32>(bytes, at).value_or(Le32{})}
             : std::uint32_t{ReadAt<Be32>(bytes, at).value_or(Be32{})};
}

// A Hamming code over bytes: which columns and which lines have odd parity,
// and the lines counted from the other end.
constexpr std::array<unsigned, 8> kColumns = {0x55, 0x59, 0x65, 0x69,
                                              0x95, 0x99, 0xa5, 0xa9};
struct Ecc {
  std::uint32_t column = 0, line = 0, line_prime = 0;
};

Ecc EccOf(const RawTags& raw) {
  Ecc ecc;
  unsigned all = 0;
  for (std::uint32_t i = 0; i < raw.size(); ++i) {
    const std::uint8_t byte = raw.at(i);
    all ^= byte;
    if (std::popcount(byte) % 2 == 1) {
      ecc.line ^= i;
      ecc.line_prime ^= ~i;
    }
  }
  unsigned columns = 0;
  for (std::size_t bit = 0; bit < kColumns.size(); ++bit) {
    columns ^= (all >> bit & 1U) != 0 ? kColumns.at(bit) : 0U;
  }
  ecc.column = columns >> 2U & 0x3fU;
  return ecc;
}

// Whether the code holds for `raw`, after one bit was turned where it has to.
bool Correct(RawTags& raw, const Ecc& stored, bool& corrected) {
  const Ecc now = EccOf(raw);
  const std::uint32_t column = now.column ^ stored.column;
  const std::uint32_t line = now.line ^ stored.line;
  const std::uint32_t prime = now.line_prime ^ stored.line_prime;
  const int wrong =
      std::popcount(column) + std::popcount(line) + std::popcount(prime);
  corrected = wrong != 0;
  if (wrong <= 1) {  // a bit of the code itself
    return true;
  }
  for (unsigned bit = 0; bit < kColumns.size(); ++bit) {
    if (line < raw.size() && prime == ~line &&
        column == (kColumns.at(bit) >> 2U & 0x3fU)) {
      raw.at(line) ^= static_cast<std::uint8_t>(1U << bit);
      return true;
    }
  }
  return false;
}

bool IsSane(const Geometry& geometry, const Tags& tags) {
  constexpr std::uint32_t kMostChunks = 0x0fffffff;
  if (tags.object == 0 || tags.object >= kMostObjects ||
      tags.chunk > kMostChunks ||
      (tags.chunk > 0 && tags.bytes > geometry.page)) {
    return false;
  }
  if (geometry.version == 1) {
    return true;
  }
  return tags.sequence == kCheckpointSequence
             ? tags.object == kCheckpoint
             : tags.sequence >= kLowestSequence &&
                   tags.sequence <= kHighestSequence;
}

std::optional<Tags> ReadPacked(const Geometry& geometry, ByteView spare) {
  const auto bytes = Slice(spare, geometry.tags,
                           geometry.ecc ? kTagsSize + kEccSize : kTagsSize);
  constexpr std::uint32_t kErased = 0xffffffff;
  if (!bytes || Number(*bytes, 0, geometry.order) == kErased) {
    return std::nullopt;
  }
  Tags tags;
  RawTags raw = {};
  std::copy_n(bytes->begin(), raw.size(), raw.begin());
  if (geometry.ecc) {
    const Ecc stored = {
        .column = (*bytes)[kTagsSize],
        .line = Number(*bytes, kTagsSize + 4, geometry.order),
        .line_prime = Number(*bytes, kTagsSize + 8, geometry.order)};
    if (!Correct(raw, stored, tags.corrected)) {
      return std::nullopt;
    }
  }
  tags.sequence = Number(raw, 0, geometry.order);
  tags.object = Number(raw, 4, geometry.order);
  tags.chunk = Number(raw, 8, geometry.order);
  tags.bytes = Number(raw, 12, geometry.order);
  constexpr std::uint32_t kHasExtra = 0x80000000;
  constexpr std::uint32_t kLow28 = 0x0fffffff;
  if ((tags.chunk & kHasExtra) != 0) {
    tags.has_extra = true;
    tags.extra = {.parent = tags.chunk & kLow28, .type = tags.object >> 28U};
    tags.object &= kLow28;
    tags.chunk = 0;
  }
  return tags;
}

// The code of version 1: the numbers of all set bits, counted from 1.
unsigned SumOfBits(const std::array<std::uint8_t, 8>& raw) {
  unsigned sum = 0;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((raw.at(bit / 8) >> bit % 8 & 1U) != 0) {
      sum ^= bit + 1;
    }
  }
  return sum;
}

std::optional<Tags> ReadOld(const Geometry& geometry, ByteView spare) {
  constexpr std::array<std::size_t, 8> kPlaces = {0, 1, 2, 3, 6, 7, 11, 12};
  constexpr std::size_t kPageStatus = 4;
  if (spare.size() < 16) {
    return std::nullopt;
  }
  const bool scattered = geometry.tags == kScattered;
  std::array<std::uint8_t, 8> raw = {};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    raw.at(i) = spare[scattered ? kPlaces.at(i) : kTogether + i];
  }
  if (std::all_of(raw.begin(), raw.end(), [](auto b) { return b == 0xff; })) {
    return std::nullopt;
  }
  const bool little = geometry.order == ByteOrder::kLittle;
  std::uint32_t second = Number(raw, 4, geometry.order);
  const unsigned stored = second >> (little ? 18U : 2U) & 0xfffU;
  std::array<std::uint8_t, 8> cleared = raw;
  cleared.at(6) &= little ? 0x03U : 0xc0U;
  cleared.at(7) &= little ? 0xc0U : 0x03U;
  const unsigned wrong = stored ^ SumOfBits(cleared);
  Tags tags{.corrected = wrong != 0};
  if (wrong > 64) {
    return std::nullopt;
  }
  if (wrong != 0) {
    raw.at((wrong - 1) / 8) ^= static_cast<std::uint8_t>(1U << (wrong - 1) % 8);
    second = Number(raw, 4, geometry.order);
  }
  const std::uint32_t first = Number(raw, 0, geometry.order);
  tags.chunk = little ? first & 0xfffffU : first >> 12U;
  tags.serial = first >> (little ? 20U : 10U) & 3U;
  tags.bytes = little ? first >> 22U : first & 0x3ffU;
  tags.object = little ? second & 0x3ffffU : second >> 14U;
  tags.deleted = scattered && std::popcount(spare[kPageStatus]) < 7;
  return tags;
}

}  // namespace

std::optional<Tags> ReadTags(const Geometry& geometry, ByteView spare) {
  auto tags = geometry.version == 1 ? ReadOld(geometry, spare)
                                    : ReadPacked(geometry, spare);
  if (!tags || !IsSane(geometry, *tags)) {
    return std::nullopt;
  }
  return tags;
}

Range TagsRange(const Geometry& geometry) {
  if (geometry.version == 1) {
    return {0, 16};
  }
  return {geometry.tags, geometry.ecc ? kTagsSize + kEccSize : kTagsSize};
}

}  // namespace assay::formats::yaffs
