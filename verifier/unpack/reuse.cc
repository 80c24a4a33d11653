#include "verifier/unpack/reuse.h"

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"

namespace assay::unpack {
namespace {

// The content of waiting copies is kept; beyond this much of it in memory a
// copy is processed again instead.
constexpr std::uint64_t kMostHeld = 64ULL << 20U;

}  // namespace

bool Reuse::IsFirst(Branch& branch, Key key, const ByteSource& content) {
  const Holder holder{&branch, branch.node.artifact.anomalies.size()};
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return true;
  }
  const auto [known, added] = originals_.try_emplace(std::move(key), holder);
  if (added) {
    return true;
  }
  const std::uint64_t cost = content.mapped() ? 0 : content.size();
  if (held_ + cost > kMostHeld) {
    return true;
  }
  held_ += cost;
  copies_.push_back({holder, known->second, content});
  return false;
}

void Reuse::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

std::vector<Reuse::Copy> Reuse::TakeCopies() {
  const std::lock_guard lock(mutex_);
  std::vector<Copy> copies = std::exchange(copies_, {});
  std::stable_sort(copies.begin(), copies.end(),
                   [](const Copy& a, const Copy& b) {
                     return a.copy.branch->node.artifact.depth >
                            b.copy.branch->node.artifact.depth;
                   });
  return copies;
}

bool CanTakeOver(const Reuse::Copy& copy) {
  const Branch& original = *copy.original.branch;
  const Artifact& from = original.node.artifact;
  const std::string name = DecodedName(from);
  return name == DecodedName(copy.copy.branch->node.artifact) ||
         std::none_of(original.children.begin(), original.children.end(),
                      [&](const auto& child) {
                        return child->node.artifact.name == name &&
                               child->children.empty();
                      });
}

bool TakeOver(const Reuse::Copy& copy, Account& account) {
  Artifact& to = copy.copy.branch->node.artifact;
  const Artifact& from = copy.original.branch->node.artifact;
  to.format = from.format;
  to.structure = from.structure;
  if (from.examination == Examination::kOpaque) {
    to.examination = from.examination;
    to.opaque_reason = from.opaque_reason;
  }
  to.anomalies.insert(to.anomalies.end(),
                      from.anomalies.begin() + static_cast<std::ptrdiff_t>(
                                                   copy.original.own_anomalies),
                      from.anomalies.end());

  const std::string called = DecodedName(from);
  std::vector<std::pair<const Branch*, Branch*>> work = {
      {copy.original.branch, copy.copy.branch}};
  while (!work.empty()) {
    const auto [source, target] = work.back();
    work.pop_back();
    for (const auto& child : source->children) {
      if (!account.ChargeEntry()) {
        return false;
      }
      target->children.push_back(std::make_unique<Branch>());
      Branch& made = *target->children.back();
      made.node = child->node;
      Artifact& artifact = made.node.artifact;
      if (target == copy.copy.branch && artifact.name == called) {
        artifact.name = DecodedName(to);
        artifact.inner_path = NormalPath(artifact.name);
        artifact.path = ChildPath(to, Escaped(artifact.inner_path));
      } else {
        artifact.path = target->node.artifact.path +
                        artifact.path.substr(source->node.artifact.path.size());
      }
      work.emplace_back(child.get(), &made);
    }
  }
  return true;
}

}  // namespace assay::unpack
