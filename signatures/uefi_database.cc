#include "signatures/uefi_database.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>

#include "signatures/anchor.h"
#include "verifier/base/text.h"
#include "verifier/formats/boot/efi_signatures.h"
#include "verifier/formats/firmware/uefi_variables.h"

namespace assay::signatures {
namespace {

using Type = TrustAnchor::Type;

// EFI_IMAGE_SECURITY_DATABASE_GUID.
constexpr formats::Guid kSecurityDatabase =
    formats::GuidOf(0xd719b2cb, 0x3d3a, 0x4596,
                    {0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f});
// id-kp of Red Hat's arc: signs kernel modules and nothing else.
constexpr char kModuleSigning[] = "1.3.6.1.4.1.2312.16.1.2";

// The signature lists in any of their wrappings; nothing in none of them.
std::optional<ByteView> ListsIn(ByteView key, std::string_view variable) {
  constexpr std::uint64_t kAttributes = 4;
  if (formats::EfiSignatureListAt(key, 0)) {
    return key;
  }
  if (const auto lists = formats::AfterAuthentication(key)) {
    return lists;
  }
  if (formats::EfiSignatureListAt(key, kAttributes)) {
    return key.subspan(kAttributes);
  }
  for (const auto& one : formats::UefiVariablesIn(key)) {
    if (one.name == variable && one.vendor == kSecurityDatabase) {
      return Slice(key, one.data.offset, one.data.length);
    }
  }
  return std::nullopt;
}

std::optional<DigestAlgorithm> AlgorithmOf(std::string_view kind) {
  return DigestAlgorithmOf(kind.substr(kind.find('-') + 1));
}

// False when nothing can be done with the entry.
bool Take(const formats::EfiSignature& entry, UefiDatabase& into) {
  if (entry.kind == "x509") {
    const unsigned char* at = entry.data.data();
    X509Ptr one(d2i_X509(nullptr, &at, static_cast<long>(entry.data.size())));
    if (!one) {
      return false;
    }
    into.certificates.push_back(std::move(one));
    return true;
  }
  const auto algorithm = AlgorithmOf(entry.kind);
  if (!algorithm || entry.data.size() < SizeOf(*algorithm)) {
    return false;
  }
  Digest digest{*algorithm, HexOf(entry.data.first(SizeOf(*algorithm)))};
  (entry.kind.starts_with("x509-") ? into.tbs : into.images)
      .push_back(std::move(digest));
  return true;
}

std::string UpperHex(std::string hex) {
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

}  // namespace

Result<UefiDatabase> DatabaseOf(const TrustAnchor& anchor) {
  const auto fail = [&](std::string_view why) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: {}", anchor.name, why));
  };
  UefiDatabase database;
  const bool forbids = anchor.type == Type::kUefiDbx;
  if (const auto lists = ListsIn(anchor.key, forbids ? "dbx" : "db")) {
    const auto entries = formats::EfiSignaturesIn(*lists);
    if (!entries) {
      return fail(entries.error().what);
    }
    for (const formats::EfiSignature& entry : *entries) {
      if (!Take(entry, database) && forbids) {
        return fail(
            fmt::format("an entry of dbx cannot be used: {}", entry.kind));
      }
    }
    ERR_clear_error();
  } else {
    auto plain = CertificatesOfX509(anchor);
    if (!plain) {
      return Fail(plain.error());
    }
    database.certificates = std::move(plain->certificates);
  }
  if (!forbids) {
    std::erase_if(database.certificates, [&](const X509Ptr& one) {
      return !AllowsFingerprint(anchor, FingerprintOf(*one));
    });
    std::erase_if(database.images, [&](const Digest& digest) {
      return !AllowsFingerprint(anchor, UpperHex(digest.hex));
    });
  }
  return database;
}

std::vector<std::string> FingerprintsOf(const UefiDatabase& database) {
  std::vector<std::string> all;
  for (const X509Ptr& one : database.certificates) {
    all.push_back(FingerprintOf(*one));
  }
  for (const auto* digests : {&database.images, &database.tbs}) {
    for (const Digest& digest : *digests) {
      all.push_back(UpperHex(digest.hex));
    }
  }
  return all;
}

TrustAnchor AnchorOf(X509& certificate, std::string name,
                     std::vector<std::string> derivation) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  TrustAnchor anchor{.name = std::move(name),
                     .type = Type::kX509Ca,
                     .derivation = std::move(derivation)};
  if (size > 0) {
    anchor.key.assign(der, der + size);
  }
  OPENSSL_free(der);
  return anchor;
}

std::vector<TrustAnchor> CertificateAnchorsOf(const Trust& trust, Type type) {
  std::vector<TrustAnchor> anchors;
  for (const TrustAnchor& anchor : trust.anchors) {
    if (anchor.type != type) {
      continue;
    }
    const auto database = DatabaseOf(anchor);
    for (std::size_t i = 0; database && i < database->certificates.size();
         ++i) {
      X509& certificate = *database->certificates[i];
      if (type == Type::kUefiDb && HasUsage(certificate, kModuleSigning)) {
        continue;
      }
      anchors.push_back(AnchorOf(certificate, anchor.name, anchor.derivation));
    }
  }
  return anchors;
}

bool ListsCertificate(const UefiDatabase& database, X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(&certificate, &der);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) {
                          OPENSSL_free(bytes);
                        })>
      held(der);
  return size > 0 &&
         std::ranges::any_of(database.tbs, [&](const Digest& digest) {
           return DigestOf(digest.algorithm,
                           ByteView(der, static_cast<std::size_t>(size))) ==
                  digest;
         });
}

}  // namespace assay::signatures
