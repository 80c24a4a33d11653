// Small root file systems made from Debian packages, and truthful SBOMs of
// them. What is true is known from the packages, not from what the tool reads.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "verifier/model/reconciliation.h"
#include "verifier/model/survey.h"

namespace assay::mutation {

// One file of the product, with what the analyses say about it.
struct File {
  std::string content = {};
  std::uint32_t mode = 0644;
  std::string link = {};  // target, of a symbolic link
  Node node = {};
};

struct Package {
  std::string name = {};
  std::string version = {};
  std::string arch = {};
  std::string maintainer = {};
  std::string licence = {};               // only opkg's records have one
  std::vector<std::string> depends = {};  // on others of the product
  std::vector<std::string> files = {};    // regular ones
  std::string control = {};               // its stanza
};

enum class Database { kDpkg, kOpkg };

struct Product {
  Database database = Database::kDpkg;
  std::map<std::string, File> files = {};
  std::vector<Package> packages = {};

  // Replaces or adds a file, and looks at it.
  void Put(const std::string& path, std::string content, std::uint32_t mode);
  // Writes the database anew from `packages`.
  void WriteDatabase();
  [[nodiscard]] std::string InfoPath(const std::string& package,
                                     const std::string& suffix) const;
  [[nodiscard]] Survey Look() const;
};

// A root file system of the packages (paths of .deb files).
[[nodiscard]] Product Install(const std::vector<std::string>& debs,
                              Database database);

// The SBOM of the product as it is: packages, files with SHA-256, suppliers,
// complete dependencies.
[[nodiscard]] HeldDocument TruthOf(const Product& product);
[[nodiscard]] std::string PurlOf(const Package& package);

// A package archive with the product's files of the package.
[[nodiscard]] Survey ArchiveOf(const Product& product, const Package& package);

}  // namespace assay::mutation
