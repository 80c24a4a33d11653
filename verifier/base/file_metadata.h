// What a container says about a member besides its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay {

enum class FileType : std::uint8_t {
  kRegular,
  kDirectory,
  kSymlink,
  kHardLink,  // another name of a member of the same container
  kCharDevice,
  kBlockDevice,
  kFifo,
  kSocket,
};

// Fields are absent when the container has no such field: an absent mode is
// not mode 0.
struct FileMetadata {
  FileType type = FileType::kRegular;
  std::optional<std::uint32_t> mode = {};  // permission bits and setuid etc.
  std::optional<std::uint64_t> uid = {};
  std::optional<std::uint64_t> gid = {};
  std::string owner = {};  // user and group names where the format has them
  std::string group = {};
  std::optional<std::int64_t> mtime = {};  // seconds since 1970
  std::string link_target = {};            // verbatim
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  // Extended attributes, verbatim, in the container's order.
  std::vector<std::pair<std::string, std::string>> xattrs = {};
};

[[nodiscard]] constexpr bool IsSetuid(const FileMetadata& meta) {
  return (meta.mode.value_or(0) & 04000U) != 0;
}
[[nodiscard]] constexpr bool IsSetgid(const FileMetadata& meta) {
  return (meta.mode.value_or(0) & 02000U) != 0;
}

}  // namespace assay
