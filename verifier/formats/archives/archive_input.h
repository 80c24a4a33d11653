// Steps that the sequential archive formats (ar, cpio, tar) share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "verifier/formats/format.h"

namespace assay::formats {

// Fills `into` wholly: true. Nothing is left of the input: false. Anything in
// between is kTruncated, which names `what` and the offset.
[[nodiscard]] Result<bool> ReadWhole(Input& input, std::span<std::uint8_t> into,
                                     std::string_view what);

// Takes `length` bytes; kTruncated names `what`, its offset and its size.
[[nodiscard]] Result<ByteSource> TakeWhole(Input& input, std::uint64_t length,
                                           std::string_view what);

// Passes `length` bytes that should all be `filler` and claims them: padding
// if they are, slack (bytes that nobody reads) if not.
[[nodiscard]] Result<void> PassFiller(Input& input, std::uint64_t length,
                                      std::uint8_t filler, ArtifactSink& sink);

// Whether every byte is `value` (true for no bytes).
[[nodiscard]] bool AllAre(ByteView bytes, std::uint8_t value);

// How many bytes are missing to the next multiple of `alignment`.
[[nodiscard]] constexpr std::uint64_t GapTo(std::uint64_t alignment,
                                            std::uint64_t position) {
  return (alignment - position % alignment) % alignment;
}

// `raw` as a member's name: whole, or cut at Limits::name with an anomaly
// "<format>.name-too-long" at `place`.
[[nodiscard]] std::string BoundedName(std::string_view raw,
                                      std::string_view format, Range place,
                                      ArtifactSink& sink);

// A whole fixed-width field as an unsigned number in `base` (8, 10, 16), or
// nothing when a character is no digit or the value passes 2^63 - 1.
[[nodiscard]] std::optional<std::uint64_t> FieldNumber(std::string_view digits,
                                                       unsigned base);

// The type in the upper bits of a Unix mode (S_IFMT); a file without any.
[[nodiscard]] FileType TypeOfMode(std::uint64_t mode);

// The extent of an archive at rest: where `unpack` ends when it succeeds. An
// anomaly whose id is `unproven` ("cpio.no-trailer") says that the end was
// only assumed, which is no measure: kTruncated.
[[nodiscard]] Result<std::uint64_t> MeasureByUnpacking(
    Result<void> (*unpack)(Input&, ArtifactSink&), ByteView bytes,
    std::string_view unproven);

}  // namespace assay::formats
