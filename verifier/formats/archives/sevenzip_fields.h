// The fields that a 7z header is made of. The first error stays, and every
// later field is then 0 or empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/archives/sevenzip_header.h"

namespace assay::formats::sevenzip {

// "Property IDs".
enum Property : std::uint64_t {
  kEnd = 0x00,
  kHeader = 0x01,
  kArchiveProperties = 0x02,
  kAdditionalStreams = 0x03,
  kMainStreams = 0x04,
  kFilesInfo = 0x05,
  kPackInfo = 0x06,
  kUnpackInfo = 0x07,
  kSubStreams = 0x08,
  kSize = 0x09,
  kCrc = 0x0a,
  kFolder = 0x0b,
  kCoderSizes = 0x0c,
  kStreamCount = 0x0d,
  kEmptyStream = 0x0e,
  kEmptyFile = 0x0f,
  kAnti = 0x10,
  kNames = 0x11,
  kMtime = 0x14,
  kAttributes = 0x15,
  kEncodedHeader = 0x17,
};

class Fields {
 public:
  explicit Fields(ByteView bytes) : reader_(bytes), size_(bytes.size()) {}

  void Bad(std::string what);
  [[nodiscard]] bool ok() const { return problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  // Of the header: what takes at least a byte each cannot be more.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] ByteReader& reader() { return reader_; }

  std::uint8_t OneByte();
  // "NUMBER": the leading ones of the first byte count the bytes that follow;
  // its other bits are the highest ones.
  std::uint64_t Number();
  // A number that is at most `most`, or an error about `what`.
  std::uint64_t Count(std::uint64_t most, std::string_view what);
  void Expect(std::uint64_t id, std::string_view what);
  std::vector<bool> Bits(std::uint64_t count);
  // "AllAreDefined" and, unless they are, a bit for each.
  std::vector<bool> Defined(std::uint64_t count);
  std::vector<std::optional<std::uint32_t>> Digests(std::uint64_t count);

 private:
  ByteReader reader_;
  std::uint64_t size_;
  std::string problem_;
};

// Packed streams, folders and the streams in them.
void ReadStreams(Fields& fields, std::uint64_t packed_end, Streams& streams);

}  // namespace assay::formats::sevenzip
