// APKs with signing blocks, put together and signed in process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/scheme.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/scheme_run.h"
#include "verifier/base/bytes.h"

namespace assay::signatures::testing {

inline constexpr std::uint32_t kEcdsaSha256 = 0x0201;

[[nodiscard]] Bytes Le(std::uint64_t value, int bytes);
[[nodiscard]] Bytes Joined(const std::vector<Bytes>& parts);
// With its length of four bytes in front.
[[nodiscard]] Bytes Prefixed(const Bytes& bytes);
[[nodiscard]] Bytes CertificateOf(const Identity& identity);
[[nodiscard]] Bytes SignatureOf(const Identity& identity, ByteView message);

// A zip archive of one member, its end record at the end of `directory`.
struct PlainApk {
  Bytes members = {};
  Bytes directory = {};
  Bytes end = {};
};
[[nodiscard]] PlainApk MakePlainApk();
// The content digest with chunks of SHA-256; no part is over 1 MiB.
[[nodiscard]] Bytes ContentDigest(const PlainApk& apk);

struct SignerOptions {
  std::uint32_t algorithm = kEcdsaSha256;
  std::optional<std::uint32_t> digest_algorithm = {};
  std::optional<std::pair<std::uint32_t, std::uint32_t>> sdk = {};
  std::vector<std::pair<std::uint32_t, Bytes>> attributes = {};
  std::optional<Bytes> public_key = {};
  std::optional<Bytes> digest = {};
  bool broken = false;  // the signature is of something else
};
// One signer of a pair's value, without its own length.
[[nodiscard]] Bytes MakeSigner(const Identity& identity,
                               const SignerOptions& options = {});
[[nodiscard]] Bytes ValueOf(const std::vector<Bytes>& signers);
// With `gap` between directory and end record.
[[nodiscard]] Bytes MakeApk(
    const std::vector<std::pair<std::uint32_t, Bytes>>& pairs,
    const Bytes& gap = {});

[[nodiscard]] Situation Pinned(const Identity& identity);
// Whether every stated digest is the one that was found: what the engine asks.
[[nodiscard]] bool DigestsAgree(const SignatureCandidate& candidate);
// Verdicts of all candidates, as the engine would come to them.
[[nodiscard]] std::vector<std::string> Verdicts(const SignatureScheme& scheme,
                                                ByteView apk,
                                                const Situation& situation);

}  // namespace assay::signatures::testing
