// An RPM package taken apart for its signatures: what they reach, what they do
// not, and what makes them void.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/rpm_header.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

inline constexpr std::uint32_t kRpmHeaderRegion = 63;

// Borrows the package's bytes.
struct RpmPackage {
  [[nodiscard]] static Result<RpmPackage> Parse(ByteView bytes);
  [[nodiscard]] ByteView At(Range range) const {
    return Slice(bytes, range.offset, range.length).value_or(ByteView());
  }

  ByteView bytes = {};
  formats::RpmParts parts = {};
  formats::RpmHeader signature = {};
  formats::RpmHeader header = {};
};

// Why rpm refuses the package, or readers of it disagree: entries outside of
// a region, tags that are repeated or not in order, tags of the signature
// header in the header (CVE-2021-3421), bytes that follow the payload.
[[nodiscard]] std::vector<std::string> ProblemsOf(const RpmPackage& package);

// Lead, signature header and padding, in order and without gaps. Inert but for
// what could carry a message: reserved space that is not empty, tags that rpm
// does not know.
[[nodiscard]] std::vector<ClaimedRange> RangesOutside(
    const RpmPackage& package);

// The payload by the digest that the header names, or as uncovered.
[[nodiscard]] ClaimedRange PayloadByDigest(const RpmPackage& package);
// The header by the digest that the signature header names, or as uncovered.
[[nodiscard]] ClaimedRange HeaderByDigest(const RpmPackage& package);

}  // namespace assay::signatures
