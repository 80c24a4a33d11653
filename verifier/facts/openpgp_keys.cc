#include "verifier/facts/openpgp_keys.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::facts {
namespace {

using Byte = Stored<std::uint8_t, ByteOrder::kBig>;

constexpr std::uint8_t kPublicKey = 6;
constexpr std::uint8_t kUserId = 13;

struct Packet {
  std::uint8_t tag = 0;
  ByteView body = {};
};

template <typename T>
std::optional<std::uint64_t> Number(ByteReader& reader) {
  const auto value = reader.Take<T>();
  return value ? std::optional(std::uint64_t{*value}) : std::nullopt;
}

// RFC 9580, 4.2.1; a keyring has no partial lengths.
std::optional<std::uint64_t> NewLength(ByteReader& reader) {
  const auto first = Number<Byte>(reader);
  if (!first || *first < 192) {
    return first;
  }
  if (*first == 255) {
    return Number<Be32>(reader);
  }
  const auto second = Number<Byte>(reader);
  return second && *first < 224
             ? std::optional(((*first - 192) << 8U) + *second + 192)
             : std::nullopt;
}

// RFC 9580, 4.2.2.
std::optional<std::uint64_t> OldLength(ByteReader& reader, unsigned type) {
  switch (type) {
    case 0:
      return Number<Byte>(reader);
    case 1:
      return Number<Be16>(reader);
    case 2:
      return Number<Be32>(reader);
    default:
      return std::nullopt;
  }
}

std::optional<Packet> Next(ByteReader& reader) {
  const auto head = Number<Byte>(reader);
  if (!head || (*head & 0x80U) == 0) {
    return std::nullopt;
  }
  const bool is_new = (*head & 0x40U) != 0;
  const auto length =
      is_new ? NewLength(reader) : OldLength(reader, *head & 3U);
  const auto body = length ? reader.TakeBytes(*length) : std::nullopt;
  if (!body) {
    return std::nullopt;
  }
  return Packet{
      static_cast<std::uint8_t>(is_new ? *head & 0x3FU : *head >> 2U & 0xFU),
      *body};
}

// RFC 9580, 5.5.4.2: SHA-1 over 0x99, the length in two octets and the body.
std::string Fingerprint(ByteView body) {
  constexpr std::uint8_t kVersion = 4;
  if (body.empty() || body[0] != kVersion || body.size() > 0xFFFF) {
    return {};
  }
  Bytes text = {0x99, static_cast<std::uint8_t>(body.size() >> 8U),
                static_cast<std::uint8_t>(body.size() & 0xFFU)};
  text.insert(text.end(), body.begin(), body.end());
  return DigestOf(DigestAlgorithm::kSha1, text).hex;
}

void AddKeys(ByteView binary, std::size_t most, std::vector<OpenpgpKey>& keys) {
  ByteReader reader(binary);
  while (const auto packet = Next(reader)) {
    if (packet->tag == kPublicKey) {
      if (keys.size() >= most) {
        return;
      }
      keys.push_back({Fingerprint(packet->body), ""});
    } else if (packet->tag == kUserId && !keys.empty() &&
               keys.back().user_id.empty()) {
      keys.back().user_id = AsText(packet->body);
    }
  }
}

// RFC 9580, 6.2: after headers and an empty line, base64 and a checksum that
// begins with "=".
void AddArmoured(std::string_view text, std::size_t most,
                 std::vector<OpenpgpKey>& keys) {
  constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  for (std::size_t at = text.find(kBegin);
       at != std::string_view::npos && keys.size() < most;
       at = text.find(kBegin, at + 1)) {
    const std::size_t from = at + kBegin.size();
    const std::string_view block =
        text.substr(from, text.find("-----END", from) - from);
    std::string base64;
    bool inside = false;
    for (const std::string_view line : SplitLines(block)) {
      const std::string_view trimmed = Trim(line);
      if (inside && trimmed.starts_with('=')) {
        break;
      }
      inside =
          inside || (trimmed.empty() && !base64.empty()) ||
          (!trimmed.empty() && trimmed.find(':') == std::string_view::npos);
      base64.append(inside ? trimmed : std::string_view());
    }
    if (const auto binary = FromBase64(base64)) {
      AddKeys(AsBytes(*binary), most, keys);
    }
  }
}

}  // namespace

std::vector<OpenpgpKey> OpenpgpKeysIn(ByteView content, std::size_t most) {
  std::vector<OpenpgpKey> keys;
  if (!content.empty() && (content[0] & 0x80U) != 0) {
    AddKeys(content, most, keys);
  } else {
    AddArmoured(AsText(content), most, keys);
  }
  std::erase_if(keys,
                [](const OpenpgpKey& key) { return key.fingerprint.empty(); });
  return keys;
}

}  // namespace assay::facts
