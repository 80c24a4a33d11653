// Updates of the microcode of processors. Layout of Intel's: Software
// Developer's Manual, volume 3, section 10.11 "Microcode Update Facilities"; of
// AMD's container: Linux arch/x86/kernel/cpu/microcode/amd.c.
//
// A file may hold several updates in a row. Of each, what follows its header is
// a member, named by the processor and the revision:
// "cpu-000906ea-rev-000000f4", of AMD's "equiv-a010-level-0a00107a".

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct IntelHeader {
  Le32 version, revision, date, processor, checksum, loader, flags;
  Le32 data_size, total_size;
  std::array<std::uint8_t, 12> reserved = {};
};
static_assert(sizeof(IntelHeader) == 48 && FileStruct<IntelHeader>);
constexpr std::uint32_t kOldData = 2000;  // when the sizes are 0
constexpr std::uint32_t kOldTotal = 2048;
constexpr std::uint32_t kLargest = 16U << 20U;

// After the data: further processors that the update is for.
struct ExtendedTable {
  Le32 count, checksum;
  std::array<std::uint8_t, 12> reserved = {};
};
static_assert(sizeof(ExtendedTable) == 20 && FileStruct<ExtendedTable>);
struct ExtendedEntry {
  Le32 processor, flags, checksum;
};
static_assert(sizeof(ExtendedEntry) == 12 && FileStruct<ExtendedEntry>);

struct AmdSection {
  Le32 type, size;
};
constexpr std::uint32_t kAmdMagic = 0x00414d44;
constexpr std::uint32_t kEquivalences = 0;
constexpr std::uint32_t kPatch = 1;
constexpr std::uint64_t kEquivalence = 16;  // bytes of an entry

struct AmdPatch {
  Le32 date, level;
  std::array<std::uint8_t, 16> own = {};
  Le16 processor;
  std::array<std::uint8_t, 38> rest = {};
};
static_assert(sizeof(AmdPatch) == 64 && FileStruct<AmdPatch>);

// One update, or one part of AMD's container.
struct Part {
  Range range = {};  // may reach past the bytes
  std::uint64_t header = 0;
  std::string name = {};  // empty: metadata
};

// Month, day and year in decimal digits.
bool IsDate(std::uint32_t date) {
  const auto between = [](std::uint32_t value, std::uint32_t low,
                          std::uint32_t high) {
    return value >= low && value <= high && (value & 0xfU) <= 9;
  };
  return between(date >> 24U, 0x01, 0x12) &&
         between(date >> 16U & 0xffU, 0x01, 0x31) &&
         between(date & 0xffffU, 0x1993, 0x2099);
}

std::uint32_t Sum(ByteView bytes) {
  std::uint32_t sum = 0;
  ByteReader reader(bytes);
  while (const auto word = reader.Take<Le32>()) {
    sum += *word;
  }
  return sum;
}

std::optional<Part> IntelAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<IntelHeader>(bytes, at);
  if (!header || header->version != 1 || header->loader != 1 ||
      !IsDate(header->date) || header->processor == 0 ||
      header->processor >> 28U != 0 || header->flags > 0xff) {
    return std::nullopt;
  }
  const std::uint32_t data =
      header->data_size == 0 ? kOldData : std::uint32_t{header->data_size};
  const std::uint32_t total =
      header->data_size == 0 ? kOldTotal : std::uint32_t{header->total_size};
  if (data % 4 != 0 || total % 4 != 0 || total > kLargest ||
      total < sizeof(IntelHeader) || data > total - sizeof(IntelHeader)) {
    return std::nullopt;
  }
  return Part{.range = {at, total},
              .header = sizeof(IntelHeader),
              .name = fmt::format("cpu-{:08x}-rev-{:08x}",
                                  std::uint32_t{header->processor},
                                  std::uint32_t{header->revision})};
}

// The magic with the equivalences that must come first, or a patch.
std::optional<Part> AmdAt(ByteView bytes, std::uint64_t at) {
  const auto magic = ReadAt<Le32>(bytes, at);
  if (magic && *magic == kAmdMagic) {
    const auto section = ReadAt<AmdSection>(bytes, at + sizeof(Le32));
    constexpr std::uint64_t kHeader = sizeof(Le32) + sizeof(AmdSection);
    if (!section || section->type != kEquivalences || section->size == 0 ||
        section->size % kEquivalence != 0 || section->size > kLargest) {
      return std::nullopt;
    }
    return Part{.range = {at, kHeader + section->size}, .header = kHeader};
  }
  const auto section = ReadAt<AmdSection>(bytes, at);
  const auto patch = ReadAt<AmdPatch>(bytes, at + sizeof(AmdSection));
  if (!section || !patch || section->type != kPatch ||
      section->size < sizeof(AmdPatch) || section->size > kLargest) {
    return std::nullopt;
  }
  return Part{.range = {at, sizeof(AmdSection) + section->size},
              .header = sizeof(AmdSection),
              .name = fmt::format("equiv-{:04x}-level-{:08x}",
                                  std::uint16_t{patch->processor},
                                  std::uint32_t{patch->level})};
}

