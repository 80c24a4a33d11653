// The same content met twice is unpacked once: later copies take over what the
// first one's unpacking gave.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/unpack/walker.h"

namespace assay::unpack {

class Reuse {
 public:
  // What decides, beside the bytes, what unpacking them gives.
  struct Key {
    std::string digest = {};
    std::string context = {};  // WalkOptions::context
    std::uint32_t depth = 0;
    DigestSet digests = {};
    bool unclaimed = false;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // One artifact with that content. An artifact's first anomalies are of its
  // name; those that processing its content added come after them.
  struct Holder {
    Branch* branch = nullptr;
    std::size_t own_anomalies = 0;
  };
  struct Copy {
    Holder copy = {};
    Holder original = {};
    ByteSource content = {};
  };

  // True when the content is new, or when no more copies can be held: the
  // branch is then to be processed like any other. False: it waits.
  [[nodiscard]] bool IsFirst(Branch& branch, Key key,
                             const ByteSource& content);

  // Computed, or taken over from equal bytes: to compare costs less.
  [[nodiscard]] std::vector<Digest> DigestsOf(const ByteSource& content,
                                              DigestSet set);

  // From now on every content is new: the walk is over but for the copies.
  void Close();

  // The copies, deepest first: what a copy takes over may hold copies itself.
  [[nodiscard]] std::vector<Copy> TakeCopies();

 private:
  struct Known {
    ByteSource content = {};
    std::shared_future<std::vector<Digest>> digests = {};  // on their way
  };

  std::mutex mutex_;
  std::map<std::pair<std::uint64_t, DigestSet>, Known> known_;  // by size
  std::map<Key, Holder> originals_;
  std::vector<Copy> copies_;
  bool closed_ = false;
  std::uint64_t held_ = 0;  // bytes of copies that may lie in memory
};

// Whether what the original holds depends on nothing but the copy's bytes. A
// payload without a name of its own is called after its container; as a file
// it may mean something else under another name. The copies inside both have
// taken over already.
[[nodiscard]] bool CanTakeOver(const Reuse::Copy& copy);

// Gives the copy the structure, the anomalies and, unless the budget forbids
// it, the children of its original.
void TakeOver(const Reuse::Copy& copy, Account& account);

}  // namespace assay::unpack
