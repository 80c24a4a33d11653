// Private keys in the two forms of SSH servers; see key_material.h.

#include <algorithm>
#include <string>

#include "verifier/facts/key_material.h"
#include "verifier/facts/ssh_blob.h"

namespace assay::facts {
namespace {

constexpr std::string_view kMagic("openssh-key-v1\0", 15);

Fact SshKeyFact(const SshPublicKey& key, bool encrypted,
                std::string_view encoding) {
  return {.kind = "private_key",
          .value = key.type,
          .attributes = {{"bits", key.bits},
                         {"encrypted", encrypted ? "yes" : "no"},
                         {"fingerprint", key.fingerprint},
                         {"encoding", std::string(encoding)}}};
}

// Strings of a Dropbear key by type: those of the public blob, all of them.
struct DropbearType {
  std::string_view name;
  int public_fields;
  int fields;
};

constexpr DropbearType kDropbear[] = {
    {"ssh-rsa", 2, 3},  // e, n, d; then p and q since 0.33
    {"ssh-dss", 4, 5},
    {"ssh-ed25519", 1, 1},  // private and public half in one string
    {"ecdsa-sha2-nistp256", 2, 3},
    {"ecdsa-sha2-nistp384", 2, 3},
    {"ecdsa-sha2-nistp521", 2, 3},
};

// Dropbear's Ed25519 string is seed and public key; SSH's is the latter.
std::optional<SshPublicKey> Ed25519Of(ByteView pair) {
  if (pair.size() != 64) {
    return std::nullopt;
  }
  constexpr std::string_view kHead("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
  Bytes blob = CopyOf(AsBytes(kHead));
  blob.insert(blob.end(), pair.begin() + 32, pair.end());
  return ParseSshPublicKey(blob);
}

}  // namespace

std::optional<Fact> OpensshKeyFact(ByteView bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.TakeBytes(kMagic.size());
  if (!magic || AsText(*magic) != kMagic) {
    return std::nullopt;
  }
  const auto cipher = TakeSshString(reader);
  const auto derivation = TakeSshString(reader);
  const auto options = TakeSshString(reader);
  const auto count = reader.Take<Be32>();
  const auto blob = TakeSshString(reader);
  const auto secret = TakeSshString(reader);
  const auto key = blob ? ParseSshPublicKey(*blob) : std::nullopt;
  if (!cipher || !derivation || !options || !count || !secret || !key) {
    return std::nullopt;
  }
  return SshKeyFact(*key, AsText(*cipher) != "none", "openssh");
}

std::optional<Fact> DropbearKeyFact(ByteView bytes) {
  ByteReader reader(bytes);
  const auto name = TakeSshString(reader);
  const auto* type = std::find_if(
      std::begin(kDropbear), std::end(kDropbear),
      [&](const auto& known) { return name && AsText(*name) == known.name; });
  if (type == std::end(kDropbear)) {
    return std::nullopt;
  }
  std::size_t public_end = 0;
  ByteView first;
  for (int i = 0; i < type->fields; ++i) {
    const auto field = TakeSshString(reader);
    if (!field) {
      return std::nullopt;
    }
    first = i == 0 ? *field : first;
    public_end = i + 1 == type->public_fields ? reader.consumed() : public_end;
  }
  while (reader.remaining() > 0) {
    if (!TakeSshString(reader)) {
      return std::nullopt;
    }
  }
  const auto key = type->name == "ssh-ed25519"
                       ? Ed25519Of(first)
                       : ParseSshPublicKey(bytes.first(public_end));
  return key ? std::optional(SshKeyFact(*key, false, "dropbear"))
             : std::nullopt;
}

}  // namespace assay::facts
