#include "signatures/openpgp_packets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxModulusBits = 16384;
constexpr std::string_view kArmorDashes = "-----";

std::string UpperHex(ByteView bytes) {
  std::string hex = HexOf(bytes);
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

// RFC 9580 section 4.2.1 and 5.2.3.7 share the one, two and five octet forms.
std::optional<std::uint64_t> TakeLength(ByteReader& reader, bool subpacket) {
  const auto first = reader.Take<Stored<std::uint8_t, ByteOrder::kBig>>();
  if (!first) {
    return std::nullopt;
  }
  const std::uint64_t head = *first;
  if (head < 192) {
    return head;
  }
  if (head == 255) {
    const auto length = reader.Take<Be32>();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
  }
  if (head >= 224 && !subpacket) {
    return std::nullopt;  // a partial length
  }
  const auto low = reader.Take<Stored<std::uint8_t, ByteOrder::kBig>>();
  return low ? std::optional<std::uint64_t>(((head - 192) << 8U) + *low + 192)
             : std::nullopt;
}

// RFC 4880 section 4.2.1: the length's size is in the two low bits.
std::optional<std::uint64_t> TakeOldLength(ByteReader& reader,
                                           unsigned length_type) {
  switch (length_type) {
    case 0: {
      const auto length = reader.Take<Stored<std::uint8_t, ByteOrder::kBig>>();
      return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }
    case 1: {
      const auto length = reader.Take<Be16>();
      return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }
    case 2: {
      const auto length = reader.Take<Be32>();
      return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }
    default:
      return std::nullopt;  // indeterminate
  }
}

std::optional<Packet> TakePacket(ByteView bytes, ByteReader& reader) {
  const std::size_t start = reader.consumed();
  const auto head = reader.Take<Stored<std::uint8_t, ByteOrder::kBig>>();
  if (!head || (*head & 0x80U) == 0) {
    return std::nullopt;
  }
  const bool is_new = (*head & 0x40U) != 0;
  const unsigned tag = is_new ? *head & 0x3FU : (*head >> 2U) & 0x0FU;
  const auto length =
      is_new ? TakeLength(reader, false) : TakeOldLength(reader, *head & 0x03U);
  if (!length) {
    return std::nullopt;
  }
  const auto body = reader.TakeBytes(*length);
  if (!body) {
    return std::nullopt;
  }
  return Packet{.tag = static_cast<PacketTag>(tag),
                .whole = bytes.subspan(start, reader.consumed() - start),
                .body = *body};
}

std::optional<std::string> FingerprintOf(ByteView key_body) {
  if (key_body.empty() || key_body[0] != 4 || key_body.size() > 0xFFFF) {
    return std::nullopt;
  }
  // RFC 4880 section 12.2: SHA-1 of 0x99, the length and the packet's body.
  Bytes hashed = {0x99, static_cast<std::uint8_t>(key_body.size() >> 8U),
                  static_cast<std::uint8_t>(key_body.size() & 0xFFU)};
  hashed.insert(hashed.end(), key_body.begin(), key_body.end());
  const Digest digest = DigestOf(DigestAlgorithm::kSha1, hashed);
  return UpperHex(BytesFromHex(digest.hex).value_or(Bytes{}));
}

std::string WhyUnusable(const Packet& key) {
  if (key.tag == PacketTag::kSecretKey || key.tag == PacketTag::kSecretSubkey) {
    return "holds a secret key";
  }
  if (key.body.empty() || key.body[0] != 4) {
    return fmt::format("key version {} is not supported",
                       key.body.empty() ? 0 : key.body[0]);
  }
  // Version, creation time, algorithm, then the bits of the first number.
  const auto bits = ReadAt<Be16>(key.body, 6);
  const bool rsa = key.body.size() > 5 && key.body[5] <= 3;
  if (rsa && bits && *bits > kMaxModulusBits) {
    return fmt::format("its modulus of {} bits is over the limit of {}",
                       std::uint16_t{*bits}, kMaxModulusBits);
  }
  return "";
}

void AddKey(const Packet& key, Certificate& into) {
  if (const std::string why = WhyUnusable(key);
      !why.empty() && into.unusable.empty() &&
      key.tag != PacketTag::kPublicSubkey) {
    into.unusable = why;
  }
  if (const auto fingerprint = FingerprintOf(key.body)) {
    if (into.key_ids.empty()) {
      into.fingerprint = *fingerprint;
    }
    into.key_ids.push_back(fingerprint->substr(fingerprint->size() - 16));
  }
}

// Remembers what a subpacket area says of time and issuer; RFC 9580 sections
// 5.2.3.11 (creation), 5.2.3.12 (key id) and 5.2.3.35 (fingerprint, which
// wins).
void ReadSubpackets(ByteView area, SignaturePacket& into) {
  ByteReader reader(area);
  while (reader.remaining() > 0) {
    const auto length = TakeLength(reader, true);
    const auto body = length ? reader.TakeBytes(*length) : std::nullopt;
    if (!body || body->empty()) {
      return;
    }
    const unsigned type = (*body)[0] & 0x7FU;
    if (type == 2 && body->size() == 5 && into.made == 0) {
      into.made = ReadAt<Be32>(*body, 1).value_or(Be32{});
    } else if (type == 16 && body->size() == 9 && into.issuer.empty()) {
      into.issuer = UpperHex(body->subspan(1));
      into.key_id = into.issuer;
    } else if (type == 33 && body->size() == 22 && (*body)[1] == 4) {
      into.issuer = UpperHex(body->subspan(2));
      into.key_id = UpperHex(body->last(8));
    } else if (type == 33 && body->size() == 34) {
      into.issuer = UpperHex(body->subspan(2));
      into.key_id = UpperHex(body->subspan(2, 8));
    }
  }
}

void ReadVersion3(ByteView body, SignaturePacket& into) {
  // RFC 4880 section 5.2.2: 03 05 type time[4] key-id[8] algorithm hash.
  if (body.size() < 17) {
    return;
  }
  into.type = body[2];
  into.made = ReadAt<Be32>(body, 3).value_or(Be32{});
  into.issuer = UpperHex(body.subspan(7, 8));
  into.key_id = into.issuer;
  into.key_algorithm = body[15];
  into.hash_algorithm = body[16];
}

void ReadVersion4(ByteView body, SignaturePacket& into) {
  if (body.size() < 4) {
    return;
  }
  into.type = body[1];
  into.key_algorithm = body[2];
  into.hash_algorithm = body[3];
  ByteReader reader(body.subspan(4));
  for (int area = 0; area < 2; ++area) {  // hashed, then unhashed
    std::uint64_t length = 0;
    if (body[0] == 4) {
      length = reader.Take<Be16>().value_or(Be16{});
    } else {
      length = reader.Take<Be32>().value_or(Be32{});
    }
    const auto subpackets = reader.TakeBytes(length);
    if (!subpackets) {
      return;
    }
    ReadSubpackets(*subpackets, into);
  }
}

// The body lines of an armoured block, without headers and checksum.
std::string ArmorBody(const std::vector<std::string_view>& lines,
                      std::size_t first, std::size_t last) {
  std::string encoded;
  for (std::size_t i = first; i < last; ++i) {
    const std::string_view line = Trim(lines[i]);
    const bool checksum = line.size() == 5 && line[0] == '=';
    if (!(checksum && i + 1 == last)) {
      encoded.append(line);
    }
  }
  return encoded;
}

}  // namespace

