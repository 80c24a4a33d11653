// Keys that open a login: authorized_keys of sshd(8) and Dropbear, lines that
// scripts write there, and *.pub files. A key is recognized by its decoded
// blob (RFC 4253 section 6.6), not by its name.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/ssh_blob.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxKey = 32UL << 10U;

// Options of sshd(8), "AUTHORIZED_KEYS FILE FORMAT".
bool IsOption(std::string_view name) {
  static constexpr std::array<std::string_view, 25> kOptions = {
      "agent-forwarding",
      "cert-authority",
      "command",
      "environment",
      "expiry-time",
      "from",
      "no-agent-forwarding",
      "no-port-forwarding",
      "no-pty",
      "no-touch-required",
      "no-user-rc",
      "no-x11-forwarding",
      "permitlisten",
      "permitopen",
      "port-forwarding",
      "principals",
      "pty",
      "restrict",
      "touch-required",
      "tunnel",
      "user-rc",
      "verify-required",
      "x11-forwarding",
      "zos-key-ring-label",
      "no-verify-required"};
  return std::find(kOptions.begin(), kOptions.end(), Lower(name)) !=
         kOptions.end();
}

// Whether `text` is a comma-separated list of options, values in quotes.
bool IsOptionList(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("=,"), text.size());
    if (!IsOption(text.substr(0, end))) {
      return false;
    }
    text.remove_prefix(end);
    if (text.substr(0, 2) == "=\"") {
      std::size_t quote = text.find('"', 2);
      while (quote != std::string_view::npos && text[quote - 1] == '\\') {
        quote = text.find('"', quote + 1);
      }
      if (quote == std::string_view::npos) {
        return false;
      }
      text.remove_prefix(quote + 1);
    }
    if (!text.empty() && text[0] != ',') {
      return false;
    }
    text.remove_prefix(text.empty() ? 0 : 1);
  }
  return true;
}

struct KeyLine {
  std::string_view before = {};  // what stands before the key type
  std::string_view type = {};
  std::string_view blob = {};  // base64
  std::string_view comment = {};
  SshPublicKey key = {};
};

// The first key on a line, if any: a type, one blank, base64 of its blob.
std::optional<KeyLine> FindKey(std::string_view line) {
  constexpr std::string_view kStart = " AAAA";  // length under 2^16
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  for (std::size_t at = line.find(kStart); at != std::string_view::npos;
       at = line.find(kStart, at + 1)) {
    const std::string_view left = line.substr(0, at);
    const std::size_t start = left.find_last_of(" \t\"'=,") + 1;
    const std::string_view right = line.substr(at + 1, kMaxKey);
    const std::string_view blob =
        right.substr(0, right.find_first_not_of(kBase64));
    const auto decoded = FromBase64(blob);
    const auto key =
        decoded ? ParseSshPublicKey(AsBytes(*decoded)) : std::nullopt;
    if (key && key->type == left.substr(start)) {
      std::string_view comment = line.substr(at + 1 + blob.size());
      comment = comment.substr(0, comment.find_first_of("\"'"));
      return KeyLine{Trim(left.substr(0, start)), left.substr(start), blob,
                     Trim(comment), *key};
    }
  }
  return std::nullopt;
}

// Whether the line grants access: in the file itself, as a list item of a
// configuration (cloud-init), or in a command that writes the file.
bool Grants(const KeyLine& key, std::string_view line) {
  return IsOptionList(key.before) ||
         key.before.find_first_not_of("-\"' ") == std::string_view::npos ||
         line.find("authorized_keys") != std::string_view::npos;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view base = BaseName(PathOf(subject.artifact));
  const bool named = base.substr(0, 15) == "authorized_keys";
  if (subject.content.size() > kMaxTextFile ||
      (!named && !IsText(subject.content)) ||
      AsText(subject.content).find("AAAA") == std::string_view::npos) {
    return false;
  }
  const bool public_file =
      base.size() > 4 && base.substr(base.size() - 4) == ".pub";
  FactWriter facts("ssh_keys", subject, into);
  bool all = true;
  LineReader lines(AsText(subject.content));
  while (const auto line = lines.Next()) {
    const std::string_view text = Trim(line->text);
    if (text.empty() || text[0] == '#') {
      continue;
    }
    const auto key = FindKey(line->text);
    if (!key || !Grants(*key, line->text)) {
      all = false;
      continue;
    }
    const Range place = line->PlaceOf(line->text);
    if (public_file && key->before.empty()) {
      facts.Add({.kind = "public_key",
                 .value = std::string(key->type),
                 .attributes = {{"bits", key->key.bits},
                                {"fingerprint", key->key.fingerprint},
                                {"encoding", "openssh"}},
                 .place = place});
      continue;
    }
    facts.Add(
        {.kind = "ssh.authorized_key",
         .value = std::string(key->type) + " " + key->key.fingerprint,
         .attributes = {{"type", std::string(key->type)},
                        {"fingerprint", key->key.fingerprint},
                        {"comment", std::string(key->comment)},
                        {"options", IsOptionList(key->before)
                                        ? std::string(key->before)
                                        : std::string()},
                        {"source", named ? "authorized_keys" : "content"}},
         .place = place});
  }
  return (named || public_file) && all && facts.added() > 0;
}

}  // namespace

const Analysis kSshKeys = {
    .name = "ssh_keys",
    .title = "Keys that sshd accepts for a login",
    .examine = Examine,
};

}  // namespace assay::facts
