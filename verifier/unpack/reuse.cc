#include "verifier/unpack/reuse.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "verifier/base/text.h"

namespace assay::unpack {
namespace {

// The content of waiting copies is kept; beyond this much of it in memory a
// copy is processed again instead.
constexpr std::uint64_t kMostHeld = 64ULL << 20U;
// Hashing less is no matter.
constexpr std::uint64_t kSmallestCompared = 1ULL << 20U;
// Every one keeps a file open.
constexpr std::size_t kMostKnown = 64;

// Those of a whole file are read from it: pages that are mapped and never
// touched cost nothing.
bool SameBytes(const ByteSource& content, const ByteSource& other) {
  constexpr std::size_t kAtOnce = 256U << 10U;
  const int file = content.descriptor();
  Bytes buffer(file < 0 ? 0 : kAtOnce);
  const ByteView all = content.bytes();
  if (all.size() != other.size()) {
    return false;
  }
  for (std::size_t at = 0; at < all.size(); at += kAtOnce) {
    ByteView piece = all.subspan(at, std::min(kAtOnce, all.size() - at));
    if (file >= 0 &&
        ::pread(file, buffer.data(), piece.size(), static_cast<off_t>(at)) ==
            static_cast<ssize_t>(piece.size())) {
      piece = ByteView(buffer).first(piece.size());
    }
    if (std::memcmp(piece.data(), other.bytes().subspan(at).data(),
                    piece.size()) != 0) {
      return false;
    }
  }
  return true;
}

const std::vector<std::unique_ptr<Branch>>& ChildrenOf(const Branch& branch) {
  return branch.same != nullptr ? branch.same->children : branch.children;
}

// How many artifacts lie inside, at any depth.
std::uint64_t EntriesIn(const Branch& container) {
  std::uint64_t count = 0;
  std::vector<const Branch*> waiting = {&container};
  while (!waiting.empty()) {
    const auto& children = ChildrenOf(*waiting.back());
    waiting.pop_back();
    count += children.size();
    for (const auto& child : children) {
      waiting.push_back(child.get());
    }
  }
  return count;
}

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

std::vector<Digest> Reuse::DigestsOf(const ByteSource& content, DigestSet set) {
  std::promise<std::vector<Digest>> promise;
  Known known;
  if (content.mapped() && content.size() >= kSmallestCompared) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find({content.size(), set});
    if (found != known_.end()) {
      known = found->second;
    } else if (known_.size() < kMostKnown) {
      known_.emplace(std::pair{content.size(), set},
                     Known{content, promise.get_future().share()});
    }
  }
  if (known.digests.valid() && SameBytes(content, known.content)) {
    return known.digests.get();
  }
  Hasher hasher(set);
  hasher.Update(content.bytes());
  std::vector<Digest> digests = hasher.Finish();
  promise.set_value(digests);
  return digests;
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
  const Branch* original = copy.original.branch;
  Artifact called = copy.copy.branch->node.artifact;
  while (true) {
    const auto& children = ChildrenOf(*original);
    const auto child =
        std::find_if(children.begin(), children.end(),
                     [](const auto& one) { return one->nameless; });
    const std::string name = DecodedName(called);
    if (child == children.end() || (*child)->node.artifact.name == name) {
      return true;
    }
    if (ChildrenOf(**child).empty()) {
      return false;
    }
    called.inner_path = NormalPath(name);
    original = child->get();
  }
}

void TakeOver(const Reuse::Copy& copy, Account& account) {
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
  if (!account.stopped() &&
      account.ChargeEntries(EntriesIn(*copy.original.branch))) {
    copy.copy.branch->same = copy.original.branch;
  } else {
    NoteProblem(to, {ErrorCode::kLimit, account.reason()}, {0, to.size});
  }
}

}  // namespace assay::unpack
