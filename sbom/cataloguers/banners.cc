// Products by what they print about themselves: version texts in programs,
// libraries and blobs that no format explains, whatever their names.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sbom/banners/scanner.h"
#include "sbom/purl.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "banners";
constexpr std::size_t kSmallest = 64;
// Of one artifact. A program has a few; a firmware image of one piece, with
// all its libraries, some dozens.
constexpr std::size_t kMost = 256;

bool IsProgram(const Artifact& artifact) {
  return artifact.format == "elf" || artifact.format == "pe" ||
         artifact.format == "te";
}

// Text, scripts and documents speak of products that are elsewhere.
bool IsText(ByteView content) {
  constexpr std::size_t kHead = 4096;
  const std::string_view head = AsText(content).substr(0, kHead);
  return head.find('\0') == std::string_view::npos;
}

// The table's word counts more than a file's name: what says the same version
// again, or is uncertain beside it, is left out.
void AddOwnName(std::vector<Banner> own, std::vector<Banner>& found) {
  const std::size_t from_table = found.size();
  for (Banner& banner : own) {
    const bool said = std::any_of(
        found.begin(), found.begin() + static_cast<std::ptrdiff_t>(from_table),
        [&](const Banner& one) {
          return one.version == banner.version || !banner.certain;
        });
    if (!said) {
      found.push_back(std::move(banner));
    }
  }
  Settle(found);
}

void Add(Banner banner, Observations& into) {
  Component component{.type = "library",
                      .name = std::move(banner.product),
                      .version = std::move(banner.version),
                      .supplier = std::move(banner.vendor)};
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back(
      {.component = std::move(component),
       .cataloguer = kName,
       .strength = banner.certain ? Strength::kWeak : Strength::kUnverified,
       .place = banner.place});
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.size() < kSmallest || IsText(subject.content)) {
    return false;
  }
  std::vector<Banner> found = BannerScanner::BuiltIn().Find(subject.content);
  if (IsProgram(subject.artifact)) {
    AddOwnName(FindOwnName(subject.content, subject.artifact.inner_path),
               found);
  }
  if (found.size() > kMost) {
    into.facts.push_back(
        {.kind = "anomaly",
         .value = "banners.over-limit",
         .attributes = {{"detail", "more banners than told"}}});
    found.resize(kMost);
  }
  for (Banner& banner : found) {
    Add(std::move(banner), into);
  }
  return false;  // a sign in the bytes does not explain them
}

}  // namespace

const Analysis kBanners = {
    .name = kName,
    .title = "Products by their version texts in programs and blobs",
    .examine = Examine,
};

}  // namespace assay::sbom
