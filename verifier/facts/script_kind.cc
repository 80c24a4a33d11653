#include "verifier/facts/script_kind.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxShebang = 256;

// "python3.11" -> "python"; names of one language under one name.
std::string LanguageOf(std::string_view program) {
  if (IsShell(program) || program == "busybox" || program == "openrc-run" ||
      program == "runscript" || program == "invoke-run" || program == "rbash" ||
      program == "csh" || program == "tcsh") {
    return "shell";
  }
  const std::string_view plain =
      program.substr(0, program.find_first_of("0123456789.-"));
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"python", "python"},     {"pypy", "python"},     {"node", "javascript"},
      {"nodejs", "javascript"}, {"deno", "javascript"}, {"bun", "javascript"},
      {"perl", "perl"},         {"ruby", "ruby"},       {"lua", "lua"},
      {"luajit", "lua"},        {"php", "php"},         {"tclsh", "tcl"},
      {"wish", "tcl"},          {"expect", "tcl"},      {"awk", "awk"},
      {"gawk", "awk"},          {"mawk", "awk"},        {"make", "make"}};
  for (const auto& [name, language] : kNames) {
    if (plain == name) {
      return std::string(language);
    }
  }
  return std::string(program);
}

std::string LanguageOfShebang(std::string_view shebang) {
  const auto words = Words(shebang);
  std::size_t at = 0;
  if (!words.empty() && BaseName(words[0]) == "env") {
    for (at = 1; at < words.size(); ++at) {
      if (words[at][0] != '-' &&
          words[at].find('=') == std::string_view::npos) {
        break;
      }
    }
  }
  return at < words.size() ? LanguageOf(BaseName(words[at])) : std::string();
}

std::string LanguageOfName(std::string_view path) {
  const std::string_view base = BaseName(path);
  const std::size_t dot = base.rfind('.');
  const std::string extension =
      dot == std::string_view::npos ? "" : Lower(base.substr(dot + 1));
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"sh", "shell"},        {"bash", "shell"},     {"ash", "shell"},
      {"py", "python"},       {"pyw", "python"},     {"js", "javascript"},
      {"mjs", "javascript"},  {"cjs", "javascript"}, {"ts", "javascript"},
      {"mts", "javascript"},  {"cts", "javascript"}, {"pl", "perl"},
      {"pm", "perl"},         {"rb", "ruby"},        {"lua", "lua"},
      {"php", "php"},         {"phtml", "php"},      {"php5", "php"},
      {"php7", "php"},        {"tcl", "tcl"},        {"ps1", "powershell"},
      {"psm1", "powershell"}, {"gemspec", "ruby"},   {"rake", "ruby"},
      {"podspec", "ruby"},    {"bzl", "python"},     {"ebuild", "shell"},
      {"eclass", "shell"}};
  for (const auto& [name, language] : kNames) {
    if (extension == name) {
      return std::string(language);
    }
  }
  const std::string_view folder = BaseName(Folder(path));
  static constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
      {"profile", "shell"},       {"rc.local", "shell"},
      {"rcS", "shell"},           {".profile", "shell"},
      {".bashrc", "shell"},       {".bash_profile", "shell"},
      {"bash.bashrc", "shell"},   {".bash_logout", "shell"},
      {".bash_aliases", "shell"}, {".zshrc", "shell"},
      {".kshrc", "shell"},        {".mkshrc", "shell"},
      {"PKGBUILD", "shell"},      {"APKBUILD", "shell"},
      {".envrc", "shell"},        {".INSTALL", "shell"},
      {"SConstruct", "python"},   {"SConscript", "python"},
      {"wscript", "python"},      {"Rakefile", "ruby"},
      {"Gemfile", "ruby"},        {"Podfile", "ruby"},
      {"Makefile.PL", "perl"},    {"Build.PL", "perl"}};
  for (const auto& [name, language] : kFiles) {
    if (base == name) {
      return std::string(language);
    }
  }
  // Read by the shell that looks through the folder, whatever their first line.
  static constexpr std::string_view kFolders[] = {
      "init.d",       "rc.d",    "profile.d", "dhclient-enter-hooks.d",
      "uci-defaults", "preinit", "rc.button", "dhclient-exit-hooks.d"};
  const bool hotplug = BaseName(Folder(Folder(path))) == "hotplug.d";
  return hotplug || std::find(std::begin(kFolders), std::end(kFolders),
                              folder) != std::end(kFolders)
             ? "shell"
             : "";
}

}  // namespace

ScriptKind ScriptKindOf(const Artifact& artifact, ByteView content) {
  const std::string_view text = AsText(content);
  if (text.substr(0, 2) == "#!") {
    const std::string_view head = text.substr(2, kMaxShebang);
    const std::string_view shebang = Trim(head.substr(0, head.find('\n')));
    return {LanguageOfShebang(shebang), shebang};
  }
  std::string language = LanguageOfName(PathOf(artifact));
  // A server may be told to run any name as PHP; the tag is what it needs.
  const std::size_t start = text.substr(0, 64).find_first_not_of(" \t\r\n");
  const std::string_view mark = text.substr(std::min(start, text.size()), 5);
  if (language.empty() && mark == "<?php") {
    language = "php";
  }
  // Translations of Qt are called .ts as well.
  const bool markup = language == "javascript" && mark.substr(0, 1) == "<";
  if (language.empty() || markup || !IsText(content)) {
    return {};
  }
  return {std::move(language), {}};
}

// A shell reads no further than "exit"; self-extracting scripts carry their
// payload behind it. A single stray NUL must not hide the rest, so the text
// ends at the first line that is binary as a whole.
std::string_view ScriptText(ByteView content) {
  const std::string_view text = AsText(content);
  if (text.find('\0') == std::string_view::npos) {
    return text;
  }
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const auto controls = std::count_if(
        line->text.begin(), line->text.end(),
        [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F; });
    if (controls > 4) {
      return text.substr(0, line->offset);
    }
  }
  return text;
}

}  // namespace assay::facts
