// Compound files ("OLE2"): MSI packages and patches, old Office documents,
// Thumbs.db. Streams in a tree of storages, in chains of sectors as a FAT has
// them, and small ones in a stream of mini sectors. Sectors that no stream
// has are slack.
//
// MSI packs the names of its tables into the unit range 0x3800 to 0x4840;
// they are shown unpacked ("!_StringPool"), and the stored name is kept as
// the attribute "raw-name".
//
// Reference: [MS-CFB] 9.0, section 2.6 (directory); for MSI names, Wine,
// dlls/msi/table.c (encode_streamname).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/ole2_chains.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

using ole2::Chains;

struct Entry {
  std::array<std::uint8_t, 64> name = {};  // UTF-16
  Le16 name_size;                          // with its NUL
  std::uint8_t type = 0, color = 0;
  Le32 left, right, child;
  std::array<std::uint8_t, 16> clsid = {};
  Le32 state;
  Le64 created, modified;  // FILETIME
  Le32 start;
  Le64 size;
};
static_assert(sizeof(Entry) == 128 && FileStruct<Entry>);

constexpr std::uint8_t kStorage = 1;
constexpr std::uint8_t kStream = 2;
constexpr std::uint8_t kRoot = 5;
constexpr std::uint64_t kMiniCutoff = 4096;
constexpr std::uint64_t kTicks = 10'000'000;
constexpr std::int64_t kEpoch = 11'644'473'600LL;  // 1601 to 1970

// The stored name, and what it stands for where MSI packed it.
struct Name {
  std::string raw = {};
  std::string shown = {};
};

constexpr std::string_view kMsiLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
constexpr std::uint32_t kTwoLetters = 0x3800;
constexpr std::uint32_t kOneLetter = 0x4800;
constexpr std::uint32_t kTable = 0x4840;

Name NameOf(const Entry& entry) {
  const std::size_t size =
      entry.name_size >= 2 && entry.name_size <= entry.name.size()
          ? entry.name_size - 2U
          : 0U;
  const ByteView units = ByteView(entry.name).first(size);
  Name name{.raw = TextOfUtf16(units)};
  ByteReader reader(units);
  while (const auto unit = reader.Take<Le16>()) {
    const std::uint32_t code = *unit;
    if (code == kTable) {
      name.shown += '!';
    } else if (code >= kOneLetter && code < kTable) {
      name.shown += kMsiLetters[code - kOneLetter];
    } else if (code >= kTwoLetters && code < kOneLetter) {
      name.shown += kMsiLetters[(code - kTwoLetters) & 0x3fU];
      name.shown += kMsiLetters[(code - kTwoLetters) >> 6U];
    } else {
      name.shown += TextOfUtf16(BytesOf(*unit));
    }
  }
  // Surrogates only come out right together.
  const bool packed = name.shown != name.raw && IsValidUtf8(name.shown);
  name.shown = packed ? name.shown : name.raw;
  return name;
}

class Unpacker {
 public:
  Unpacker(const ByteSource& source, Chains& chains, ArtifactSink& sink)
      : source_(source), chains_(chains), sink_(sink) {}

  Result<void> Run() {
    coverage_.ClaimFree({0, sizeof(ole2::Header)}, RegionUse::kMetadata, sink_);
    for (const Range table : chains_.tables()) {
      if (coverage_.Touches(table)) {
        Overlap(table, "a table");
      }
      coverage_.ClaimFree(table, RegionUse::kMetadata, sink_);
    }
    ReadDirectory();
    if (entries_.empty() || entries_[0].type != kRoot) {
      return Fail(ErrorCode::kMalformed, "a compound file without a root");
    }
    if (auto ok = chains_.SetMiniStream(entries_[0].start, entries_[0].size);
        !ok) {
      Damaged("the mini stream", ok.error());
    }
    if (auto ok = AddTree(); !ok) {
      return ok;
    }
    ReportUnlisted();
    coverage_.ClaimGaps(
        source_.bytes().first(static_cast<std::size_t>(chains_.end())), sink_);
    return {};
  }

 private:
  struct Step {
    std::uint32_t entry = 0;
    std::string folder = {};  // "" or ending in a slash
  };

  void ReadDirectory() {
    for (const Range sector : chains_.directory()) {
      ByteReader reader(*Slice(source_.bytes(), sector.offset, sector.length));
      while (auto entry = reader.Take<Entry>()) {
        places_.push_back(
            {sector.offset + reader.consumed() - sizeof(Entry), sizeof(Entry)});
        if (chains_.sector() == 512) {
          entry->size = OnlyLow(entry->size);
        }
        entries_.push_back(*entry);
      }
    }
    seen_.resize(entries_.size());
  }

  // In version 3 the upper half of a size may hold anything.
  static Le64 OnlyLow(Le64 size) {
    std::fill(size.raw.begin() + 4, size.raw.end(), std::uint8_t{0});
    return size;
  }

  void Damaged(std::string_view what, const Error& error) {
    sink_.Report({.id = "ole2.damaged-chain",
                  .range = {0, sizeof(ole2::Header)},
                  .detail = fmt::format("{}: {}", what, error.what)});
  }

  void Overlap(Range range, std::string_view what) {
    sink_.Report(
        {.id = "ole2.overlapping-sectors",
         .range = range,
         .detail = fmt::format("{} lies where something else is", what)});
  }

