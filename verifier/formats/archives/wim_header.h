// The tables of a Windows imaging file: header, resources and their digests.
// Layout: Microsoft, "Windows Imaging File Format (WIM)", 2007; wimlib's
// include/wimlib/header.h for what came later.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::wim {

struct StoredResource {
  std::array<std::uint8_t, 7> size = {};
  std::uint8_t flags = 0;
  Le64 offset, original_size;
};
static_assert(sizeof(StoredResource) == 24);

struct Header {
  std::array<char, 8> magic = {};
  Le32 header_size, version, flags, chunk_size;
  std::array<std::uint8_t, 16> guid = {};
  Le16 part, parts;
  Le32 images;
  StoredResource blobs, xml, boot;
  Le32 boot_index;
  StoredResource integrity;
  std::array<std::uint8_t, 60> unused = {};
};
static_assert(sizeof(Header) == 208 && FileStruct<Header>);

enum class Packing : std::uint8_t { kNone, kXpress, kLzx, kLzms, kUnknown };

using Sha1 = std::array<std::uint8_t, 20>;

// Bytes that are kept once, whichever files they belong to.
struct Resource {
  Range place = {};  // in the file
  std::uint64_t size = 0;
  bool metadata = false, compressed = false, elsewhere = false;
  std::uint16_t part = 0;
  Sha1 digest = {};
  // Of a solid resource, which holds many.
  std::optional<std::size_t> solid = {};  // index of that resource
  std::uint64_t within = 0;               // where it begins there, decoded
};

struct SolidResource {
  Range place = {};
  std::uint64_t size = 0;
  std::uint32_t chunk_size = 0;
  Packing packing = Packing::kUnknown;
};

// The header that `bytes` begin with, unless it contradicts itself.
[[nodiscard]] std::optional<Header> Recognize(ByteView bytes);
[[nodiscard]] Resource ResourceOf(const StoredResource& stored);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

struct Tables {
  Header header = {};
  Packing packing = Packing::kNone;
  std::uint32_t chunk_size = 0;
  std::vector<Resource> resources = {};
  std::vector<SolidResource> solids = {};
  std::map<Sha1, std::size_t> by_digest = {};
  std::uint64_t end = 0;  // of the file
};

// kTruncated when the file ends before what the header names.
[[nodiscard]] Result<Tables> ReadTables(const ByteSource& source,
                                        std::uint64_t most_entries);

}  // namespace assay::formats::wim
