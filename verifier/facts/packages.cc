// What package managers run when a package is installed: maintainer scripts
// of Debian, opkg, Alpine and Arch; hooks of npm and Composer manifests; the
// places where Python and RubyGems run a package's own code.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/facts/address_context.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxManifest = 1UL << 20U;

struct Hook {
  std::string_view script = {};
  std::string_view ecosystem = {};
  std::string package = {};
  std::string command = {};
  std::optional<Range> place = {};
};

void Add(const Hook& hook, FactWriter& facts) {
  facts.Add({.kind = "package.script",
             .value = std::string(hook.script),
             .attributes = {{"ecosystem", std::string(hook.ecosystem)},
                            {"package", hook.package},
                            {"command", hook.command}},
             .place = hook.place});
}

// Debian policy, chapter 6; "config" runs through debconf.
bool IsMaintainerScript(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "preinst", "postinst", "prerm", "postrm", "config"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The package in whose archive the artifact lies: the address names it, e.g.
// "a.deb!/control.tar.xz!/control.tar!/postinst" gives "a".
std::string PackageOf(std::string_view address) {
  std::string package;
  std::size_t at = 0;
  while (at < address.size()) {
    const std::size_t end = std::min(address.find("!/", at), address.size());
    const std::string_view step = BaseName(address.substr(at, end - at));
    for (const std::string_view extension : {".deb", ".udeb", ".ipk", ".apk"}) {
      if (step.ends_with(extension)) {
        const std::string_view stem =
            step.substr(0, step.size() - extension.size());
        package = std::string(stem.substr(0, stem.find('_')));
      }
    }
    at = end + 2;
  }
  return package;
}

bool InControlArchive(std::string_view address) {
  const std::size_t last = address.rfind("!/");
  return last != std::string_view::npos &&
         address.substr(0, last).find("control.tar") != std::string_view::npos;
}

std::string Shebang(std::string_view text) {
  const std::string_view line = text.substr(0, 256);
  return line.substr(0, 2) == "#!"
             ? std::string(Trim(line.substr(2, line.find('\n', 2) - 2)))
             : std::string();
}

void AddArchiveScripts(const Artifact& artifact, std::string_view text,
                       FactWriter& facts) {
  const std::string_view path = PathOf(artifact);
  const std::string_view base = BaseName(path);
  const std::string shebang = Shebang(text);
  if (path == base && IsMaintainerScript(base) &&
      (InControlArchive(artifact.path) ||
       (!shebang.empty() && base != "config"))) {
    Add({base, "deb", PackageOf(artifact.path), shebang}, facts);
    return;
  }
  // Installed systems: info/<package>.postinst of dpkg and opkg.
  const std::size_t dot = base.rfind('.');
  if (dot != std::string_view::npos &&
      IsMaintainerScript(base.substr(dot + 1))) {
    const std::string_view folder = Folder(path);
    const bool dpkg = EndsWithPath(folder, "dpkg/info");
    if (dpkg || EndsWithPath(folder, "opkg/info")) {
      Add({base.substr(dot + 1), dpkg ? "deb" : "opkg",
           std::string(base.substr(0, dot)), shebang},
          facts);
    }
    return;
  }
  // Alpine: ".post-install" in a package, "name-1.0.Q1....post-install" in
  // the database of an installed system.
  for (const std::string_view name :
       {"pre-install", "post-install", "pre-upgrade", "post-upgrade",
        "pre-deinstall", "post-deinstall"}) {
    if (dot != std::string_view::npos && base.substr(dot + 1) == name &&
        (dot == 0 || base.find(".Q1") != std::string_view::npos)) {
      Add({name, "apk",
           dot == 0 ? PackageOf(artifact.path)
                    : std::string(base.substr(0, base.find(".Q1"))),
           shebang},
          facts);
    }
  }
}

// Arch Linux: functions of the file .INSTALL.
void AddArch(std::string_view text, FactWriter& facts) {
  for (const std::string_view name :
       {"pre_install", "post_install", "pre_upgrade", "post_upgrade",
        "pre_remove", "post_remove"}) {
    const std::size_t at = text.find(std::string(name) + "()");
    if (at != std::string_view::npos) {
      Add({name, "pacman", "", "", Range{at, name.size()}}, facts);
    }
  }
}

struct Manifest {
  std::string_view file;
  std::string_view ecosystem;
  std::span<const std::string_view> hooks;
};

// npm documentation, "scripts", "Life Cycle Operation Order": what runs on
// npm install and npm ci, of the package itself or as a dependency.
constexpr std::string_view kNpmHooks[] = {
    "preinstall", "install", "postinstall", "prepublish",
    "preprepare", "prepare", "postprepare", "dependencies"};
// Composer documentation, "Scripts", "Command Events".
constexpr std::string_view kComposerHooks[] = {"pre-install-cmd",
                                               "post-install-cmd",
                                               "pre-update-cmd",
                                               "post-update-cmd",
                                               "post-autoload-dump",
                                               "pre-autoload-dump",
                                               "post-root-package-install",
                                               "post-create-project-cmd",
                                               "post-package-install",
                                               "post-package-update"};

constexpr Manifest kManifests[] = {
    {"package.json", "npm", kNpmHooks},
    {"composer.json", "composer", kComposerHooks},
};

std::string CommandOf(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  std::string all;
  if (value.is_array()) {
    for (const Json& item : value) {
      if (item.is_string()) {
        AppendWord(all, item.get<std::string>(), " && ");
      }
    }
  }
  return all;
}

// Where the member `key` stands behind "scripts"; JSON keys may be escaped,
// then there is no place.
std::optional<Range> PlaceOfKey(std::string_view text, std::string_view key) {
  const std::size_t scripts = text.find("\"scripts\"");
  const std::string quoted = fmt::format("\"{}\"", key);
  const std::size_t at = scripts == std::string_view::npos
                             ? scripts
                             : text.find(quoted, scripts + 9);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t end = std::min(text.find('\n', at), text.size());
  return Range{at, std::min<std::size_t>(end - at, 4096)};
}

bool AddManifest(const Manifest& manifest, std::string_view text,
                 FactWriter& facts) {
  if (text.size() > kMaxManifest) {
    return false;
  }
  const auto json = ParseJson(text);
  if (!json || !json->is_object()) {
    return false;
  }
  const Json& scripts = At(*json, "scripts");
  for (const std::string_view hook : manifest.hooks) {
    const std::string command = CommandOf(At(scripts, hook));
    if (!command.empty()) {
      const auto place = PlaceOfKey(text, hook);
      Add({hook, manifest.ecosystem, TextAt(*json, "name"), command, place},
          facts);
      AddCommandLine(command, manifest.ecosystem, place.value_or(Range{}),
                     facts);
    }
  }
  return true;
}

// site(3py): lines of a .pth file that begin with "import" are executed by
// every start of the interpreter.
void AddPth(std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    if (line->text.substr(0, 7) == "import " ||
        line->text.substr(0, 7) == "import\t") {
      Add({"pth", "python", "", std::string(line->text),
           line->PlaceOf(line->text)},
          facts);
    }
  }
}

