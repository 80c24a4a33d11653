#include "verifier/formats/archives/rpm_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace assay::formats {
namespace {

// Limits of rpm itself (lib/header.c: hdrchkTags, hdrchkData).
constexpr std::uint32_t kMostEntries = 0xffff;
constexpr std::uint32_t kLargestStore = 0x0fffffff;

struct LeadHead {
  Be32 magic;
  std::uint8_t major = 0, minor = 0;
  Be16 type;  // 0: binary, 1: source
};
static_assert(sizeof(LeadHead) == 8 && FileStruct<LeadHead>);
constexpr std::uint32_t kLeadMagic = 0xedabeedb;
constexpr std::uint64_t kSignatureTypeAt = 78;
constexpr std::uint16_t kHeaderSignature = 5;  // a header follows
constexpr std::uint64_t kAlignment = 8;

constexpr std::uint32_t kInt8 = 2;  // to INT64, 5, by size
constexpr std::uint32_t kInt64 = 5;
constexpr std::uint32_t kString = 6;
constexpr std::uint32_t kBinary = 7;
constexpr std::uint32_t kStringArray = 8;
constexpr std::uint32_t kI18nString = 9;

constexpr bool IsText(std::uint32_t type) {
  return type == kString || type == kStringArray || type == kI18nString;
}

// Bytes of one value of a type that is no text: NULL, CHAR, INT8 ... BIN.
constexpr std::array<std::uint64_t, 8> kSizes = {0, 1, 1, 2, 4, 8, 0, 1};

}  // namespace

std::optional<std::uint64_t> RpmHeaderSize(ByteView head) {
  const auto intro = ReadAt<RpmIntro>(head, 0);
  if (!intro || intro->magic != 0x8eade801U || intro->reserved != 0 ||
      intro->entries == 0 || intro->entries > kMostEntries ||
      intro->store > kLargestStore) {
    return std::nullopt;
  }
  return sizeof(RpmIntro) + intro->entries * std::uint64_t{16} + intro->store;
}

bool IsRpmPackage(ByteView head) {
  const auto lead = ReadAt<LeadHead>(head, 0);
  const auto signature_type = ReadAt<Be16>(head, kSignatureTypeAt);
  const auto rest = Slice(head, kRpmLeadSize, sizeof(RpmIntro));
  return lead && signature_type && rest && lead->magic == kLeadMagic &&
         (lead->major == 3 || lead->major == 4) && lead->type <= 1 &&
         *signature_type == kHeaderSignature && RpmHeaderSize(*rest);
}

Result<RpmParts> PartsOfRpm(ByteView package) {
  if (!IsRpmPackage(package)) {
    return Fail(ErrorCode::kNotThisFormat, "no RPM lead and signature");
  }
  RpmParts parts{.lead = {0, kRpmLeadSize}};
  const auto place = [&](std::uint64_t at) -> std::optional<Range> {
    const auto rest = at <= package.size()
                          ? Slice(package, at, package.size() - at)
                          : std::nullopt;
    const auto size = rest ? RpmHeaderSize(*rest) : std::nullopt;
    return size && *size <= rest->size() ? std::optional(Range{at, *size})
                                         : std::nullopt;
  };
  const auto signature = place(kRpmLeadSize);
  if (!signature) {
    return Fail(ErrorCode::kTruncated, "no whole RPM signature header");
  }
  parts.signature = *signature;
  const std::uint64_t over = signature->length % kAlignment;
  parts.padding = {signature->end(), over == 0 ? 0 : kAlignment - over};
  const auto header = place(parts.padding.end());
  if (!header) {
    return Fail(ErrorCode::kTruncated, "no whole RPM header");
  }
  parts.header = *header;
  parts.payload = {header->end(), package.size() - header->end()};
  return parts;
}

Result<RpmHeader> RpmHeader::Parse(ByteView header) {
  const auto size = RpmHeaderSize(header);
  if (!size || *size > header.size()) {
    return Fail(ErrorCode::kMalformed, "no whole RPM header");
  }
  ByteReader reader(header);
  const auto intro = reader.Take<RpmIntro>();
  RpmHeader parsed;
  parsed.entries_.reserve(intro->entries);
  for (std::uint32_t i = 0; i < intro->entries; ++i) {
    parsed.entries_.push_back(*reader.Take<Entry>());
  }
  parsed.store_ = *reader.TakeBytes(intro->store);
  const auto wrong =
      std::find_if(parsed.entries_.begin(), parsed.entries_.end(),
                   [&](const Entry& entry) { return !parsed.Fits(entry); });
  if (wrong != parsed.entries_.end()) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("RPM header entry {} (tag {}): type {}, {} values "
                    "at {} of a store of {} bytes",
                    wrong - parsed.entries_.begin(), std::uint32_t{wrong->tag},
                    std::uint32_t{wrong->type}, std::uint32_t{wrong->count},
                    std::uint32_t{wrong->offset}, parsed.store_.size()));
  }
  return parsed;
}

