#include "verifier/formats/firmware/nvar_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

struct EntryHeader {
  Be32 signature;  // "NVAR"
  Le16 size;
  Le16 next;  // the low bytes of an offset from this entry
  std::uint8_t next_high = 0, attributes = 0;
};
static_assert(sizeof(EntryHeader) == 10 && FileStruct<EntryHeader>);

constexpr std::uint8_t kAsciiName = 0x02;  // of the attributes
constexpr std::uint8_t kOwnGuid = 0x04;
constexpr std::uint8_t kDataOnly = 0x08;
constexpr std::uint8_t kExtended = 0x10;
constexpr std::uint8_t kValid = 0x80;
constexpr std::uint32_t kNoNext = 0xffffff;
constexpr std::uint64_t kExtensionSize = 2;  // which ends an extended entry

struct Entry {
  std::uint64_t size = 0;
  std::uint32_t next = kNoNext;
  std::uint8_t attributes = 0;

  [[nodiscard]] bool Is(std::uint8_t flag) const {
    return (attributes & flag) != 0;
  }
};

std::optional<Entry> EntryAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<EntryHeader>(bytes, at);
  if (!header || header->signature != 0x4e564152 ||
      header->size <= sizeof(EntryHeader) || header->size > bytes.size() - at) {
    return std::nullopt;
  }
  return Entry{.size = header->size,
               .next = header->next |
                       static_cast<std::uint32_t>(header->next_high) << 16U,
               .attributes = header->attributes};
}

// The length of a name with its NUL, if that is inside of `bytes`.
std::optional<std::uint64_t> NameLength(ByteView bytes, bool ascii) {
  const std::uint64_t unit = ascii ? 1 : 2;
  for (std::uint64_t at = 0; const auto one = Slice(bytes, at, unit);
       at += unit) {
    if (IsBlank(*one) && (*one)[0] == 0) {
      return at + unit;
    }
  }
  return std::nullopt;
}

class Store {
 public:
  Store(const ByteSource& source, ArtifactSink& sink)
      : source_(source), bytes_(source.bytes()), sink_(sink) {}

  Result<void> Unpack() {
    while (const auto entry = EntryAt(bytes_, end_)) {
      entries_.emplace(end_, *entry);
      end_ += entry->size;
    }
    FindNewest();
    for (const auto& [at, entry] : entries_) {
      if (entry.Is(kValid) && !entry.Is(kDataOnly)) {
        if (auto ok = AddVariable(at, entry); !ok) {
          return ok;
        }
      }
    }
    ClaimOldEntries();
    ClaimTail();
    return {};
  }

 private:
  // Where the newest data of each entry are. An entry names later ones only.
  void FindNewest() {
    for (auto at = entries_.rbegin(); at != entries_.rend(); ++at) {
      const std::uint32_t step = at->second.next;
      const auto next = step == kNoNext || step == 0
                            ? entries_.end()
                            : entries_.find(at->first + step);
      newest_[at->first] = next == entries_.end() || !next->second.Is(kDataOnly)
                               ? at->first
                               : newest_.at(next->first);
    }
  }

  Result<void> AddVariable(std::uint64_t at, const Entry& entry) {
    std::uint64_t head = sizeof(EntryHeader);
    std::string vendor = "?";
    if (entry.Is(kOwnGuid)) {
      if (const auto guid = ReadAt<Guid>(BytesOf(at, entry), head)) {
        vendor = Lower(guid->Text());
      }
      head += sizeof(Guid);
    } else {
      vendor = SharedGuid(bytes_[static_cast<std::size_t>(at + head)]);
      ++head;
    }
    head = std::min(head, entry.size);
    const ByteView rest =
        BytesOf(at, entry).subspan(static_cast<std::size_t>(head));
    const auto length = NameLength(rest, entry.Is(kAsciiName));
    if (!length) {
      Report({at, entry.size}, "a variable without a whole name");
      return {};  // slack, like other entries that nobody reads
    }
    const ByteView raw = rest.first(static_cast<std::size_t>(*length));
    const std::string name =
        (entry.Is(kAsciiName) ? std::string(AsText(raw.first(raw.size() - 1)))
                              : TextOfUtf16UntilNul(raw)) +
        "-" + vendor;
    head += *length;
    const std::uint64_t newest = newest_.at(at);
    if (newest != at && !used_.emplace(newest, sizeof(EntryHeader)).second) {
      Report({newest, 0}, name + " shares its data with another variable");
      return {};
    }
    used_.emplace(at, head);
    return AddData(name, at, newest, newest == at ? head : sizeof(EntryHeader));
  }

