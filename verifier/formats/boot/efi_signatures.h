// The lists of keys and digests in the UEFI variables PK, KEK, db and dbx.
// Layout: UEFI Specification 2.10, section 32.4.1 "Signature Database".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/firmware/uefi_guid.h"

namespace assay::formats {

struct EfiSignatureKind {
  std::string_view guid = {};
  std::string_view name = {};
  std::uint32_t size = 0;  // of an entry without its owner; 0: any
};

// "x509-sha256" and its like: a digest of a certificate's tbsCertificate and
// the time (EFI_TIME, 16 bytes) from which on it is revoked; 0: ever.
inline constexpr auto kEfiSignatureKinds = [] {
  using std::string_view_literals::operator""sv;
  return std::to_array<EfiSignatureKind>({
      {"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"sv,
       "x509", 0},
      {"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"sv,
       "sha256", 32},
      {"\x12\xa5\x6c\x82\x10\xcf\xc9\x4a\xb1\x87\xbe\x01\x49\x66\x31\xbd"sv,
       "sha1", 20},
      {"\x07\x53\x3e\xff\xd0\x9f\xc9\x48\x85\xf1\x8a\xd5\x6c\x70\x1e\x01"sv,
       "sha384", 48},
      {"\xae\x0f\x3e\x09\xc4\xa6\x50\x4f\x9f\x1b\xd4\x1e\x2b\x89\xc1\x9a"sv,
       "sha512", 64},
      {"\xe8\x66\x57\x3c\x9c\x26\x34\x4e\xaa\x14\xed\x77\x6e\x85\xb3\xb6"sv,
       "rsa2048", 256},
      {"\x92\xa4\xd2\x3b\xc0\x96\x79\x40\xb4\x20\xfc\xf9\x8e\xf1\x03\xed"sv,
       "x509-sha256", 48},
      {"\x6e\x87\x76\x70\xc2\x80\xe6\x4e\xaa\xd2\x28\xb3\x49\xa6\x86\x5b"sv,
       "x509-sha384", 64},
      {"\x63\xbf\x6d\x44\x02\x25\xda\x4c\xbc\xfa\x24\x65\xd2\xb0\xfe\x9d"sv,
       "x509-sha512", 80},
  });
}();

// One EFI_SIGNATURE_LIST.
struct EfiSignatureList {
  std::string_view kind = {};  // EfiSignatureKind::name
  std::uint64_t size = 0;
  std::uint64_t header = 0;  // both headers
  std::uint64_t entry = 0;   // with its owner
};

// The list at `at`, which may reach past the bytes. Nothing when its type is
// not a known one or its sizes do not fit each other.
[[nodiscard]] std::optional<EfiSignatureList> EfiSignatureListAt(
    ByteView bytes, std::uint64_t at);

// One entry, without its owner.
struct EfiSignature {
  std::string_view kind = {};
  ByteView data;
};

// The entries of lists that take up all of `bytes`.
[[nodiscard]] Result<std::vector<EfiSignature>> EfiSignaturesIn(ByteView bytes);

// EFI_VARIABLE_AUTHENTICATION_2, which .auth files and updates of the variables
// put in front of the lists (section 8.2.2): the bytes after it. Nothing when
// `bytes` do not begin with one.
[[nodiscard]] std::optional<ByteView> AfterAuthentication(ByteView bytes);

}  // namespace assay::formats
