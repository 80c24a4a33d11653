// Products by what they print about themselves: version texts in programs,
// libraries and blobs that no format explains, whatever their names.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "sbom/banners/scanner.h"
#include "sbom/cpe.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"
#include "verifier/model/programs.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "banners";
constexpr std::size_t kSmallest = 64;
// Of one artifact. A program has a few; a firmware image of one piece, with
// all its libraries, some dozens.
constexpr std::size_t kMost = 256;

// Text, scripts, documents and catalogues of messages (GNU gettext manual, "The
// Format of GNU MO Files") speak of products that are elsewhere.
bool SpeaksOfOthers(ByteView content) {
  using namespace std::string_view_literals;
  constexpr std::size_t kHead = 4096;
  const std::string_view head = AsText(content).substr(0, kHead);
  const std::string_view magic = head.substr(0, 4);
  return head.find('\0') == std::string_view::npos ||
         magic == "\xDE\x12\x04\x95"sv || magic == "\x95\x04\x12\xDE"sv;
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

// Vendors are those of CPE names, which is not who supplied this copy.
std::string CpeOf(const Banner& banner) {
  Cpe cpe;
  const auto set = [&](CpeAttribute attribute, std::string_view text) {
    CpeValue& value = cpe.values.at(static_cast<std::size_t>(attribute));
    value.kind = CpeValue::Kind::kText;
    value.text = Lower(text);
  };
  set(CpeAttribute::kPart, "a");
  set(CpeAttribute::kVendor, banner.vendor);
  set(CpeAttribute::kProduct, banner.product);
  set(CpeAttribute::kVersion, banner.version);
  return banner.vendor.empty() ? std::string() : ToString(cpe);
}

void Add(const Banner& banner, Observations& into) {
  Component component;
  component.type = "library";
  component.name = banner.product;
  component.version = banner.version;
  component.cpe = CpeOf(banner);
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back(
      {.component = std::move(component),
       .cataloguer = kName,
       .strength = banner.certain ? Strength::kWeak : Strength::kUnverified,
       .place = banner.place});
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.size() < kSmallest || SpeaksOfOthers(subject.content)) {
    return false;
  }
  std::vector<Banner> found = BannerScanner::BuiltIn().Find(subject.content);
  if (IsProgram(subject.artifact)) {
    AddOwnName(FindOwnName(subject.content, subject.artifact.inner_path),
               found);
  }
  SettleVersions(IsProgram(subject.artifact), found);
  if (found.size() > kMost) {
    into.facts.push_back(
        {.kind = "anomaly",
         .value = "banners.over-limit",
         .attributes = {{"detail", "more banners than told"}}});
    found.resize(kMost);
  }
  for (const Banner& banner : found) {
    Add(banner, into);
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
