// The container of a result bundle: a zip that every unzip opens, in one
// spelling only. Deflated entries in the order of their names, one after the
// other from the first byte to the last, no times, comments or extra fields
// (PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16). What is spelled
// otherwise is refused, so that no two readers see two contents.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::report {

inline constexpr std::size_t kMostBundleEntries = 64;
inline constexpr std::uint64_t kMostEntryBytes = 1ULL << 30U;
inline constexpr std::uint64_t kMostBundleBytes = (1ULL << 32U) - 1;

// Lower-case letters, digits, '.', '-' and '_', at most 64, no '.' at either
// end: no file system reads such a name as another one (Windows drops a last
// '.'), or as a path.
[[nodiscard]] bool IsBundleName(std::string_view name);

struct ArchiveEntry {
  std::string name = {};
  std::uint32_t crc = 0;     // of the content
  std::uint32_t packed = 0;  // bytes in the archive
  std::uint32_t size = 0;    // bytes of the content
  std::uint64_t header = 0;  // offset of its local header
};

class ArchiveWriter {
 public:
  // In any order. kMalformed for a name that is none or there already, kLimit
  // for content that Archive would refuse.
  [[nodiscard]] Result<void> Add(std::string_view name,
                                 std::string_view content);
  // The archive; the writer is empty afterwards. kLimit past kMostBundleBytes.
  [[nodiscard]] Result<std::string> Finish();

 private:
  std::vector<std::pair<ArchiveEntry, Bytes>> entries_;
};

class Archive {
 public:
  // Borrows `bytes`. kMalformed and kLimit name the offset or the entry.
  [[nodiscard]] static Result<Archive> Open(ByteView bytes);

  [[nodiscard]] const std::vector<ArchiveEntry>& entries() const {
    return entries_;
  }
  [[nodiscard]] const ArchiveEntry* Find(std::string_view name) const;
  // The content, of exactly entry.size bytes and its CRC; else kMalformed.
  [[nodiscard]] Result<std::string> Read(const ArchiveEntry& entry) const;

 private:
  explicit Archive(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] Result<void> Take(std::uint64_t& at);

  ByteView bytes_;
  std::vector<ArchiveEntry> entries_ = {};
};

}  // namespace assay::report
