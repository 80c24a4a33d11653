// Certificates without the marks of PEM: as base64 text in scripts, sources
// and data files, and whole files that are the base64 of PEM or DER. Whoever
// puts the marks around them when he runs has a certificate all the same.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/key_material.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxFile = 4UL << 20U;
constexpr std::size_t kMaxTries = 200;  // libcrypto takes time for each
constexpr std::size_t kMaxDer = 1UL << 14U;
constexpr std::size_t kMinDer = 200;
constexpr std::size_t kMinRun = 32;  // of a line in the middle
constexpr std::size_t kMaxGap = 64;  // between two pieces
// DER's SEQUENCE with a length of two octets: 30 82 hh ll.
constexpr std::string_view kStart = "MII";

bool IsBase64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::size_t RunEnd(std::string_view text, std::size_t at) {
  while (at < text.size() && IsBase64(text[at])) {
    ++at;
  }
  return at;
}

// How many characters of base64 the DER that begins so takes, without "=".
std::size_t WantedCharacters(std::string_view begin) {
  const auto head = FromBase64(begin.substr(0, 8));
  if (!head || head->size() < 4) {
    return 0;
  }
  const ByteView bytes = AsBytes(*head);
  const std::size_t size = 4 + (std::size_t{bytes[2]} << 8U | bytes[3]);
  return bytes[1] != 0x82 || size < kMinDer || size > kMaxDer
             ? 0
             : (size * 8 + 5) / 6;
}

struct Collected {
  std::string text = {};
  std::size_t end = 0;
};

// The characters from `at` on, over the ends of lines and of string literals:
// of what follows, the next run counts that is long enough for a line, or is
// all that is still wanted.
std::optional<Collected> Collect(std::string_view text, std::size_t at,
                                 std::size_t wanted) {
  Collected out;
  while (true) {
    const std::size_t end = std::min(RunEnd(text, at), at + wanted);
    out.text.append(text.substr(at, end - at));
    wanted -= end - at;
    out.end = end;
    if (wanted == 0) {
      return out;
    }
    std::size_t next = end;
    bool found = false;
    while (!found && next < text.size() && next - end <= kMaxGap) {
      const std::size_t stop = RunEnd(text, next);
      found = stop - next >= std::min(kMinRun, wanted);
      next = found ? next : std::max(stop, next + 1);
    }
    if (!found) {
      return std::nullopt;
    }
    at = next;
  }
}

std::optional<Fact> CertificateIn(std::string_view base64) {
  std::string padded(base64);
  padded.resize((padded.size() + 3) / 4 * 4, '=');
  const auto der = FromBase64(padded);
  return der ? CertificateFact(AsBytes(*der), false) : std::nullopt;
}

// Whether a mark of PEM stands in front, spelt out: another analysis reads
// those.
bool IsMarked(std::string_view text, std::size_t at) {
  constexpr std::string_view kMark = "-----BEGIN ";
  const std::size_t from = at > kMaxGap ? at - kMaxGap : 0;
  const std::string_view before = text.substr(from, at - from);
  const std::size_t mark = before.rfind(kMark);
  if (mark == std::string_view::npos) {
    return false;
  }
  const std::string_view label = before.substr(mark + kMark.size());
  return label.substr(0, label.find('-')).find_first_of("$%{") ==
         std::string_view::npos;
}

void AddPieces(std::string_view text, FactWriter& facts) {
  std::size_t tries = 0;
  for (std::size_t at = text.find(kStart); at != std::string_view::npos;
       at = text.find(kStart, at + 1)) {
    const bool inside = at > 0 && IsBase64(text[at - 1]);
    const std::size_t wanted =
        inside || IsMarked(text, at) ? 0 : WantedCharacters(text.substr(at, 8));
    if (wanted == 0) {
      continue;
    }
    const auto found = Collect(text, at, wanted);
    if (!found) {
      continue;
    }
    if (++tries > kMaxTries) {
      facts.Truncate();
      return;
    }
    if (auto fact = CertificateIn(found->text)) {
      fact->place = Range{at, found->end - at};
      facts.Add(std::move(*fact));
      at = found->end - 1;
    }
  }
}

// A file that is the base64 of PEM text: "-----BEGIN CERTIFICATE" in base64.
void AddWrapped(std::string_view text, FactWriter& facts) {
  const auto inner = FromBase64(Trim(text));
  if (!inner) {
    return;
  }
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  for (std::size_t at = inner->find(kBegin); at != std::string::npos;
       at = inner->find(kBegin, at + 1)) {
    const std::size_t from = at + kBegin.size();
    const std::size_t end = inner->find(kEnd, from);
    const auto der = end == std::string::npos
                         ? std::nullopt
                         : FromBase64(inner->substr(from, end - from));
    auto fact = der ? CertificateFact(AsBytes(*der), false) : std::nullopt;
    if (fact) {
      fact->place = Range{0, text.size()};
      facts.Add(std::move(*fact));
    }
  }
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.size() < kMinDer || subject.content.size() > kMaxFile ||
      !IsText(subject.content)) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  FactWriter facts("bare_certificates", subject, into);
  if (text.starts_with("LS0tLS1CRUdJTi")) {  // "-----BEGIN"
    AddWrapped(text, facts);
  } else {
    AddPieces(text, facts);
  }
  return false;
}

}  // namespace

const Analysis kBareCertificates = {
    .name = "bare_certificates",
    .title = "Certificates in texts, without the marks of PEM",
    .examine = Examine,
};

}  // namespace assay::facts
