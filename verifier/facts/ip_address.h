// IP addresses in text, and which network they belong to.
#pragma once

#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::facts {

// "public", or a special-purpose block of RFC 6890: "private", "shared",
// "loopback", "link-local", "documentation", "benchmarking", "multicast",
// "broadcast", "unspecified", "reserved"; "object-identifier" for the
// three networks that look like arcs of X.500 and its kin. Nothing when `text`
// is no address.
[[nodiscard]] std::optional<std::string_view> AddressClass(
    std::string_view text);

// The dotted quad whose first dot stands at `dot`, unless it is part of a
// longer number, a version, a name or an object identifier. With `whole` it
// must fill a NUL-terminated string, but for a port.
[[nodiscard]] std::optional<Range> QuadAround(std::string_view text,
                                              std::size_t dot, bool whole);

}  // namespace assay::facts
