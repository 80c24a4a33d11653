#include "verifier/formats/sealed/luks2_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::formats::luks {
namespace {

constexpr std::uint64_t kUnit = 512;
constexpr std::uint64_t kLargestSector = 4096;
constexpr std::uint64_t kLargestKey = 512;
constexpr std::uint64_t kMostStripes = 1U << 20U;

// A number, whether as itself or, as 64-bit numbers are, in a string.
std::optional<std::uint64_t> NumberAt(const Json& object,
                                      std::string_view key) {
  const Json& value = At(object, key);
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>();
  }
  return value.is_string() ? NumberOf(value.get<std::string>()) : std::nullopt;
}

Bytes BytesAt(const Json& object, std::string_view key) {
  const auto decoded = FromBase64(TextAt(object, key));
  return decoded ? CopyOf(AsBytes(*decoded)) : Bytes();
}

std::vector<std::string> NamesAt(const Json& object, std::string_view key) {
  std::vector<std::string> names;
  for (const Json& name : At(object, key)) {
    if (name.is_string()) {
      names.push_back(name.get<std::string>());
    }
  }
  return names;
}

std::optional<Range> RangeAt(const Json& object) {
  const auto offset = NumberAt(object, "offset");
  const auto size = NumberAt(object, "size");
  if (!offset || !size || *size > UINT64_MAX - *offset) {
    return std::nullopt;
  }
  return Range{*offset, *size};
}

Kdf KdfOf(const Json& object) {
  Kdf kdf{.type = TextAt(object, "type"), .salt = BytesAt(object, "salt")};
  if (kdf.type == "pbkdf2") {
    kdf.hash = TextAt(object, "hash");
    kdf.iterations = NumberAt(object, "iterations").value_or(0);
  } else {
    kdf.iterations = NumberAt(object, "time").value_or(0);
    kdf.memory = NumberAt(object, "memory").value_or(0);
    kdf.lanes = NumberAt(object, "cpus").value_or(0);
  }
  return kdf;
}

std::optional<Keyslot> KeyslotOf(const std::string& id, const Json& object) {
  const Json& area = At(object, "area");
  const auto range = RangeAt(area);
  if (!range) {
    return std::nullopt;
  }
  Keyslot slot{.id = id, .area = *range};
  if (TextAt(object, "type") != "luks2") {
    slot.holds_key = false;
    return slot;
  }
  const Json& split = At(object, "af");
  slot.cipher = TextAt(area, "encryption");
  slot.cipher_key_size = NumberAt(area, "key_size").value_or(0);
  slot.key_size = NumberAt(object, "key_size").value_or(0);
  slot.stripes = NumberAt(split, "stripes").value_or(0);
  slot.split_hash = TextAt(split, "hash");
  slot.kdf = KdfOf(At(object, "kdf"));
  const bool sane = slot.key_size > 0 && slot.key_size <= kLargestKey &&
                    slot.cipher_key_size <= kLargestKey && slot.stripes > 0 &&
                    slot.stripes <= kMostStripes;
  return sane ? std::optional(std::move(slot)) : std::nullopt;
}

std::optional<Segment> SegmentOf(const std::string& id, const Json& object,
                                 std::uint64_t device_size) {
  Segment segment{.id = id, .type = TextAt(object, "type")};
  const auto offset = NumberAt(object, "offset");
  segment.dynamic = TextAt(object, "size") == "dynamic";
  if (segment.dynamic && offset) {
    segment.range = {*offset,
                     *offset < device_size ? device_size - *offset : 0};
  } else if (const auto range = RangeAt(object)) {
    segment.range = *range;
  } else {
    return std::nullopt;
  }
  const auto flags = NamesAt(object, "flags");
  segment.backup = std::any_of(
      flags.begin(), flags.end(),
      [](const std::string& flag) { return flag.rfind("backup-", 0) == 0; });
  if (segment.type == "crypt") {
    const std::uint64_t sector = NumberAt(object, "sector_size").value_or(0);
    segment.cipher = TextAt(object, "encryption");
    segment.sector = sector;
    segment.first = NumberAt(object, "iv_tweak").value_or(0);
    segment.integrity = At(object, "integrity").is_object();
    if (sector < kUnit || sector > kLargestSector ||
        (sector & (sector - 1)) != 0) {
      return std::nullopt;
    }
  }
  return segment;
}

std::optional<KeyDigest> DigestOf(const Json& object) {
  KeyDigest digest{
      .keyslots = NamesAt(object, "keyslots"),
      .segments = NamesAt(object, "segments"),
      .hash = TextAt(object, "hash"),
      .iterations = NumberAt(object, "iterations").value_or(0),
      .salt = BytesAt(object, "salt"),
      .digest = BytesAt(object, "digest"),
  };
  const bool sane = TextAt(object, "type") == "pbkdf2" &&
                    !digest.digest.empty() &&
                    digest.digest.size() <= kLargestKey;
  return sane ? std::optional(std::move(digest)) : std::nullopt;
}

void ReportBad(Volume& volume, std::string_view kind, const std::string& id) {
  volume.anomalies.push_back(
      {.id = "luks.bad-metadata",
       .range = volume.headers.front(),
       .detail = fmt::format("{} \"{}\" is not as the specification has it",
                             kind, Escaped(id))});
}

}  // namespace

Result<void> ReadJson(std::string_view text, std::uint64_t device_size,
                      Volume& volume) {
  const auto json = ParseJson(text);
  if (!json) {
    return Fail(json.error().code, fmt::format("luks: {}", json.error().what));
  }
  for (const auto& [id, object] : At(*json, "keyslots").items()) {
    if (auto slot = KeyslotOf(id, object)) {
      volume.keyslots.push_back(std::move(*slot));
    } else {
      ReportBad(volume, "keyslot", id);
    }
  }
  for (const auto& [id, object] : At(*json, "segments").items()) {
    if (auto segment = SegmentOf(id, object, device_size)) {
      volume.segments.push_back(std::move(*segment));
    } else {
      ReportBad(volume, "segment", id);
    }
  }
  for (const auto& [id, object] : At(*json, "digests").items()) {
    if (auto digest = DigestOf(object)) {
      volume.digests.push_back(std::move(*digest));
    } else {
      ReportBad(volume, "digest", id);
    }
  }
  return {};
}

}  // namespace assay::formats::luks
