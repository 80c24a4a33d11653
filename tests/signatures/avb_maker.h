// Metadata of Android Verified Boot, put together and signed in process.
// Layout: external/avb, libavb/avb_vbmeta_image.h, avb_footer.h,
// avb_hash_descriptor.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "tests/signatures/cms_signer.h"
#include "verifier/base/bytes.h"
#include "verifier/model/signature.h"

namespace assay::signatures::testing {

[[nodiscard]] Bytes AvbHashDescriptor(std::string_view name,
                                      std::string_view algorithm,
                                      const Bytes& digest, std::uint64_t size,
                                      const Bytes& salt = {});
// AvbRSAPublicKey of an identity of 2048 bits.
[[nodiscard]] Bytes AvbPublicKey(const Identity& signer);
// SHA256_RSA2048, rollback index 0. `change` is applied to the header before
// signing.
[[nodiscard]] Bytes AvbMetadata(const Identity& signer,
                                const Bytes& descriptors,
                                const std::function<void(Bytes&)>& change = {});
// An image, its metadata, and the footer that leads to them.
[[nodiscard]] Bytes AvbPartition(const Bytes& image, const Bytes& metadata);

// The first range of the candidate that `offset` lies in, or null.
[[nodiscard]] const ClaimedRange* RangeAt(const SignatureCandidate& candidate,
                                          std::uint64_t offset);

}  // namespace assay::signatures::testing
