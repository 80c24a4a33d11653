// Our own inventory: the package records of a product, the files they own and
// where a record contradicts the bytes.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/identity.h"
#include "sbom/product_index.h"
#include "verifier/model/reconciliation.h"

namespace assay::sbom {

inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// A package in one file system (or archive), and how its list compares with the
// bytes there. What holds in one says nothing about another.
struct Installation {
  ArtifactId tree = kNoArtifact;
  ArtifactId list = kNoArtifact;  // holder of its file list
  // How many files of its lists are there, and which are not.
  std::size_t present = 0;
  std::size_t borrowed = 0;  // listed, and by its digest another package's
  std::vector<std::string> missing = {};
  bool compared = false;  // digests of its lists with the bytes
  bool differs = false;
};

// One package, however many records show it, wherever it is installed.
struct Package {
  Identity identity = {};
  std::string display_name = {};
  std::string purl = {};
  std::string source_name = {};  // lower case, "" when the package is its own
  std::string source_version = {};
  std::vector<std::size_t> items = {};  // into PackageRecords::inventory
  // Of its files, by a copyright file beside them: all of them together, where
  // a record has the licence of the whole.
  std::vector<std::string> file_licences = {};
  std::string copyright = {};
  std::vector<Installation> installations = {};
  // Of its strongest record; the existence of every file that is listed beside
  // the record makes it kWeak.
  Strength strength = Strength::kClaim;
  // The claim of a vendor's SBOM that declares it (whatever its version).
  std::size_t declared_by = kNone;
};

// A package database's list of files whose package has no record.
struct OrphanList {
  ArtifactId holder = kNoArtifact;
  std::string package = {};
  bool has_files = false;  // some of them are there, outside of etc/
};

// Cataloguers of databases that describe the whole file system they lie in.
[[nodiscard]] bool IsDatabase(std::string_view cataloguer);

struct PackageRecords {
  std::vector<InventoryItem> inventory = {};
  std::vector<Package> packages = {};
  // Per artifact, an index into `packages` or kNone: whose file list names it;
  // and whose own archive (.deb, .ipk, npm tarball) it is.
  std::vector<std::size_t> listed_by = {};
  std::vector<std::size_t> archive_of = {};
  // Per artifact: whose file list names it without a digest, though it has
  // digests of the package's other files; that explains nothing.
  std::vector<std::size_t> undigested = {};
  // Per artifact: metadata that needs no owner (reconcile.h).
  std::vector<bool> exempt = {};
  // Per artifact: a container with a package database that lists files.
  std::vector<bool> has_database = {};
  // kRecordMismatch; kSelfContradiction of two rows for one package.
  std::vector<Discrepancy> mismatches = {};
  std::vector<OrphanList> orphans = {};
  // Of algorithms that nobody computed, though lists give digests by them.
  DigestSet uncomputed = {};
};

[[nodiscard]] PackageRecords CollectPackages(const ProductIndex& index);

// The algorithms by which the product's package records speak of files, and
// which the survey lacks: without them the records say nothing.
[[nodiscard]] DigestSet MissingDigests(const Survey& survey);

}  // namespace assay::sbom
