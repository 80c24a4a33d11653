// bzip2 as NSIS has it: without the file's header, and without checksums.
// Blocks begin with a byte of 0x31, and 0x17 ends them. Format: NSIS 3.08
// Source/bzip2/decompress.c; the rest as in bzip2 1.0.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/byte_stream.h"

namespace assay::formats::nsis {

class Bzip2Stream : public ByteStream {
 public:
  // `packed` outlives the stream.
  explicit Bzip2Stream(ByteView packed) : packed_(packed) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  static constexpr unsigned kLongestCode = 20;
  static constexpr std::size_t kMostSymbols = 258;

  using Lengths = std::array<std::uint8_t, kMostSymbols>;
  // A code that its lengths alone define.
  struct Code {
    std::array<std::uint32_t, kLongestCode + 2> first = {}, count = {},
                                                place = {};
    std::vector<std::uint16_t> symbols = {};
  };

  [[nodiscard]] std::uint32_t Take(unsigned count);
  [[nodiscard]] bool NextBlock();
  [[nodiscard]] bool ReadSymbolMap();
  [[nodiscard]] bool ReadSelectors();
  [[nodiscard]] bool ReadLengths(std::size_t symbols, Lengths& lengths);
  [[nodiscard]] bool ReadCodes();
  [[nodiscard]] std::optional<std::uint16_t> TakeSymbol(const Code& code);
  [[nodiscard]] bool ReadBytes();
  [[nodiscard]] bool AppendSymbol(std::uint16_t symbol, bool end);
  [[nodiscard]] bool AppendRun(std::uint8_t byte, std::uint64_t count);
  [[nodiscard]] bool Invert(std::uint32_t origin);
  [[nodiscard]] std::uint8_t NextOfBlock();

  ByteView packed_;
  std::size_t at_ = 0;
  std::uint64_t bits_ = 0;
  unsigned ready_ = 0;
  bool overrun_ = false;

  std::vector<std::uint8_t> used_;  // bytes that the block has
  std::vector<std::uint8_t> selectors_;
  std::vector<Code> codes_;
  std::vector<std::uint8_t> order_;  // of the bytes, the last used in front
  std::uint64_t run_ = 0;            // of the first of them
  unsigned digit_ = 0;
  // The transformed block: a byte, and above it where the next one is.
  std::vector<std::uint32_t> block_;
  std::uint32_t next_ = 0;
  std::size_t left_ = 0;  // bytes of the block
  unsigned same_ = 0;     // equal bytes in a row
  std::uint8_t last_ = 0;
  unsigned repeats_ = 0;  // of the last byte
  bool ended_ = false;
  bool damaged_ = false;
};

}  // namespace assay::formats::nsis
