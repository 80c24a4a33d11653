// The header of a 7z archive: packed streams, folders (chains of coders that
// turn packed streams into one stream), the streams in them, and files.
//
// Reference: LZMA SDK 23.01, DOC/7zFormat.txt; coder ids: DOC/Methods.txt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"
#include "verifier/base/result.h"

namespace assay::formats::sevenzip {

// "SignatureHeader".
struct SignatureHeader {
  std::array<std::uint8_t, 6> magic = {};  // '7z' BC AF 27 1C
  std::uint8_t major = 0, minor = 0;
  Le32 start_crc;  // of the three fields below
  Le64 next_offset, next_size;
  Le32 next_crc;
};
static_assert(sizeof(SignatureHeader) == 32 && FileStruct<SignatureHeader>);

struct PackedStream {
  Range range = {};  // in the archive
  std::optional<std::uint32_t> crc = {};
};

struct Coder {
  std::uint64_t method = 0;
  std::uint64_t inputs = 1;
  ByteView properties = {};  // of the header's bytes
  std::uint64_t size = 0;    // of its output
};

// Input streams are numbered over all coders, outputs are as many as coders.
struct Folder {
  struct Bond {
    std::uint64_t input = 0;
    std::uint64_t output = 0;
  };
  std::vector<Coder> coders = {};
  std::vector<Bond> bonds = {};
  std::vector<std::uint64_t> packed_inputs = {};  // which inputs are packed
  std::uint64_t first_packed = 0;                 // index of PackedStream
  std::uint64_t main_coder = 0;                   // whose output nobody takes
  std::optional<std::uint32_t> crc = {};

  [[nodiscard]] std::uint64_t size() const { return coders[main_coder].size; }
};

struct SubStream {
  std::uint64_t folder = 0;
  std::uint64_t size = 0;
  std::optional<std::uint32_t> crc = {};
};

struct Streams {
  std::vector<PackedStream> packed = {};
  std::vector<Folder> folders = {};
  std::vector<SubStream> contents = {};  // folder after folder
};

struct File {
  std::string name = {};
  bool has_stream = true;
  bool directory = false;
  bool anti = false;  // "delete this when extracting"
  std::optional<std::int64_t> mtime = {};
  std::optional<std::uint32_t> attributes = {};
};

struct Header {
  Streams streams = {};
  std::vector<File> files = {};
};

// What a header block turned out to be: the header, or streams that hold it.
struct Parsed {
  bool encoded = false;
  Header header = {};
};

// `bytes` outlives the result. `packed_end` is where the space for packed
// streams ends in the archive.
[[nodiscard]] Result<Parsed> ParseHeader(ByteView bytes,
                                         std::uint64_t packed_end);

}  // namespace assay::formats::sevenzip
