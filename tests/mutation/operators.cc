#include "tests/mutation/operators.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/digest.h"

namespace assay::mutation {
namespace {

using Kind = DiscrepancyKind;

// The standard's distributions differ between libraries; this does not.
std::size_t Below(std::size_t count, std::mt19937& random) {
  return count == 0 ? 0 : random() % count;
}

Package& AnyPackage(Case& one, std::mt19937& random) {
  auto& all = one.product.packages;
  return all[Below(all.size(), random)];
}

Component& ClaimOf(Case& one, const Package& package) {
  auto& all = one.document.document.components;
  return *std::find_if(all.begin(), all.end(), [&](const Component& each) {
    return each.ref == PurlOf(package);
  });
}

Component* FileClaimOf(Case& one, const std::string& path) {
  auto& all = one.document.document.components;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Component& each) {
        return each.type == "file" && each.name == path;
      });
  return found == all.end() ? nullptr : &*found;
}

// A listed program of the package; "" when it has none.
std::string AnyProgram(Case& one, const Package& package,
                       std::mt19937& random) {
  std::vector<std::string> programs;
  for (const std::string& path : package.files) {
    const auto file = one.product.files.find(path);
    if (file != one.product.files.end() && file->second.content.substr(0, 4) ==
                                               "\x7f"
                                               "ELF") {
      programs.push_back(path);
    }
  }
  return programs.empty() ? "" : programs[Below(programs.size(), random)];
}

// Removes what the SBOM says about a package and its files.
void Forget(Case& one, const std::string& ref) {
  auto& all = one.document.document.components;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const Component& each) {
                             return each.ref == ref || each.parent == ref;
                           }),
            all.end());
}

void FlipByte(Case& one, const std::string& path, std::mt19937& random) {
  const File& file = one.product.files.at(path);
  std::string content = file.content;
  // Behind the headers, so that it stays a program.
  const std::size_t at = 64 + Below(content.size() - 64, random);
  content[at] = static_cast<char>(content[at] ^ 1);
  one.product.Put(path, content, file.mode);
  one.touched = path;
}

void DigestAnew(Case& one, const std::string& path) {
  if (Component* claim = FileClaimOf(one, path)) {
    claim->digests = {DigestOf(DigestAlgorithm::kSha256,
                               AsBytes(one.product.files.at(path).content))};
  }
}

bool Undeclare(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  Forget(one, PurlOf(package));
  one.touched = package.name;
  return true;
}

bool AddPhantom(Case& one, std::mt19937& random) {
  const auto number = random() % 1000;
  one.touched = fmt::format("libphantom{}", number);
  Component component{
      .ref = one.touched,
      .type = "library",
      .name = one.touched,
      .version = "9.9-1",
      .purl = fmt::format("pkg:deb/debian/{}@9.9-1?arch=amd64", one.touched)};
  component.pointer = "/components/phantom";
  one.document.document.components.push_back(std::move(component));
  return true;
}

bool AddPhantomRow(Case& one, std::mt19937& random) {
  AddPhantom(one, random);
  const std::string path = one.product.database == Database::kDpkg
                               ? "var/lib/dpkg/status"
                               : "usr/lib/opkg/status";
  one.product.Put(
      path,
      one.product.files.at(path).content +
          fmt::format("Package: {}\nVersion: 9.9-1\nArchitecture: amd64\n"
                      "Status: install ok installed\n\n",
                      one.touched),
      0644);
  return true;
}

bool ClaimOtherVersion(Case& one, std::mt19937& random) {
  Package changed = AnyPackage(one, random);
  Component& claim = ClaimOf(one, changed);
  const std::size_t digit = changed.version.find_first_of(
      "0123456789", changed.version.find(':') + 1);
  changed.version.insert(digit, std::to_string(1 + random() % 8));
  claim.version = changed.version;
  claim.purl = PurlOf(changed);
  one.touched = changed.name;
  return true;
}