  Result<void> AddData(const std::string& name, std::uint64_t at,
                       std::uint64_t newest, std::uint64_t head) {
    const Entry& entry = entries_.at(newest);
    const std::uint64_t room = entry.size - head;
    std::uint64_t tail = 0;
    if (entry.Is(kExtended)) {
      const auto stated =
          ReadAt<Le16>(bytes_, newest + entry.size - kExtensionSize);
      tail = stated && *stated <= room ? std::uint64_t{*stated} : 0;
    }
    const Range data{newest + head, room - tail};
    sink_.Claim({newest, head}, RegionUse::kMetadata);
    sink_.Claim({data.end(), tail}, RegionUse::kMetadata);
    if (newest != at) {  // the first entry's own data are old
      const std::uint64_t first = used_.at(at);
      sink_.Claim({at, first}, RegionUse::kMetadata);
      sink_.Claim({at + first, entries_.at(at).size - first},
                  RegionUse::kSlack);
    }
    const auto content = source_.Slice(data);
    if (!content) {
      return Fail(content.error());
    }
    return sink_.Add({.name = name, .origin = data, .stored = true}, *content);
  }

  // GUIDs that several variables share stand at the store's end, the first
  // one last.
  std::string SharedGuid(std::uint8_t index) {
    const std::uint64_t length = (index + std::uint64_t{1}) * sizeof(Guid);
    if (length > bytes_.size() - end_) {
      return "?";
    }
    shared_ = std::max(shared_, length);
    return Lower(ReadAt<Guid>(bytes_, bytes_.size() - length)->Text());
  }

  void ClaimOldEntries() {
    for (const auto& [at, entry] : entries_) {
      if (!used_.contains(at)) {
        sink_.Claim({at, entry.size}, RegionUse::kSlack);
      }
    }
  }

  void ClaimTail() {
    const std::uint64_t guids = bytes_.size() - shared_;
    const Range free{end_, guids - end_};
    if (!ClaimFiller(bytes_, free, sink_)) {
      Report(free, "bytes behind the last variable are not erased");
    }
    sink_.Claim({guids, bytes_.size() - guids}, RegionUse::kMetadata);
  }

  [[nodiscard]] ByteView BytesOf(std::uint64_t at, const Entry& entry) const {
    return *Slice(bytes_, at, entry.size);
  }

  void Report(Range range, std::string detail) {
    sink_.Report({"uefi_nvram.hidden-data", range, std::move(detail)});
  }

  const ByteSource& source_;
  const ByteView bytes_;
  ArtifactSink& sink_;
  std::map<std::uint64_t, Entry> entries_;  // by offset
  std::uint64_t end_ = 0;                   // of the last one
  std::map<std::uint64_t, std::uint64_t> newest_;
  std::map<std::uint64_t, std::uint64_t> used_;  // and the head's length
  std::uint64_t shared_ = 0;                     // bytes of shared GUIDs
};

}  // namespace

bool HasNvarStore(ByteView head) {
  const auto first = EntryAt(head, 0);
  if (!first || (first->attributes & kValid) == 0) {
    return false;
  }
  const auto rest = Slice(head, first->size, head.size() - first->size);
  return rest && (EntryAt(head, first->size).has_value() ||
                  IsBlank(rest->first(std::min<std::size_t>(
                      rest->size(), sizeof(EntryHeader)))));
}

Result<void> UnpackNvarStore(const ByteSource& source, ArtifactSink& sink) {
  return Store(source, sink).Unpack();
}

}  // namespace assay::formats