bool RpmHeader::Fits(const Entry& entry) const {
  if (entry.type > kI18nString || entry.count == 0 ||
      entry.offset > store_.size()) {
    return false;
  }
  const ByteView rest = store_.subspan(entry.offset);
  if (!IsText(entry.type)) {
    const std::uint64_t size = kSizes.at(entry.type);
    return entry.count * size <= rest.size() &&
           (size == 0 || entry.offset % size == 0);
  }
  if (entry.type == kString && entry.count != 1) {
    return false;
  }
  // That an array's strings all end is seen when they are read; here, that
  // there can be as many.
  return entry.count <= rest.size() &&
         std::find(rest.begin(), rest.end(), 0) != rest.end();
}

const RpmHeader::Entry* RpmHeader::Find(std::uint32_t tag) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [tag](const Entry& entry) { return entry.tag == tag; });
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<RpmEntry> RpmHeader::Entries() const {
  std::vector<RpmEntry> entries;
  entries.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    entries.push_back({entry.tag, entry.type, entry.offset, entry.count});
  }
  return entries;
}

Range RpmHeader::PlaceOf(const RpmEntry& entry) const {
  Range place{sizeof(RpmIntro) + entries_.size() * sizeof(Entry) + entry.offset,
              0};
  if (!IsText(entry.type)) {
    place.length = entry.count * kSizes.at(entry.type);
    return place;
  }
  const std::string_view rest = AsText(store_.subspan(entry.offset));
  for (std::uint32_t i = 0; i < entry.count; ++i) {
    const std::size_t nul =
        rest.find('\0', static_cast<std::size_t>(place.length));
    place.length = nul == std::string_view::npos ? rest.size() : nul + 1;
  }
  return place;
}

std::vector<std::string_view> RpmHeader::Strings(std::uint32_t tag) const {
  std::vector<std::string_view> strings;
  const Entry* entry = Find(tag);
  if (entry == nullptr || !IsText(entry->type)) {
    return strings;
  }
  std::string_view rest = AsText(store_.subspan(entry->offset));
  for (std::uint32_t i = 0; i < entry->count; ++i) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) {
      return {};
    }
    strings.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return strings;
}

std::string_view RpmHeader::String(std::uint32_t tag) const {
  const auto place = PlaceOf(tag);
  const Entry* entry = Find(tag);
  return place ? AsText(store_.subspan(entry->offset,
                                       static_cast<std::size_t>(place->length)))
               : std::string_view();
}

std::optional<Range> RpmHeader::PlaceOf(std::uint32_t tag) const {
  const Entry* entry = Find(tag);
  if (entry == nullptr || !IsText(entry->type)) {
    return std::nullopt;
  }
  const std::string_view rest = AsText(store_.subspan(entry->offset));
  return Range{sizeof(RpmIntro) + entries_.size() * sizeof(Entry) +
                   std::uint32_t{entry->offset},
               rest.find('\0')};
}

std::vector<std::uint64_t> RpmHeader::Numbers(std::uint32_t tag) const {
  std::vector<std::uint64_t> numbers;
  const Entry* entry = Find(tag);
  if (entry == nullptr || entry->type < kInt8 || entry->type > kInt64) {
    return numbers;
  }
  ByteReader reader(store_.subspan(entry->offset));
  const std::uint64_t size = kSizes.at(entry->type);
  for (std::uint32_t i = 0; i < entry->count; ++i) {
    std::uint64_t value = 0;
    const auto bytes = reader.TakeBytes(size);
    for (const std::uint8_t byte : bytes.value_or(ByteView())) {
      value = value << 8U | byte;
    }
    numbers.push_back(value);
  }
  return numbers;
}

std::optional<std::uint64_t> RpmHeader::Number(std::uint32_t tag) const {
  const auto numbers = Numbers(tag);
  return numbers.empty() ? std::nullopt : std::optional(numbers.front());
}

std::optional<ByteView> RpmHeader::Binary(std::uint32_t tag) const {
  const Entry* entry = Find(tag);
  return entry != nullptr && entry->type == kBinary
             ? Slice(store_, entry->offset, entry->count)
             : std::nullopt;
}

std::optional<std::uint32_t> RpmHeader::OutsideRegion(
    std::uint32_t region_tag) const {
  // The first entry points to a copy of itself whose offset is the negated
  // size of the region's index.
  const Entry& first = entries_.front();
  if (first.tag != region_tag || first.type != kBinary ||
      first.count != sizeof(Entry)) {
    return std::nullopt;
  }
  const auto trailer = ReadAt<Entry>(store_, first.offset);
  if (!trailer || trailer->tag != region_tag || trailer->type != kBinary ||
      trailer->count != sizeof(Entry)) {
    return std::nullopt;
  }
  const std::uint32_t size = ~std::uint32_t{trailer->offset} + 1;
  const std::uint64_t inside = size / sizeof(Entry);
  if (size % sizeof(Entry) != 0 || inside == 0 || inside > entries_.size()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(entries_.size() - inside);
}

bool RpmHeader::IsAllRegion(std::uint32_t region_tag) const {
  return OutsideRegion(region_tag) == std::uint32_t{0} &&
         store_.size() - entries_.front().offset == sizeof(Entry);
}

}  // namespace assay::formats
