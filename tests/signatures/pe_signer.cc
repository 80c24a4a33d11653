#include "tests/signatures/pe_signer.h"

#include <algorithm>
#include <cstdlib>

#include "signatures/der.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/formats/boot/efi_signatures.h"

namespace assay::signatures::testing {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;

Bytes OidOf(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kSha1:
      return Hex("06052B0E03021A");
    case DigestAlgorithm::kSha384:
      return Hex("0609608648016503040202");
    case DigestAlgorithm::kBlake2b512:
      return Hex("060B2B0601040191FA0B010510");  // no one's imprint
    default:
      return Hex("0609608648016503040201");
  }
}

std::size_t PeOf(ByteView image) {
  return *ReadAt<Le32>(image, 0x3c);
}

Bytes ImprintOf(ByteView image, const PeOptions& options) {
  Bytes digested = CopyOf(image);
  const std::size_t directory = SecurityDirectoryOf(image);
  const std::size_t checksum = ChecksumOf(image);
  const auto drop = [&](std::size_t at, std::size_t size) {
    const auto from = digested.begin() + static_cast<std::ptrdiff_t>(at);
    digested.erase(from, from + static_cast<std::ptrdiff_t>(size));
  };
  drop(directory, 8);
  drop(checksum, 4);
  const Digest digest = DigestOf(options.imprint, digested);
  const Bytes algorithm =
      WriteDer(kDerSequence, Concat(OidOf(options.imprint), Hex("0500")));
  Bytes data =
      Hex("060A2B060104018237020100"
          "3009030100A004A2028000");
  data[11] = options.spc;
  return Concat(
      WriteDer(kDerSequence, data),
      WriteDer(kDerSequence,
               Concat(algorithm,
                      WriteDer(kDerOctetString, *BytesFromHex(digest.hex)))));
}

// Puts the content into a SignedData that was made beside it.
Bytes Enclose(ByteView detached, ByteView content) {
  DerReader info(ReadDer(detached)->content);
  const auto kind = info.Next(kDerOid);
  DerReader data(ReadDer(info.Next(DerContext(0))->content)->content);
  Bytes body;
  bool enclosed = false;
  while (const auto field = data.Next()) {
    Bytes whole = CopyOf(field->whole);
    if (field->tag == kDerSequence && !enclosed) {
      whole = WriteDer(
          kDerSequence,
          Concat(field->content,
                 WriteDer(DerContext(0), WriteDer(kDerSequence, content))));
      enclosed = true;
    }
    body = Concat(body, whole);
  }
  return WriteDer(kDerSequence,
                  Concat(kind->whole, WriteDer(DerContext(0),
                                               WriteDer(kDerSequence, body))));
}

}  // namespace

Bytes PlainImage() {
  return assay::testing::Sample("formats/pe/plain.hex");
}

void Put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes.at(at) = static_cast<std::uint8_t>(value & 0xffU);
  bytes.at(at + 1) = static_cast<std::uint8_t>(value >> 8U);
}

void Put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  Put16(bytes, at, static_cast<std::uint16_t>(value & 0xffffU));
  Put16(bytes, at + 2, static_cast<std::uint16_t>(value >> 16U));
}

std::size_t ChecksumOf(ByteView image) {
  return PeOf(image) + 24 + 64;
}

std::size_t SecurityDirectoryOf(ByteView image) {
  return PeOf(image) + 24 + 112 + 4 * 8;  // PE32+
}

std::size_t SectionHeaderOf(ByteView image, std::string_view name) {
  const ByteView wanted = AsBytes(name);
  const auto found =
      std::search(image.begin(), image.end(), wanted.begin(), wanted.end());
  if (found == image.end()) {
    std::abort();
  }
  return static_cast<std::size_t>(found - image.begin());
}

Bytes Authenticode(ByteView image, const Identity& signer,
                   const PeOptions& options) {
  CmsOptions cms = options.cms;
  cms.type = options.type;
  const Bytes content = ImprintOf(image, options);
  return Enclose(SignCms({signer}, content, cms), content);
}

Bytes WinCertificate(ByteView der, std::uint16_t revision, std::uint16_t type) {
  Bytes entry(8);
  Put32(entry, 0, static_cast<std::uint32_t>(der.size() + 8));
  Put16(entry, 4, revision);
  Put16(entry, 6, type);
  entry = Concat(entry, der);
  entry.resize((entry.size() + 7) / 8 * 8);
  return entry;
}

Bytes WithTable(ByteView image, ByteView table) {
  Bytes out = CopyOf(image);
  const std::size_t at = SecurityDirectoryOf(image);
  Put32(out, at, static_cast<std::uint32_t>(image.size()));
  Put32(out, at + 4, static_cast<std::uint32_t>(table.size()));
  return Concat(out, table);
}

Bytes SignPe(ByteView image, const Identity& signer, const PeOptions& options) {
  return WithTable(image, WinCertificate(Authenticode(image, signer, options)));
}

Bytes SignatureList(std::string_view kind, ByteView data) {
  const auto* known = std::ranges::find(formats::kEfiSignatureKinds, kind,
                                        &formats::EfiSignatureKind::name);
  Bytes list = CopyOf(AsBytes(known->guid));
  list.resize(28);
  Put32(list, 16, static_cast<std::uint32_t>(28 + 16 + data.size()));
  Put32(list, 24, static_cast<std::uint32_t>(16 + data.size()));
  list.resize(28 + 16, 0xAA);  // the owner
  return Concat(list, data);
}

Bytes DerOf(const Identity& identity) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(identity.certificate.get(), &der);
  Bytes bytes(der, der + std::max(size, 0));
  OPENSSL_free(der);
  return bytes;
}

Bytes TbsOf(const Identity& identity) {
  const Bytes der = DerOf(identity);
  return CopyOf(ReadDer(ReadDer(der)->content)->whole);
}

}  // namespace assay::signatures::testing
