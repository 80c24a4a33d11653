#include "sbom/versions.h"

#include <algorithm>
#include <array>

#include "sbom/versions/orders.h"

namespace assay::sbom {
namespace {

std::string_view Whole(std::string_view version) {
  return version;
}

struct OrderEntry {
  VersionOrder order = VersionOrder::kGeneric;
  versions::CompareFunction compare = versions::CompareGeneric;
  versions::UpstreamFunction upstream = Whole;
};

// In the order of the enumeration.
constexpr std::array<OrderEntry, 20> kOrders = {{
    {VersionOrder::kGeneric, versions::CompareGeneric, versions::WithoutBuild},
    {VersionOrder::kAlpm, versions::CompareAlpm, versions::AlpmUpstream},
    {VersionOrder::kApk, versions::CompareApk, versions::WithoutRevision},
    {VersionOrder::kComposer, versions::CompareComposer, Whole},
    {VersionOrder::kConan, versions::CompareConan, versions::WithoutBuild},
    {VersionOrder::kCran, versions::CompareCran, Whole},
    {VersionOrder::kDatetime, versions::CompareDatetime, Whole},
    {VersionOrder::kDeb, versions::CompareDeb, versions::DebUpstream},
    {VersionOrder::kGem, versions::CompareGem, Whole},
    {VersionOrder::kGentoo, versions::CompareGentoo, versions::WithoutRevision},
    {VersionOrder::kHackage, versions::CompareHackage, Whole},
    {VersionOrder::kIntdot, versions::CompareIntdot, Whole},
    {VersionOrder::kLexicographic, versions::CompareLexicographic, Whole},
    {VersionOrder::kMaven, versions::CompareMaven, Whole},
    {VersionOrder::kNuget, versions::CompareNuget, versions::WithoutBuild},
    {VersionOrder::kOpenssl, versions::CompareOpenssl, versions::WithoutBuild},
    {VersionOrder::kPep440, versions::ComparePep440, versions::WithoutBuild},
    {VersionOrder::kPub, versions::ComparePub, versions::WithoutBuild},
    {VersionOrder::kRpm, versions::CompareRpm, versions::RpmUpstream},
    {VersionOrder::kSemver, versions::CompareSemver, versions::WithoutBuild},
}};

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kOrders.size(); ++i) {
    if (static_cast<std::size_t>(kOrders[i].order) != i) {
      return false;
    }
  }
  return true;
}
static_assert(IsInOrder());

const OrderEntry& EntryOf(VersionOrder order) {
  return kOrders[static_cast<std::size_t>(order)];
}

struct TypeEntry {
  std::string_view type;
  VersionOrder order = VersionOrder::kGeneric;
};

// Package URL types and VERS schemes, sorted.
constexpr std::array<TypeEntry, 39> kTypes = {{
    {"alpine", VersionOrder::kApk},
    {"alpm", VersionOrder::kAlpm},
    {"apk", VersionOrder::kApk},
    {"arch", VersionOrder::kAlpm},
    {"archlinux", VersionOrder::kAlpm},
    {"bitnami", VersionOrder::kSemver},
    {"cargo", VersionOrder::kSemver},
    {"cocoapods", VersionOrder::kGem},
    {"composer", VersionOrder::kComposer},
    {"conan", VersionOrder::kConan},
    {"cran", VersionOrder::kCran},
    {"datetime", VersionOrder::kDatetime},
    {"deb", VersionOrder::kDeb},
    {"debian", VersionOrder::kDeb},
    {"ebuild", VersionOrder::kGentoo},
    {"gem", VersionOrder::kGem},
    {"generic", VersionOrder::kGeneric},
    {"gentoo", VersionOrder::kGentoo},
    {"golang", VersionOrder::kSemver},
    {"hackage", VersionOrder::kHackage},
    {"hex", VersionOrder::kSemver},
    {"intdot", VersionOrder::kIntdot},
    {"julia", VersionOrder::kSemver},
    {"lexicographic", VersionOrder::kLexicographic},
    {"maven", VersionOrder::kMaven},
    {"nginx", VersionOrder::kSemver},
    {"npm", VersionOrder::kSemver},
    {"nuget", VersionOrder::kNuget},
    {"opam", VersionOrder::kDeb},
    {"openssl", VersionOrder::kOpenssl},
    {"opkg", VersionOrder::kDeb},
    {"packagist", VersionOrder::kComposer},
    {"pub", VersionOrder::kPub},
    {"pypi", VersionOrder::kPep440},
    {"rpm", VersionOrder::kRpm},
    {"rubygems", VersionOrder::kGem},
    {"semver", VersionOrder::kSemver},
    {"swift", VersionOrder::kSemver},
    {"vscode-extension", VersionOrder::kSemver},
}};

const TypeEntry* FindType(std::string_view type) {
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(),
      [type](const TypeEntry& entry) { return entry.type == type; });
  return found == kTypes.end() ? nullptr : found;
}

}  // namespace

VersionOrder VersionOrderOf(std::string_view type) {
  const TypeEntry* const entry = FindType(type);
  return entry == nullptr ? VersionOrder::kGeneric : entry->order;
}

bool HasVersionOrder(std::string_view type) {
  return FindType(type) != nullptr;
}

int CompareVersions(VersionOrder order, std::string_view a,
                    std::string_view b) {
  return EntryOf(order).compare(a, b);
}

bool SameUpstream(VersionOrder order, std::string_view a, std::string_view b) {
  const OrderEntry& entry = EntryOf(order);
  const std::string_view left = entry.upstream(a);
  const std::string_view right = entry.upstream(b);
  // An upstream version may hold a '-', which would begin a revision again.
  return order == VersionOrder::kDeb
             ? versions::CompareGeneric(left, right) == 0
             : entry.compare(left, right) == 0;
}

}  // namespace assay::sbom
