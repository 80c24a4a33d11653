// What a CMS message (RFC 5652) holds, as far as a container needs to know;
// whether its signatures are good is the business of signatures/.
#pragma once

#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats {

struct CmsMessage {
  bool signed_data = false;  // else enveloped: encrypted for its recipients
  // The signed content, when the message carries it; from the start of the
  // bytes that were given.
  std::optional<Range> content = {};
};

// A DER ContentInfo that takes up all of `bytes`, of type signedData or
// envelopedData.
[[nodiscard]] std::optional<CmsMessage> ParseCms(ByteView bytes);

}  // namespace assay::formats
