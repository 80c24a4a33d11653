#include "verifier/formats/archives/zip_member.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <memory>

#include "verifier/base/text.h"

namespace assay::formats {
namespace {

constexpr std::uint16_t kStored = 0;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const {
    libdeflate_free_decompressor(decompressor);
  }
};

Result<Bytes> Inflated(ByteView packed, const ZipEntry& entry) {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  Bytes content(static_cast<std::size_t>(entry.size));
  if (!decompressor ||
      libdeflate_deflate_decompress(
          decompressor.get(), packed.data(), packed.size(), content.data(),
          content.size(), nullptr) != LIBDEFLATE_SUCCESS) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("zip: {} is damaged", Escaped(entry.name)));
  }
  return content;
}

}  // namespace

bool LooksLikeZip(ByteView bytes) {
  return HasZipSignature(bytes, 0, kZipLocal) ||
         (bytes.size() >= kZipEndSize &&
          HasZipSignature(bytes, bytes.size() - kZipEndSize, kZipEnd));
}

std::vector<ZipEntry> ReadZipEntries(ByteView zip,
                                     const ZipDirectory& directory,
                                     std::uint64_t most) {
  std::vector<ZipEntry> entries;
  const ByteView front =
      zip.first(static_cast<std::size_t>(directory.end.offset));
  std::uint64_t at = directory.directory.offset;
  while (entries.size() < most) {
    const auto entry = ReadZipCentral(front, at);
    if (!entry) {
      break;
    }
    entries.push_back(*entry);
    at = entry->end();
  }
  return entries;
}

std::optional<Range> FindZipData(ByteView zip, const ZipDirectory& directory,
                                 const ZipEntry& entry) {
  if (entry.local_at > zip.size()) {
    return std::nullopt;
  }
  const auto local = ReadZipLocal(zip, entry.local_at + directory.prefix);
  if (!local || !Slice(zip, local->end(), entry.packed)) {
    return std::nullopt;
  }
  return Range{local->end(), entry.packed};
}

// Android and Java take every method but "stored" for deflate.
Result<Bytes> ReadZipMember(ByteView zip, const ZipDirectory& directory,
                            const ZipEntry& entry, std::uint64_t ceiling) {
  const auto place = FindZipData(zip, directory, entry);
  if (!place) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("zip: {} has no data", Escaped(entry.name)));
  }
  if (entry.size > ceiling) {
    return Fail(
        ErrorCode::kLimit,
        fmt::format("zip: {} has {} bytes", Escaped(entry.name), entry.size));
  }
  if ((entry.flags & kZipEncrypted) != 0) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("zip: {} is encrypted", Escaped(entry.name)));
  }
  const ByteView packed = *Slice(zip, place->offset, place->length);
  if (entry.method != kStored) {
    return Inflated(packed, entry);
  }
  return packed.size() == entry.size
             ? Result<Bytes>(CopyOf(packed))
             : Fail(ErrorCode::kMalformed,
                    fmt::format("zip: {} has two sizes", Escaped(entry.name)));
}

}  // namespace assay::formats