void AddLanguageHooks(std::string_view path, std::string_view text,
                      FactWriter& facts) {
  const std::string_view base = BaseName(path);
  if (base == "setup.py") {
    const std::size_t at = text.find("cmdclass");
    if (at != std::string_view::npos) {
      Add({"cmdclass", "python", "", "", Range{at, 8}}, facts);
    }
  } else if (base.ends_with(".pth")) {
    AddPth(text, facts);
  } else if (base == "sitecustomize.py" || base == "usercustomize.py") {
    Add({base.substr(0, base.size() - 3), "python"}, facts);
  } else if (base == "extconf.rb") {
    Add({"extconf", "gem"}, facts);
  } else if (base == "binding.gyp") {
    // npm documentation, "scripts": with a binding.gyp and no install script
    // of its own, a package is built by node-gyp.
    Add({"install", "npm", "", "node-gyp rebuild"}, facts);
  } else if (base == ".INSTALL") {
    AddArch(text, facts);
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  if (path.empty() || subject.content.empty() ||
      subject.content.size() > kMaxTextFile) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  FactWriter facts("packages", subject, into);
  for (const Manifest& manifest : kManifests) {
    if (BaseName(path) == manifest.file) {
      return AddManifest(manifest, text, facts);
    }
  }
  AddArchiveScripts(subject.artifact, text, facts);
  AddLanguageHooks(path, text, facts);
  return false;
}

}  // namespace

std::string AddressContext(std::string_view address) {
  const std::string inside = std::string(address) + "!/";
  return PackageOf(address) + (InControlArchive(inside) ? "/control" : "");
}

const Analysis kPackages = {
    .name = "packages",
    .title = "Scripts that run when a package is installed",
    .examine = Examine,
};

}  // namespace assay::facts