  // The entries of each storage are a binary tree; with a worklist, since it
  // may be as deep as it is large.
  Result<void> AddTree() {
    seen_[0] = true;
    FileMetadata root = MetadataOf(entries_[0]);
    root.type = FileType::kDirectory;
    if (auto ok = sink_.AddEmpty({.name = ".", .meta = root}); !ok) {
      return ok;
    }
    std::vector<Step> steps;
    Push(steps, entries_[0].child, "");
    while (!steps.empty()) {
      const Step step = std::move(steps.back());
      steps.pop_back();
      const Entry& entry = entries_[step.entry];
      Push(steps, entry.right, step.folder);
      auto path = AddEntry(step);
      if (!path) {
        return Fail(path.error());
      }
      if (entry.type == kStorage) {
        Push(steps, entry.child, *path + "/");
      }
      Push(steps, entry.left, step.folder);
    }
    return {};
  }

  void Push(std::vector<Step>& steps, std::uint32_t index,
            const std::string& folder) {
    if (index == ole2::kFree) {
      return;
    }
    if (index >= entries_.size() || seen_[index]) {
      sink_.Report({.id = "ole2.ambiguous-entry",
                    .range = {0, sizeof(ole2::Header)},
                    .detail = fmt::format("directory entry {} is named twice "
                                          "or does not exist",
                                          index)});
      return;
    }
    seen_[index] = true;
    steps.push_back({index, folder});
  }

  static FileMetadata MetadataOf(const Entry& entry) {
    FileMetadata meta;
    if (entry.modified != 0) {
      meta.mtime = static_cast<std::int64_t>(entry.modified / kTicks) - kEpoch;
    }
    return meta;
  }

  // Returns the entry's path.
  Result<std::string> AddEntry(const Step& step) {
    const Entry& entry = entries_[step.entry];
    const Range place = places_[step.entry];
    const Name name = NameOf(entry);
    Member member{
        .name = BoundedName(step.folder + name.shown, "ole2", place, sink_),
        .meta = MetadataOf(entry)};
    if (name.raw != name.shown) {
      member.meta.xattrs.emplace_back("raw-name", name.raw);
    }
    const std::string path = member.name;
    auto ok = entry.type == kStream
                  ? AddStream(std::move(member), entry, place)
                  : AddStorage(std::move(member), entry, place);
    return ok ? Result<std::string>(path) : Fail(ok.error());
  }

  Result<void> AddStorage(Member member, const Entry& entry, Range place) {
    if (entry.type != kStorage) {
      sink_.Report({.id = "ole2.entry-type",
                    .range = place,
                    .detail = fmt::format("\"{}\" is of type {}",
                                          Escaped(member.name), entry.type)});
    }
    member.meta.type = FileType::kDirectory;
    return sink_.AddEmpty(std::move(member));
  }

  Result<void> AddStream(Member member, const Entry& entry, Range place) {
    const bool mini = entry.size < kMiniCutoff;
    const auto extents = mini ? chains_.TakeMini(entry.start, entry.size)
                              : chains_.Take(entry.start, entry.size);
    if (!extents) {
      sink_.Report({.id = "ole2.damaged-chain",
                    .range = place,
                    .detail = fmt::format("\"{}\": {}", Escaped(member.name),
                                          extents.error().what)});
      return sink_.AddOpaque(std::move(member), extents.error().what);
    }
    const Limits& limits = sink_.limits();
    auto content =
        source_.Gather(*extents, limits.memory_per_member, limits.member);
    if (!content) {
      return sink_.AddOpaque(std::move(member), content.error().what);
    }
    Claim(*extents, member);
    return sink_.Add(std::move(member), std::move(*content));
  }

  void Claim(const std::vector<Extent>& extents, Member& member) {
    bool free = true;
    for (const Extent& extent : extents) {
      if (coverage_.Touches(extent.range)) {
        free = false;
        Overlap(extent.range, Escaped(member.name));
      }
    }
    if (free && extents.size() == 1) {
      member.origin = extents[0].range;
      member.stored = true;
      coverage_.Add(extents[0].range);
      return;
    }
    for (const Extent& extent : extents) {
      coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
    }
  }

  // Entries that are in use and that the tree does not reach.
  void ReportUnlisted() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!seen_[i] && entries_[i].type != 0) {
        sink_.Report({.id = "ole2.unlisted-entry",
                      .range = places_[i],
                      .detail = fmt::format(
                          "directory entry {}, \"{}\", is in no storage", i,
                          Escaped(NameOf(entries_[i]).shown))});
      }
    }
  }

  const ByteSource& source_;
  Chains& chains_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::vector<Entry> entries_;
  std::vector<Range> places_;  // of the entries
  std::vector<bool> seen_;
};

bool Matches(ByteView head) {
  return ole2::IsHeader(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto chains = Chains::Read(bytes);
  return chains ? Result<std::uint64_t>(chains->end()) : Fail(chains.error());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  auto chains = Chains::Read(input.source().bytes());
  if (!chains) {
    const Error& error = chains.error();
    return error.code == ErrorCode::kNotThisFormat
               ? Fail(ErrorCode::kMalformed, error.what)
               : Fail(error);
  }
  if (auto ok = Unpacker(input.source(), *chains, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(chains->end());
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0}};

}  // namespace

extern const Format kOle2;
const Format kOle2 = {
    .name = "ole2",
    .title = "compound file (MSI, old Office documents)",
    .reference = "[MS-CFB] Compound File Binary File Format 9.0",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