bool ClaimOtherDigest(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  const std::string& path = package.files[Below(package.files.size(), random)];
  Component* claim = FileClaimOf(one, path);
  if (claim == nullptr) {
    return false;
  }
  claim->digests = {
      DigestOf(DigestAlgorithm::kSha256, AsBytes(std::to_string(random())))};
  one.touched = path;
  return true;
}

bool ClaimOtherProducer(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  ClaimOf(one, package).supplier = fmt::format("Harbour{} Ltd", random() % 99);
  one.touched = package.name;
  return true;
}

bool ClaimOtherLicence(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  ClaimOf(one, package).licences = {package.licence == "MIT" ? "Zlib" : "ISC"};
  one.touched = package.name;
  return one.product.database == Database::kOpkg;
}

bool AddProgram(Case& one, std::mt19937& random) {
  const std::string like = AnyProgram(one, AnyPackage(one, random), random);
  if (like.empty()) {
    return false;
  }
  one.touched = fmt::format("usr/sbin/telemetryd{}", random() % 100);
  one.product.Put(one.touched, one.product.files.at(like).content + "x", 0755);
  return true;
}

bool AddData(Case& one, std::mt19937& random) {
  one.touched = fmt::format("usr/share/extra{}.dat", random() % 100);
  one.product.Put(one.touched, std::to_string(random()), 0644);
  return true;
}

bool RemoveFile(Case& one, std::mt19937& random) {
  const std::string path = AnyProgram(one, AnyPackage(one, random), random);
  one.touched = path;
  return !path.empty() && one.product.files.erase(path) != 0;
}

bool PatchBesideTheSbom(Case& one, std::mt19937& random) {
  const std::string path = AnyProgram(one, AnyPackage(one, random), random);
  if (path.empty() || one.product.database != Database::kDpkg) {
    return false;
  }
  FlipByte(one, path, random);
  DigestAnew(one, path);
  return true;
}

bool HidePackage(Case& one, std::mt19937& random) {
  const Package gone = AnyPackage(one, random);
  auto& files = one.product.files;
  const auto copyright =
      files.find(fmt::format("usr/share/doc/{}/copyright", gone.name));
  if (copyright == files.end() || !copyright->second.link.empty()) {
    return false;
  }
  for (const char* suffix :
       {"list", "md5sums", "preinst", "postinst", "prerm", "postrm"}) {
    files.erase(one.product.InfoPath(gone.name, suffix));
  }
  auto& packages = one.product.packages;
  packages.erase(std::find_if(
      packages.begin(), packages.end(),
      [&](const Package& each) { return each.name == gone.name; }));
  one.product.WriteDatabase();
  Forget(one, PurlOf(gone));
  one.touched = gone.name;
  return true;
}

bool CutEdge(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  // What klibc's programs are linked with is no shared library of theirs.
  const bool loads =
      std::count(package.depends.begin(), package.depends.end(), "libc6") != 0;
  if (!loads || AnyProgram(one, package, random).empty()) {
    return false;
  }
  auto& edges = one.document.document.dependencies;
  const std::string ref = PurlOf(package);
  edges.erase(
      std::remove_if(edges.begin(), edges.end(),
                     [&](const auto& edge) { return edge.from == ref; }),
      edges.end());
  one.touched = package.name;
  return true;
}

bool Contradict(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  Component& claim = ClaimOf(one, package);
  one.touched = package.name;
  switch (random() % 3) {
    case 0:
      claim.cpe = fmt::format("cpe:2.3:a:v:{}:99.{}:*:*:*:*:*:*:*",
                              package.name, random() % 100);
      break;
    case 1:
      claim.claimed_digests = {{"SHA-512", std::string(64, 'a')}};
      break;
    default: {
      Package other = package;
      other.version = fmt::format("99.{}", random() % 100);
      claim.purl = PurlOf(other);
    }
  }
  return true;
}

bool DescribeAnother(Case& one, std::mt19937& random) {
  if (random() % 2 == 0) {
    one.document.document.subject->digests = {
        DigestOf(DigestAlgorithm::kSha256, AsBytes(std::to_string(random())))};
    one.touched = "product";
  } else {
    one.document.document.timestamp =
        fmt::format("2024-01-{:02}T00:00:00Z", 1 + random() % 28);
    one.touched = "";
  }
  return true;
}

