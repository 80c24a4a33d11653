// OpenWrt's binary attributes, as far as ucert uses them.
// Layout: libubox blob.h (struct blob_attr) and blobmsg.h (struct blobmsg_hdr).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"

namespace assay::signatures {

// One link of a chain: a usign signature, and what it is over when that is
// enclosed.
struct UcertElement {
  ByteView signature = {};
  std::optional<ByteView> payload = {};
};
[[nodiscard]] Result<std::vector<UcertElement>> UcertElements(ByteView chain,
                                                              std::size_t most);

struct UcertPayload {
  std::uint32_t type = 0;
  UnixTime valid_from = 0;
  UnixTime expires = 0;
  std::string public_key = {};  // a usign public key file
};
// kMalformed unless all four are there, once.
[[nodiscard]] Result<UcertPayload> ReadUcertPayload(ByteView payload);

}  // namespace assay::signatures
