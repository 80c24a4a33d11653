// The compression of UEFI: LZ77 with Huffman codes, close to LHA's "-lh5-".
// Algorithm: UEFI Specification 2.10, section 19 "Compression Algorithm
// Specification". EDK II knows a second one, "Tiano", whose distances reach
// farther; only the width of one field tells them apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"

namespace assay::formats {

enum class TianoVariant : std::uint8_t {
  kEfi,    // UEFI's own
  kTiano,  // EDK II's
};

class TianoStream : public ByteStream {
 public:
  // `packed` begins with the compressed and the original size, and outlives
  // the stream. At most `memory` bytes of what came out are kept to copy from.
  TianoStream(ByteView packed, TianoVariant variant, std::uint64_t memory);
  // The same data without that header, which give `original` bytes. LHA's
  // "-lh5-" are as UEFI's, ARJ's methods 1 to 3 as Tiano's.
  TianoStream(ByteView data, std::uint64_t original, TianoVariant variant,
              std::uint64_t memory);

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

  // How many bytes of `packed` its header speaks for, with the header;
  // nothing when they are not all there.
  [[nodiscard]] static std::optional<std::uint64_t> PackedSize(ByteView packed);
  // Bytes of the packed data that were not needed so far.
  [[nodiscard]] std::uint64_t unread() const;

 private:
  // A canonical Huffman code: shorter codes first, then smaller symbols.
  class Code {
   public:
    // False when the lengths are no complete code.
    [[nodiscard]] bool Build(std::span<const std::uint8_t> lengths);
    void BuildSingle(std::uint16_t symbol);
    [[nodiscard]] std::optional<std::uint16_t> Decode(TianoStream& from) const;

   private:
    std::array<std::uint32_t, 17> limit_ = {};  // left-aligned, by length
    std::array<std::uint32_t, 17> first_ = {};  // index of the first symbol
    std::vector<std::uint16_t> symbols_;        // one: no bits are read
  };

  [[nodiscard]] std::uint32_t Peek(unsigned count);
  [[nodiscard]] std::uint32_t Bits(unsigned count);
  void Drop(unsigned count);
  [[nodiscard]] bool BeginBlock();
  [[nodiscard]] bool ReadPositionCode(std::size_t most, unsigned width,
                                      std::size_t gap_after);
  [[nodiscard]] bool ReadCharacterCode();
  [[nodiscard]] bool NextSymbol();

  ByteView data_;
  std::uint64_t original_ = 0;
  unsigned position_width_;
  Bytes window_;  // what came out, in a ring
  std::uint64_t produced_ = 0;
  std::uint32_t block_left_ = 0;
  std::uint64_t copy_left_ = 0;
  std::uint64_t distance_ = 0;
  std::size_t at_ = 0;        // of the next byte in the window
  std::size_t from_ = 0;      // of the byte to copy there
  std::uint64_t buffer_ = 0;  // the next bits, from the top
  unsigned buffered_ = 0;
  std::size_t next_ = 0;
  std::uint64_t missing_ = 0;  // zeros that were read past the end
  Code characters_;
  Code positions_;
  std::optional<Error> error_;
};

// The variant in which `packed` decodes to its end without an error and uses
// its bytes up; `preferred` when that is true of both or of neither.
[[nodiscard]] TianoVariant TianoVariantOf(ByteView packed,
                                          TianoVariant preferred,
                                          std::uint64_t memory);

}  // namespace assay::formats
