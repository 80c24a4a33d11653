// The records of a zip archive and where they lie.
// Layout: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 (structure), 4.4 (fields)
// and 4.5 (extra fields).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

inline constexpr std::string_view kZipLocal = "PK\x03\x04";
inline constexpr std::string_view kZipCentral = "PK\x01\x02";
inline constexpr std::string_view kZipEnd = "PK\x05\x06";
inline constexpr std::string_view kZip64End = "PK\x06\x06";
inline constexpr std::string_view kZip64Locator = "PK\x06\x07";
inline constexpr std::string_view kZipDescriptor = "PK\x07\x08";

// General purpose flags (APPNOTE 4.4.4).
inline constexpr unsigned kZipEncrypted = 1U << 0U;
inline constexpr unsigned kZipHasDescriptor = 1U << 3U;
inline constexpr unsigned kZipStrongEncryption = 1U << 6U;
inline constexpr unsigned kZipMaskedHeader = 1U << 13U;

// What a local or a central header says; ZIP64 values are already applied.
// Views are borrowed from the archive.
struct ZipEntry {
  std::uint64_t at = 0;           // of the header
  std::uint64_t header_size = 0;  // with name, extra fields and comment
  std::uint16_t made_by = 0;      // central only; high byte: the system
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint16_t dos_time = 0;
  std::uint16_t dos_date = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;
  std::uint64_t size = 0;
  std::uint32_t external = 0;  // central only; high half: Unix mode
  std::uint64_t local_at = 0;  // central only; before any prefix is added
  std::uint32_t disk = 0;      // central only: the segment local_at counts in
  std::string_view name = {};
  ByteView extra = {};
  // Of a member that was decrypted: what its encryption put in front of the
  // data (otherwise 0), and whether the CRC is given.
  std::uint64_t lead = 0;
  bool has_crc = true;

  [[nodiscard]] std::uint64_t end() const { return at + header_size; }
};

// The header at `at`, or nothing if none lies wholly inside.
[[nodiscard]] std::optional<ZipEntry> ReadZipLocal(ByteView zip,
                                                   std::uint64_t at);
[[nodiscard]] std::optional<ZipEntry> ReadZipCentral(ByteView zip,
                                                     std::uint64_t at);

// Whether the four bytes at `at` are `signature`.
[[nodiscard]] bool HasZipSignature(ByteView zip, std::uint64_t at,
                                   std::string_view signature);

// The content of extra field `id`, or nothing.
[[nodiscard]] std::optional<ByteView> FindZipExtra(ByteView extra,
                                                   std::uint16_t id);

// How long the data descriptor at `at` is that repeats these values: with or
// without its signature, with sizes of 4 or 8 bytes. 0: none of them.
[[nodiscard]] std::uint64_t ZipDescriptorSize(ByteView zip, std::uint64_t at,
                                              const ZipEntry& entry);

// A local header with the extent of its data, as it can be known without the
// central directory.
struct ZipLocalExtent {
  ZipEntry entry = {};    // sizes and CRC of the descriptor when it has one
  std::uint64_t end = 0;  // behind data and descriptor
};
[[nodiscard]] std::optional<ZipLocalExtent> MeasureZipLocal(ByteView zip,
                                                            std::uint64_t at);

// The end of central directory record without its comment (APPNOTE 4.3.16).
inline constexpr std::uint64_t kZipEndSize = 22;

// Where the records at the end of an archive lie.
struct ZipDirectory {
  Range directory = {};                 // as the end record gives its size
  std::optional<Range> zip64_end = {};  // ZIP64 end record
  std::optional<Range> locator = {};    // ZIP64 locator
  Range end = {};                       // end record and comment
  std::uint64_t entries = 0;            // as the end record counts them
  std::uint64_t prefix = 0;             // bytes before the archive's own 0
  // Another end record whose comment would hold this one.
  std::optional<std::uint64_t> rival = {};
};

// Searches the last 65,557 bytes for the end record; kTruncated without one
// that leads to a central directory.
[[nodiscard]] Result<ZipDirectory> FindZipDirectory(ByteView zip);

// The end record at `at` (its signature was seen) and what it leads to.
[[nodiscard]] std::optional<ZipDirectory> ReadZipEnd(ByteView zip,
                                                     std::uint64_t at);

// The APK Signing Block (Android APK Signature Scheme v2, "APK Signing Block
// format") that ends at `end`, the start of the central directory.
[[nodiscard]] std::optional<Range> FindApkSigningBlock(ByteView zip,
                                                       std::uint64_t end);

}  // namespace assay::formats