bool IsAmd(ByteView bytes) {
  const auto magic = ReadAt<Le32>(bytes, 0);
  return magic && *magic == kAmdMagic;
}

// The parts that lie wholly in the bytes. Zeros may follow an Intel update.
std::vector<Part> PartsOf(ByteView bytes) {
  const bool amd = IsAmd(bytes);
  std::vector<Part> parts;
  std::uint64_t at = 0;
  while (auto part = amd ? AmdAt(bytes, at) : IntelAt(bytes, at)) {
    if (part->range.length > bytes.size() - at) {
      break;
    }
    at = part->range.end();
    parts.push_back(std::move(*part));
  }
  return parts;
}

// Whether the table adds up to 0, and each of its entries states the check sum
// that the header would have with it.
bool IsIntact(ByteView table, const ExtendedTable& head,
              const IntelHeader& header) {
  const std::uint64_t size =
      sizeof(ExtendedTable) + head.count * sizeof(ExtendedEntry);
  const auto whole = Slice(table, 0, size);
  if (!whole || Sum(*whole) != 0) {
    return false;
  }
  const std::uint32_t expected =
      header.processor + header.flags + header.checksum;
  ByteReader reader(whole->subspan(sizeof(ExtendedTable)));
  while (const auto entry = reader.Take<ExtendedEntry>()) {
    if (entry->processor + entry->flags + entry->checksum != expected) {
      return false;
    }
  }
  return true;
}

void CheckIntel(ByteView bytes, const Part& part, ArtifactSink& sink) {
  const ByteView update = *Slice(bytes, part.range.offset, part.range.length);
  const auto header = ReadAt<IntelHeader>(update, 0);
  const std::uint64_t used =
      sizeof(IntelHeader) +
      (header->data_size == 0 ? kOldData : std::uint32_t{header->data_size});
  const auto body = update.first(static_cast<std::size_t>(used));
  if (const std::uint32_t sum = Sum(body); sum != 0) {
    sink.Report({.id = "microcode.checksum-mismatch",
                 .range = part.range,
                 .detail = fmt::format("{} adds up to {:#x}", part.name, sum)});
  }
  const ByteView rest = update.subspan(static_cast<std::size_t>(used));
  const auto table = ReadAt<ExtendedTable>(rest, 0);
  if (table && !IsIntact(rest, *table, *header)) {
    sink.Report({.id = "microcode.checksum-mismatch",
                 .range = {part.range.offset + used, rest.size()},
                 .detail = fmt::format("the extended table of {} does not fit "
                                       "or does not add up",
                                       part.name)});
  }
}

Result<void> AddPart(const ByteSource& source, const Part& part,
                     ArtifactSink& sink) {
  if (part.name.empty()) {
    sink.Claim(part.range, RegionUse::kMetadata);
    return {};
  }
  sink.Claim({part.range.offset, part.header}, RegionUse::kMetadata);
  const Range data{part.range.offset + part.header,
                   part.range.length - part.header};
  const auto content = source.Slice(data);
  if (!content) {
    return Fail(content.error());
  }
  return sink.Add({.name = part.name, .origin = data, .stored = true},
                  *content);
}

bool Matches(ByteView head) {
  return IsAmd(head) ? AmdAt(head, 0).has_value()
                     : IntelAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no microcode update");
  }
  const auto parts = PartsOf(bytes);
  if (parts.empty()) {
    return Fail(ErrorCode::kTruncated,
                "microcode: the first update ends past the input");
  }
  return parts.back().range.end();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto parts = PartsOf(source.bytes());
  const bool amd = IsAmd(source.bytes());
  std::uint64_t at = 0;
  for (const Part& part : parts) {
    if (!amd) {
      CheckIntel(source.bytes(), part, sink);
    }
    if (auto ok = AddPart(source, part, sink); !ok) {
      return ok;
    }
    at = part.range.end();
  }
  const bool cut =
      (amd ? AmdAt(source.bytes(), at) : IntelAt(source.bytes(), at))
          .has_value();
  if (parts.empty() || cut) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("the update at {} ends past {} bytes", at, source.size()));
  }
  return input.Skip(at);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {{"\x01\x00\x00\x00", 4}, 0},
    {{"DMA\x00", 4}, 0}};

}  // namespace

extern const Format kMicrocode;
const Format kMicrocode = {
    .name = "microcode",
    .title = "processor microcode",
    .reference = "Intel SDM, volume 3, section 10.11; Linux microcode/amd.c",
    .magics = kMagics,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
