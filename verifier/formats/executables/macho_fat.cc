// Universal binaries: Mach-O images, or static libraries, of one program for
// several processors. Layout: <mach-o/fat.h>; everything is big-endian.
//
// Members are the slices, named by processor, and with the number of the
// processor's kind where one processor has several.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/macho_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint32_t kMagic = 0xcafebabe;  // class files of Java have it too
constexpr std::uint32_t kMagic64 = 0xcafebabf;
// Java's second word is its version, 45 at least.
constexpr std::uint32_t kMostSlices = 44;
constexpr std::uint32_t kLargestAlignment = 15;  // a power of two, in cctools
constexpr std::uint32_t kKindBits = 0x00ffffff;

struct Header {
  Be32 magic, count;
};

struct Slice32 {
  Be32 cpu, kind, offset, size, align;
};
static_assert(sizeof(Slice32) == 20 && FileStruct<Slice32>);

struct Slice64 {
  Be32 cpu, kind;
  Be64 offset, size;
  Be32 align, reserved;
};
static_assert(sizeof(Slice64) == 32 && FileStruct<Slice64>);

struct ImageSlice {
  std::uint32_t cpu = 0;
  std::uint32_t kind = 0;
  Range range = {};
};

struct Fat {
  std::uint64_t header_size = 0;
  std::vector<ImageSlice> slices = {};
};

template <typename T>
bool TakeSlices(ByteView bytes, std::uint32_t count, Fat& into) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto slice = ReadAt<T>(bytes, sizeof(Header) + i * sizeof(T));
    into.header_size = sizeof(Header) + (i + 1) * sizeof(T);
    if (!slice || slice->align > kLargestAlignment || slice->size == 0 ||
        slice->offset < sizeof(Header) + count * sizeof(T) ||
        slice->offset % (1ULL << slice->align) != 0) {
      return false;
    }
    into.slices.push_back(
        {slice->cpu, slice->kind & kKindBits, {slice->offset, slice->size}});
  }
  return true;
}

Result<Fat> Parse(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  Fat fat;
  if (!header || header->count == 0 || header->count > kMostSlices ||
      !((header->magic == kMagic &&
         TakeSlices<Slice32>(bytes, header->count, fat)) ||
        (header->magic == kMagic64 &&
         TakeSlices<Slice64>(bytes, header->count, fat)))) {
    return Fail(ErrorCode::kNotThisFormat, "no header of a universal binary");
  }
  return fat;
}

bool Matches(ByteView head) {
  return Parse(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto fat = Parse(bytes);
  if (!fat) {
    return Fail(fat.error());
  }
  std::uint64_t end = 0;
  for (const ImageSlice& slice : fat->slices) {
    if (!Slice(bytes, slice.range.offset, slice.range.length)) {
      return Fail(
          ErrorCode::kTruncated,
          fmt::format("macho_fat: {} bytes at {} end past the input's "
                      "{}",
                      slice.range.length, slice.range.offset, bytes.size()));
    }
    end = std::max(end, slice.range.end());
  }
  return end;
}

std::string NameOf(const Fat& fat, const ImageSlice& slice) {
  const auto same = std::count_if(
      fat.slices.begin(), fat.slices.end(),
      [&](const ImageSlice& other) { return other.cpu == slice.cpu; });
  const std::string machine = MachineOfMacho(slice.cpu);
  return same == 1 ? machine : fmt::format("{}-{}", machine, slice.kind);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const ByteView bytes = source.bytes();
  const auto fat = Parse(bytes);
  if (!fat) {
    return Fail(ErrorCode::kMalformed, fat.error().what);
  }
  Coverage coverage;
  coverage.ClaimFree({0, fat->header_size}, RegionUse::kMetadata, sink);
  std::uint64_t end = fat->header_size;
  for (const ImageSlice& slice : fat->slices) {
    const std::string name = NameOf(*fat, slice);
    const auto content = source.Slice(slice.range);
    if (!content) {
      sink.Report({.id = "macho_fat.outside",
                   .range = {0, fat->header_size},
                   .detail = fmt::format(
                       "slice {} of {} bytes at {} ends past {} bytes", name,
                       slice.range.length, slice.range.offset, bytes.size())});
      continue;
    }
    Member member{.name = name};
    if (coverage.Touches(slice.range)) {
      sink.Report({.id = "macho_fat.overlapping-members",
                   .range = slice.range,
                   .detail = fmt::format(
                       "slice {} shares bytes with another part", name)});
      coverage.ClaimFree(slice.range, RegionUse::kMember, sink);
    } else {
      member.origin = slice.range;
      member.stored = true;
    }
    coverage.Add(slice.range);
    end = std::max(end, slice.range.end());
    if (auto ok = sink.Add(std::move(member), *content); !ok) {
      return ok;
    }
  }
  coverage.ClaimGaps(bytes.first(static_cast<std::size_t>(end)), sink);
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"\xca\xfe\xba\xbe", 0},
                             {"\xca\xfe\xba\xbf", 0}};  // NOLINT: a table

}  // namespace

extern const Format kMachoFat;
const Format kMachoFat = {
    .name = "macho_fat",
    .title = "Mach-O universal binary",
    .reference = "Apple, <mach-o/fat.h>",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
