#include "verifier/engine/policy_signature.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "signatures/anchor.h"
#include "signatures/scheme.h"
#include "verifier/base/byte_source.h"
#include "verifier/engine/constraints.h"

namespace assay::engine {
namespace {

using Type = TrustAnchor::Type;

// Every reading of the key file that is valid; a scheme takes what it knows.
std::vector<TrustAnchor> AnchorsOf(const std::string& name, ByteView key) {
  std::vector<TrustAnchor> anchors;
  for (const Type type : {Type::kMinisignKey, Type::kSignifyKey,
                          Type::kOpenPgpCert, Type::kSshSigners}) {
    TrustAnchor anchor{.name = name, .type = type, .key = CopyOf(key)};
    if (signatures::ValidateAnchor(anchor)) {
      anchors.push_back(std::move(anchor));
    }
  }
  return anchors;
}

// The first signature in the file that holds, or the last reason why not.
SignatureCheck CheckBeside(const std::string& name, ByteView signature,
                           const std::string& target, ByteView content,
                           const Policy& policy, UnixTime at) {
  const SignatureConstraints constraints(policy, at);
  Artifact artifact;
  artifact.name = name;
  artifact.size = signature.size();
  artifact.has_content = true;
  const Limits limits;
  SignatureCheck last;
  for (const auto* scheme : signatures::AllSchemes()) {
    Observations seen;
    scheme->find({artifact, signature, limits}, seen);
    for (const SignatureCandidate& candidate : seen.candidates) {
      if (candidate.targets.empty()) {
        continue;  // it signs something else than what stands beside it
      }
      last = constraints.Judge(candidate, content, policy.anchors, target);
      constraints.Apply(last);
      if (last.indication == Indication::kTotalPassed) {
        return last;
      }
    }
  }
  return last;
}

}  // namespace

Result<std::string> SignerBeside(const std::string& path, ByteView content,
                                 const Policy& policy, UnixTime at) {
  const std::string target(signatures::BaseName(path));
  std::string why = "no signature stands beside it";
  for (const std::string_view suffix : {".minisig", ".sig", ".asc"}) {
    const std::string name = path + std::string(suffix);
    const auto signature = ByteSource::MapFile(name);
    if (!signature) {
      continue;
    }
    const SignatureCheck check =
        CheckBeside(target + std::string(suffix), signature->bytes(), target,
                    content, policy, at);
    if (check.indication == Indication::kTotalPassed) {
      return check.signer.empty()
                 ? check.key
                 : fmt::format("{} ({})", check.signer, check.key);
    }
    why =
        fmt::format("{}: {} {}", name, NameOf(check.indication), check.detail);
  }
  return Fail(ErrorCode::kConfig, why);
}

Result<std::string> AuthenticatePolicy(const std::string& path,
                                       ByteView content, const std::string& key,
                                       UnixTime at) {
  const auto key_file = ByteSource::MapFile(key);
  if (!key_file) {
    return Fail(key_file.error());
  }
  const Policy only{.anchors = AnchorsOf(key, key_file->bytes())};
  auto signer = SignerBeside(path, content, only, at);
  if (!signer) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}: not signed by {}: {}", path, key,
                            signer.error().what));
  }
  return signer;
}

}  // namespace assay::engine
