// Certificates and keys inside stores: PKCS#12, Java's key stores, NSS's
// databases, UEFI's signature lists, and the data of ELF programs.

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/key_material.h"
#include "verifier/facts/pkcs12_content.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxStore = 16UL << 20U;
constexpr std::size_t kMaxPkcs12 = 1UL << 20U;
constexpr std::size_t kMaxCertificates = 1000;

// How stores begin whose certificates are plain DER: Java's JKS and JCEKS,
// BouncyCastle's with its salt of 20 bytes, SQLite (NSS's cert9.db), the GUID
// of a list of X.509 certificates (UEFI 2.10, 32.4.1), and ELF.
constexpr std::array<std::string_view, 7> kBeginnings = {
    std::string_view("\xFE\xED\xFE\xED", 4),
    std::string_view("\xCE\xCE\xCE\xCE", 4),
    std::string_view("\0\0\0\1\0\0\0\x14", 8),
    std::string_view("\0\0\0\2\0\0\0\x14", 8),
    std::string_view("SQLite format 3\0", 16),
    std::string_view(
        "\xA1\x59\xC0\xA5\xE4\x94\xA7\x4A\x87\xB5\xAB\x15\x5C\x2B\xF0\x72", 16),
    std::string_view("\x7F"
                     "ELF",
                     4)};

// X.509 version 3 (RFC 5280, 4.1): the version stands 8 bytes behind the
// beginning, when both lengths before it take two octets.
constexpr std::string_view kVersion("\xA0\x03\x02\x01\x02\x02", 6);
constexpr std::size_t kBeforeVersion = 8;

bool HoldsPlainCertificates(std::string_view content) {
  return std::any_of(
      kBeginnings.begin(), kBeginnings.end(),
      [&](std::string_view begin) { return content.starts_with(begin); });
}

// The certificate whose version stands at `version`.
std::optional<Range> CertificateAround(ByteView content, std::size_t version) {
  if (version < kBeforeVersion) {
    return std::nullopt;
  }
  const std::size_t at = version - kBeforeVersion;
  const ByteView head = content.subspan(at, kBeforeVersion);
  if (head[0] != 0x30 || head[1] != 0x82 || head[4] != 0x30 ||
      head[5] != 0x82) {
    return std::nullopt;
  }
  const std::size_t size = 4 + (std::size_t{head[2]} << 8U | head[3]);
  return Slice(content, at, size) ? std::optional(Range{at, size})
                                  : std::nullopt;
}

void AddPlain(ByteView content, FactWriter& facts) {
  const std::string_view text = AsText(content);
  std::size_t tries = 0;
  for (std::size_t at = text.find(kVersion); at != std::string_view::npos;
       at = text.find(kVersion, at + 1)) {
    const auto place = CertificateAround(content, at);
    if (!place) {
      continue;
    }
    if (++tries > kMaxCertificates) {
      facts.Truncate();
      return;
    }
    auto fact =
        CertificateFact(content.subspan(place->offset, place->length), false);
    if (fact) {
      fact->place = place;
      facts.Add(std::move(*fact));
    }
  }
}

void AddPkcs12(ByteView content, FactWriter& facts) {
  const auto store = OpenPkcs12(content);
  if (!store) {
    return;
  }
  const auto add = [&](std::optional<Fact> fact) {
    if (fact) {
      fact->place = Range{0, content.size()};
      facts.Add(std::move(*fact));
    }
  };
  for (const Bytes& der : store->certificates) {
    add(CertificateFact(der, false));
  }
  for (const Bytes& der : store->keys) {
    add(PrivateKeyFact(der, "pkcs12"));
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  if (content.size() < 32 || content.size() > kMaxStore) {
    return false;
  }
  FactWriter facts("key_stores", subject, into);
  if (HoldsPlainCertificates(AsText(content))) {
    AddPlain(content, facts);
  } else if (content[0] == 0x30 && content.size() <= kMaxPkcs12) {
    AddPkcs12(content, facts);
  }
  return false;
}

}  // namespace

const Analysis kKeyStores = {
    .name = "key_stores",
    .title = "Certificates and keys inside stores",
    .examine = Examine,
};

}  // namespace assay::facts
