#include "verifier/formats/firmware/uefi_variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

constexpr std::uint8_t kFormatted = 0x5a;
constexpr std::uint64_t kAlignment = 4;  // of variables, from the store's start

struct EfiTime {
  Le16 year;
  std::uint8_t month = 0, day = 0, hour = 0, minute = 0, second = 0, pad = 0;
  Le32 nanosecond;
  Le32 zone;
};
static_assert(sizeof(EfiTime) == 16 && FileStruct<EfiTime>);

struct VariableHead {
  Le16 start;
  std::uint8_t state = 0, reserved = 0;
  Le32 attributes;
};
static_assert(sizeof(VariableHead) == 8 && FileStruct<VariableHead>);

// Between the head and the tail of authenticated variables.
struct Authentication {
  Le64 count;
  EfiTime time;
  Le32 key;
};
static_assert(sizeof(Authentication) == 28 && FileStruct<Authentication>);

struct VariableTail {
  Le32 name_size, data_size;
  Guid vendor;
};
static_assert(sizeof(VariableTail) == 24 && FileStruct<VariableTail>);
constexpr std::uint16_t kStart = 0x55aa;
constexpr std::uint8_t kAdded = 0x3f;         // bits are cleared step by step
constexpr std::uint8_t kInTransition = 0x3e;  // valid until its successor is

std::optional<UnixTime> UnixTimeOf(const EfiTime& time) {
  return time.year == 0 ? std::nullopt
                        : ParseTime(fmt::format(
                              "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                              std::uint16_t{time.year}, time.month, time.day,
                              time.hour, time.minute, time.second));
}

}  // namespace

bool UefiStoreHeader::Authenticated() const {
  return AsText(BytesOf(signature)) == kAuthenticatedStore;
}

std::optional<UefiStoreHeader> UefiStoreAt(ByteView bytes) {
  const auto header = ReadAt<UefiStoreHeader>(bytes, 0);
  if (!header || header->format != kFormatted ||
      header->size < sizeof(UefiStoreHeader)) {
    return std::nullopt;
  }
  const bool plain = AsText(BytesOf(header->signature)) == kPlainStore;
  return plain || header->Authenticated() ? header : std::nullopt;
}

std::optional<UefiVariable> UefiVariableAt(ByteView bytes, Range range,
                                           bool authenticated) {
  const auto area = Slice(bytes, range.offset, range.length);
  if (!area) {
    return std::nullopt;
  }
  const auto head = ReadAt<VariableHead>(*area, 0);
  const auto proof = ReadAt<Authentication>(*area, sizeof(VariableHead));
  const std::uint64_t before =
      sizeof(VariableHead) + (authenticated ? sizeof(Authentication) : 0);
  const auto tail = ReadAt<VariableTail>(*area, before);
  const std::uint64_t fixed = before + sizeof(VariableTail);
  if (!head || head->start != kStart || !tail ||
      tail->name_size > area->size() - fixed ||
      tail->data_size > area->size() - fixed - tail->name_size) {
    return std::nullopt;
  }
  UefiVariable variable{
      .name = TextOfUtf16UntilNul(*Slice(*area, fixed, tail->name_size)),
      .vendor = tail->vendor,
      .attributes = head->attributes,
      .live = head->state == kAdded || head->state == kInTransition,
      .header = {range.offset, fixed + tail->name_size}};
  variable.data = {variable.header.end(), tail->data_size};
  if (authenticated && proof) {
    variable.time = UnixTimeOf(proof->time);
  }
  return variable;
}

std::vector<UefiVariable> UefiVariablesIn(ByteView image) {
  constexpr std::uint64_t kStep = 8;
  std::vector<UefiVariable> live;
  for (std::uint64_t start = 0; start < image.size(); start += kStep) {
    const auto store =
        UefiStoreAt(image.subspan(static_cast<std::size_t>(start)));
    if (!store) {
      continue;
    }
    const std::uint64_t end =
        start + std::min<std::uint64_t>(store->size, image.size() - start);
    std::uint64_t at = start + sizeof(UefiStoreHeader);
    while (auto variable =
               UefiVariableAt(image, {at, end - at}, store->Authenticated())) {
      at = variable->data.end();
      at += std::min((kAlignment - (at - start) % kAlignment) % kAlignment,
                     end - at);
      if (variable->live) {
        live.push_back(*std::move(variable));
      }
    }
    break;
  }
  return live;
}

}  // namespace assay::formats
