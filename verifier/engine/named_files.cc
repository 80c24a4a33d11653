#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "verifier/engine/judge.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

Result<void> ReadFolder(const std::string& folder,
                        std::vector<NamedFile>& into) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator at(folder, error);
       !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    std::error_code not_a_file;
    if (at->is_regular_file(not_a_file)) {
      paths.push_back(at->path());
    }
  }
  if (error) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: {}", folder, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    auto content = ByteSource::MapFile(path.string());
    if (!content) {
      return Fail(content.error());
    }
    into.push_back(
        {path.lexically_relative(folder).string(), std::move(*content)});
  }
  return {};
}

}  // namespace

Result<std::vector<NamedFile>> ReadFiles(
    const std::vector<std::string>& paths) {
  std::vector<NamedFile> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      if (auto ok = ReadFolder(path, files); !ok) {
        return Fail(ok.error());
      }
      continue;
    }
    auto content = ByteSource::MapFile(path);
    if (!content) {
      return Fail(content.error());
    }
    files.push_back({fs::path(path).filename().string(), std::move(*content)});
  }
  return files;
}

}  // namespace assay::engine
