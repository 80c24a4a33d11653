#include "verifier/formats/filesystems/ntfs_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "verifier/formats/filesystems/ntfs_data.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::ntfs {
namespace {

struct FileNameValue {  // struct ATTR_FILE_NAME
  Le64 parent;
  std::array<std::uint8_t, 56> times_and_sizes = {};
  std::uint8_t length = 0, space = 0;
};
static_assert(sizeof(FileNameValue) == 66);

struct ListEntry {  // struct ATTR_LIST_ENTRY
  Le32 type;
  Le16 size;
  std::uint8_t name_length = 0, name_offset = 0;
  Le64 first_vcn, record;
};
static_assert(sizeof(ListEntry) == 24);

constexpr std::uint64_t kLargestList = 256U << 10U;
constexpr std::uint64_t kMemory = 32ULL << 20U;
constexpr std::size_t kMostLevels = 4096;
constexpr std::size_t kMostOwnParts = 64;  // each reads the table again

std::optional<Name> ReadName(ByteView value) {
  const auto header = ReadAt<FileNameValue>(value, 0);
  const auto name = header ? Slice(value, sizeof(FileNameValue),
                                   header->length * sizeof(Le16))
                           : std::nullopt;
  if (!name) {
    return std::nullopt;
  }
  return Name{.parent = ReferenceOf(header->parent),
              .name = TextOfUtf16(*name),
              .dos = header->space == Name::kDosSpace};
}

// Puts together the attributes of a file's records. One that goes on from
// another record is put behind its start; records come in any order.
class Merger {
 public:
  void Add(std::vector<Attribute> more) {
    for (Attribute& attribute : more) {
      const auto [at, fresh] =
          attribute.resident
              ? std::pair(places_.end(), true)
              : places_.try_emplace({attribute.type, attribute.name},
                                    merged_.size());
      if (fresh) {
        merged_.push_back(std::move(attribute));
        continue;
      }
      Attribute& same = merged_[at->second];
      if (attribute.first_vcn < same.first_vcn) {
        std::swap(attribute, same);
      }
      same.damaged = same.damaged || attribute.damaged;
      same.runs.insert(same.runs.end(), attribute.runs.begin(),
                       attribute.runs.end());
    }
  }

