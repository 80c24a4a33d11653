// The header of a YAFFS object, which fills a page of its own. Layout: yaffs2
// yaffs_guts.h, struct yaffs_obj_hdr; attributes: yaffs_nameval.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"
#include "verifier/formats/flash/yaffs_tags.h"

namespace assay::formats::yaffs {

inline constexpr std::uint64_t kHeaderSize = 512;

enum class ObjectType : std::uint8_t {
  kFile = 1,
  kSymlink = 2,
  kDirectory = 3,
  kHardLink = 4,
  kSpecial = 5,
};

struct Header {
  ObjectType type = ObjectType::kFile;
  std::uint32_t parent = 0;
  std::string name = {};
  FileMetadata meta = {};  // not of a hard link
  bool odd_mode = false;   // the mode is that of another type
  std::uint64_t size = 0;
  std::uint32_t equivalent = 0;  // what a hard link leads to
  std::uint32_t shadows = 0;     // the object that this one replaces; 0: none
  bool shrinks = false;          // what lay behind `size` is cut off
  std::uint64_t used = 0;        // bytes of the page, attributes included
};

// Nothing when the page begins with no header.
[[nodiscard]] std::optional<Header> ReadHeader(const Geometry& geometry,
                                               ByteView page);
// Whether `head` begins with what can hardly be anything but a header.
[[nodiscard]] bool BeginsWithHeader(ByteView head, ByteOrder order);

}  // namespace assay::formats::yaffs
