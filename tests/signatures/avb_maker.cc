#include "tests/signatures/avb_maker.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/formats/disks/avb_footer.h"
#include "verifier/formats/disks/avb_vbmeta.h"

namespace assay::signatures::testing {

using assay::testing::Concat;
using formats::avb::Footer;
using formats::avb::Header;

namespace {

Bytes Number(std::uint64_t value, int bytes) {
  Bytes result;
  for (int i = bytes - 1; i >= 0; --i) {
    result.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return result;
}

}  // namespace

Bytes AvbHashDescriptor(std::string_view name, std::string_view algorithm,
                        const Bytes& digest, std::uint64_t size,
                        const Bytes& salt) {
  Bytes body = Number(size, 8);
  Bytes field = CopyOf(AsBytes(algorithm));
  field.resize(32);
  body = Concat(body, field);
  for (const std::size_t length :
       {name.size(), salt.size(), digest.size(), std::size_t{0}}) {
    body = Concat(body, Number(length, 4));
  }
  body.resize(116);
  body = Concat(Concat(body, AsBytes(name)), Concat(salt, digest));
  body.resize((body.size() + 7) / 8 * 8);
  return Concat(Concat(Number(2, 8), Number(body.size(), 8)), body);
}

Bytes AvbPublicKey(const Identity& signer) {
  BIGNUM* modulus = nullptr;
  EXPECT_EQ(
      EVP_PKEY_get_bn_param(signer.key.get(), OSSL_PKEY_PARAM_RSA_N, &modulus),
      1);
  Bytes n(256);
  BN_bn2binpad(modulus, n.data(), 256);
  BN_free(modulus);
  return Concat(Concat(Number(2048, 4), Number(0, 4)),
                Concat(n, Bytes(256)));  // n0inv and r^2 are not used
}

Bytes AvbMetadata(const Identity& signer, const Bytes& descriptors,
                  const std::function<void(Bytes&)>& change) {
  const Bytes key = AvbPublicKey(signer);
  Bytes auxiliary = Concat(descriptors, key);
  auxiliary.resize((auxiliary.size() + 63) / 64 * 64);
  Bytes header =
      Concat(CopyOf(AsBytes("AVB0")), Concat(Number(1, 4), Number(0, 4)));
  header = Concat(header, Number(320, 8));
  header = Concat(header, Number(auxiliary.size(), 8));
  header = Concat(header, Number(1, 4));
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{32}, std::uint64_t{32},
        std::uint64_t{256}, descriptors.size(), key.size(),
        descriptors.size() + key.size(), std::uint64_t{0}, std::uint64_t{0},
        descriptors.size(), std::uint64_t{5}}) {
    header = Concat(header, Number(value, 8));
  }
  header.resize(sizeof(Header));
  if (change) {
    change(header);
  }
  const Bytes message = Concat(header, auxiliary);
  Bytes block =
      Concat(*BytesFromHex(Sha256Hex(message)), SignRaw(signer, message));
  block.resize(320);
  return Concat(Concat(header, block), auxiliary);
}

Bytes AvbPartition(const Bytes& image, const Bytes& metadata) {
  Bytes footer =
      Concat(CopyOf(AsBytes("AVBf")), Concat(Number(1, 4), Number(0, 4)));
  footer = Concat(footer, Number(image.size(), 8));
  footer = Concat(footer, Number(image.size(), 8));
  footer = Concat(footer, Number(metadata.size(), 8));
  footer.resize(sizeof(Footer));
  return Concat(Concat(image, metadata), footer);
}

const ClaimedRange* RangeAt(const SignatureCandidate& candidate,
                            std::uint64_t offset) {
  const auto at =
      std::ranges::find_if(candidate.ranges, [&](const ClaimedRange& range) {
        return offset >= range.range.offset && offset < range.range.end();
      });
  return at == candidate.ranges.end() ? nullptr : &*at;
}

}  // namespace assay::signatures::testing