Result<std::vector<Packet>> SplitPackets(ByteView bytes) {
  std::vector<Packet> packets;
  ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    const std::size_t start = reader.consumed();
    const auto packet = TakePacket(bytes, reader);
    if (!packet) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("no whole OpenPGP packet at byte {}", start));
    }
    packets.push_back(*packet);
  }
  return packets;
}

Result<Bytes> Dearmor(std::string_view text, std::string_view type) {
  const std::string begin = fmt::format("{0}BEGIN {1}{0}", kArmorDashes, type);
  const std::string end = fmt::format("{0}END {1}{0}", kArmorDashes, type);
  const std::vector<std::string_view> lines = SplitLines(text);
  if (lines.empty() || Trim(lines[0]) != begin) {
    return Fail(ErrorCode::kNotThisFormat, "no " + begin);
  }
  std::size_t at = 1;
  while (at < lines.size() && !Trim(lines[at]).empty() &&
         lines[at].find(": ") != std::string_view::npos) {
    ++at;  // armour headers: anybody can change them, nobody may rely on them
  }
  if (at < lines.size() && Trim(lines[at]).empty()) {
    ++at;
  }
  const std::size_t first = at;
  while (at < lines.size() && Trim(lines[at]) != end) {
    ++at;
  }
  if (at == lines.size()) {
    return Fail(ErrorCode::kTruncated, "no " + end);
  }
  for (std::size_t i = at + 1; i < lines.size(); ++i) {
    if (!Trim(lines[i]).empty()) {
      return Fail(ErrorCode::kMalformed, "text after the armoured block");
    }
  }
  const auto decoded = FromBase64(ArmorBody(lines, first, at));
  if (!decoded) {
    return Fail(ErrorCode::kMalformed, "the armoured block is not base64");
  }
  return CopyOf(AsBytes(*decoded));
}

