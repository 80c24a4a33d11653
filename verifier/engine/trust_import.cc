#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "signatures/anchor.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/engine/trust.h"

namespace assay::engine {
namespace {

using Type = TrustAnchor::Type;

// In double quotes, as JSON and therefore YAML reads it.
std::string Quoted(std::string_view text) {
  return Json(std::string(text))
      .dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string Head(std::string_view name, Type type) {
  return fmt::format("  - name: {}\n    type: {}\n", Quoted(name),
                     NameOf(type));
}

// PEM of base64 text, as a YAML block.
std::string PemBlock(std::string_view label, std::string_view base64) {
  constexpr std::size_t kColumns = 64;
  std::string text =
      fmt::format("    key: |\n      -----BEGIN {}-----\n", label);
  for (std::size_t at = 0; at < base64.size(); at += kColumns) {
    text += fmt::format("      {}\n", base64.substr(at, kColumns));
  }
  return text + fmt::format("      -----END {}-----\n", label);
}

// A file that is an anchor as it stands, by the type that reads it whole.
std::optional<std::string> AsItStands(std::string_view name, ByteView content) {
  constexpr std::array kTypes = {
      Type::kMinisignKey, Type::kSignifyKey, Type::kOpenPgpCert, Type::kX509Ca,
      Type::kRawKey,      Type::kSshSigners, Type::kUefiDb};
  for (const Type type : kTypes) {
    TrustAnchor anchor{
        .name = std::string(name), .type = type, .key = CopyOf(content)};
    if (!signatures::ValidateAnchor(anchor)) {
      continue;
    }
    std::string text =
        Head(name, type) +
        fmt::format("    file: {}\n    fingerprints:\n", Quoted(name));
    for (const std::string& key : signatures::DescribeAnchor(anchor)) {
      text += fmt::format("      - {}\n", Quoted(key));
    }
    return text;
  }
  return std::nullopt;
}

// "2021-03-07T03:20:29.000Z" without the fraction, which policies do not have.
std::string Seconds(const std::string& time) {
  const auto dot = time.find('.');
  return dot == std::string::npos ? time : time.substr(0, dot) + "Z";
}

std::string Validity(const Json& of) {
  const Json& valid = At(of, "validFor");
  const std::string start = TextAt(valid, "start");
  const std::string end = TextAt(valid, "end");
  if (start.empty() && end.empty()) {
    return "";
  }
  return fmt::format("    valid: {{{}{}{}}}\n",
                     start.empty() ? "" : "from: " + Quoted(Seconds(start)),
                     start.empty() || end.empty() ? "" : ", ",
                     end.empty() ? "" : "until: " + Quoted(Seconds(end)));
}

const Json& ListAt(const Json& object, std::string_view key) {
  static const Json kNone = Json::array();
  const Json& list = At(object, key);
  return list.is_array() ? list : kNone;
}

// sigstore/protobuf-specs, TrustedRoot: authorities by chain, logs by key.
std::string FromTrustedRoot(const Json& root) {
  std::string text;
  for (const std::string_view kind :
       {"certificateAuthorities", "timestampAuthorities"}) {
    std::size_t number = 0;
    for (const Json& authority : ListAt(root, kind)) {
      const Json& chain = ListAt(At(authority, "certChain"), "certificates");
      ++number;
      std::size_t link = 0;
      for (const Json& certificate : chain) {
        text += Head(fmt::format("{} {}.{} {}", kind, number, ++link,
                                 TextAt(authority, "uri")),
                     Type::kX509Ca) +
                PemBlock("CERTIFICATE", TextAt(certificate, "rawBytes")) +
                Validity(authority);
      }
    }
  }
  for (const std::string_view kind : {"tlogs", "ctlogs"}) {
    std::size_t number = 0;
    for (const Json& log : ListAt(root, kind)) {
      const Json& key = At(log, "publicKey");
      text +=
          Head(fmt::format("{} {} {}", kind, ++number, TextAt(log, "baseUrl")),
               Type::kRawKey) +
          PemBlock("PUBLIC KEY", TextAt(key, "rawBytes")) + Validity(key);
    }
  }
  return text;
}

// Notary Project, trust store and trust policy specification: stores are
// folders of certificates, which the user has to put beside the policy.
std::string FromNotation(const Json& root) {
  std::string text;
  for (const Json& policy : ListAt(root, "trustPolicies")) {
    for (const Json& store : ListAt(policy, "trustStores")) {
      const std::string word =
          store.is_string() ? store.get<std::string>() : "";
      const auto colon = word.find(':');
      if (colon == std::string::npos) {
        continue;
      }
      text += Head(TextAt(policy, "name") + " " + word, Type::kX509Ca) +
              fmt::format("    file: {}\n",
                          Quoted(fmt::format("truststore/x509/{}/{}.pem",
                                             word.substr(0, colon),
                                             word.substr(colon + 1))));
      std::string signers;
      for (const Json& identity : ListAt(policy, "trustedIdentities")) {
        constexpr std::string_view kSubject = "x509.subject:";
        const std::string who =
            identity.is_string() ? identity.get<std::string>() : "";
        if (who.starts_with(kSubject)) {
          signers += fmt::format("      - {}\n",
                                 Quoted(Trim(who.substr(kSubject.size()))));
        }
      }
      text += signers.empty() ? "" : "    signers:\n" + signers;
    }
  }
  return text;
}

}  // namespace

Result<std::string> ImportTrust(std::string_view name, ByteView content) {
  std::string text;
  if (const auto json = ParseJson(AsText(content))) {
    text = At(*json, "trustPolicies").is_array() ? FromNotation(*json)
                                                 : FromTrustedRoot(*json);
  } else if (auto whole = AsItStands(name, content)) {
    text = std::move(*whole);
  }
  if (text.empty()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: no keys or certificates of a kind that is "
                            "read",
                            Escaped(name)));
  }
  return text;
}

}  // namespace assay::engine
