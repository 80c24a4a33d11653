#include "verifier/cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/cli/command_line.h"
#include "verifier/cli/console.h"
#include "verifier/cli/help.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestFile = 64 << 10U;
constexpr const char* kProjectFile = ".assay.yaml";
// What only the person at the keyboard may ask for.
constexpr std::array<std::string_view, 5> kNeverFromFiles = {
    "--at", "--help", "--no-config", "--quiet", "--unsafe-no-sandbox"};

std::string KeyOf(std::string_view option) {
  std::string key(option.substr(2));
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

// By key, what files may set.
std::map<std::string, OptionText> Settable(const CLI::App& verify) {
  std::map<std::string, OptionText> options;
  for (OptionText& option : Describe(verify).options) {
    const bool never = std::find(kNeverFromFiles.begin(), kNeverFromFiles.end(),
                                 option.name()) != kNeverFromFiles.end();
    if (!option.positional && !never) {
      options.emplace(KeyOf(option.name()), std::move(option));
    }
  }
  return options;
}

std::string VariableOf(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

// Relative to the file that says it.
std::string Placed(const std::string& value, const OptionText& option,
                   const std::string& file) {
  const bool is_path =
      !option.value.empty() && option.value != "TEXT" &&
      (option.offer() == Offer::kFiles || option.offer() == Offer::kFolders);
  return is_path && !value.empty()
             ? (fs::path(file).parent_path() / value).string()
             : value;
}

std::vector<std::string> ValuesOf(const YAML::Node& node,
                                  const OptionText& option,
                                  const std::string& file) {
  std::vector<std::string> values;
  const auto take = [&](const YAML::Node& scalar) {
    if (!scalar.IsScalar()) {
      engine::Refuse(scalar, "text is expected here");
    }
    values.push_back(Placed(scalar.as<std::string>(), option, file));
  };
  if (node.IsSequence() && option.repeated) {
    for (const YAML::Node& item : node) {
      take(item);
    }
    return values;
  }
  take(node);
  if (option.value.empty() && values[0] != "true" && values[0] != "false") {
    engine::Refuse(node, "true or false is expected here");
  }
  return values;
}

std::vector<Setting> SettingsIn(
    const YAML::Node& root, const std::map<std::string, OptionText>& options,
    const std::string& file) {
  std::vector<Setting> settings;
  if (root.IsNull()) {
    return settings;
  }
  if (!root.IsMap()) {
    engine::Refuse(root, "a map of keys is expected here");
  }
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) {
      engine::Refuse(entry.first, "a key is expected here");
    }
    const auto key = entry.first.as<std::string>();
    const auto option = options.find(key);
    if (option == options.end()) {
      std::vector<std::string> known;
      for (const auto& [name, text] : options) {
        known.push_back(name);
      }
      engine::Refuse(entry.first, Unknown("key", key, known));
    }
    for (const Setting& earlier : settings) {
      if (earlier.option == option->second.name()) {
        engine::Refuse(entry.first, fmt::format("\"{}\" stands twice", key));
      }
    }
    if (entry.second.IsNull()) {
      engine::Refuse(entry.first, fmt::format("\"{}\" has no value", key));
    }
    const YAML::Mark mark = entry.second.Mark();
    settings.push_back({.option = option->second.name(),
                        .values = ValuesOf(entry.second, option->second, file),
                        .source = file,
                        .place = fmt::format("{}:{}:{}", file, mark.line + 1,
                                             mark.column + 1)});
  }
  return settings;
}

// Nothing when there is no such file.
Result<std::vector<Setting>> ReadFile(
    const std::string& file, const std::map<std::string, OptionText>& options) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) {
    return {};
  }
  const auto content = ByteSource::MapFile(file);
  if (!content) {
    return Fail(content.error());
  }
  if (content->size() > kLargestFile) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}: larger than a configuration may be", file));
  }
  return engine::ReadYaml(
      file, AsText(content->bytes()),
      [&](const YAML::Node& root) { return SettingsIn(root, options, file); });
}

// What is there already is stronger.
void Merge(std::vector<Setting>& settings, std::vector<Setting> weaker) {
  for (Setting& setting : weaker) {
    const bool known = std::any_of(
        settings.begin(), settings.end(),
        [&](const Setting& one) { return one.option == setting.option; });
    if (!known) {
      settings.push_back(std::move(setting));
    }
  }
}

// "from .assay.yaml: policy, rules; from ASSAY_JOBS: jobs"
std::string Summary(const std::vector<Setting>& settings) {
  std::string text;
  std::string source;
  for (const Setting& one : settings) {
    text += one.source == source
                ? ", "
                : fmt::format("{}from {}: ", text.empty() ? "" : "; ",
                              Escaped(one.source));
    text += one.key();
    source = one.source;
  }
  return text;
}

}  // namespace

std::string Setting::key() const {
  return KeyOf(option);
}

std::vector<std::string> ConfigFiles() {
  std::vector<std::string> files = {kProjectFile};
  // A relative XDG_CONFIG_HOME counts as none (XDG Base Directory
  // Specification, "Basics").
  fs::path home = VariableOf("XDG_CONFIG_HOME");
  if (!home.is_absolute() && !VariableOf("HOME").empty()) {
    home = fs::path(VariableOf("HOME")) / ".config";
  }
  if (home.is_absolute()) {
    files.push_back((home / "assay" / "config.yaml").string());
  }
  files.emplace_back("/etc/assay/config.yaml");
  return files;
}

std::vector<std::pair<std::string, std::string>> Variables(
    const CLI::App& verify) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const auto& [name, option] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {"ASSAY_POLICY", "--policy"},
           {"ASSAY_POLICY_KEY", "--policy-key"},
           {"ASSAY_REFERENCE", "--reference"},
           {"ASSAY_FAIL_ON", "--fail-on"},
           {"ASSAY_CACHE", "--cache"},
           {"ASSAY_JOBS", "--jobs"}}) {
    if (verify.get_option_no_throw(option) != nullptr) {
      variables.emplace_back(name, option);
    }
  }
  return variables;
}

Result<std::vector<Setting>> ReadSettings(const CLI::App& verify) {
  std::vector<Setting> settings;
  for (const auto& [name, option] : Variables(verify)) {
    if (const std::string value = VariableOf(name.c_str()); !value.empty()) {
      settings.push_back(
          {.option = option, .values = {value}, .source = name, .place = name});
    }
  }
  const auto options = Settable(verify);
  for (const std::string& file : ConfigFiles()) {
    auto read = ReadFile(file, options);
    if (!read) {
      return Fail(read.error());
    }
    Merge(settings, std::move(*read));
  }
  return settings;
}

Result<void> ApplySettings(CLI::App& verify) {
  auto settings = ReadSettings(verify);
  if (!settings) {
    return Fail(settings.error());
  }
  std::vector<Setting> applied;
  for (Setting& one : *settings) {
    CLI::Option* option = verify.get_option(one.option);
    if (option->count() > 0) {
      continue;
    }
    try {
      option->add_result(one.values);
      option->run_callback();
    } catch (const CLI::Error& error) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("{}: {}", one.place, Escaped(error.what())));
    }
    applied.push_back(std::move(one));
  }
  // With --quiet too: nobody is to be trusted unseen.
  if (!applied.empty()) {
    Warn(Summary(applied));
  }
  return {};
}

}  // namespace assay::cli
