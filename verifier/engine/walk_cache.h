// What was seen in products, kept in a folder of the user's by the digest of
// their bytes: an unchanged product is not read again, and of a run that was
// broken off what it finished is not analysed again. Signatures, SBOMs, rules
// and verdict are judged anew in every run: they depend on time and policy.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/result.h"
#include "verifier/confine/transcript.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

class WalkCache {
 public:
  // Nothing for "". Makes the folder when it is not there. kConfig: it belongs
  // to somebody else, or others may write to it: whoever can write there
  // decides what the next report says. kUnwritable: it cannot be made.
  [[nodiscard]] static Result<std::optional<WalkCache>> Open(
      const std::string& folder);

  // The transcript of one walk. `task`: everything else that its result depends
  // on. Nothing when the product cannot be read.
  [[nodiscard]] std::unique_ptr<confine::Transcript> TranscriptOf(
      const unpack::Product& product, std::string_view task);
  // Whether the product is still what TranscriptOf found.
  [[nodiscard]] bool IsUnchanged(const unpack::Product& product) const;

  // Throws away what was not used for longest, until the rest is small enough.
  void Tidy() const;

 private:
  WalkCache(std::shared_ptr<const int> opened, std::string program)
      : opened_(std::move(opened)),
        folder_("/proc/self/fd/" + std::to_string(*opened_)),
        program_(std::move(program)) {}
  struct Known {
    std::string digest = {};  // of names, metadata and contents
    std::string stamp = {};   // of sizes and times of change
  };
  [[nodiscard]] const Known* Digested(const unpack::Product& product);

  // The folder that was looked at, whatever its path leads to by now.
  std::shared_ptr<const int> opened_;
  std::string folder_;
  std::string program_;  // digest of the program that writes and reads here
  std::map<const unpack::Product*, Known> known_;
};

}  // namespace assay::engine
