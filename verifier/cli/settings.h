// Options of `verify` that need not be typed: from the environment and from
// configuration files.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "verifier/base/result.h"

namespace assay::cli {

struct Setting {
  std::string option = {};  // "--policy"
  std::vector<std::string> values = {};
  std::string source = {};  // ".assay.yaml", or "ASSAY_POLICY"
  std::string place = {};   // the same with line and column

  // "policy", as files spell it.
  [[nodiscard]] std::string key() const;
};

// Where files are looked for, the strongest first: the project's (.assay.yaml
// in the working directory), the user's, the system's.
[[nodiscard]] std::vector<std::string> ConfigFiles();
// The variables that set an option of `verify`, with its key.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> Variables(
    const CLI::App& verify);

// What holds for every key that is set anywhere: environment, then the files in
// their order. Relative paths in a file are relative to its folder. kConfig
// names file, line and column: an unknown key, a wrong value. Options that
// weaken a single run (--at, --unsafe-no-sandbox) are never taken from a file.
[[nodiscard]] Result<std::vector<Setting>> ReadSettings(const CLI::App& verify);

// Gives them to the options that the command line left out; says on standard
// error which ones and from where. kConfig as above.
[[nodiscard]] Result<void> ApplySettings(CLI::App& verify);

}  // namespace assay::cli