Result<ByteSource> KeyringBytes(ByteView file) {
  constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  std::string_view text = AsText(file);
  if (!file.empty() && (file[0] & 0x80U) != 0) {
    return ByteSource::Borrow(file);
  }
  Bytes all;
  std::size_t start = text.find(kBegin);
  if (start == std::string_view::npos) {
    return Fail(ErrorCode::kMalformed, "no OpenPGP public key");
  }
  while (start != std::string_view::npos) {
    const std::size_t next = text.find(kBegin, start + kBegin.size());
    auto block = Dearmor(
        text.substr(start,
                    next == std::string_view::npos ? next : next - start),
        "PGP PUBLIC KEY BLOCK");
    if (!block) {
      return Fail(block.error());
    }
    all.insert(all.end(), block->begin(), block->end());
    start = next;
  }
  return ByteSource::Own(std::move(all));
}

Result<std::vector<Certificate>> SplitCertificates(ByteView keyring) {
  const auto packets = SplitPackets(keyring);
  if (!packets) {
    return Fail(packets.error());
  }
  std::vector<Certificate> certificates;
  std::size_t at = 0;
  for (const Packet& packet : *packets) {
    const std::size_t end = at + packet.whole.size();
    if (packet.tag == PacketTag::kPublicKey ||
        packet.tag == PacketTag::kSecretKey) {
      certificates.push_back({.packets = keyring.subspan(at, 0)});
    }
    if (certificates.empty()) {
      return Fail(ErrorCode::kMalformed, "the keyring begins with no key");
    }
    Certificate& current = certificates.back();
    const std::size_t before = current.packets.size();
    current.packets = keyring.subspan(at - before, before + (end - at));
    switch (packet.tag) {
      case PacketTag::kPublicKey:
      case PacketTag::kSecretKey:
      case PacketTag::kPublicSubkey:
      case PacketTag::kSecretSubkey:
        AddKey(packet, current);
        break;
      default:
        break;
    }
    at = end;
  }
  return certificates;
}

Result<std::vector<SignaturePacket>> SplitSignatures(ByteView bytes) {
  const auto packets = SplitPackets(bytes);
  if (!packets) {
    return Fail(packets.error());
  }
  std::vector<SignaturePacket> signatures;
  for (const Packet& packet : *packets) {
    if (packet.tag == PacketTag::kMarker) {
      continue;
    }
    if (packet.tag != PacketTag::kSignature || packet.body.empty()) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("an OpenPGP packet of type {} among signatures",
                              static_cast<unsigned>(packet.tag)));
    }
    SignaturePacket signature{.whole = packet.whole, .version = packet.body[0]};
    if (signature.version == 2 || signature.version == 3) {
      ReadVersion3(packet.body, signature);
    } else {
      ReadVersion4(packet.body, signature);
    }
    signatures.push_back(std::move(signature));
  }
  if (signatures.empty()) {
    return Fail(ErrorCode::kNotThisFormat, "no OpenPGP signature packet");
  }
  return signatures;
}

std::string WhatIsUnsupported(const SignaturePacket& signature) {
  // RFC 9580 section 9.1: RSA, DSA, ECDSA and EdDSA (legacy); 9.5: hashes.
  constexpr std::array<std::uint8_t, 5> kKeys = {1, 3, 17, 19, 22};
  constexpr std::array<std::uint8_t, 9> kHashes = {1,  2,  3,  8, 9,
                                                   10, 11, 12, 14};
  if (signature.version != 3 && signature.version != 4) {
    return fmt::format("signature version {}", signature.version);
  }
  if (std::ranges::find(kKeys, signature.key_algorithm) == kKeys.end()) {
    return fmt::format("public-key algorithm {}", signature.key_algorithm);
  }
  if (std::ranges::find(kHashes, signature.hash_algorithm) == kHashes.end()) {
    return fmt::format("hash algorithm {}", signature.hash_algorithm);
  }
  return "";
}

}  // namespace assay::signatures
