#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/ssh_keys.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kBlanks = " \t";

// '*' any run, '?' any one character; in time of the product of lengths.
bool MatchesPattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Up to a blank outside of double quotes.
std::string_view TakeField(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  while (end < rest.size() &&
         (quoted || kBlanks.find(rest[end]) == std::string_view::npos)) {
    quoted = quoted != (rest[end] == '"');
    ++end;
  }
  const std::string_view field = rest.substr(0, end);
  rest = Trim(rest.substr(end));
  return field;
}

std::string_view Unquoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"'
             ? text.substr(1, text.size() - 2)
             : text;
}

// YYYYMMDD[HHMM[SS]][Z]. ssh-keygen takes a time without Z for the local
// one; there is no such thing here, and UTC is meant.
std::optional<UnixTime> TimeOf(std::string_view text) {
  if (text.ends_with('Z')) {
    text.remove_suffix(1);
  }
  if ((text.size() != 8 && text.size() != 12 && text.size() != 14) ||
      !NumberOf(text)) {
    return std::nullopt;
  }
  std::string full(text);
  full.resize(14, '0');
  return ParseTime(fmt::format("{}-{}-{}T{}:{}:{}Z", full.substr(0, 4),
                               full.substr(4, 2), full.substr(6, 2),
                               full.substr(8, 2), full.substr(10, 2),
                               full.substr(12, 2)));
}

// Comma-separated outside of quotes: name, or name="value".
std::vector<std::string_view> OptionsOf(std::string_view text) {
  std::vector<std::string_view> options;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && !quoted)) {
      options.push_back(text.substr(start, i - start));
      start = i + 1;
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
  }
  return options;
}

bool ReadOption(std::string_view option, SshSigner& signer) {
  const std::size_t equals = std::min(option.find('='), option.size());
  const std::string name = Lower(option.substr(0, equals));
  const std::string_view value =
      Unquoted(option.substr(std::min(equals + 1, option.size())));
  if (name == "cert-authority") {
    signer.authority = true;
    return equals == option.size();
  }
  if (name == "namespaces") {
    signer.namespaces = std::string(value);
    return !value.empty();
  }
  auto* time = name == "valid-after"    ? &signer.valid_after
               : name == "valid-before" ? &signer.valid_before
                                        : nullptr;
  if (time != nullptr) {
    *time = TimeOf(value);
    return time->has_value();
  }
  return false;  // an option that is not known may restrict
}

std::optional<SshSigner> SignerOf(std::string_view line) {
  SshSigner signer{.principals = std::string(Unquoted(TakeField(line)))};
  std::string_view field = TakeField(line);
  const auto is_type = [](std::string_view text) {
    return text.starts_with("ssh-") || text.starts_with("ecdsa-") ||
           text.starts_with("sk-");
  };
  if (!is_type(field)) {
    for (const std::string_view option : OptionsOf(field)) {
      if (!ReadOption(option, signer)) {
        return std::nullopt;
      }
    }
    field = TakeField(line);
  }
  const auto blob = FromBase64(TakeField(line));
  if (signer.principals.empty() || !is_type(field) || !blob) {
    return std::nullopt;
  }
  signer.blob = CopyOf(AsBytes(*blob));
  const auto key = ParseSshKey(signer.blob);
  if (!key || key->type != field) {
    return std::nullopt;
  }
  return signer;
}

}  // namespace

bool MatchesSshPatterns(std::string_view patterns, std::string_view text) {
  bool matches = false;
  for (std::string_view pattern : Split(patterns, ',')) {
    const bool excludes = pattern.starts_with('!');
    if (excludes) {
      pattern.remove_prefix(1);
    }
    if (!pattern.empty() && MatchesPattern(pattern, text)) {
      if (excludes) {
        return false;
      }
      matches = true;
    }
  }
  return matches;
}

Result<std::vector<SshSigner>> SignersOf(const TrustAnchor& anchor) {
  std::vector<SshSigner> signers;
  std::size_t number = 0;
  for (const std::string_view raw : SplitLines(AsText(anchor.key))) {
    ++number;
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    auto signer = SignerOf(line);
    if (!signer) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("anchor {}: line {} names no signer that "
                              "ssh-keygen(1) describes",
                              anchor.name, number));
    }
    signers.push_back(std::move(*signer));
  }
  return signers;
}

}  // namespace assay::signatures
