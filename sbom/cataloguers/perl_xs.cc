// Perl modules with a compiled part, by the version that it checks its Perl
// half against. Reference: perldoc perlxs, "The VERSIONCHECK: Keyword"; xsubpp
// compiles PERL_API_VERSION ("v5.36.0") and XS_VERSION in as two texts.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "sbom/banners/runs.h"
#include "sbom/purl.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "perl_xs";
constexpr std::size_t kLongestVersion = 24;

// "x/perl5/5.36/auto/Net/IDN/Punycode/Punycode.so": "Net-IDN-Punycode", the
// form in which CPAN names distributions; "" for other paths.
std::string ModuleOf(std::string_view path) {
  constexpr std::string_view kAuto = "/auto/";
  const std::size_t folder = path.find(kAuto);
  if (folder == std::string_view::npos ||
      path.substr(0, folder).find("perl") == std::string_view::npos) {
    return {};
  }
  const std::string_view below = path.substr(folder + kAuto.size());
  const std::size_t slash = below.rfind('/');
  if (slash == std::string_view::npos ||
      below.substr(slash + 1).find(".so") == std::string_view::npos) {
    return {};
  }
  std::string module(below.substr(0, slash));
  std::replace(module.begin(), module.end(), '/', '-');
  return module;
}

bool IsVersionByte(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '_';
}

// "0.22", "1.201600", "0.53_90": decimal, never without a point.
bool IsModuleVersion(std::string_view text) {
  return text.size() <= kLongestVersion && text[0] >= '0' && text[0] <= '9' &&
         text.back() != '.' && text.find('.') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), IsVersionByte);
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string module = ModuleOf(subject.artifact.inner_path);
  if (module.empty()) {
    return false;
  }
  bool checks_perl = false;
  bool several = false;
  TextRun version;
  TextRuns runs(subject.content);
  while (const auto run = runs.Next()) {
    checks_perl = checks_perl || (run->text.substr(0, 3) == "v5." &&
                                  run->text.size() <= kLongestVersion);
    if (IsModuleVersion(run->text) && run->text != version.text) {
      several = several || !version.text.empty();
      version = *run;
    }
  }
  if (!checks_perl || several || version.text.empty()) {
    return false;
  }
  Component component{
      .type = "library", .name = module, .version = std::string(version.text)};
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kWeak,
                             .place = {version.offset, version.text.size()}});
  return false;  // a sign in the bytes does not explain them
}

}  // namespace

const Analysis kPerlXs = {
    .name = kName,
    .title = "Perl modules by the version that their compiled part checks",
    .examine = Examine,
};

}  // namespace assay::sbom
