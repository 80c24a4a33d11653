// What a release has that the one before it had not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// What became of a file, by its place in the product.
enum class FileChange : std::uint8_t {
  kAdded,
  kRemoved,
  kChanged,  // other bytes
  kRebuilt,  // a program of other bytes with the same traits
  kMoved,    // the same bytes at another place
};

[[nodiscard]] std::string_view NameOf(FileChange change);  // "added"

struct ChangedFile {
  FileChange change = FileChange::kAdded;
  std::string path = {};  // of the artifact; of the old one when it is gone
};

// Something that a file does, and no file did at that place before.
struct NewTrait {
  std::uint32_t weight = 0;  // 1 to 10: how near it leads to control or data
  std::string path = {};     // of the artifact
  std::string kind = {};     // Fact::kind
  std::string value = {};
  bool elsewhere = false;  // another file of the old release had it
};

struct Delta {
  std::string previous = {};  // name of the release before, without folders
  std::string previous_sha256 = {};
  std::uint64_t same = 0;  // files with the same bytes at the same place
  std::vector<ChangedFile> files = {};  // by path
  std::vector<NewTrait> traits = {};    // heaviest first, then by path
  // Why not all of the release before was read, so that more seems new than is.
  std::vector<std::string> incomplete = {};
  std::uint64_t light = 0;  // traits of weight 1, which are not listed
};

}  // namespace assay
