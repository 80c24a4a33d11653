// The header structure of RPM packages, used for the signature and for the
// metadata: an intro, an index of tags, and a store with their values.
//
// Reference: rpm 4.18, docs/manual/format_header.md, hregions.md, tags.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

// The parts of a package, of versions 3, 4 and 6: a lead, a signature header
// padded to 8 bytes, the header, and the payload.
struct RpmParts {
  Range lead = {};
  Range signature = {};
  Range padding = {};
  Range header = {};
  Range payload = {};  // to the end of the bytes
};
inline constexpr std::uint64_t kRpmLeadSize = 96;

// Whether a lead and a signature header's intro stand here. Of the lead, rpm
// looks at nothing else (lib/rpmlead.c).
[[nodiscard]] bool IsRpmPackage(ByteView head);
// kMalformed or kTruncated when a header is not there as a whole.
[[nodiscard]] Result<RpmParts> PartsOfRpm(ByteView package);

struct RpmIntro {
  Be32 magic;  // 8E AD E8, version 1
  Be32 reserved;
  Be32 entries;
  Be32 store;  // bytes
};
static_assert(sizeof(RpmIntro) == 16 && FileStruct<RpmIntro>);

// The size of the header whose intro stands at the start of `head`, or
// nothing when it is none or larger than rpm allows.
[[nodiscard]] std::optional<std::uint64_t> RpmHeaderSize(ByteView head);

// One entry of the index.
struct RpmEntry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t offset = 0;  // in the store
  std::uint32_t count = 0;
};

class RpmHeader {
 public:
  // All of the header. Fails (kMalformed) when an index entry does not fit
  // its store or its type.
  [[nodiscard]] static Result<RpmHeader> Parse(ByteView header);

  // All entries in the order of the index, repeated tags too.
  [[nodiscard]] std::vector<RpmEntry> Entries() const;
  // Where the values of one of them lie, from the start of the header; strings
  // with their NULs. Takes time by its length.
  [[nodiscard]] Range PlaceOf(const RpmEntry& entry) const;
  // Values of a tag; empty or nothing when there is none of that type.
  [[nodiscard]] std::string_view String(std::uint32_t tag) const;
  [[nodiscard]] std::vector<std::string_view> Strings(std::uint32_t tag) const;
  // INT8 to INT64.
  [[nodiscard]] std::vector<std::uint64_t> Numbers(std::uint32_t tag) const;
  [[nodiscard]] std::optional<std::uint64_t> Number(std::uint32_t tag) const;
  [[nodiscard]] std::optional<ByteView> Binary(std::uint32_t tag) const;
  // Where the (first) string of a tag lies, from the start of the header and
  // without its NUL.
  [[nodiscard]] std::optional<Range> PlaceOf(std::uint32_t tag) const;

  // Entries of the index behind the immutable region, which is all that a
  // header's signature covers; nothing when it has no intact region.
  [[nodiscard]] std::optional<std::uint32_t> OutsideRegion(
      std::uint32_t region_tag) const;
  // Whether the region is intact, comes first, and is all of the header: its
  // index and, with its trailer as the end, its store.
  [[nodiscard]] bool IsAllRegion(std::uint32_t region_tag) const;
  [[nodiscard]] bool has(std::uint32_t tag) const {
    return Find(tag) != nullptr;
  }

 private:
  struct Entry {
    Be32 tag, type, offset, count;
  };
  static_assert(sizeof(Entry) == 16 && FileStruct<Entry>);

  [[nodiscard]] const Entry* Find(std::uint32_t tag) const;
  [[nodiscard]] bool Fits(const Entry& entry) const;

  std::vector<Entry> entries_;
  ByteView store_;
};

}  // namespace assay::formats
