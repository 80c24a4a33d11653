#include "tests/signatures/apk_maker.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "verifier/base/digest.h"

namespace assay::signatures::testing {
namespace {

Bytes Text(std::string_view text) {
  return CopyOf(AsBytes(text));
}

Bytes Der(int size, unsigned char* der) {
  if (size <= 0) {
    std::abort();
  }
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Bytes SpkiOf(const Identity& identity) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(identity.key.get(), &der);
  return Der(size, der);
}

Bytes EndWith(const PlainApk& apk, std::uint64_t offset) {
  return Joined({Text("PK\x05\x06"), Bytes(4), Le(1, 2), Le(1, 2),
                 Le(apk.directory.size(), 4), Le(offset, 4), Le(0, 2)});
}

}  // namespace

Bytes Le(std::uint64_t value, int bytes) {
  Bytes result;
  for (int i = 0; i < bytes; ++i) {
    result.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return result;
}

Bytes Joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

Bytes Prefixed(const Bytes& bytes) {
  return Joined({Le(bytes.size(), 4), bytes});
}

Bytes CertificateOf(const Identity& identity) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(identity.certificate.get(), &der);
  return Der(size, der);
}

Bytes SignatureOf(const Identity& identity, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(
      EVP_MD_CTX_new());
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                     identity.key.get());
  std::size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                     message.size()) != 1) {
    std::abort();
  }
  signature.resize(size);
  return signature;
}

PlainApk MakePlainApk() {
  const Bytes head =
      Joined({Le(20, 2), Bytes(2), Bytes(2), Bytes(4), Le(0xF20C2CA4, 4),
              Le(5, 4), Le(5, 4), Le(1, 2), Bytes(2)});
  PlainApk apk;
  apk.members = Joined({Text("PK\x03\x04"), head, Text("a"), Text("inert")});
  apk.directory =
      Joined({Text("PK\x01\x02"), Le(20, 2), head, Bytes(14), Text("a")});
  apk.end = EndWith(apk, apk.members.size());
  return apk;
}

Bytes ContentDigest(const PlainApk& apk) {
  Bytes all = Joined({{0x5a}, Le(3, 4)});
  for (const Bytes& part : {apk.members, apk.directory, apk.end}) {
    const Bytes chunk = Joined({{0xa5}, Le(part.size(), 4), part});
    all = Joined({all, *BytesFromHex(Sha256Hex(chunk))});
  }
  return *BytesFromHex(Sha256Hex(all));
}

Bytes MakeSigner(const Identity& identity, const SignerOptions& options) {
  const Bytes digest = options.digest.value_or(ContentDigest(MakePlainApk()));
  const Bytes sdk =
      options.sdk
          ? Joined({Le(options.sdk->first, 4), Le(options.sdk->second, 4)})
          : Bytes{};
  Bytes attributes;
  for (const auto& [id, value] : options.attributes) {
    attributes = Joined({attributes, Prefixed(Joined({Le(id, 4), value}))});
  }
  const std::uint32_t named =
      options.digest_algorithm.value_or(options.algorithm);
  const Bytes data = Joined(
      {Prefixed(Prefixed(Joined({Le(named, 4), Prefixed(digest)}))),
       Prefixed(Prefixed(CertificateOf(identity))), sdk, Prefixed(attributes)});
  const Bytes signature =
      SignatureOf(identity, options.broken ? Text("other") : data);
  return Joined({Prefixed(data), sdk,
                 Prefixed(Prefixed(
                     Joined({Le(options.algorithm, 4), Prefixed(signature)}))),
                 Prefixed(options.public_key.value_or(SpkiOf(identity)))});
}

Bytes ValueOf(const std::vector<Bytes>& signers) {
  Bytes list;
  for (const Bytes& signer : signers) {
    list = Joined({list, Prefixed(signer)});
  }
  return Prefixed(list);
}

Bytes MakeApk(const std::vector<std::pair<std::uint32_t, Bytes>>& pairs,
              const Bytes& gap) {
  const PlainApk apk = MakePlainApk();
  Bytes block;
  for (const auto& [id, value] : pairs) {
    block = Joined({block, Le(value.size() + 4, 8), Le(id, 4), value});
  }
  const Bytes size = Le(block.size() + 24, 8);
  block = Joined({size, block, size, Text("APK Sig Block 42")});
  return Joined({apk.members, block, apk.directory, gap,
                 EndWith(apk, apk.members.size() + block.size())});
}

Situation Pinned(const Identity& identity) {
  return {.anchors = {X509Anchor(identity, TrustAnchor::Type::kX509Pin)},
          .at = kCertNow};
}

bool DigestsAgree(const SignatureCandidate& candidate) {
  return std::ranges::all_of(candidate.ranges, [](const ClaimedRange& range) {
    return range.expected == range.found;
  });
}

std::vector<std::string> Verdicts(const SignatureScheme& scheme, ByteView apk,
                                  const Situation& situation) {
  std::vector<std::string> verdicts;
  const Trust trust{.anchors = situation.anchors,
                    .at = situation.at,
                    .legacy_algorithms = situation.legacy};
  for (const SignatureCandidate& one : FindAll(scheme, "x.apk", apk)) {
    const std::string verdict = Verdict(scheme.verify(one, {}, trust));
    verdicts.push_back(verdict == "TOTAL-PASSED" && !DigestsAgree(one)
                           ? "TOTAL-FAILED HASH_FAILURE"
                           : verdict);
  }
  return verdicts;
}

}  // namespace assay::signatures::testing
