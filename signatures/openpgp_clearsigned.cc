// OpenPGP cleartext signatures: InRelease, .dsc, .changes, .buildinfo.
// RFC 9580 section 7.
//
// The framing is ours and strict: nothing may stand before the first line or
// after the last, for other readers of the same file would take it as signed.
// The text is un-dashed once, and those very bytes are what librnp hashes and
// what `message` and `listed` hand on.

#include <algorithm>
#include <array>
#include <string>

#include "signatures/openpgp.h"
#include "signatures/scheme.h"
#include "signatures/signed_list.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 64UL << 20U;
constexpr std::size_t kMaxSignature = 1UL << 20U;
constexpr std::string_view kBegin = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view kSignature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view kEnd = "-----END PGP SIGNATURE-----";

struct Parsed {
  std::string text = {};  // un-dashed, blanks at line ends cut, LF between
  std::string_view armor = {};
  std::string problem = {};
};

// The only header of section 7.1; it must hold names of hashes and nothing
// else, since it is not signed.
bool IsHashHeader(std::string_view line) {
  constexpr std::string_view kHash = "Hash: ";
  if (!line.starts_with(kHash)) {
    return false;
  }
  for (const std::string_view word : Split(line.substr(kHash.size()), ',')) {
    constexpr std::array<std::string_view, 9> kNames = {
        "MD5",    "SHA1",   "RIPEMD160", "SHA224",  "SHA256",
        "SHA384", "SHA512", "SHA3-256",  "SHA3-512"};
    if (std::ranges::find(kNames, Trim(word)) == kNames.end()) {
      return false;
    }
  }
  return true;
}

// Takes a line and its end (LF or CR LF); blanks before the end are no part
// of the signed text.
std::string_view TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  const std::size_t last = line.find_last_not_of(" \t\r");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool TakeHeader(std::string_view& rest, Parsed& parsed) {
  if (!rest.starts_with(kBegin)) {
    parsed.problem = "text stands before the signed message";
    return false;
  }
  if (TakeLine(rest) != kBegin) {
    parsed.problem = "text stands on the line that begins the message";
    return false;
  }
  bool seen_hash = false;
  for (;;) {
    if (rest.empty()) {
      parsed.problem = "the message has no end";
      return false;
    }
    const std::string_view line = TakeLine(rest);
    if (line.empty()) {
      return true;
    }
    if (seen_hash || !IsHashHeader(line)) {
      parsed.problem = "an unsigned header other than one Hash line";
      return false;
    }
    seen_hash = true;
  }
}

// Section 7.1: every line that begins with a dash was prefixed by "- ".
bool TakeText(std::string_view& rest, Parsed& parsed) {
  bool first = true;
  while (!rest.starts_with(kSignature)) {
    if (rest.empty()) {
      parsed.problem = "no signature follows the message";
      return false;
    }
    std::string_view line = TakeLine(rest);
    if (line.starts_with("- ")) {
      line.remove_prefix(2);
    } else if (line.starts_with('-')) {
      parsed.problem = "a line of the message begins with an unescaped dash";
      return false;
    }
    parsed.text.append(first ? "" : "\n").append(line);
    first = false;
  }
  return true;
}

Parsed Parse(std::string_view content) {
  Parsed parsed;
  std::string_view rest = content;
  if (!TakeHeader(rest, parsed) || !TakeText(rest, parsed)) {
    return parsed;
  }
  const std::size_t end = rest.find(kEnd);
  if (end == std::string_view::npos) {
    parsed.problem = "the signature has no end";
    return parsed;
  }
  parsed.armor = rest.substr(0, end + kEnd.size());
  rest.remove_prefix(parsed.armor.size());
  if (rest != "" && rest != "\n" && rest != "\r\n") {
    parsed.problem = "text stands after the signature";
  } else if (parsed.armor.size() > kMaxSignature) {
    parsed.problem = "the signature is over the limit of 1 MiB";
  }
  return parsed;
}

// Files that are always read as clearsigned, wherever the message begins.
bool IsExpectedName(std::string_view name) {
  return name == "InRelease" || name.ends_with("_InRelease") ||
         name.ends_with(".dsc") || name.ends_with(".changes") ||
         name.ends_with(".buildinfo");
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view text = AsText(subject.content);
  const bool present = text.starts_with(kBegin) ||
                       (IsExpectedName(BaseName(subject.artifact.name)) &&
                        text.find(kBegin) != std::string_view::npos);
  if (!present) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kOpenpgpClearsigned.name,
                               .place = {0, subject.content.size()}};
  if (text.size() > kMaxSize) {
    candidate.problems.emplace_back("the message is over the limit of 64 MiB");
    into.candidates.push_back(std::move(candidate));
    return false;
  }
  Parsed parsed = Parse(text);
  candidate.signature = CopyOf(AsBytes(parsed.armor));
  if (parsed.problem.empty()) {
    const auto packets = Dearmor(parsed.armor, "PGP SIGNATURE");
    if (!packets) {
      parsed.problem = packets.error().what;
    } else if (const auto signatures = SplitSignatures(*packets)) {
      candidate.key_hint = signatures->front().issuer;
    } else {
      parsed.problem = signatures.error().what;
    }
  }
  if (parsed.problem.empty()) {
    candidate.message = CopyOf(AsBytes(parsed.text));
    candidate.listed = ParseControlList(parsed.text);
    candidate.age = AgeOfControl(parsed.text);
  } else {
    candidate.problems.push_back(parsed.problem);
  }
  const bool understood = candidate.problems.empty();
  into.candidates.push_back(std::move(candidate));
  return understood;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  const auto packets = Dearmor(AsText(candidate.signature), "PGP SIGNATURE");
  if (!candidate.problems.empty() || !packets) {
    return {.scheme = std::string(kOpenpgpClearsigned.name),
            .indication = Indication::kTotalFailed,
            .sub_indication = "FORMAT_FAILURE",
            .detail = candidate.problems.empty() ? packets.error().what
                                                 : candidate.problems.front()};
  }
  SignatureCheck check =
      CheckOpenPgp(kOpenpgpClearsigned.name, *packets, candidate.message, trust,
                   SignedForm::kClearsigned);
  JudgeAge(AsText(candidate.message), trust.at, check);
  return check;
}

}  // namespace

const SignatureScheme kOpenpgpClearsigned = {
    .name = "openpgp_clearsigned",
    .title = "OpenPGP cleartext signature",
    .reference = "RFC 9580 section 7",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
