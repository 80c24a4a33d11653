// Shared libraries whose file name ends with the version of the release: those
// of families that number them so. Elsewhere the numbers are those of the
// interface (GNU libtool manual, "Updating library version information"), and
// say nothing.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sbom/banners/version.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "library_name";
constexpr std::string_view kElf =
    "\x7f"
    "ELF";

struct Family {
  std::string_view start;
  std::size_t numbers;      // as many as a release has
  std::uint64_t minor = 0;  // no less: an older file of the family counts apart
};
constexpr std::array<Family, 8> kFamilies = {{
    {"libKF5", 3, 60},  // KDE Frameworks
    {"libQt5", 3},
    {"libQt6", 3},
    {"libboost_", 3},
    {"libicu", 2},
    {"libopencv_", 3},
    {"libvtk", 3},
    {"libignition-", 3},
}};

bool Fits(const Family& family, std::string_view file,
          std::string_view version) {
  if (file.substr(0, family.start.size()) != family.start ||
      NumbersIn(version) != family.numbers) {
    return false;
  }
  const auto parts = Split(version, '.');
  const auto minor = NumberOf(parts[1]);
  // Programs beside the frameworks have numbers of their own: "5.22.3".
  return minor && *minor >= family.minor &&
         (family.minor == 0 || parts[2] == "0");
}

void Add(std::string name, std::string_view version, Observations& into) {
  Component component{.type = "library",
                      .name = std::move(name),
                      .version = std::string(version)};
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified});
}

// GHC's User's Guide, "Shared libraries that export a Haskell package":
// "libHSNAME-VERSION[-HASH]-ghcGHCVERSION.so". The hash is of letters and
// digits, so that the version is the last step that is one.
void AddHaskell(std::string_view file, Observations& into) {
  constexpr std::string_view kStart = "libHS";
  const std::size_t end = file.rfind("-ghc");
  if (file.substr(0, kStart.size()) != kStart ||
      end == std::string_view::npos || end <= kStart.size() ||
      file.substr(file.size() - 3) != ".so") {
    return;
  }
  std::string_view unit = file.substr(kStart.size(), end - kStart.size());
  for (int i = 0; i < 2; ++i) {
    const std::size_t dash = unit.rfind('-');
    if (dash == std::string_view::npos || dash == 0) {
      return;
    }
    const std::string_view last = unit.substr(dash + 1);
    if (last.find_first_not_of("0123456789.") == std::string_view::npos &&
        VersionLength(last, VersionShape::kNumber) == last.size()) {
      Add("haskell-" + Lower(unit.substr(0, dash)), last, into);
      return;
    }
    unit = unit.substr(0, dash);
  }
}

bool Examine(const Subject& subject, Observations& into) {
  constexpr std::string_view kSo = ".so.";
  const std::string_view path = subject.artifact.inner_path;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  const std::size_t so = file.find(kSo);
  if (AsText(subject.content).substr(0, kElf.size()) != kElf) {
    return false;
  }
  if (so == std::string_view::npos) {
    AddHaskell(file, into);
    return false;  // a name does not explain the bytes
  }
  const std::string_view version = file.substr(so + kSo.size());
  const bool fits =
      VersionLength(version, VersionShape::kDotted) == version.size() &&
      std::any_of(
          kFamilies.begin(), kFamilies.end(),
          [&](const Family& family) { return Fits(family, file, version); });
  if (!fits) {
    return false;
  }
  Add(Lower(file.substr(3, so - 3)), version, into);
  return false;  // a name does not explain the bytes
}

}  // namespace

const Analysis kLibraryName = {
    .name = kName,
    .title = "Libraries whose file name has the version of the release",
    .examine = Examine,
};

}  // namespace assay::sbom