  [[nodiscard]] const Attribute* Find(std::uint32_t type) const {
    const auto found = std::find_if(
        merged_.begin(), merged_.end(),
        [&](const Attribute& a) { return a.type == type && a.name.empty(); });
    return found == merged_.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::vector<Attribute> Finish() { return std::move(merged_); }

 private:
  std::vector<Attribute> merged_;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> places_;
};

// Puts the runs of an attribute in order; they must follow each other.
void OrderRuns(Attribute& attribute) {
  std::stable_sort(attribute.runs.begin(), attribute.runs.end(),
                   [](const Run& a, const Run& b) { return a.vcn < b.vcn; });
  std::uint64_t vcn = 0;
  for (const Run& run : attribute.runs) {
    attribute.damaged = attribute.damaged || run.vcn != vcn;
    vcn = run.vcn + run.count;
  }
}

}  // namespace

Result<Table> Table::Open(ByteSource source, const Volume& volume) {
  Table table(std::move(source), volume);
  if (auto ok = table.ReadOwnRuns(); !ok) {
    return Fail(ok.error());
  }
  table.Scan();
  return table;
}

// The table's own runs may go on in other records, which lie in what is
// already known of it.
Result<void> Table::ReadOwnRuns() {
  const auto place = Slice(source_.bytes(), volume_.boot.mft * volume_.cluster,
                           volume_.record);
  const auto own = place ? ReadRecord(*place, volume_) : std::nullopt;
  if (!own) {
    return Fail(ErrorCode::kMalformed,
                "ntfs: the record of the master file table is damaged");
  }
  Merger merger;
  merger.Add(own->attributes);
  const Attribute* list = merger.Find(kAttributeList);
  const std::vector<std::uint64_t> others =
      list == nullptr ? std::vector<std::uint64_t>() : ListedRecords(*list);
  for (std::size_t i = 0; i <= others.size() && i <= kMostOwnParts; ++i) {
    const Attribute* data = merger.Find(kData);
    if (data == nullptr || data->resident) {
      break;
    }
    Attribute known = *data;
    OrderRuns(known);
    std::uint64_t short_of = 0;
    auto extents = ExtentsOf(known, volume_, source_.size(), short_of);
    if (!extents) {
      return Fail(ErrorCode::kTruncated,
                  "ntfs: the master file table leaves the volume");
    }
    // What no record tells of yet is at the end, as a hole.
    while (!extents->empty() && extents->back().hole) {
      extents->pop_back();
    }
    auto content = source_.Gather(*extents, kMemory, source_.size());
    if (!content) {
      return Fail(content.error());
    }
    content_ = std::move(*content);
    extents_ = std::move(*extents);
    if (i < others.size()) {
      const ByteView bytes = RecordBytes(others[i]);
      if (auto part = bytes.empty() ? std::nullopt : ReadRecord(bytes, volume_);
          part && part->part && part->base.number == 0) {
        merger.Add(std::move(part->attributes));
      }
    }
  }
  if (content_.size() == 0) {
    return Fail(ErrorCode::kMalformed, "ntfs: the master file table is empty");
  }
  return {};
}

// Numbers of other records in an attribute list, in its order.
std::vector<std::uint64_t> Table::ListedRecords(const Attribute& list) const {
  ByteSource content = ByteSource::Borrow(list.value);
  if (!list.resident) {
    std::uint64_t short_of = 0;
    const auto extents = ExtentsOf(list, volume_, source_.size(), short_of);
    auto read = extents ? source_.Gather(*extents, kMemory, kLargestList)
                        : Result<ByteSource>(ByteSource());
    content = read ? std::move(*read) : ByteSource();
  }
  std::vector<std::uint64_t> records;
  std::set<std::uint64_t> seen;
  std::uint64_t at = 0;
  while (const auto entry = ReadAt<ListEntry>(content.bytes(), at)) {
    const std::uint64_t number = ReferenceOf(entry->record).number;
    if (seen.insert(number).second) {
      records.push_back(number);
    }
    if (entry->size < sizeof(ListEntry)) {
      break;
    }
    at += entry->size;
  }
  return records;
}

void Table::Scan() {
  std::uint64_t start = 0;
  for (const Extent& extent : extents_) {
    starts_.push_back(start);
    start += extent.range.length;
  }
  in_use_.resize(static_cast<std::size_t>(count()));
  for (std::uint64_t i = 0; i < count(); ++i) {
    const ByteView bytes = RecordBytes(i);
    const auto record = ReadRecord(bytes, volume_);
    if (!record) {
      // Unused records may never have been written.
      const auto signature = Slice(bytes, 0, 4);
      if (AsText(*signature) == "FILE" || AsText(*signature) == "BAAD") {
        torn_.push_back(i);
      }
      continue;
    }
    if (!record->in_use) {
      continue;
    }
    in_use_[static_cast<std::size_t>(i)] = true;
    const bool part = record->part;
    const std::uint64_t owner = part ? record->base.number : i;
    if (part) {
      parts_[owner].push_back(i);
    }
    Folder* folder = nullptr;
    if (record->directory && !part) {
      folder = &folders_[i];
      folder->sequence = record->sequence;
    } else if (const auto known = folders_.find(owner);
               part && known != folders_.end()) {
      folder = &known->second;
    }
    for (const Attribute& attribute : record->attributes) {
      if (folder == nullptr || attribute.type != kFileName) {
        continue;
      }
      if (auto name = ReadName(attribute.value);
          name && (folder->name.empty() || !name->dos)) {
        folder->name = std::move(name->name);
        folder->parent = name->parent;
      }
    }
  }
}

ByteView Table::RecordBytes(std::uint64_t number) const {
  if (number >= count()) {
    return {};
  }
  return *Slice(content_.bytes(), number * volume_.record, volume_.record);
}

std::vector<Range> Table::PlacesOf(std::uint64_t number) const {
  std::vector<Range> places;
  std::uint64_t at = number * volume_.record;
  const std::uint64_t end = at + volume_.record;
  auto next = std::upper_bound(starts_.begin(), starts_.end(), at);
  while (at < end && next != starts_.begin()) {
    const auto index = static_cast<std::size_t>(next - starts_.begin()) - 1;
    const Extent& extent = extents_[index];
    const std::uint64_t into = at - starts_[index];
    if (into >= extent.range.length) {
      break;
    }
    const std::uint64_t length = std::min(end - at, extent.range.length - into);
    if (!extent.hole) {
      places.push_back({extent.range.offset + into, length});
    }
    at += length;
    if (next != starts_.end()) {
      ++next;
    }
  }
  return places;
}

bool Table::IsInUse(std::uint64_t number) const {
  return number < in_use_.size() && in_use_[static_cast<std::size_t>(number)];
}

std::optional<File> Table::FileAt(std::uint64_t number) const {
  if (!IsInUse(number)) {
    return std::nullopt;
  }
  auto record = ReadRecord(RecordBytes(number), volume_);
  if (!record || record->part) {
    return std::nullopt;
  }
  File file{.number = number, .record = std::move(*record)};
  Merger merger;
  merger.Add(std::move(file.record.attributes));
  const auto parts = parts_.find(number);
  const std::vector<std::uint64_t> own =
      parts == parts_.end() ? std::vector<std::uint64_t>() : parts->second;
  for (const std::uint64_t part : own) {
    if (auto more = ReadRecord(RecordBytes(part), volume_)) {
      merger.Add(std::move(more->attributes));
      if (file.record.problem.empty()) {
        file.record.problem = more->problem;
      }
    }
  }
  std::vector<Attribute> attributes = merger.Finish();
  std::set<std::uint64_t> listed = {number};
  for (Attribute& attribute : attributes) {
    OrderRuns(attribute);
    if (attribute.type == kFileName) {
      if (auto name = ReadName(attribute.value)) {
        file.names.push_back(std::move(*name));
      }
    } else if (attribute.type == kAttributeList) {
      for (const std::uint64_t other : ListedRecords(attribute)) {
        listed.insert(other);
      }
    }
  }
  std::set<std::uint64_t> expected(own.begin(), own.end());
  expected.insert(number);
  file.list_differs = listed != expected;
  file.record.attributes = std::move(attributes);
  return file;
}

std::optional<std::string> Table::PathOf(Reference folder,
                                         std::size_t most) const {
  std::string path;
  for (std::size_t i = 0; i < kMostLevels; ++i) {
    if (folder.number == kRootRecord) {
      return path;
    }
    const auto found = folders_.find(folder.number);
    if (found == folders_.end() || found->second.name.empty() ||
        found->second.sequence != folder.sequence ||
        path.size() + found->second.name.size() >= most) {
      return std::nullopt;
    }
    path = path.empty() ? found->second.name : found->second.name + "/" + path;
    folder = found->second.parent;
  }
  return std::nullopt;
}

}  // namespace assay::formats::ntfs