bool EditInside(Case& one, std::mt19937& random) {
  HeldDocument inside = one.document;
  inside.embedded = true;
  inside.holder = "usr/share/sbom.cdx.json";
  inside.artifact = 1;
  auto& all = inside.document.components;
  all.erase(all.begin() +
            static_cast<std::ptrdiff_t>(Below(all.size(), random)));
  one.others.push_back(std::move(inside));
  one.touched = "usr/share/sbom.cdx.json";
  return true;
}

bool Seal(Case& one, std::mt19937& random) {
  one.touched = AnyProgram(one, AnyPackage(one, random), random);
  if (one.touched.empty()) {
    return false;
  }
  Artifact& artifact = one.product.files.at(one.touched).node.artifact;
  artifact.examination = Examination::kOpaque;
  artifact.opaque_reason = "encrypted";
  return true;
}

bool StripDigests(Case& one, std::mt19937& random) {
  auto& all = one.document.document.components;
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [](const Component& each) { return each.type == "file"; }),
      all.end());
  one.document.document.lifecycle_phases = {random() % 2 == 0 ? "post-build"
                                                              : "analyzed"};
  one.touched = one.document.holder;
  return true;
}

bool Rebuild(Case& one, std::mt19937& random) {
  const Package& package = AnyPackage(one, random);
  const std::string path = AnyProgram(one, package, random);
  if (path.empty()) {
    return false;
  }
  one.reference = ArchiveOf(one.product, package);
  FlipByte(one, path, random);
  DigestAnew(one, path);
  one.product.WriteDatabase();
  return true;
}

}  // namespace

const std::vector<Operator>& AllOperators() {
  static const std::vector<Operator> kOperators = {
      {"D01",
       Kind::kUndeclared,
       "a package left out of the SBOM",
       {Kind::kEdgeMismatch},
       Undeclare},
      {"D02", Kind::kPhantom, "a component that is not there", {}, AddPhantom},
      {"D02",
       Kind::kPhantom,
       "a row of a package that is not there",
       {},
       AddPhantomRow},
      {"D03",
       Kind::kVersionMismatch,
       "another version claimed",
       {},
       ClaimOtherVersion},
      {"D04",
       Kind::kDigestMismatch,
       "another digest claimed",
       {},
       ClaimOtherDigest},
      {"D05",
       Kind::kProducerMismatch,
       "another producer claimed",
       {},
       ClaimOtherProducer},
      {"D06",
       Kind::kLicenceMismatch,
       "another licence claimed",
       {},
       ClaimOtherLicence},
      {"D07", Kind::kUnexplainedFile, "a program added", {}, AddProgram},
      {"D08", Kind::kUnexplainedFile, "a data file added", {}, AddData},
      {"D09", Kind::kMissingFile, "a program removed", {}, RemoveFile},
      {"D10",
       Kind::kRecordMismatch,
       "a program patched, SBOM made anew",
       {},
       PatchBesideTheSbom},
      {"D11",
       Kind::kHiddenPackage,
       "a package's record removed",
       {Kind::kUnexplainedFile},
       HidePackage},
      {"D12", Kind::kEdgeMismatch, "dependencies left out", {}, CutEdge},
      {"D13",
       Kind::kSelfContradiction,
       "identifiers that disagree",
       {},
       Contradict},
      {"D14",
       Kind::kWrongSubject,
       "the SBOM of another product",
       {},
       DescribeAnother},
      {"D15",
       Kind::kDocumentMismatch,
       "the SBOM inside edited",
       {},
       EditInside},
      {"D16", Kind::kOpaqueRegion, "a program sealed", {}, Seal},
      {"D17",
       Kind::kImplausibleContext,
       "an SBOM without digests",
       {},
       StripDigests},
      {"D18",
       Kind::kModifiedBuild,
       "a program rebuilt, records made anew",
       {},
       Rebuild},
  };
  return kOperators;
}

}  // namespace assay::mutation
