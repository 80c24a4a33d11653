// The records of a FAT directory: short names, long names, labels.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats::fat {

struct Entry {
  std::string name = {};        // the long one where there is one
  std::string short_name = {};  // empty unless there is a long one
  std::uint8_t attributes = 0;
  std::optional<std::int64_t> mtime = {};
  std::uint32_t cluster = 0;
  std::uint32_t size = 0;

  static constexpr std::uint8_t kReadOnly = 0x01;
  static constexpr std::uint8_t kHidden = 0x02;
  static constexpr std::uint8_t kSystem = 0x04;
  static constexpr std::uint8_t kLabel = 0x08;
  static constexpr std::uint8_t kDirectory = 0x10;

  [[nodiscard]] bool Is(std::uint8_t attribute) const {
    return (attributes & attribute) != 0;
  }
};

// Reads the records of a directory, which come in pieces (clusters).
class DirectoryReader {
 public:
  // `wide`: the upper half of the first cluster's number counts (FAT32).
  // `report` gets a detail and the offset of the record in its piece.
  DirectoryReader(bool wide,
                  std::function<void(std::string, std::uint64_t)> report)
      : wide_(wide), report_(std::move(report)) {}

  // Returns how many bytes of `piece` are records; fewer than all when the
  // directory ends in it (nothing that follows is then to be read).
  [[nodiscard]] std::uint64_t Read(ByteView piece, std::vector<Entry>& into);
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  struct Record;
  struct LongRecord;
  void ReadLong(const LongRecord& record, std::uint64_t at);
  [[nodiscard]] Entry ReadShort(const Record& record, std::uint64_t at);
  void Drop(std::uint64_t at);

  bool wide_;
  std::function<void(std::string, std::uint64_t)> report_;
  bool ended_ = false;
  // The long name that is being put together, last part first.
  Bytes long_name_ = {};
  unsigned expected_ = 0;  // number of the next part; 0: complete or none
  std::uint8_t checksum_ = 0;
};

// MS-DOS date and time, which have no zone: taken as UTC.
[[nodiscard]] std::optional<std::int64_t> TimeOfDos(std::uint16_t date,
                                                    std::uint16_t time);

}  // namespace assay::formats::fat
