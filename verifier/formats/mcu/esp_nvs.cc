// Non-volatile storage of ESP-IDF: pages of 4096 bytes with entries of 32.
// Layout: ESP-IDF Programming Guide, "Non-Volatile Storage Library",
// "Internals"; components/nvs_flash/src/nvs_page.hpp and nvs_types.hpp.
//
// Each written key is a member "<namespace>/<key>", numbers as the bytes of
// their width. Erased entries hold old values until the page is erased: they
// are slack. All CRCs are CRC-32 with 0xFFFFFFFF as the start.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct PageHeader {
  Le32 state, sequence;
  std::uint8_t version = 0;
  std::array<std::uint8_t, 19> unused = {};
  Le32 crc;                                  // of all but the state
  std::array<std::uint8_t, 32> states = {};  // two bits for each entry
};
static_assert(sizeof(PageHeader) == 64 && FileStruct<PageHeader>);

struct Entry {
  std::uint8_t space = 0;
  std::uint8_t type = 0;
  std::uint8_t span = 0;  // in entries, with this one
  std::uint8_t chunk = 0;
  Le32 crc;  // of all but itself
  std::array<std::uint8_t, 16> key = {};
  std::array<std::uint8_t, 8> data = {};
};
static_assert(sizeof(Entry) == 32 && FileStruct<Entry>);

struct VariableData {
  Le16 size, reserved;
  Le32 crc;
};
static_assert(sizeof(VariableData) == 8 && FileStruct<VariableData>);

constexpr std::uint64_t kPage = 4096;
constexpr unsigned kEntries = 126;
constexpr unsigned kWritten = 2;  // of the two bits
constexpr unsigned kEmpty = 3;
constexpr std::uint32_t kCrcStart = 0xFFFFFFFF;

constexpr std::uint8_t kString = 0x21;
constexpr std::uint8_t kOldBlob = 0x41;
constexpr std::uint8_t kBlobData = 0x42;
constexpr std::uint8_t kBlobIndex = 0x48;

bool IsPageState(std::uint32_t state) {
  return state == 0xFFFFFFFE || state == 0xFFFFFFFC || state == 0xFFFFFFF8;
}

std::optional<PageHeader> PageAt(ByteView bytes, std::uint64_t at) {
  auto header = ReadAt<PageHeader>(bytes, at);
  if (!header || !Slice(bytes, at, kPage) || !IsPageState(header->state) ||
      header->version < 0xF0 ||
      Crc32(BytesOf(*header).subspan(4, 24), kCrcStart) != header->crc) {
    return std::nullopt;
  }
  return header;
}

bool IsErased(ByteView bytes, std::uint64_t at) {
  const auto page = Slice(bytes, at, kPage);
  return page && AllAre(*page, 0xFF);
}

// Where the last page in use ends; erased pages may lie between.
std::uint64_t EndOfPages(ByteView bytes) {
  std::uint64_t end = 0;
  for (std::uint64_t at = 0; PageAt(bytes, at) || IsErased(bytes, at);
       at += kPage) {
    if (!IsErased(bytes, at)) {
      end = at + kPage;
    }
  }
  return end;
}

bool Matches(ByteView head) {
  return PageAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (const std::uint64_t end = EndOfPages(bytes); PageAt(bytes, 0)) {
    return end;
  }
  return Fail(ErrorCode::kNotThisFormat, "no NVS page");
}

// How many bytes a number of that type takes up; 0 when it is none.
std::uint64_t WidthOf(std::uint8_t type) {
  const unsigned width = type & 0x0FU;
  return (type & 0xE0U) == 0 &&
                 (width == 1 || width == 2 || width == 4 || width == 8)
             ? width
             : 0;
}

bool HasVariableData(std::uint8_t type) {
  return type == kString || type == kOldBlob || type == kBlobData;
}

struct Key {
  Entry entry = {};
  std::uint64_t at = 0;
};

