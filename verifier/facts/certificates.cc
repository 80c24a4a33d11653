// X.509 certificates and keys: PEM anywhere (RFC 7468, and as string literals
// of source code), DER as a whole file, OpenSSH's and Dropbear's own forms.
// Nothing is decrypted and nobody is asked for a password.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/key_material.h"
#include "verifier/facts/key_parameters.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxObject = 1UL << 20U;
// libcrypto takes a millisecond for each.
constexpr std::size_t kMaxObjects = 2000;
constexpr std::string_view kBegin = "-----BEGIN ";

struct PemBlock {
  std::string_view label = {};
  std::string_view inside = {};  // between the two boundaries
  Range place = {};
};

// The block whose "-----BEGIN " stands at `at`.
std::optional<PemBlock> BlockAt(std::string_view text, std::size_t at) {
  const std::size_t from = at + kBegin.size();
  std::string_view rest = text.substr(from, kMaxObject);
  rest = rest.substr(0, rest.find(kBegin));  // blocks do not nest
  const std::size_t dashes = rest.substr(0, 64).find("-----");
  if (dashes == std::string_view::npos || dashes == 0) {
    return std::nullopt;
  }
  PemBlock block{.label = rest.substr(0, dashes)};
  const std::string end = "-----END " + std::string(block.label) + "-----";
  const std::size_t stop = rest.find(end, dashes + 5);
  if (stop == std::string_view::npos) {
    return std::nullopt;
  }
  block.inside = rest.substr(dashes + 5, stop - dashes - 5);
  block.place = {at, kBegin.size() + stop + end.size()};
  return block;
}

// The base64 text of a block as it stands in a file or in string literals of
// source code ("MII...\n" per line, or one string with escapes): of quoted
// lines only what is between the quotes counts.
std::string Base64Of(std::string_view inside) {
  const bool literals = inside.find_first_of("\"'") != std::string_view::npos;
  bool quoted = true;  // the boundary before stands in quotes as well
  std::string text;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (c == '\\') {
      ++i;  // \n, \r or a continued line
    } else if (c == '"' || c == '\'') {
      quoted = !quoted;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' &&
               (quoted || !literals)) {
      text += c;
    }
  }
  return text;
}

// RFC 1421, 4.6.1.1: "Proc-Type: 4,ENCRYPTED" before the encoded text.
bool HasEncryptedHeader(std::string_view inside) {
  return inside.substr(0, 64).find("4,ENCRYPTED") != std::string_view::npos;
}

std::optional<Fact> FactOf(const PemBlock& block) {
  const bool private_key = block.label.ends_with("PRIVATE KEY");
  if (private_key && HasEncryptedHeader(block.inside)) {
    return EncryptedKeyFact(block.label);
  }
  const auto der = FromBase64(Base64Of(block.inside));
  if (!der || der->empty()) {
    return std::nullopt;
  }
  const ByteView bytes = AsBytes(*der);
  if (block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE" ||
      block.label == "TRUSTED CERTIFICATE") {
    return CertificateFact(bytes, block.label == "TRUSTED CERTIFICATE");
  }
  if (private_key) {
    return block.label == "OPENSSH PRIVATE KEY" ? OpensshKeyFact(bytes)
                                                : PrivateKeyFact(bytes, "pem");
  }
  if (block.label == "EC PARAMETERS") {
    return EcParametersFact(bytes);
  }
  if (block.label.ends_with("DH PARAMETERS")) {
    return DhParametersFact(bytes, block.label.starts_with("X9.42"));
  }
  return block.label.ends_with("PUBLIC KEY")
             ? PublicKeyFact(bytes, block.label == "RSA PUBLIC KEY")
             : std::nullopt;
}

bool AddBlock(const PemBlock& block, FactWriter& facts) {
  auto fact = FactOf(block);
  if (fact) {
    fact->place = block.place;
    facts.Add(std::move(*fact));
  }
  return fact.has_value();
}

// Whether the file is nothing but PEM, comments and blank lines.
bool AddPem(std::string_view text, FactWriter& facts) {
  std::size_t objects = 0;
  std::size_t understood = 0;
  std::size_t first = std::string_view::npos;
  for (std::size_t at = text.find(kBegin);
       at != std::string_view::npos && !facts.full();
       at = text.find(kBegin, at + 1)) {
    if (++objects > kMaxObjects) {
      facts.Truncate();
      break;
    }
    first = std::min(first, at);
    const auto block = BlockAt(text, at);
    if (!block) {
      continue;
    }
    understood += AddBlock(*block, facts) ? 1U : 0U;
    at = block->place.end() - 1;
  }
  return understood > 0 && understood == objects &&
         Trim(text.substr(0, first)).empty();
}

bool AddWhole(ByteView content, FactWriter& facts) {
  std::optional<Fact> fact = DropbearKeyFact(content);
  if (!fact && IsWholeDer(content)) {
    fact = CertificateFact(content, false);
    fact = fact ? fact : PrivateKeyFact(content, "der");
    fact = fact ? fact : PublicKeyFact(content, false);
    fact = fact ? fact : Pkcs12Fact(content);
  }
  if (!fact) {
    return false;
  }
  fact->place = Range{0, content.size()};
  return facts.Add(std::move(*fact));
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.size() < 32) {
    return false;
  }
  FactWriter facts("certificates", subject, into);
  if (subject.content.size() <= kMaxObject &&
      AddWhole(subject.content, facts)) {
    return true;
  }
  return AddPem(AsText(subject.content), facts);
}

}  // namespace

const Analysis kCertificates = {
    .name = "certificates",
    .title = "X.509 certificates, private and public keys",
    .examine = Examine,
};

}  // namespace assay::facts
