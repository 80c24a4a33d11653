#include "verifier/formats/boot/linux_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::linux_image {
namespace {

using namespace std::string_view_literals;

struct CoffHeader {
  Le32 signature;  // "PE\0\0"
  Le16 machine, sections;
  Le32 time, symbols, symbol_count;
  Le16 optional_size, characteristics;
};
static_assert(sizeof(CoffHeader) == 24 && FileStruct<CoffHeader>);

struct Section {
  std::array<std::uint8_t, 8> name = {};
  Le32 virtual_size, virtual_address, size, offset;
  std::array<std::uint8_t, 16> rest = {};
};
static_assert(sizeof(Section) == 40 && FileStruct<Section>);

struct WinCertificate {
  Le32 length;  // with this header
  Le16 revision, type;
};

constexpr std::uint64_t kPeOffset = 0x3c;
constexpr std::uint64_t kMostGap = 4096;  // between the image and its signature
constexpr std::uint16_t kMostSections = 96;

struct Ending {
  std::string_view magic;
  std::string_view ending;
};

constexpr auto kEndings = std::to_array<Ending>({
    {"\x1f\x8b\x08"sv, ".gz"},
    {"BZh"sv, ".bz2"},
    {"\xfd"
     "7zXZ\0"sv,
     ".xz"},
    {"\x5d\0\0"sv, ".lzma"},
    {"\x89LZO\0"sv, ".lzo"},
    {"\x02\x21\x4c\x18"sv, ".lz4"},
    {"\x28\xb5\x2f\xfd"sv, ".zst"},
    {"\x7f"
     "ELF"sv,
     ""},
});

}  // namespace

std::optional<PeHeaders> ReadPe(ByteView head) {
  const auto at = ReadAt<Le32>(head, kPeOffset);
  const auto dos = ReadAt<Be16>(head, 0);
  const auto coff = at ? ReadAt<CoffHeader>(head, *at) : std::nullopt;
  if (!coff || *dos != 0x4d5aU || coff->signature != 0x00004550U ||
      coff->sections > kMostSections) {
    return std::nullopt;
  }
  const std::uint64_t optional = std::uint64_t{*at} + sizeof(CoffHeader);
  const std::uint64_t table = optional + coff->optional_size;
  PeHeaders pe{.headers_end = table + coff->sections * sizeof(Section)};
  const auto magic = ReadAt<Le16>(head, optional);
  if (!magic || (*magic != 0x10bU && *magic != 0x20bU)) {
    return std::nullopt;
  }
  for (std::uint64_t i = 0; i < coff->sections; ++i) {
    const auto section = ReadAt<Section>(head, table + i * sizeof(Section));
    if (!section) {
      return std::nullopt;
    }
    if (section->size != 0) {
      pe.sections_end = std::max(
          pe.sections_end, std::uint64_t{section->offset} + section->size);
    }
  }
  // The fifth data directory; the first follow their number.
  const std::uint64_t count_at = optional + (*magic == 0x20bU ? 108 : 92);
  const auto count = ReadAt<Le32>(head, count_at);
  pe.checksum = optional + 64;
  pe.directory = count_at + sizeof(Le32) + 4 * 8;
  if (count && *count > 4 && pe.directory + 8 <= table) {
    const auto offset = ReadAt<Le32>(head, pe.directory);
    const auto size = ReadAt<Le32>(head, pe.directory + sizeof(Le32));
    if (offset && size && *size > 0) {
      pe.certificates = {*offset, *size};
    }
  }
  return pe;
}

Result<std::uint64_t> EndWithSignature(const std::optional<PeHeaders>& pe,
                                       std::uint64_t content_end,
                                       ByteView bytes) {
  if (content_end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("linux: an image of {} bytes is cut at {}",
                            content_end, bytes.size()));
  }
  if (!pe || pe->certificates.length == 0 ||
      pe->certificates.offset < content_end ||
      pe->certificates.offset - content_end > kMostGap) {
    return content_end;
  }
  if (pe->certificates.end() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("linux: the signature at {} ends past the input",
                            pe->certificates.offset));
  }
  return pe->certificates.end();
}

std::optional<std::string_view> PayloadEnding(ByteView payload) {
  const std::string_view text = AsText(payload);
  for (const Ending& known : kEndings) {
    if (text.substr(0, known.magic.size()) == known.magic) {
      return known.ending;
    }
  }
  return std::nullopt;
}

std::string PayloadName(ByteView payload) {
  return "vmlinux" + std::string(PayloadEnding(payload).value_or(""));
}

bool HasSizeTrailer(ByteView payload) {
  const auto ending = PayloadEnding(payload);
  return ending && *ending != ".gz" && !ending->empty();
}

Result<void> AddSignatures(const ByteSource& image, Range range,
                           StoredParts& parts) {
  std::uint64_t at = range.offset;
  for (unsigned number = 1; range.end() - at >= sizeof(WinCertificate);
       ++number) {
    const auto entry = ReadAt<WinCertificate>(image.bytes(), at);
    if (!entry || entry->length <= sizeof(WinCertificate) ||
        entry->length > range.end() - at) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("linux: no certificate entry at {}", at));
    }
    parts.Metadata({at, sizeof(WinCertificate)});
    const std::string name =
        number == 1 ? "signature.p7" : fmt::format("signature{}.p7", number);
    if (auto ok = parts.Add(name, {at + sizeof(WinCertificate),
                                   entry->length - sizeof(WinCertificate)});
        !ok) {
      return ok;
    }
    at += entry->length;
    at = std::min(at + GapTo(8, at), range.end());
  }
  return {};
}

}  // namespace assay::formats::linux_image