class Reader {
 public:
  Reader(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  void ReadPage(const PageHeader& header, std::uint64_t page) {
    sink_.Claim({page, sizeof(PageHeader)}, RegionUse::kMetadata);
    for (unsigned i = 0; i < kEntries;) {
      const std::uint64_t at = page + sizeof(PageHeader) + i * sizeof(Entry);
      const unsigned state = header.states.at(i / 4) >> (i % 4 * 2) & 3U;
      const auto entry = *ReadAt<Entry>(source_.bytes(), at);
      if (state != kWritten) {
        ClaimUnused(at, state);
        ++i;
        continue;
      }
      if (!IsIntact(entry, i, at)) {
        sink_.Claim({at, sizeof(Entry)}, RegionUse::kSlack);
        ++i;
        continue;
      }
      sink_.Claim({at, sizeof(Entry)}, RegionUse::kMetadata);
      if (entry.space == 0) {
        spaces_[entry.data[0]] = std::string(UntilNul(entry.key));
      } else {
        keys_.push_back({entry, at});
      }
      if (HasVariableData(entry.type)) {
        ClaimData(entry, at);
      } else if (entry.span > 1) {
        sink_.Claim({at + sizeof(Entry), (entry.span - 1U) * sizeof(Entry)},
                    RegionUse::kSlack);
      }
      i += entry.span;
    }
    // 64 bytes of header, 126 entries of 32: nothing is left of the page.
  }

  Result<void> AddMembers() {
    for (const Key& key : keys_) {
      const auto space = spaces_.find(key.entry.space);
      std::string name = fmt::format(
          "{}/{}",
          space == spaces_.end() ? fmt::format("namespace-{}", key.entry.space)
                                 : space->second,
          UntilNul(key.entry.key));
      if (key.entry.type == kBlobData) {
        name += fmt::format(".{}", key.entry.chunk);
      } else if (key.entry.type == kBlobIndex) {
        name += ".index";
      }
      if (const std::uint64_t number = ++seen_[name]; number > 1) {
        Report("ambiguous-key", {key.at, sizeof(Entry)},
               name + " is written more than once");
        name += fmt::format("#{}", number);
      }
      if (auto ok = AddKey(key, std::move(name)); !ok) {
        return ok;
      }
    }
    return {};
  }

 private:
  void ClaimUnused(std::uint64_t at, unsigned state) {
    const ByteView bytes = *Slice(source_.bytes(), at, sizeof(Entry));
    sink_.Claim({at, sizeof(Entry)},
                AllAre(bytes, 0xFF) ? RegionUse::kPadding : RegionUse::kSlack);
    if (state == kEmpty && !AllAre(bytes, 0xFF)) {
      Report("hidden-entry", {at, sizeof(Entry)},
             "an entry that is marked as empty is not");
    }
  }

  bool IsIntact(const Entry& entry, unsigned index, std::uint64_t at) {
    std::uint32_t crc = Crc32(BytesOf(entry).first(4), kCrcStart);
    crc = Crc32(BytesOf(entry).subspan(8), crc);
    if (crc != entry.crc) {
      Report("crc-mismatch", {at, sizeof(Entry)},
             fmt::format("the entry says {:08x}, its bytes give {:08x}",
                         std::uint32_t{entry.crc}, crc));
      return false;
    }
    if (entry.span == 0 || entry.span > kEntries - index) {
      Report("size-mismatch", {at, sizeof(Entry)},
             fmt::format("an entry that spans {}", entry.span));
      return false;
    }
    return true;
  }

  // The bytes of a string or blob, in the entries behind the first.
  void ClaimData(const Entry& entry, std::uint64_t at) {
    const auto data = *ReadAt<VariableData>(entry.data, 0);
    const std::uint64_t room = (entry.span - 1U) * sizeof(Entry);
    const std::uint64_t size = std::min<std::uint64_t>(data.size, room);
    const Range rest{at + sizeof(Entry) + size, room - size};
    if (data.size > room) {
      Report("size-mismatch", {at, sizeof(Entry)},
             fmt::format("{} bytes in {} entries", std::uint16_t{data.size},
                         entry.span));
    }
    const ByteView filler = *Slice(source_.bytes(), rest.offset, rest.length);
    sink_.Claim(rest, AllAre(filler, 0xFF) || AllAre(filler, 0)
                          ? RegionUse::kPadding
                          : RegionUse::kSlack);
  }

  Result<void> AddKey(const Key& key, std::string name) {
    Member member{.name = std::move(name)};
    if (!HasVariableData(key.entry.type)) {
      // The bytes of a number lie in the entry, which is metadata.
      const std::uint64_t width =
          key.entry.type == kBlobIndex ? 8 : WidthOf(key.entry.type);
      if (width == 0) {
        Report("unknown-type", {key.at, sizeof(Entry)},
               fmt::format("a value of type {:02x}", key.entry.type));
      }
      return sink_.Add(std::move(member), *source_.Slice({key.at + 24, width}));
    }
    const auto data = *ReadAt<VariableData>(key.entry.data, 0);
    const std::uint64_t room = (key.entry.span - 1U) * sizeof(Entry);
    const Range range{key.at + sizeof(Entry),
                      std::min<std::uint64_t>(data.size, room)};
    auto content = *source_.Slice(range);
    const std::uint32_t crc = Crc32(content.bytes(), kCrcStart);
    if (crc != data.crc) {
      Report("data-crc-mismatch", range,
             fmt::format("the entry says {:08x}, the value gives {:08x}",
                         std::uint32_t{data.crc}, crc));
    }
    member.origin = range;
    member.stored = true;
    return sink_.Add(std::move(member), std::move(content));
  }

  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({fmt::format("esp_nvs.{}", what), range, std::move(detail)});
  }

  const ByteSource& source_;
  ArtifactSink& sink_;
  std::map<std::uint8_t, std::string> spaces_;
  std::vector<Key> keys_;
  std::map<std::string, std::uint64_t> seen_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  if (!PageAt(source.bytes(), 0)) {
    return Fail(ErrorCode::kMalformed, "esp_nvs: no page at the start");
  }
  const std::uint64_t end = EndOfPages(source.bytes());
  Reader reader(source, sink);
  for (std::uint64_t at = 0; at < end; at += kPage) {
    if (const auto page = PageAt(source.bytes(), at)) {
      reader.ReadPage(*page, at);
    } else {
      sink.Claim({at, kPage}, RegionUse::kPadding);
    }
  }
  if (auto ok = reader.AddMembers(); !ok) {
    return ok;
  }
  return input.Skip(end);
}

// The states of a page in use: active, full, being freed.
// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {
    {"\xfe\xff\xff\xff", 0}, {"\xfc\xff\xff\xff", 0}, {"\xf8\xff\xff\xff", 0}};

}  // namespace

extern const Format kEspNvs;
const Format kEspNvs = {
    .name = "esp_nvs",
    .title = "ESP-IDF non-volatile storage",
    .reference = "ESP-IDF, \"Non-Volatile Storage Library\", \"Internals\"",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
