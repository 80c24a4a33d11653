#include "sbom/rpm_evidence.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sbom/file_list.h"
#include "sbom/purl.h"

namespace assay::sbom {
namespace {

using formats::RpmHeader;

namespace tag {
constexpr std::uint32_t kName = 1000;
constexpr std::uint32_t kVersion = 1001;
constexpr std::uint32_t kRelease = 1002;
constexpr std::uint32_t kEpoch = 1003;
constexpr std::uint32_t kVendor = 1011;
constexpr std::uint32_t kLicence = 1014;
constexpr std::uint32_t kPackager = 1015;
constexpr std::uint32_t kArch = 1022;
constexpr std::uint32_t kOldFileNames = 1027;
constexpr std::uint32_t kFileDigests = 1035;
constexpr std::uint32_t kFileFlags = 1037;
constexpr std::uint32_t kSourceRpm = 1044;
constexpr std::uint32_t kDirIndexes = 1116;
constexpr std::uint32_t kBaseNames = 1117;
constexpr std::uint32_t kDirNames = 1118;
constexpr std::uint32_t kFileDigestAlgorithm = 5011;
}  // namespace tag

// RPMFILE_CONFIG and RPMFILE_GHOST: files that change after installation, and
// files that a package owns and does not bring.
constexpr std::uint64_t kMayChange = (1U << 0U) | (1U << 6U);

// By the numbers of OpenPGP, RFC 4880 section 9.4; without the tag, MD5.
std::optional<DigestAlgorithm> AlgorithmOf(std::optional<std::uint64_t> id) {
  switch (id.value_or(1)) {
    case 1:
      return DigestAlgorithm::kMd5;
    case 2:
      return DigestAlgorithm::kSha1;
    case 8:
      return DigestAlgorithm::kSha256;
    case 9:
      return DigestAlgorithm::kSha384;
    case 10:
      return DigestAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

// "bash-5.1.8-6.el9.src.rpm" -> "bash" and "5.1.8-6.el9".
void ReadSource(std::string_view file, Component& component) {
  for (const std::string_view suffix : {".src.rpm", ".nosrc.rpm"}) {
    if (file.size() > suffix.size() &&
        file.substr(file.size() - suffix.size()) == suffix) {
      file.remove_suffix(suffix.size());
      break;
    }
  }
  const std::size_t release = file.rfind('-');
  if (release == std::string_view::npos || release == 0) {
    return;
  }
  const std::size_t version = file.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0) {
    return;
  }
  component.source_name = file.substr(0, version);
  component.source_version = file.substr(version + 1);
}

Component ComponentOf(const RpmHeader& header) {
  Component component{.type = "library",
                      .name = std::string(header.String(tag::kName)),
                      .version = std::string(header.String(tag::kVersion)),
                      .supplier = std::string(header.String(tag::kVendor))};
  if (const auto release = header.String(tag::kRelease); !release.empty()) {
    component.version.append("-").append(release);
  }
  if (component.supplier.empty()) {
    component.supplier = header.String(tag::kPackager);
  }
  if (const auto licence = header.String(tag::kLicence); !licence.empty()) {
    component.licences.emplace_back(licence);
  }
  ReadSource(header.String(tag::kSourceRpm), component);
  Purl purl{
      .type = "rpm", .name = component.name, .version = component.version};
  purl.qualifiers.emplace_back("arch", header.String(tag::kArch));
  if (const auto epoch = header.Number(tag::kEpoch)) {
    purl.qualifiers.emplace_back("epoch", std::to_string(*epoch));
    component.version = std::to_string(*epoch) + ":" + component.version;
  }
  if (const auto canonical = Canonical(std::move(purl))) {
    component.purl = ToString(*canonical);
  }
  return component;
}

// Since rpm 4 a file's name is kept in two halves. Nothing where the index
// names no folder.
std::vector<std::string> PathsOf(const RpmHeader& header,
                                 std::string_view root) {
  std::vector<std::string> paths;
  const auto bases = header.Strings(tag::kBaseNames);
  const auto folders = header.Strings(tag::kDirNames);
  const auto indexes = header.Numbers(tag::kDirIndexes);
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const bool known = i < indexes.size() && indexes[i] < folders.size();
    paths.push_back(known ? UnderRoot(root, folders[indexes[i]], bases[i])
                          : std::string());
  }
  if (bases.empty()) {
    for (const std::string_view path : header.Strings(tag::kOldFileNames)) {
      paths.push_back(UnderRoot(root, path));
    }
  }
  return paths;
}

ComponentEvidence FilesOf(const RpmHeader& header, const RpmOrigin& origin) {
  ComponentEvidence list{.cataloguer = origin.cataloguer,
                         .place = origin.place,
                         .files_from_root = origin.from_root};
  list.component.type = kFileListType;
  list.component.name = header.String(tag::kName);
  const auto algorithm = AlgorithmOf(header.Number(tag::kFileDigestAlgorithm));
  const auto digests = header.Strings(tag::kFileDigests);
  const auto flags = header.Numbers(tag::kFileFlags);
  auto paths = PathsOf(header, origin.root);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::string& path = paths[i];
    if (path.empty() || path == origin.root) {
      continue;
    }
    list.component.files.push_back(std::move(path));
    const bool may_change = i < flags.size() && (flags[i] & kMayChange) != 0;
    const std::string_view hex = i < digests.size() ? digests[i] : "";
    const bool usable = algorithm && !may_change &&
                        hex.size() == SizeOf(*algorithm) * 2 &&
                        BytesFromHex(hex);
    list.file_digests.push_back(usable ? Digest{*algorithm, std::string(hex)}
                                       : Digest{});
  }
  return list;
}

}  // namespace

bool AddRpmPackage(const RpmHeader& header, const RpmOrigin& origin,
                   Observations& into) {
  Component component = ComponentOf(header);
  if (component.name.empty() || header.String(tag::kVersion).empty() ||
      component.name == "gpg-pubkey") {
    return false;
  }
  into.components.push_back({.component = std::move(component),
                             .cataloguer = origin.cataloguer,
                             .strength = Strength::kUnverified,
                             .place = origin.place,
                             .files_from_root = origin.from_root});
  ComponentEvidence list = FilesOf(header, origin);
  if (!list.component.files.empty()) {
    into.components.push_back(std::move(list));
  }
  return true;
}

Result<RpmHeader> ParseRpmRow(ByteView row, Bytes& keeps) {
  constexpr std::array<std::uint8_t, 8> kMagic = {0x8e, 0xad, 0xe8, 1};
  keeps.assign(kMagic.begin(), kMagic.end());
  keeps.insert(keeps.end(), row.begin(), row.end());
  return RpmHeader::Parse(keeps);
}

}  // namespace assay::sbom
