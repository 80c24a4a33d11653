// RPM packages made in process, for tests only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::signatures::testing {

struct RpmTag {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 1;
  Bytes data = {};
};
[[nodiscard]] RpmTag RpmText(std::uint32_t tag, std::string_view text);
[[nodiscard]] RpmTag RpmStrings(std::uint32_t tag,
                                const std::vector<std::string>& strings);
[[nodiscard]] RpmTag RpmNumber(std::uint32_t tag, std::uint32_t value);
[[nodiscard]] RpmTag RpmBinary(std::uint32_t tag, ByteView data);

// A header whose index holds the region of that tag and the `tags` in the
// order given; then `outside`, which its region does not hold. No region when
// its tag is 0.
[[nodiscard]] Bytes RpmHeaderOf(std::uint32_t region,
                                const std::vector<RpmTag>& tags,
                                const std::vector<RpmTag>& outside = {});

// A lead, the signature header padded to 8, header and payload.
[[nodiscard]] Bytes RpmPackageOf(ByteView signature, ByteView header,
                                 ByteView payload);

}  // namespace assay::signatures::testing
