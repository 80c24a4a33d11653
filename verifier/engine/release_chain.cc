#include "verifier/engine/release_chain.h"

#include <string>
#include <vector>

#include "signatures/anchor.h"
#include "signatures/apt_archive.h"
#include "signatures/scheme.h"

namespace assay::engine {
namespace {

bool IsDeb(const Survey& survey, const Artifact& artifact) {
  if (artifact.format != "ar" || !artifact.has_content ||
      artifact.id + 1 >= survey.nodes.size()) {
    return false;
  }
  const Artifact& first = survey.At(artifact.id + 1);
  return first.parent == artifact.id && first.name == "debian-binary";
}

SignatureCheck JudgePackage(const SignatureConstraints& constraints,
                            const signatures::AptContext& chain,
                            const Artifact& package) {
  SignatureCheck check =
      chain.CheckFile(package.sha256(), package.size, package.path);
  check.artifact = package.id;
  check.holder = package.path;
  constraints.Apply(check);
  constraints.KeepVouching(package.path, check);
  if (check.indication == Indication::kTotalPassed) {
    check.covers.push_back(
        {package.id, {0, package.size}, Coverage::kByDigest});
  }
  return check;
}

}  // namespace

std::vector<SignatureCheck> JudgeByReleaseChain(
    const JudgeRequest& request, const SignatureConstraints& constraints) {
  if (request.context.empty()) {
    return {};
  }
  std::vector<signatures::ContextFile> files;
  for (const NamedFile& file : request.context) {
    files.push_back({file.name, file.content});
  }
  // Whether an anchor may vouch for a package is asked below, package by
  // package; for the chain itself its subjects do not matter.
  std::vector<TrustAnchor> anchors = request.policy.anchors;
  for (TrustAnchor& anchor : anchors) {
    anchor.subjects.clear();
  }
  std::erase_if(anchors, [&](const TrustAnchor& anchor) {
    return !signatures::AnchorApplies(
        anchor, signatures::kOpenpgpClearsigned.name, "", request.at);
  });
  const auto chain = signatures::AptContext::Build(
      files, {anchors, request.at, request.policy.legacy_algorithms()});
  std::vector<SignatureCheck> checks = chain.checks();
  for (SignatureCheck& check : checks) {
    constraints.Apply(check);
  }
  for (const Node& node : request.survey.nodes) {
    if (!chain.empty() && node.artifact.depth <= 1 &&
        IsDeb(request.survey, node.artifact)) {
      checks.push_back(JudgePackage(constraints, chain, node.artifact));
    }
  }
  return checks;
}

}  // namespace assay::engine
