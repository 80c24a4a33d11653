// The master file table of an NTFS volume: files put together from their
// records, and their paths.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/filesystems/ntfs_record.h"

namespace assay::formats::ntfs {

inline constexpr std::uint64_t kRootRecord = 5;

struct Name {
  Reference parent = {};
  std::string name = {};
  bool dos = false;  // a short name beside a long one

  static constexpr std::uint8_t kDosSpace = 2;
};

struct File {
  std::uint64_t number = 0;
  Record record = {};  // with the attributes of all its records
  std::vector<Name> names = {};
  // Its list of attributes names other records than those that say they are
  // its own.
  bool list_differs = false;
};

class Table {
 public:
  // kMalformed when the table's own record cannot be read.
  [[nodiscard]] static Result<Table> Open(ByteSource source,
                                          const Volume& volume);

  [[nodiscard]] std::uint64_t count() const {
    return content_.size() / volume_.record;
  }
  // Bytes of the table as the record lies in it.
  [[nodiscard]] ByteView RecordBytes(std::uint64_t number) const;
  // Where the record lies in the volume.
  [[nodiscard]] std::vector<Range> PlacesOf(std::uint64_t number) const;
  // Records that are in use, but whose bytes are torn or broken.
  [[nodiscard]] const std::vector<std::uint64_t>& torn() const { return torn_; }

  // The file that the record is the first of; nothing when it is unused, or
  // part of another.
  [[nodiscard]] std::optional<File> FileAt(std::uint64_t number) const;
  [[nodiscard]] bool IsInUse(std::uint64_t number) const;

  // The path of a directory ("" for the root); nothing when it does not lead
  // to the root, or grows longer than `most`.
  [[nodiscard]] std::optional<std::string> PathOf(Reference folder,
                                                  std::size_t most) const;

 private:
  struct Folder {
    Reference parent = {};
    std::string name = {};
    std::uint16_t sequence = 0;
  };

  Table(ByteSource source, const Volume& volume)
      : source_(std::move(source)), volume_(volume) {}
  [[nodiscard]] Result<void> ReadOwnRuns();
  void Scan();
  [[nodiscard]] std::vector<std::uint64_t> ListedRecords(
      const Attribute& list) const;

  ByteSource source_;
  Volume volume_;
  ByteSource content_;                 // of the table
  std::vector<Extent> extents_;        // where that lies
  std::vector<std::uint64_t> starts_;  // of the extents, in the table
  std::vector<bool> in_use_;
  std::vector<std::uint64_t> torn_;
  // Records that say they belong to another one, by that one.
  std::map<std::uint64_t, std::vector<std::uint64_t>> parts_;
  std::unordered_map<std::uint64_t, Folder> folders_;
};

}  // namespace assay::formats::ntfs
