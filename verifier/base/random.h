// Unpredictable bytes, by libcrypto's generator.
#pragma once

#include <cstddef>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay {

// kInternal when the system has no entropy to give.
[[nodiscard]] Result<Bytes> RandomBytes(std::size_t count);

}  // namespace assay
