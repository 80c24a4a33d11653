// PE images signed in process, and lists of UEFI keys, for tests only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/signatures/cms_signer.h"
#include "verifier/base/bytes.h"

namespace assay::signatures::testing {

// A small EFI application with an .sbat section ("sbat,1,...").
[[nodiscard]] Bytes PlainImage();

struct PeOptions {
  CmsOptions cms = {};
  DigestAlgorithm imprint = DigestAlgorithm::kSha256;
  std::string type = "1.3.6.1.4.1.311.2.1.4";  // of the content
  std::uint8_t spc = 0x0F;                     // SPC_PE_IMAGE_DATAOBJ
};
// A SignedData over the SpcIndirectDataContent of an unsigned image.
[[nodiscard]] Bytes Authenticode(ByteView image, const Identity& signer,
                                 const PeOptions& options = {});
// A WIN_CERTIFICATE, padded with zeros to 8 bytes.
[[nodiscard]] Bytes WinCertificate(ByteView der, std::uint16_t revision = 0x200,
                                   std::uint16_t type = 2);
// The image with a certificate table of these bytes.
[[nodiscard]] Bytes WithTable(ByteView image, ByteView table);
// The image with one signature.
[[nodiscard]] Bytes SignPe(ByteView image, const Identity& signer,
                           const PeOptions& options = {});

// Where fields of an image lie.
[[nodiscard]] std::size_t ChecksumOf(ByteView image);
[[nodiscard]] std::size_t SecurityDirectoryOf(ByteView image);
// Of the section header with this raw name.
[[nodiscard]] std::size_t SectionHeaderOf(ByteView image,
                                          std::string_view name);
void Put16(Bytes& bytes, std::size_t at, std::uint16_t value);
void Put32(Bytes& bytes, std::size_t at, std::uint32_t value);

// An EFI_SIGNATURE_LIST of one entry of a kind that formats/ names.
[[nodiscard]] Bytes SignatureList(std::string_view kind, ByteView data);
[[nodiscard]] Bytes DerOf(const Identity& identity);
[[nodiscard]] Bytes TbsOf(const Identity& identity);

}  // namespace assay::signatures::testing
