// The chain of an apt archive: a signed Release lists the digests of indexes,
// an index lists the digests of packages and sources.
// Layout: https://wiki.debian.org/DebianRepository/Format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/scheme.h"
#include "verifier/base/byte_source.h"

namespace assay::signatures {

// A file that lies beside the product (--context): a claim like any other.
struct ContextFile {
  std::string name = {};  // as its user names it
  ByteSource bytes;
};

// What a set of context files proves about the files of a pool. Releases are
// found by content, so their names do not matter: InRelease, or Release with
// its Release.gpg (same name and ".gpg"). Indexes (Packages, Sources; plain or
// .xz) are found by digest: whatever a Release lists under SHA256, size and
// digest agreeing. A listed index is read only when its Release passed.
class AptContext {
 public:
  // `signatures` distinct anchored keys must have signed a Release. `trust` is
  // used during the call only, with the schemes openpgp_clearsigned and
  // openpgp_detached.
  [[nodiscard]] static AptContext Build(const std::vector<ContextFile>& files,
                                        const Trust& trust,
                                        std::uint32_t signatures = 1);
  ~AptContext();
  AptContext(AptContext&&) noexcept;
  AptContext& operator=(AptContext&&) noexcept;
  AptContext(const AptContext&) = delete;
  AptContext& operator=(const AptContext&) = delete;

  // One check per Release, then one per index that a Release lists. `holder`
  // is the ContextFile's name, artifact is kNoArtifact.
  [[nodiscard]] const std::vector<SignatureCheck>& checks() const;
  [[nodiscard]] bool empty() const { return checks().empty(); }

  // Whether the archive vouches for a file of the pool (.deb, .dsc, source
  // tarball) with this SHA-256 and size; `target` is its path in the product.
  // - listed: TOTAL-PASSED, steps from the Release's signature down;
  // - a file of this name is listed with another digest or size:
  //   TOTAL-FAILED, HASH_FAILURE;
  // - no Release passed: the indication of the first Release;
  // - otherwise INDETERMINATE, SIGNED_DATA_NOT_FOUND.
  // Leaves artifact, holder and covers to the caller, which must take the
  // digest from the very bytes it covers.
  [[nodiscard]] SignatureCheck CheckFile(std::string_view sha256,
                                         std::uint64_t size,
                                         std::string_view target) const;

 private:
  struct State;
  explicit AptContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace assay::signatures
