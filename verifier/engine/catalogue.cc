#include "verifier/engine/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "rules/load.h"
#include "verifier/base/byte_source.h"
#include "verifier/engine/catalogue_data.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

Result<void> ReadFolder(const std::string& folder,
                        std::vector<rules::RuleFile>& into) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator at(folder, error);
       !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    if (at->path().extension() == ".yml") {
      paths.push_back(at->path());
    }
  }
  if (error) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: {}", folder, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    const auto text = ByteSource::MapFile(path.string());
    if (!text) {
      return Fail(text.error());
    }
    into.push_back({path.lexically_relative(folder).string(),
                    std::string(AsText(text->bytes()))});
  }
  return {};
}

// A rule is known by its name below its folder, wherever that lies; a message
// names the file as the user finds it.
std::string PathOf(const std::string& name,
                   const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code error;
    if (fs::exists(fs::path(folder) / name, error)) {
      return (fs::path(folder) / name).string();
    }
  }
  return name;
}

}  // namespace

Result<std::vector<rules::RuleFile>> RuleFiles(
    const std::vector<std::string>& folders) {
  std::vector<rules::RuleFile> files;
  for (const auto& [name, text] : CatalogueData()) {
    files.push_back({std::string(name), std::string(text)});
  }
  for (const std::string& folder : folders) {
    if (auto ok = ReadFolder(folder, files); !ok) {
      return Fail(ok.error());
    }
  }
  return files;
}

Result<rules::RuleSet> LoadCatalogue(const std::vector<std::string>& folders) {
  auto files = RuleFiles(folders);
  if (!files) {
    return Fail(files.error());
  }
  rules::LoadedRules loaded =
      rules::ParseRules(std::move(*files), rules::Examples::kLeftOut);
  if (!loaded.problems.empty()) {
    std::string what;
    for (rules::Problem& problem : loaded.problems) {
      problem.file = PathOf(problem.file, folders);
      what += (what.empty() ? "" : "\n") + rules::TextOf(problem);
    }
    return Fail(ErrorCode::kConfig, what);
  }
  return std::move(loaded.rules);
}

}  // namespace assay::engine
