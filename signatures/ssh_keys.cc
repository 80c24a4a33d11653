#include "signatures/ssh_keys.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <utility>

#include "signatures/der.h"
#include "signatures/x509.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;

constexpr std::string_view kToken = "sk-";

struct Curve {
  std::string_view name;   // RFC 5656 section 10.1
  const char* group;       // as libcrypto calls it
  DigestAlgorithm digest;  // section 6.2.1
};
constexpr std::array<Curve, 3> kCurves = {{
    {"nistp256", "P-256", DigestAlgorithm::kSha256},
    {"nistp384", "P-384", DigestAlgorithm::kSha384},
    {"nistp521", "P-521", DigestAlgorithm::kSha512},
}};

const Curve* CurveOf(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kCurves, [&](const Curve& curve) { return curve.name == name; });
  return found == kCurves.end() ? nullptr : found;
}

KeyPtr EcKey(const Curve& curve, ByteView point) {
  Bytes copy = CopyOf(point);
  std::string group = curve.group;
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                       group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(),
                                        copy.size()),
      OSSL_PARAM_construct_end()};
  const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) == 1) {
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                      parameters.data());
  }
  ERR_clear_error();
  return KeyPtr(key);
}

KeyPtr Ed25519KeyOf(ByteView raw) {
  KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(),
                                         raw.size()));
  ERR_clear_error();
  return key;
}

// The fields of a type that is known; false when they are damaged.
bool ReadKey(SshReader& reader, std::string_view type, SshKey& key) {
  if (type == "ssh-rsa") {
    const auto exponent = reader.Number();
    const auto modulus = reader.Number();
    key.key = exponent && modulus ? KeyFromRsa(*modulus, *exponent) : nullptr;
    return key.key != nullptr && reader.empty();
  }
  const bool token = type.starts_with(kToken);
  const std::string_view plain =
      token ? type.substr(kToken.size(), type.find('@') - kToken.size()) : type;
  constexpr std::string_view kEcdsa = "ecdsa-sha2-";
  if (plain == "ssh-ed25519") {
    const auto raw = reader.String();
    key.key = raw ? Ed25519KeyOf(*raw) : nullptr;
  } else if (plain.starts_with(kEcdsa)) {
    const Curve* curve = CurveOf(plain.substr(kEcdsa.size()));
    const auto name = reader.String();
    const auto point = reader.String();
    if (curve == nullptr) {
      return true;
    }
    if (name && AsText(*name) == curve->name && point) {
      key.key = EcKey(*curve, *point);
    }
  } else {
    return true;  // not known
  }
  if (token) {
    const auto application = reader.String();
    if (!application) {
      return false;
    }
    key.application = AsText(*application);
  }
  return key.key != nullptr && reader.empty();
}

// RFC 5656 section 3.1.2, as Ecdsa-Sig-Value.
std::optional<Bytes> DerOfEcdsa(ByteView blob) {
  SshReader reader(blob);
  Bytes both;
  for (int i = 0; i < 2; ++i) {
    const auto number = reader.Number();
    if (!number || number->empty() || number->size() > 66) {
      return std::nullopt;
    }
    Bytes content;
    if (number->front() >= 0x80) {
      content.push_back(0);
    }
    content.insert(content.end(), number->begin(), number->end());
    const Bytes element = WriteDer(kDerInteger, content);
    both.insert(both.end(), element.begin(), element.end());
  }
  if (!reader.empty()) {
    return std::nullopt;
  }
  if (both.size() < 128) {
    return WriteDer(kDerSequence, both);
  }
  Bytes sequence = {kDerSequence, 0x81, static_cast<std::uint8_t>(both.size())};
  sequence.insert(sequence.end(), both.begin(), both.end());
  return sequence;
}

// RFC 8332; a value shorter than the modulus lost zeros in front.
bool HoldsWithRsa(EVP_PKEY& key, DigestAlgorithm digest, ByteView value,
                  ByteView message) {
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(&key));
  if (value.size() > size) {
    return false;
  }
  Bytes padded(size - value.size());
  padded.insert(padded.end(), value.begin(), value.end());
  return HoldsOverMessage(key, digest, message, padded);
}

