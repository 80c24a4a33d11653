#include "verifier/formats/archives/ole2_chains.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace assay::formats::ole2 {
namespace {

constexpr std::string_view kMagic("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
constexpr unsigned kMiniShift = 6;
constexpr std::uint32_t kCutoff = 4096;

tl::unexpected<Error> Bad(std::string what) {
  return Fail(ErrorCode::kMalformed, "compound file: " + std::move(what));
}

// Lengthens the last extent where the next bytes follow it.
void Append(std::vector<Extent>& extents, Range range) {
  if (!extents.empty() && extents.back().range.end() == range.offset) {
    extents.back().range.length += range.length;
  } else {
    extents.push_back({range});
  }
}

}  // namespace

bool IsHeader(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && AsText(header->magic) == kMagic &&
         header->byte_order == 0xfffeU &&
         ((header->major == 3 && header->sector_shift == 9) ||
          (header->major == 4 && header->sector_shift == 12)) &&
         header->mini_shift == kMiniShift && header->mini_cutoff == kCutoff &&
         header->fat_sectors > 0 && header->first_directory < kLastSector;
}

Result<Chains> Chains::Read(ByteView bytes) {
  Chains chains(bytes);
  if (auto ok = chains.ReadAll(); !ok) {
    return Fail(ok.error());
  }
  return chains;
}

std::optional<Range> Chains::SectorAt(std::uint32_t number) const {
  const std::uint64_t at = (std::uint64_t{number} + 1) * sector_;
  if (number > kLastSector || at >= bytes_.size()) {
    return std::nullopt;
  }
  return Range{at, std::min(sector_, bytes_.size() - at)};
}

void Chains::AppendTable(Range sector, Table& table) const {
  ByteReader reader(*Slice(bytes_, sector.offset, sector.length));
  while (const auto entry = reader.Take<Le32>()) {
    table.push_back(*entry);
  }
}

Result<std::vector<std::uint32_t>> Chains::FatSectors(const Header& header) {
  const std::uint64_t sectors = bytes_.size() / sector_;
  if (header.fat_sectors > sectors || header.difat_sectors > sectors) {
    return Bad("more FAT sectors than sectors");
  }
  Table numbers(header.difat.begin(), header.difat.end());
  std::uint32_t next = header.first_difat;
  for (std::uint32_t i = 0; i < header.difat_sectors; ++i) {
    const auto sector = SectorAt(next);
    if (!sector || sector->length != sector_) {
      return Bad(fmt::format("DIFAT sector {} is not there", next));
    }
    tables_.push_back(*sector);
    AppendTable(*sector, numbers);
    next = numbers.back();  // the last entry names the next such sector
    numbers.pop_back();
  }
  numbers.erase(std::remove(numbers.begin(), numbers.end(), kFree),
                numbers.end());
  if (numbers.size() != header.fat_sectors) {
    return Bad(fmt::format("{} FAT sectors are listed, the header says {}",
                           numbers.size(), std::uint32_t{header.fat_sectors}));
  }
  return numbers;
}

Result<void> Chains::ReadAll() {
  if (!IsHeader(bytes_)) {
    return Fail(ErrorCode::kNotThisFormat, "no compound file header");
  }
  const auto header = *ReadAt<Header>(bytes_, 0);
  sector_ = 1ULL << header.sector_shift;
  const auto numbers = FatSectors(header);
  if (!numbers) {
    return Fail(numbers.error());
  }
  for (const std::uint32_t number : *numbers) {
    const auto sector = SectorAt(number);
    if (!sector || sector->length != sector_) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("FAT sector {} of the compound file is not there",
                              number));
    }
    tables_.push_back(*sector);
    AppendTable(*sector, fat_);
  }
  used_.resize(fat_.size());
  if (auto ok = FindEnd(); !ok) {
    return ok;
  }
  auto directory = WholeChain(header.first_directory, "the directory");
  if (!directory) {
    return Fail(directory.error());
  }
  directory_ = std::move(*directory);
  tables_.insert(tables_.end(), directory_.begin(), directory_.end());
  if (header.mini_fat_sectors > 0) {
    const auto mini = WholeChain(header.first_mini_fat, "the mini FAT");
    if (!mini) {
      return Fail(mini.error());
    }
    for (const Range sector : *mini) {
      tables_.push_back(sector);
      AppendTable(sector, mini_fat_);
    }
    mini_used_.resize(mini_fat_.size());
  }
  return {};
}

