#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "signatures/cms.h"
#include "signatures/der.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

// BER of a digest algorithm's object identifier, without its tag.
struct NamedDigest {
  DigestAlgorithm algorithm;
  std::array<std::uint8_t, 9> oid;
  std::size_t size;
};
constexpr std::array<NamedDigest, 4> kNamedDigests = {{
    {DigestAlgorithm::kMd5,
     {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05},
     8},
    {DigestAlgorithm::kSha1, {0x2B, 0x0E, 0x03, 0x02, 0x1A}, 5},
    {DigestAlgorithm::kSha384,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02},
     9},
    {DigestAlgorithm::kSha512,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03},
     9},
}};

}  // namespace

std::optional<OpenedCms> OpenCms(ByteView encoded) {
  // ContentInfo { OID, [0] SignedData { version, digestAlgorithms,
  // encapContentInfo { OID, [0] content }, ... } }
  const auto outer = ReadDer(encoded);
  if (!outer || outer->tag != kDerSequence) {
    return std::nullopt;
  }
  DerReader info(outer->content);
  const auto kind = info.Next(kDerOid);
  const auto explicit_data = info.Next(DerContext(0));
  const auto data =
      explicit_data ? ReadDer(explicit_data->content) : std::nullopt;
  if (!kind || !data || data->tag != kDerSequence) {
    return std::nullopt;
  }
  DerReader fields(data->content);
  const auto version = fields.Next(kDerInteger);
  const auto digests = fields.Next(kDerSet);
  const auto capsule = fields.Next(kDerSequence);
  if (!version || !digests || !capsule) {
    return std::nullopt;
  }
  DerReader inside(capsule->content);
  const auto type = inside.Next(kDerOid);
  const auto enclosed = inside.Next(DerContext(0));
  const auto value = enclosed ? ReadDer(enclosed->content) : std::nullopt;
  if (!type || !value || !inside.empty()) {
    return std::nullopt;
  }
  const std::size_t before = version->whole.size() + digests->whole.size();
  Bytes body = CopyOf(data->content.first(before));
  const Bytes emptied = WriteDer(kDerSequence, type->whole);
  body.insert(body.end(), emptied.begin(), emptied.end());
  const ByteView after = data->content.subspan(before + capsule->whole.size());
  body.insert(body.end(), after.begin(), after.end());
  const Bytes wrapped = WriteDer(DerContext(0), WriteDer(kDerSequence, body));
  Bytes message = CopyOf(kind->whole);
  message.insert(message.end(), wrapped.begin(), wrapped.end());
  return OpenedCms{.detached = WriteDer(kDerSequence, message),
                   .content = CopyOf(value->content),
                   .octets = value->tag == kDerOctetString};
}

std::vector<X509Ptr> CertificatesIn(ByteView encoded) {
  const unsigned char* at = encoded.data();
  const std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>> cms(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(encoded.size())));
  std::vector<X509Ptr> all;
  STACK_OF(X509)* stack = cms ? CMS_get1_certs(cms.get()) : nullptr;
  while (sk_X509_num(stack) > 0) {
    all.emplace_back(sk_X509_shift(stack));
  }
  sk_X509_free(stack);
  ERR_clear_error();
  return all;
}

std::vector<Digest> DigestsFor(ByteView encoded,
                               const std::vector<ByteView>& parts) {
  DigestSet wanted = {DigestAlgorithm::kSha256};
  for (const NamedDigest& named : kNamedDigests) {
    const ByteView oid = ByteView(named.oid).first(named.size);
    if (std::search(encoded.begin(), encoded.end(), oid.begin(), oid.end()) !=
        encoded.end()) {
      wanted.Insert(named.algorithm);
    }
  }
  Hasher hasher(wanted);
  for (const ByteView part : parts) {
    hasher.Update(part);
  }
  return hasher.Finish();
}

}  // namespace assay::signatures
