// The framing of OpenPGP (RFC 4880, RFC 9580): armour, packets, certificates
// and the fields of signature packets that choose a key. Pure parsing: no
// signature is judged here, and nothing read here is authenticated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::signatures {

// RFC 9580 section 5: the packet types that Assay names.
enum class PacketTag : std::uint8_t {
  kSignature = 2,
  kSecretKey = 5,
  kPublicKey = 6,
  kSecretSubkey = 7,
  kMarker = 10,
  kPublicSubkey = 14,
};

struct Packet {
  PacketTag tag = PacketTag::kSignature;
  ByteView whole;  // header and body
  ByteView body;
};

// Splits `bytes` wholly into packets of definite length; kMalformed or
// kTruncated otherwise (partial and indeterminate lengths belong to data
// packets, which neither signatures nor certificates contain).
[[nodiscard]] Result<std::vector<Packet>> SplitPackets(ByteView bytes);

// RFC 9580 section 6.2. Decodes one armoured block of the given `type`
// ("PGP SIGNATURE") that is the whole of `text` but for white space after it.
// The CRC-24 is not checked: section 6.1 gives it no meaning.
[[nodiscard]] Result<Bytes> Dearmor(std::string_view text,
                                    std::string_view type);

// Binary, or one or several armoured "PGP PUBLIC KEY BLOCK"s after each
// other, as keyring files are made with cat. A binary file is borrowed.
[[nodiscard]] Result<ByteSource> KeyringBytes(ByteView file);

// One transferable public key: a primary key, its user ids and subkeys.
struct Certificate {
  ByteView packets;  // of the keyring that it was read from
  // Upper-case hex, as the tools print it.
  std::string fingerprint = {};
  std::vector<std::string> key_ids = {};  // primary's first, then subkeys'
  // "" or why it cannot be used (version 6, oversized modulus, secret key).
  std::string unusable = {};
};

// `keyring` is kept alive by the caller. Bytes before the first primary key
// are kMalformed.
[[nodiscard]] Result<std::vector<Certificate>> SplitCertificates(
    ByteView keyring);

// What a signature packet says about itself, unauthenticated.
struct SignaturePacket {
  ByteView whole;  // the packet, header included
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint8_t key_algorithm = 0;
  std::uint8_t hash_algorithm = 0;
  std::string issuer = {};  // fingerprint or key id, upper-case hex; or ""
  std::string key_id = {};  // the last 8 bytes of it
  std::uint32_t made = 0;   // its claim; 0 when there is none
};

// The signature packets of a detached signature. Marker packets are skipped,
// as RFC 9580 section 5.8 demands; any other packet is kMalformed.
[[nodiscard]] Result<std::vector<SignaturePacket>> SplitSignatures(
    ByteView packets);

// "" when a signature of this version and these algorithms can be judged by
// librnp 0.16; otherwise what is not supported.
[[nodiscard]] std::string WhatIsUnsupported(const SignaturePacket& signature);

}  // namespace assay::signatures