// The last sector may be cut where its content ends.
Result<void> Chains::FindEnd() {
  const auto last = std::find_if(fat_.rbegin(), fat_.rend(),
                                 [](auto entry) { return entry != kFree; });
  const auto count = static_cast<std::uint64_t>(fat_.rend() - last);
  if (count * sector_ >= bytes_.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("{} sectors of a compound file are in use, {} "
                            "bytes are there",
                            count, bytes_.size()));
  }
  end_ = std::min<std::uint64_t>((count + 1) * sector_, bytes_.size());
  return {};
}

Result<std::vector<Range>> Chains::WholeChain(std::uint32_t start,
                                              const char* what) {
  std::vector<Range> chain;
  for (std::uint32_t at = start; at != kEndOfChain; at = fat_[at]) {
    const auto sector = SectorAt(at);
    if (at >= fat_.size() || used_[at] || !sector) {
      return Bad(
          fmt::format("the chain of {} is damaged at sector {}", what, at));
    }
    used_[at] = true;
    chain.push_back(*sector);
  }
  return chain;
}

Result<std::vector<Extent>> Chains::Take(std::uint32_t start,
                                         std::uint64_t size) {
  std::vector<Extent> extents;
  std::uint32_t at = start;
  for (std::uint64_t left = size; left > 0;) {
    const auto sector = SectorAt(at);
    if (at >= fat_.size() || used_[at] || !sector) {
      return Bad(
          fmt::format("a chain is damaged or shared at sector {}, {} "
                      "bytes before its end",
                      at, left));
    }
    used_[at] = true;
    const std::uint64_t piece = std::min(left, sector_);
    if (piece > sector->length) {
      return Fail(ErrorCode::kTruncated,
                  "the last sector of a compound file is cut");
    }
    Append(extents, {sector->offset, piece});
    left -= piece;
    at = fat_[at];
  }
  return extents;
}

Result<void> Chains::SetMiniStream(std::uint32_t start, std::uint64_t size) {
  if (size > bytes_.size()) {
    return Bad("the mini stream is larger than the file");
  }
  const auto extents = Take(start, size);
  if (!extents) {
    return Fail(extents.error());
  }
  for (const Extent& extent : *extents) {
    for (std::uint64_t at = 0; at < extent.range.length; at += sector_) {
      mini_stream_.push_back({extent.range.offset + at,
                              std::min(sector_, extent.range.length - at)});
    }
  }
  return {};
}

Result<std::vector<Extent>> Chains::TakeMini(std::uint32_t start,
                                             std::uint64_t size) {
  std::vector<Extent> extents;
  std::uint32_t at = start;
  for (std::uint64_t left = size; left > 0;) {
    const std::uint64_t offset = at * kMiniSector;
    const std::uint64_t index = offset / sector_;
    const std::uint64_t inside = offset % sector_;
    const std::uint64_t piece = std::min(left, kMiniSector);
    if (at >= mini_fat_.size() || mini_used_[at] ||
        index >= mini_stream_.size() ||
        inside + piece > mini_stream_[index].length) {
      return Bad(
          fmt::format("a chain is damaged or shared at mini sector {}, "
                      "{} bytes before its end",
                      at, left));
    }
    mini_used_[at] = true;
    Append(extents, {mini_stream_[index].offset + inside, piece});
    left -= piece;
    at = mini_fat_[at];
  }
  return extents;
}

}  // namespace assay::formats::ole2
