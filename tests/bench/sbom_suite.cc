// sbom_suite DIR: the official CycloneDX cases (CycloneDX/specification,
// tools/src/test/resources) through ValidateSbom. A file "valid-*" has to
// conform, "invalid-*" must not. Exit 1 when any verdict is wrong.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sbom/read.h"
#include "verifier/base/byte_source.h"

namespace assay::sbom {
namespace {

struct Tally {
  unsigned right = 0;
  unsigned wrong = 0;
};

std::string FirstProblem(const SbomValidation& validation) {
  for (const auto* problems :
       {&validation.schema.problems, &validation.document.problems}) {
    for (const SbomProblem& problem : *problems) {
      if (problem.violation) {
        return fmt::format("line {} {} {} {} [{}]", problem.line,
                           problem.pointer, problem.rule, problem.detail,
                           problem.reference);
      }
    }
  }
  return "conforms";
}

// Whether the verdict on one file is right; says why when it is not.
bool IsRight(const std::filesystem::path& path, bool should_conform) {
  const auto content = ByteSource::MapFile(path.string());
  const auto validation = content
                              ? ValidateSbom(content->bytes())
                              : Result<SbomValidation>(Fail(content.error()));
  const bool conforms = validation && validation->Conforms();
  const std::string why =
      validation ? FirstProblem(*validation) : validation.error().what;
  if (conforms != should_conform || std::getenv("SBOM_SUITE_ALL") != nullptr) {
    fmt::print("{} {}/{}: {}\n", conforms == should_conform ? "right" : "WRONG",
               path.parent_path().filename().string(), path.filename().string(),
               why);
  }
  return conforms == should_conform;
}

int Run(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::map<std::string, Tally> tallies;
  for (const std::filesystem::path& file : files) {
    const std::string name = file.filename().string();
    const bool valid = name.rfind("valid-", 0) == 0;
    if (!valid && name.rfind("invalid-", 0) != 0) {
      continue;
    }
    const std::string kind = file.extension().string().substr(1);
    Tally& tally = tallies[fmt::format(
        "{} {}", file.parent_path().filename().string(), kind)];
    ++(IsRight(file, valid) ? tally.right : tally.wrong);
  }
  Tally all;
  for (const auto& [name, tally] : tallies) {
    fmt::print("{}: {} right, {} wrong\n", name, tally.right, tally.wrong);
    all.right += tally.right;
    all.wrong += tally.wrong;
  }
  fmt::print("all: {} right, {} wrong\n", all.right, all.wrong);
  return all.wrong == 0 && all.right > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace assay::sbom

int main(int argc, char** argv) {
  return argc == 2 ? assay::sbom::Run(argv[1]) : EXIT_FAILURE;
}
