#include "verifier/formats/archives/zip_metadata.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/dos_time.h"

namespace assay::formats {
namespace {

constexpr std::uint16_t kTimeExtra = 0x5455;
constexpr std::uint16_t kOwnerExtra = 0x7875;
constexpr unsigned kUnix = 3;  // the high byte of "made by" (APPNOTE 4.4.2)
constexpr unsigned kDarwin = 19;
constexpr std::uint32_t kDosDirectory = 0x10;

std::optional<std::int64_t> ExtraTime(ByteView extra) {
  const auto field = FindZipExtra(extra, kTimeExtra);
  const auto mtime = field ? ReadAt<Le32>(*field, 1) : std::nullopt;
  if (!mtime || ((*field)[0] & 1U) == 0) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(std::uint32_t{*mtime});
}

std::optional<std::uint64_t> Variable(ByteReader& reader) {
  const auto size = reader.TakeBytes(1);
  const auto bytes = size ? reader.TakeBytes((*size)[0]) : std::nullopt;
  if (!bytes || bytes->empty() || bytes->size() > 8) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = bytes->size(); i-- > 0;) {
    value = value << 8U | (*bytes)[i];
  }
  return value;
}

void SetOwner(ByteView extra, FileMetadata& meta) {
  const auto field = FindZipExtra(extra, kOwnerExtra);
  if (!field || field->empty() || (*field)[0] != 1) {
    return;
  }
  ByteReader reader(field->subspan(1));
  const auto uid = Variable(reader);
  const auto gid = uid ? Variable(reader) : std::nullopt;
  if (gid) {
    meta.uid = uid;
    meta.gid = gid;
  }
}

}  // namespace

FileMetadata ZipMetadata(const ZipEntry& entry, const ZipEntry* local) {
  FileMetadata meta;
  const unsigned system = entry.made_by >> 8U;
  const std::uint32_t mode = entry.external >> 16U;
  if ((system == kUnix || system == kDarwin) && mode != 0) {
    meta.mode = mode & 07777U;
    meta.type = TypeOfMode(mode);
  }
  if ((!entry.name.empty() && entry.name.back() == '/') ||
      (entry.external & kDosDirectory) != 0) {
    meta.type = FileType::kDirectory;
  }
  meta.mtime = ExtraTime(entry.extra);
  SetOwner(entry.extra, meta);
  if (local != nullptr) {
    meta.mtime = meta.mtime ? meta.mtime : ExtraTime(local->extra);
    SetOwner(local->extra, meta);
  }
  meta.mtime =
      meta.mtime ? meta.mtime : DosTime(entry.dos_date, entry.dos_time);
  return meta;
}

std::string ZipDifferences(const ZipEntry& central, const ZipEntry& local) {
  std::string all;
  const auto differ = [&](std::string_view what, auto a, auto b) {
    if (a != b) {
      all += fmt::format("{}{}: central {}, local {}", all.empty() ? "" : "; ",
                         what, a, b);
    }
  };
  if (central.name != local.name) {
    all = fmt::format("name: central \"{}\", local \"{}\"",
                      Escaped(central.name), Escaped(local.name));
  }
  differ("method", central.method, local.method);
  differ("flags", central.flags, local.flags);
  // With a descriptor behind the data a local value may be 0 instead.
  const bool later = (local.flags & kZipHasDescriptor) != 0;
  const auto differ_now = [&](std::string_view what, auto a, auto b) {
    if (!later || b != 0) {
      differ(what, a, b);
    }
  };
  // Encrypting before it knows the CRC, Info-ZIP puts the time there, which
  // the encryption header is then checked by.
  const bool time_for_crc = later && (local.flags & kZipEncrypted) != 0 &&
                            local.crc == std::uint32_t{local.dos_time} << 16U;
  if (!time_for_crc) {
    differ_now("CRC", central.crc, local.crc);
  }
  differ_now("packed size", central.packed, local.packed);
  differ_now("size", central.size, local.size);
  return all;
}

}  // namespace assay::formats
