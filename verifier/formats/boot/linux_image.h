// What the boot images of the Linux kernel share: the PE headers that make one
// an EFI application, and its signature.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/formats/boot/stored_parts.h"
#include "verifier/formats/format.h"

namespace assay::formats::linux_image {

// The parts of a PE image (Microsoft PE and COFF specification) that say
// where it ends.
struct PeHeaders {
  std::uint64_t headers_end = 0;   // of the section table
  std::uint64_t sections_end = 0;  // of the last section's bytes
  std::uint64_t checksum = 0;      // where CheckSum lies
  std::uint64_t directory = 0;     // where the entry of the signature lies
  Range certificates = {};         // the signature; empty: not signed
};

// Nothing when `head` is no PE image.
[[nodiscard]] std::optional<PeHeaders> ReadPe(ByteView head);

// Where an image ends that holds `content_end` bytes of its own: behind its
// signature when one follows, at most 4 KiB later. kTruncated when the
// signature ends past the input.
[[nodiscard]] Result<std::uint64_t> EndWithSignature(
    const std::optional<PeHeaders>& pe, std::uint64_t content_end,
    ByteView bytes);

// How the first bytes say that a kernel is compressed: the usual ending of
// such a file's name, "" when it is an ELF object, nothing when unknown.
[[nodiscard]] std::optional<std::string_view> PayloadEnding(ByteView payload);
// "vmlinux.xz" and the like; "vmlinux" when PayloadEnding knows nothing.
[[nodiscard]] std::string PayloadName(ByteView payload);
// Whether the kernel's build appends the size of the decompressed kernel to
// such a payload (to all but gzip, which ends in it anyhow).
[[nodiscard]] bool HasSizeTrailer(ByteView payload);

// Adds the WIN_CERTIFICATE entries of `range`, one member each.
[[nodiscard]] Result<void> AddSignatures(const ByteSource& image, Range range,
                                         StoredParts& parts);

}  // namespace assay::formats::linux_image
