#include "verifier/facts/ssh_blob.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::facts {
namespace {

struct KeyType {
  std::string_view name;
  int fields;    // strings after the type
  int measured;  // index of the field whose bit length counts, or -1
  int bits;      // fixed bits, when not measured
};

// ECDSA keys begin with the curve's name, so its size is in the type.
constexpr KeyType kTypes[] = {
    {"ssh-rsa", 2, 1, 0},
    {"ssh-dss", 4, 0, 0},
    {"ssh-ed25519", 1, -1, 256},
    {"ssh-ed448", 1, -1, 456},
    {"ecdsa-sha2-nistp256", 2, -1, 256},
    {"ecdsa-sha2-nistp384", 2, -1, 384},
    {"ecdsa-sha2-nistp521", 2, -1, 521},
    {"sk-ssh-ed25519@openssh.com", 2, -1, 256},
    {"sk-ecdsa-sha2-nistp256@openssh.com", 3, -1, 256},
};

constexpr std::string_view kCertificate = "-cert-v01@openssh.com";

}  // namespace

std::optional<ByteView> TakeSshString(ByteReader& reader) {
  const auto length = reader.Take<Be32>();
  return length ? reader.TakeBytes(*length) : std::nullopt;
}

std::size_t BitLength(ByteView number) {
  std::size_t at = 0;
  while (at < number.size() && number[at] == 0) {
    ++at;
  }
  if (at == number.size()) {
    return 0;
  }
  std::size_t bits = (number.size() - at - 1) * 8;
  for (unsigned top = number[at]; top != 0; top >>= 1U) {
    ++bits;
  }
  return bits;
}

std::string SshFingerprint(ByteView blob) {
  const auto digest = BytesFromHex(DigestOf(DigestAlgorithm::kSha256, blob).hex)
                          .value_or(Bytes());
  std::string text = Base64(AsText(digest));
  text.erase(std::min(text.find('='), text.size()));  // ssh-keygen shows none
  return "SHA256:" + text;
}

std::optional<SshPublicKey> ParseSshPublicKey(ByteView blob) {
  ByteReader reader(blob);
  const auto raw = TakeSshString(reader);
  if (!raw || raw->size() > 64) {
    return std::nullopt;
  }
  const std::string_view name = AsText(*raw);
  if (name.size() > kCertificate.size() &&
      name.substr(name.size() - kCertificate.size()) == kCertificate) {
    return SshPublicKey{std::string(name), "", SshFingerprint(blob)};
  }
  const auto* type =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&](const KeyType& known) { return known.name == name; });
  if (type == std::end(kTypes)) {
    return std::nullopt;
  }
  std::size_t bits = static_cast<std::size_t>(type->bits);
  for (int i = 0; i < type->fields; ++i) {
    const auto field = TakeSshString(reader);
    if (!field || field->empty()) {
      return std::nullopt;
    }
    if (i == type->measured) {
      bits = BitLength(*field);
    }
  }
  if (reader.remaining() != 0) {
    return std::nullopt;
  }
  return SshPublicKey{std::string(name), fmt::format("{}", bits),
                      SshFingerprint(blob)};
}

}  // namespace assay::facts