// PROTOCOL.u2f, "SSH U2F signatures": what the token signs.
Bytes TokenMessage(std::string_view application, std::uint8_t flags,
                   std::uint32_t counter, ByteView message) {
  const auto name = Sha256Raw(AsBytes(application));
  const auto digest = Sha256Raw(message);
  Bytes text(name.begin(), name.end());
  text.push_back(flags);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    text.push_back(static_cast<std::uint8_t>(counter >> shift));
  }
  text.insert(text.end(), digest.begin(), digest.end());
  return text;
}

}  // namespace

std::optional<ByteView> SshReader::String() {
  ByteReader ahead = reader_;
  const auto length = ahead.Take<Be32>();
  const auto bytes = length ? ahead.TakeBytes(*length) : std::nullopt;
  if (bytes) {
    reader_ = ahead;
  }
  return bytes;
}

std::optional<ByteView> SshReader::Number() {
  ByteReader before = reader_;
  auto bytes = String();
  if (bytes && !bytes->empty() && bytes->front() >= 0x80) {
    reader_ = before;
    return std::nullopt;  // negative
  }
  while (bytes && !bytes->empty() && bytes->front() == 0) {
    bytes = bytes->subspan(1);
  }
  return bytes;
}

std::optional<std::uint32_t> SshReader::Word() {
  const auto word = reader_.Take<Be32>();
  return word ? std::optional<std::uint32_t>(*word) : std::nullopt;
}

std::optional<std::uint8_t> SshReader::Byte() {
  return reader_.Take<std::uint8_t>();
}

std::optional<SshKey> ParseSshKey(ByteView blob) {
  SshReader reader(blob);
  const auto type = reader.String();
  if (!type || type->empty()) {
    return std::nullopt;
  }
  SshKey key{.type = std::string(AsText(*type))};
  if (!ReadKey(reader, key.type, key)) {
    return std::nullopt;
  }
  return key;
}

std::string SshFingerprint(ByteView blob) {
  std::string hex = Sha256Hex(blob);
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

SshOutcome HoldsWithSsh(const SshKey& key, ByteView signature,
                        ByteView message) {
  if (!key.key) {
    return SshOutcome::kUnknown;
  }
  SshReader reader(signature);
  const auto algorithm = reader.String();
  const auto value = reader.String();
  if (!algorithm || !value) {
    return SshOutcome::kDoesNotHold;
  }
  const std::string_view name = AsText(*algorithm);
  Bytes token;
  if (key.application) {
    const auto flags = reader.Byte();
    const auto counter = reader.Word();
    if (!flags || !counter) {
      return SshOutcome::kDoesNotHold;
    }
    token = TokenMessage(*key.application, *flags, *counter, message);
    message = token;
  }
  if (!reader.empty()) {
    return SshOutcome::kDoesNotHold;
  }
  if (key.type == "ssh-rsa" && name == "ssh-rsa") {
    return SshOutcome::kWeak;
  }
  bool holds = false;
  if (key.type == "ssh-rsa") {
    if (name != "rsa-sha2-256" && name != "rsa-sha2-512") {
      return SshOutcome::kUnknown;
    }
    holds = HoldsWithRsa(*key.key,
                         name == "rsa-sha2-256" ? DigestAlgorithm::kSha256
                                                : DigestAlgorithm::kSha512,
                         *value, message);
  } else if (name != key.type) {
    return SshOutcome::kDoesNotHold;
  } else if (key.type.find("ed25519") != std::string::npos) {
    holds = HoldsOverMessage(*key.key, std::nullopt, message, *value);
  } else {
    const int bits = EVP_PKEY_get_bits(key.key.get());
    const auto der = DerOfEcdsa(*value);
    holds = der && HoldsOverMessage(*key.key,
                                    bits == 256   ? DigestAlgorithm::kSha256
                                    : bits == 384 ? DigestAlgorithm::kSha384
                                                  : DigestAlgorithm::kSha512,
                                    message, *der);
  }
  return holds ? SshOutcome::kHolds : SshOutcome::kDoesNotHold;
}

}  // namespace assay::signatures
