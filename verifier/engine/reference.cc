#include "verifier/engine/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/model/reference.h"
#include "verifier/model/signature.h"

namespace assay::engine {
namespace {

constexpr std::array kVouching = {Coverage::kSigned, Coverage::kByDigest,
                                  Coverage::kByDerivedKey};

std::uint64_t VouchedBytes(const LedgerAccount& account) {
  std::uint64_t bytes = 0;
  for (const LedgerAxis& axis : account.axes) {
    for (const LedgerEntry& entry : axis.entries) {
      const bool counts = std::any_of(
          kVouching.begin(), kVouching.end(),
          [&](Coverage one) { return entry.category == NameOf(one); });
      bytes += axis.name == "authenticity" && counts ? entry.bytes : 0;
    }
  }
  return bytes;
}

// One source's report as originals.
class Harvest {
 public:
  Harvest(const Report& report, bool unsigned_too)
      : report_(report),
        unsigned_too_(unsigned_too),
        vouched_(report.artifacts.size(), false),
        checks_(report.artifacts.size(), nullptr) {
    for (const LedgerAccount& account : report.ledger.accounts) {
      vouched_.at(account.artifact) =
          VouchedBytes(account) == report.artifacts[account.artifact].size;
    }
    for (const SignatureCheck& check : report.checks) {
      for (const CoveredRange& covered : check.covers) {
        const SignatureCheck*& first = checks_.at(covered.artifact);
        first = first == nullptr ? &check : first;
      }
    }
  }

  void AddTo(ReferenceBuilder& builder, ReferenceResult& result) {
    for (const Artifact& artifact : report_.artifacts) {
      if (checks_[artifact.id] == nullptr && artifact.id != 0) {
        checks_[artifact.id] = checks_[artifact.parent];
      }
      if (!artifact.has_content || artifact.size == 0) {
        continue;
      }
      if (vouched_[artifact.id] || unsigned_too_) {
        builder.Add(PublicationOf(artifact), artifact);
      } else if (artifact.id == PublisherOf(artifact).id) {
        result.left_out.push_back(fmt::format(
            "{}: no signature of the policy reaches all of it", artifact.path));
      }
    }
  }

 private:
  // The file of the source that the artifact lies in; a plain file of a folder
  // is the folder's.
  [[nodiscard]] const Artifact& PublisherOf(const Artifact& artifact) const {
    const Artifact* top = &artifact;
    while (top->id != 0 && top->parent != 0) {
      top = &report_.artifacts[top->parent];
    }
    const bool folder = !report_.artifacts.front().has_content;
    const bool container = std::any_of(
        top->structure.begin(), top->structure.end(),
        [](const auto& part) { return part.role == Structure::kMember; });
    return folder && (container || !unsigned_too_) ? *top
                                                   : report_.artifacts.front();
  }

  [[nodiscard]] Publication PublicationOf(const Artifact& artifact) const {
    const Artifact& publisher = PublisherOf(artifact);
    Publication publication{.name = Escaped(publisher.name),
                            .sha256 = publisher.has_content
                                          ? publisher.sha256()
                                          : report_.product_sha256};
    const SignatureCheck* check = checks_[artifact.id];
    if (vouched_[artifact.id] && check != nullptr) {
      publication.anchor = check->anchor;
      publication.signer = check->signer.empty() ? check->key : check->signer;
    }
    return publication;
  }

  const Report& report_;
  bool unsigned_too_;
  std::vector<bool> vouched_;                  // by artifact
  std::vector<const SignatureCheck*> checks_;  // by artifact, null: none
};

}  // namespace

Result<ReferenceResult> BuildReference(const ReferenceRequest& request) {
  ReferenceResult result;
  ReferenceBuilder builder;
  for (const std::string& source : request.sources) {
    VerifyRequest one = request.how;
    one.product = source;
    const auto report = CheckSignatures(one);
    if (!report) {
      return Fail(report.error());
    }
    for (const std::string& why : report->reasons) {
      result.left_out.push_back(
          fmt::format("{}: {}", report->artifacts.front().path, why));
    }
    for (const NotExamined& part : report->not_examined) {
      result.left_out.push_back(fmt::format("{}: {}", part.path, part.reason));
    }
    Harvest(*report, request.unsigned_too).AddTo(builder, result);
  }
  result.set = builder.Finish();
  if (const auto set = ReferenceSet::Read(ByteSource::Borrow(result.set))) {
    result.publications = set->publications().size();
    result.originals = set->originals();
  }
  return result;
}

}  // namespace assay::engine
