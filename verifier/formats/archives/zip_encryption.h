// The two encryptions of zip members that are in use: PKWARE's own stream
// cipher (APPNOTE.TXT 6.3.10, section 6.1) and WinZip's AES (AE-1 and AE-2,
// "AES Encryption Information", www.winzip.com/en/support/aes-encryption).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/zip_records.h"
#include "verifier/formats/format.h"
#include "verifier/formats/sealed/key_derivation.h"

namespace assay::formats {

[[nodiscard]] bool IsZipEncrypted(const ZipEntry& entry);

// Opens the encrypted members of one archive.
class ZipOpener {
 public:
  explicit ZipOpener(ArtifactSink& sink)
      : sink_(sink),
        budget_(sink.limits()),
        secrets_(sealed::Passphrases(sink.secrets())) {}

  // The data of the member, decrypted; `entry` then says what they are.
  // Otherwise why not, in a line that begins with "encrypted". Reports
  // "zip.authentication-mismatch" for AES data that were changed; `place` is
  // where `packed` lies.
  [[nodiscard]] Result<ByteSource> Open(ZipEntry& entry,
                                        const ByteSource& packed, Range place);

 private:
  [[nodiscard]] Result<ByteSource> OpenAes(ZipEntry& entry,
                                           const ByteSource& packed,
                                           Range place);
  [[nodiscard]] Result<ByteSource> OpenTraditional(ZipEntry& entry,
                                                   const ByteSource& packed);

  // Most archives have one password: what fits is tried first from then on.
  void Prefer(std::size_t secret);

  ArtifactSink& sink_;
  sealed::DerivationBudget budget_;
  std::vector<ByteView> secrets_;
};

}  // namespace assay::formats
