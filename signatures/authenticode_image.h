// What Authenticode signs of a PE image and where its signatures lie.
// Microsoft, "Windows Authenticode Portable Executable Signature Format" (2008)
// and "PE Format", section "The Attribute Certificate Table".
#pragma once

#include <string_view>

#include "signatures/scheme.h"
#include "verifier/base/bytes.h"

namespace assay::signatures {

// The scheme's name in candidates and policies.
inline constexpr std::string_view kAuthenticodeName = "authenticode";

// What a verdict needs to know of the image beside its digests: kept in front
// of its .sbat section in SignatureCandidate::message.
struct ImageTraits {
  Le16 subsystem;
  Le16 revision, type;          // of the WIN_CERTIFICATE
  std::uint8_t sbat_count = 0;  // sections of that name
  std::uint8_t linux_kernel = 0;

  // IMAGE_SUBSYSTEM_EFI_APPLICATION to IMAGE_SUBSYSTEM_EFI_ROM.
  [[nodiscard]] bool IsEfi() const {
    return subsystem >= 10 && subsystem <= 13;
  }
  [[nodiscard]] bool IsEfiApplication() const { return subsystem == 10; }
};
static_assert(sizeof(ImageTraits) == 8 && FileStruct<ImageTraits>);

// Adds one candidate for every entry of the certificate table and for every
// signature nested in one, and the keys that shim carries for what it loads.
// Nothing for an image without a table. Returns whether `content` is a PE.
bool FindInImage(ByteView content, Observations& into);

// The values of the unsigned attributes that hold nested signatures, in any
// signer of this SignedData, all DER.
[[nodiscard]] std::vector<Bytes> NestedSignaturesOf(ByteView encoded);

}  // namespace assay::signatures
