// What a user relies on of every wrapper: a header and parts at stated places.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::testing {

struct Part {
  std::string_view name = {};
  std::string_view content = {};
};

// `image` is recognized, ends where it ends whatever follows, holds exactly
// these members, has an owner for every byte, and nothing about it is odd.
void CheckParts(const formats::Format& format, ByteView image,
                std::initializer_list<Part> parts);
// No proper prefix, and no image with a flipped byte, is read as if it were
// whole: it is not recognized, or an error or an anomaly says so, or the
// members show it. Where unpacking ends well, every byte has one owner.
// `uncovered`: places that no checksum covers and that change no member.
void CheckDamageShows(const formats::Format& format, ByteView image,
                      std::initializer_list<Range> uncovered = {});
// Neither the image's own head in front of noise, nor text, nor zeros, nor an
// ELF header is taken for the format. `head`: how much of the image to keep.
void CheckRefusesNoise(const formats::Format& format, ByteView image,
                       std::size_t head);
// The anomaly that unpacking `image` reports; several are joined by blanks.
[[nodiscard]] std::string AnomaliesOf(const formats::Format& format,
                                      ByteView image);
// `line` so often that it fills `size` bytes, as make_wrappers.py fills parts.
[[nodiscard]] std::string Lines(std::string_view line, std::size_t size);
// A copy with other bytes at that place.
[[nodiscard]] Bytes With(ByteView image, std::size_t at, ByteView bytes);

}  // namespace assay::testing
