// The allocation of a compound file: sectors in chains, and the mini stream's
// small sectors in chains of their own.
//
// Reference: [MS-CFB] 9.0, sections 2.2 (header) to 2.5 (DIFAT).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::ole2 {

struct Header {
  std::array<std::uint8_t, 8> magic = {};
  std::array<std::uint8_t, 16> clsid = {};
  Le16 minor, major, byte_order, sector_shift, mini_shift;
  std::array<std::uint8_t, 6> reserved = {};
  Le32 directory_sectors, fat_sectors, first_directory, transaction;
  Le32 mini_cutoff, first_mini_fat, mini_fat_sectors, first_difat;
  Le32 difat_sectors;
  std::array<Le32, 109> difat = {};
};
static_assert(sizeof(Header) == 512 && FileStruct<Header>);

inline constexpr std::uint32_t kLastSector = 0xfffffffa;  // of regular ones
inline constexpr std::uint32_t kEndOfChain = 0xfffffffe;
inline constexpr std::uint32_t kFree = 0xffffffff;
inline constexpr std::uint64_t kMiniSector = 64;

[[nodiscard]] bool IsHeader(ByteView head);

class Chains {
 public:
  // Reads the FAT, the directory's chain and the mini FAT.
  [[nodiscard]] static Result<Chains> Read(ByteView bytes);

  // The extents of the first `size` bytes of the chain that begins at
  // `start`. A sector belongs to one chain only: kMalformed when the chain
  // ends early, or comes to a sector that one asked for before has.
  [[nodiscard]] Result<std::vector<Extent>> Take(std::uint32_t start,
                                                 std::uint64_t size);
  // The same in the mini stream.
  [[nodiscard]] Result<std::vector<Extent>> TakeMini(std::uint32_t start,
                                                     std::uint64_t size);
  // What the root entry says about the mini stream; before TakeMini.
  [[nodiscard]] Result<void> SetMiniStream(std::uint32_t start,
                                           std::uint64_t size);

  [[nodiscard]] const std::vector<Range>& tables() const { return tables_; }
  [[nodiscard]] const std::vector<Range>& directory() const {
    return directory_;
  }
  // Where the last sector in use ends, at most the size of the file.
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] std::uint64_t sector() const { return sector_; }

 private:
  using Table = std::vector<std::uint32_t>;

  explicit Chains(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] Result<void> ReadAll();
  [[nodiscard]] Result<std::vector<std::uint32_t>> FatSectors(
      const Header& header);
  [[nodiscard]] Result<void> FindEnd();
  [[nodiscard]] std::optional<Range> SectorAt(std::uint32_t number) const;
  // All of a chain, to its end.
  [[nodiscard]] Result<std::vector<Range>> WholeChain(std::uint32_t start,
                                                      const char* what);
  void AppendTable(Range sector, Table& table) const;

  ByteView bytes_;
  std::uint64_t sector_ = 0;
  std::uint64_t end_ = 0;
  Table fat_;
  Table mini_fat_;
  std::vector<bool> used_;
  std::vector<bool> mini_used_;
  std::vector<Range> tables_;
  std::vector<Range> directory_;
  std::vector<Range> mini_stream_;  // a range a sector
};

}  // namespace assay::formats::ole2
