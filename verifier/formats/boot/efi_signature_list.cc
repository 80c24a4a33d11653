// Lists of keys and digests that UEFI Secure Boot knows: the content of the
// variables PK, KEK, db and dbx, and of .esl files.
// Layout: UEFI Specification 2.10, section 32.4.1 "Signature Database".
//
// Each entry is a member: "x509-0", "sha256-1" ...; the owner's GUID in front
// of it is metadata. A certificate is DER as it is.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/boot/efi_signatures.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

// Where the lists that lie wholly in the bytes end.
std::uint64_t EndOf(ByteView bytes) {
  std::uint64_t at = 0;
  for (auto list = EfiSignatureListAt(bytes, at);
       list && list->size <= bytes.size() - at;
       list = EfiSignatureListAt(bytes, at)) {
    at += list->size;
  }
  return at;
}

bool Matches(ByteView head) {
  return EfiSignatureListAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!EfiSignatureListAt(bytes, 0)) {
    return Fail(ErrorCode::kNotThisFormat, "no list of signatures");
  }
  const std::uint64_t end = EndOf(bytes);
  if (end == 0) {
    return Fail(ErrorCode::kTruncated,
                "efi_signature_list: the first list ends past the input");
  }
  return end;
}

Result<void> AddList(const ByteSource& source, const EfiSignatureList& list,
                     std::uint64_t at, std::size_t& index, ArtifactSink& sink) {
  sink.Claim({at, list.header}, RegionUse::kMetadata);
  for (std::uint64_t entry = at + list.header; entry < at + list.size;
       entry += list.entry) {
    const auto owner = ReadAt<Guid>(source.bytes(), entry);
    const Range data{entry + sizeof(Guid), list.entry - sizeof(Guid)};
    const auto content = source.Slice(data);
    if (!owner || !content) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("entry {} at {} is cut short", index, entry));
    }
    sink.Claim({entry, sizeof(Guid)}, RegionUse::kMetadata);
    Member member{.name = fmt::format("{}-{}", list.kind, index++),
                  .origin = data,
                  .stored = true};
    member.meta.xattrs.emplace_back("efi.owner", Lower(owner->Text()));
    if (auto ok = sink.Add(std::move(member), *content); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const std::uint64_t end = EndOf(source.bytes());
  std::size_t index = 0;
  for (std::uint64_t at = 0; at < end;) {
    const auto list = EfiSignatureListAt(source.bytes(), at);
    if (auto ok = AddList(source, *list, at, index, sink); !ok) {
      return ok;
    }
    at += list->size;
  }
  if (end == 0 || EfiSignatureListAt(source.bytes(), end)) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("the list at {} ends past {} bytes", end, source.size()));
  }
  return input.Skip(end);
}

constexpr auto kMagics = [] {
  std::array<Magic, kEfiSignatureKinds.size()> magics;
  for (std::size_t i = 0; i < magics.size(); ++i) {
    magics[i].bytes = kEfiSignatureKinds[i].guid;
  }
  return magics;
}();

}  // namespace

extern const Format kEfiSignatureList;
const Format kEfiSignatureList = {
    .name = "efi_signature_list",
    .title = "EFI signature list",
    .reference = "UEFI Specification 2.10, section 32.4.1",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
