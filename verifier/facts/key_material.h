// Certificates and keys as facts, without their place. Each function gives
// nothing when the bytes are anything else, and never decrypts.
#pragma once

#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/model/fact.h"

namespace assay::facts {

// Whether `bytes` are one DER SEQUENCE whose length is that of the bytes.
[[nodiscard]] bool IsWholeDer(ByteView bytes);

// X.509 (RFC 5280). `trusted`: OpenSSL's form with settings behind it.
[[nodiscard]] std::optional<Fact> CertificateFact(ByteView der, bool trusted);
// PKCS#8, its encrypted form, PKCS#1, SEC 1 or DSA. `encoding`: "pem", "der".
[[nodiscard]] std::optional<Fact> PrivateKeyFact(ByteView der,
                                                 std::string_view encoding);
// A PEM key that its headers or its label call encrypted.
[[nodiscard]] Fact EncryptedKeyFact(std::string_view label);
// SubjectPublicKeyInfo, or PKCS#1 when `pkcs1`.
[[nodiscard]] std::optional<Fact> PublicKeyFact(ByteView der, bool pkcs1);
// PFX (RFC 7292): keys behind a password that is not tried.
[[nodiscard]] std::optional<Fact> Pkcs12Fact(ByteView der);
// "openssh-key-v1" (OpenSSH, PROTOCOL.key).
[[nodiscard]] std::optional<Fact> OpensshKeyFact(ByteView bytes);
// A host key as Dropbear stores it: the public blob, then the private numbers.
[[nodiscard]] std::optional<Fact> DropbearKeyFact(ByteView bytes);

}  // namespace assay::facts
