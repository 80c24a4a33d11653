#include "verifier/formats/boot/efi_signatures.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats {
namespace {

struct ListHeader {
  Guid type;
  Le32 size, header_size, entry_size;
};
static_assert(sizeof(ListHeader) == 28 && FileStruct<ListHeader>);

// EFI_TIME, then a WIN_CERTIFICATE_UEFI_GUID whose length counts from there.
struct Authentication {
  std::array<std::uint8_t, 16> time = {};
  Le32 length;
  Le16 revision, type;
  Guid kind;
};
static_assert(sizeof(Authentication) == 40 && FileStruct<Authentication>);
constexpr std::uint16_t kRevision2 = 0x200;
constexpr std::uint16_t kEfiGuidCertificate = 0xef1;
constexpr Guid kPkcs7 =
    GuidOf(0x4aafd29d, 0x68df, 0x49ee,
           {0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7});

}  // namespace

std::optional<EfiSignatureList> EfiSignatureListAt(ByteView bytes,
                                                   std::uint64_t at) {
  const auto header = ReadAt<ListHeader>(bytes, at);
  if (!header) {
    return std::nullopt;
  }
  const std::string_view type = AsText(header->type.raw);
  const auto* const kind =
      std::find_if(kEfiSignatureKinds.begin(), kEfiSignatureKinds.end(),
                   [&](const auto& known) { return known.guid == type; });
  if (kind == kEfiSignatureKinds.end() || header->entry_size <= sizeof(Guid) ||
      (kind->size != 0 && header->entry_size != kind->size + sizeof(Guid)) ||
      header->size < sizeof(ListHeader) ||
      header->header_size > header->size - sizeof(ListHeader)) {
    return std::nullopt;
  }
  const std::uint64_t fixed = sizeof(ListHeader) + header->header_size;
  if ((header->size - fixed) % header->entry_size != 0) {
    return std::nullopt;
  }
  return EfiSignatureList{kind->name, header->size, fixed, header->entry_size};
}

Result<std::vector<EfiSignature>> EfiSignaturesIn(ByteView bytes) {
  std::vector<EfiSignature> all;
  for (std::uint64_t at = 0; at < bytes.size();) {
    const auto list = EfiSignatureListAt(bytes, at);
    if (!list || list->size > bytes.size() - at) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("no signature list of a known type at {}", at));
    }
    for (std::uint64_t entry = at + list->header; entry < at + list->size;
         entry += list->entry) {
      all.push_back({list->kind, *Slice(bytes, entry + sizeof(Guid),
                                        list->entry - sizeof(Guid))});
    }
    at += list->size;
  }
  return all;
}

std::optional<ByteView> AfterAuthentication(ByteView bytes) {
  const auto head = ReadAt<Authentication>(bytes, 0);
  if (!head || head->revision != kRevision2 ||
      head->type != kEfiGuidCertificate || head->kind != kPkcs7 ||
      head->length < sizeof(Authentication) - sizeof(head->time)) {
    return std::nullopt;
  }
  const std::uint64_t end = sizeof(head->time) + std::uint64_t{head->length};
  return end > bytes.size() ? std::nullopt
                            : Slice(bytes, end, bytes.size() - end);
}

}  // namespace assay::formats
