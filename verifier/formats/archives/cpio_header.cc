#include "verifier/formats/archives/cpio_header.h"

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats {
namespace {

constexpr std::size_t kMagicSize = 6;

constexpr auto kNewcFields = std::to_array<CpioFieldPlace>({{kInode, 8},
                                                            {kMode, 8},
                                                            {kUid, 8},
                                                            {kGid, 8},
                                                            {kLinks, 8},
                                                            {kMtime, 8},
                                                            {kSize, 8},
                                                            {kDevMajor, 8},
                                                            {kDevMinor, 8},
                                                            {kRdevMajor, 8},
                                                            {kRdevMinor, 8},
                                                            {kNameSize, 8},
                                                            {kCheck, 8}});
constexpr auto kOdcFields = std::to_array<CpioFieldPlace>({{kDevMinor, 6},
                                                           {kInode, 6},
                                                           {kMode, 6},
                                                           {kUid, 6},
                                                           {kGid, 6},
                                                           {kLinks, 6},
                                                           {kRdevMinor, 6},
                                                           {kMtime, 11},
                                                           {kNameSize, 6},
                                                           {kSize, 11}});
constexpr auto kLayouts = std::to_array<CpioLayout>({
    {kCpioNewc, kNewcFields, 16, 4},
    {kCpioCrc, kNewcFields, 16, 4},
    {kCpioOdc, kOdcFields, 8, 1},
});

}  // namespace

std::size_t CpioLayout::size() const {
  std::size_t total = kMagicSize;
  for (const CpioFieldPlace& field : fields) {
    total += field.width;
  }
  return total;
}

const CpioLayout* CpioLayoutOf(ByteView head) {
  for (const CpioLayout& layout : kLayouts) {
    const auto magic = Slice(head, 0, kMagicSize);
    if (magic && AsText(*magic) == layout.magic) {
      return &layout;
    }
  }
  return nullptr;
}

std::optional<CpioFields> DecodeCpio(const CpioLayout& layout, ByteView head) {
  CpioFields fields = {};
  ByteReader reader(head);
  if (!reader.Skip(kMagicSize)) {
    return std::nullopt;
  }
  for (const CpioFieldPlace& place : layout.fields) {
    const auto text = reader.TakeBytes(place.width);
    const auto value =
        text ? FieldNumber(AsText(*text), layout.base) : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
    fields.at(place.id) = *value;
  }
  return fields;
}

bool IsCpioHeader(ByteView head) {
  const CpioLayout* layout = CpioLayoutOf(head);
  const auto fields =
      layout != nullptr ? DecodeCpio(*layout, head) : std::nullopt;
  return fields && fields->at(kNameSize) > 0 &&
         fields->at(kNameSize) <= kCpioMaxName;
}

}  // namespace assay::formats
