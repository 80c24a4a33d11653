// Lists of keys and digests that UEFI Secure Boot knows: the content of the
// variables PK, KEK, db and dbx, and of .esl files.
// Layout: UEFI Specification 2.10, section 32.4.1 "Signature Database".
//
// Each entry is a member: "x509-0", "sha256-1" ...; the owner's GUID in front
// of it is metadata. A certificate is DER as it is.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using std::string_view_literals::operator""sv;

struct ListHeader {
  Guid type;
  Le32 size, header_size, entry_size;
};
static_assert(sizeof(ListHeader) == 28 && FileStruct<ListHeader>);

struct Kind {
  std::string_view guid = {};
  std::string_view name = {};
  std::uint32_t size = 0;  // of an entry without its owner; 0: any
};

constexpr auto kKinds = std::to_array<Kind>({
    {"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"sv,
     "x509", 0},
    {"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"sv,
     "sha256", 32},
    {"\x12\xa5\x6c\x82\x10\xcf\xc9\x4a\xb1\x87\xbe\x01\x49\x66\x31\xbd"sv,
     "sha1", 20},
    {"\x07\x53\x3e\xff\xd0\x9f\xc9\x48\x85\xf1\x8a\xd5\x6c\x70\x1e\x01"sv,
     "sha384", 48},
    {"\xae\x0f\x3e\x09\xc4\xa6\x50\x4f\x9f\x1b\xd4\x1e\x2b\x89\xc1\x9a"sv,
     "sha512", 64},
    {"\xe8\x66\x57\x3c\x9c\x26\x34\x4e\xaa\x14\xed\x77\x6e\x85\xb3\xb6"sv,
     "rsa2048", 256},
    {"\x92\xa4\xd2\x3b\xc0\x96\x79\x40\xb4\x20\xfc\xf9\x8e\xf1\x03\xed"sv,
     "x509-sha256", 48},
});

struct List {
  const Kind* kind = nullptr;
  std::uint64_t size = 0;
  std::uint64_t header = 0;  // both headers
  std::uint64_t entry = 0;   // with its owner
};

// The list at `at`, which may reach past the bytes.
std::optional<List> ListAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<ListHeader>(bytes, at);
  if (!header) {
    return std::nullopt;
  }
  const std::string_view type = AsText(header->type.raw);
  const auto* const kind =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [&](const Kind& known) { return known.guid == type; });
  if (kind == kKinds.end() || header->entry_size <= sizeof(Guid) ||
      (kind->size != 0 && header->entry_size != kind->size + sizeof(Guid)) ||
      header->size < sizeof(ListHeader) ||
      header->header_size > header->size - sizeof(ListHeader)) {
    return std::nullopt;
  }
  const std::uint64_t fixed = sizeof(ListHeader) + header->header_size;
  if ((header->size - fixed) % header->entry_size != 0) {
    return std::nullopt;
  }
  return List{kind, header->size, fixed, header->entry_size};
}

// Where the lists that lie wholly in the bytes end.
std::uint64_t EndOf(ByteView bytes) {
  std::uint64_t at = 0;
  for (auto list = ListAt(bytes, at); list && list->size <= bytes.size() - at;
       list = ListAt(bytes, at)) {
    at += list->size;
  }
  return at;
}

bool Matches(ByteView head) {
  return ListAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!ListAt(bytes, 0)) {
    return Fail(ErrorCode::kNotThisFormat, "no list of signatures");
  }
  const std::uint64_t end = EndOf(bytes);
  if (end == 0) {
    return Fail(ErrorCode::kTruncated,
                "efi_signature_list: the first list ends past the input");
  }
  return end;
}

Result<void> AddList(const ByteSource& source, const List& list,
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
    Member member{.name = fmt::format("{}-{}", list.kind->name, index++),
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
    const auto list = ListAt(source.bytes(), at);
    if (auto ok = AddList(source, *list, at, index, sink); !ok) {
      return ok;
    }
    at += list->size;
  }
  if (end == 0 || ListAt(source.bytes(), end)) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("the list at {} ends past {} bytes", end, source.size()));
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {kKinds[0].guid, 0}, {kKinds[1].guid, 0}, {kKinds[2].guid, 0},
    {kKinds[3].guid, 0}, {kKinds[4].guid, 0}, {kKinds[5].guid, 0},
    {kKinds[6].guid, 0}};

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
