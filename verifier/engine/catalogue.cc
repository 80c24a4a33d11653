#include "verifier/engine/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "rules/load.h"
#include "verifier/engine/catalogue_data.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

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
    const std::vector<std::string>& folders, Catalogue catalogue) {
  std::vector<rules::RuleFile> files;
  if (catalogue == Catalogue::kRead) {
    for (const auto& [name, text] : CatalogueData()) {
      files.push_back({std::string(name), std::string(text)});
    }
  }
  for (const std::string& folder : folders) {
    auto more = rules::ReadFolder(folder);
    if (!more) {
      return Fail(more.error());
    }
    std::move(more->begin(), more->end(), std::back_inserter(files));
  }
  return files;
}

std::string TextOf(std::vector<rules::Problem> problems,
                   const std::vector<std::string>& folders) {
  std::string what;
  for (rules::Problem& problem : problems) {
    problem.file = PathOf(problem.file, folders);
    what += (what.empty() ? "" : "\n") + rules::TextOf(problem);
  }
  return what;
}

Result<rules::RuleSet> LoadCatalogue(const std::vector<std::string>& folders) {
  auto files = RuleFiles(folders);
  if (!files) {
    return Fail(files.error());
  }
  rules::LoadedRules loaded =
      rules::ParseRules(std::move(*files), rules::Examples::kLeftOut);
  if (!loaded.problems.empty()) {
    return Fail(ErrorCode::kConfig,
                TextOf(std::move(loaded.problems), folders));
  }
  return std::move(loaded.rules);
}

}  // namespace assay::engine
