// The command line as data: what help, man pages, completions and suggestions
// say about it comes from the parser itself.
#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace assay::cli {

// The group of options that every command has.
inline constexpr const char* kEverywhere = "Everywhere";
// The group of commands that need no product.
inline constexpr const char* kAbout = "About the program";

struct Example {
  std::string command = {};  // as typed, "assay verify ..."
  std::string purpose = {};  // what it is for
};

// What a shell offers for a value.
enum class Offer { kFiles, kFolders, kWords, kNothing };

struct OptionText {
  std::vector<std::string> names = {};  // "-o", "--output"; or "PRODUCT"
  std::string value = {};               // "FILE"; "" for a flag
  std::vector<std::string> choices =
      {};  // what the value may be, or begin with
  std::string help = {};
  bool positional = false;
  bool required = false;
  bool repeated = false;
  bool everywhere = false;

  [[nodiscard]] Offer offer() const;
  // "--output", or the only name.
  [[nodiscard]] const std::string& name() const { return names.back(); }
};

struct CommandText {
  std::string path = {};  // "assay sbom make"
  std::string group = {};
  std::string summary = {};
  std::vector<Example> examples = {};
  std::vector<OptionText> options = {};  // positional ones first
  struct Child {
    std::string name = {};
    std::string group = {};
    std::string summary = {};
  };
  std::vector<Child> children = {};

  // "assay verify [OPTION]... PRODUCT..."
  [[nodiscard]] std::string Usage() const;
};

// What the help of a command begins with.
void AddExamples(CLI::App* command, std::initializer_list<Example> examples);
// The words that an option's value may begin with, for help and completion;
// with `only`, nothing else is accepted.
CLI::Option* Choices(CLI::Option* option, const std::vector<std::string>& words,
                     bool only = false);

[[nodiscard]] CommandText Describe(const CLI::App& command);
// The program and every command below it, each before its own commands.
[[nodiscard]] std::vector<CLI::App*> EveryCommand(CLI::App& program);
[[nodiscard]] std::vector<CommandText> DescribeAll(CLI::App& program);

// `text` in lines of at most `width` columns, each after `indent` spaces; the
// first line is not indented.
[[nodiscard]] std::string Wrapped(std::string_view text, std::size_t indent,
                                  std::size_t width);

}  // namespace assay::cli
