// What the boot images of the Linux kernel share: the PE headers that make one
// an EFI application, its signature, and stored parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/formats/coverage.h"
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

// Gives parts of one image to a sink.
class Parts {
 public:
  Parts(const ByteSource& image, ArtifactSink& sink)
      : image_(image), sink_(sink) {}

  void Metadata(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }
  // A part of which no byte is spoken for, or nothing for an empty one.
  [[nodiscard]] Result<void> Add(std::string name, Range range);
  // The WIN_CERTIFICATE entries of `range`, one member each.
  [[nodiscard]] Result<void> AddSignatures(Range range);
  // What is left of [0, end): padding or slack.
  void Rest(std::uint64_t end);

 private:
  const ByteSource& image_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

}  // namespace assay::formats::linux_image
