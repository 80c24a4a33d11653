// What Intel HEX and Motorola S-records share: lines of hexadecimal digits,
// each with an address and a sum, that together fill parts of a memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats::mcu {

struct Line {
  Range text = {};        // without blanks and line break at its end
  std::uint64_t end = 0;  // where the next line begins
};

// The line at `offset`, which ends with \n, \r\n, \r or with the input.
[[nodiscard]] Line LineAt(ByteView bytes, std::uint64_t offset);

// The bytes that the digits of one record stand for.
struct RecordBytes {
  std::array<std::uint8_t, 260> bytes = {};
  std::size_t size = 0;

  [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
  [[nodiscard]] std::uint8_t Sum() const;
};

// Nothing unless all are digits, two for each of at most 260 bytes.
[[nodiscard]] std::optional<RecordBytes> Decode(ByteView digits);

// Data of one record: `size` bytes for the memory at `address`, as digits at
// `digits` of the file.
struct DataRecord {
  std::uint64_t address = 0;
  std::uint64_t digits = 0;
  std::uint64_t size = 0;
};

// Claims lines; neighbours of one use become one claim.
class LineClaims {
 public:
  explicit LineClaims(ArtifactSink& sink) : sink_(sink) {}
  void Add(Range range, RegionUse use);
  void Finish();

 private:
  ArtifactSink& sink_;
  Region open_ = {};
};

// Reports anomalies, but no more than a few of each kind in full.
class RecordAnomalies {
 public:
  RecordAnomalies(std::string_view format, ArtifactSink& sink)
      : format_(format), sink_(sink) {}
  void Report(std::string_view what, Range line, std::string detail);
  void Finish();

 private:
  struct Kind {
    std::string id = {};
    std::uint64_t count = 0;
    Range last = {};
  };
  std::string_view format_;
  ArtifactSink& sink_;
  std::vector<Kind> kinds_;
};

// Gives each stretch of memory that the records fill as a member named by its
// address. Records that fill a byte again begin a stretch of their own.
[[nodiscard]] Result<void> AddStretches(ByteView bytes,
                                        std::vector<DataRecord> records,
                                        RecordAnomalies& anomalies,
                                        ArtifactSink& sink);

}  // namespace assay::formats::mcu
