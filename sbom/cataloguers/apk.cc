// Installed packages of Alpine, recent OpenWrt and their kin, from apk's
// database. Layout: apk-package(5) and apk-tools, src/database.c: records of
// one-letter fields, parted by empty lines.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sbom/file_list.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "apk";

// "Q1" and base64 of SHA-1, "Q2" and base64 of SHA-256; src/blob.c.
std::optional<Digest> DigestOf(std::string_view field) {
  const std::string_view mark = field.substr(0, 2);
  if (mark != "Q1" && mark != "Q2") {
    return std::nullopt;
  }
  const DigestAlgorithm algorithm =
      mark == "Q1" ? DigestAlgorithm::kSha1 : DigestAlgorithm::kSha256;
  const auto bytes = FromBase64(field.substr(2));
  if (!bytes || bytes->size() != SizeOf(algorithm)) {
    return std::nullopt;
  }
  return Digest{algorithm, HexOf(AsBytes(*bytes))};
}

// One record while its lines are read.
class Record {
 public:
  Record(std::string_view root, std::uint64_t offset) : root_(root) {
    row_.place.offset = offset;
    files_.place.offset = offset;
    files_.component.type = kFileListType;
    row_.component.type = "library";
    for (ComponentEvidence* one : {&row_, &files_}) {
      one->cataloguer = kName;
      one->files_from_root = true;
    }
  }

  void Add(char key, std::string_view value) {
    switch (key) {
      case 'P':
        row_.component.name = value;
        break;
      case 'V':
        row_.component.version = value;
        break;
      case 'A':
        arch_ = value;
        break;
      case 'L':
        row_.component.licences.emplace_back(value);
        break;
      case 'm':
        row_.component.supplier = value;
        break;
      case 'o':
        row_.component.source_name = value;
        break;
      case 'F':
        folder_ = value;
        break;
      case 'R':
        AddFile(value);
        break;
      case 'Z':
        SetDigest(value);
        break;
      default:
        break;
    }
  }

  // False when there was no record.
  bool Finish(std::uint64_t end, Observations& into) {
    Component& component = row_.component;
    if (component.name.empty() || component.version.empty()) {
      return false;
    }
    if (component.source_name == component.name) {
      component.source_name.clear();
    }
    component.purl =
        PurlOf("apk", "alpine", component.name, component.version, arch_);
    row_.place.length = end - row_.place.offset;
    files_.place = row_.place;
    files_.component.name = component.name;
    into.components.push_back(std::move(row_));
    if (!files_.component.files.empty()) {
      into.components.push_back(std::move(files_));
    }
    return true;
  }

 private:
  void AddFile(std::string_view name) {
    std::string moved = UnderRoot(root_, folder_, name);
    takes_digest_ = !moved.empty();
    if (takes_digest_) {
      files_.component.files.push_back(std::move(moved));
      files_.file_digests.emplace_back();
    }
  }

  // Files below etc/ are the administrator's to change: apk's
  // protected_paths(5) holds them by default, as dpkg does its conffiles.
  void SetDigest(std::string_view value) {
    const bool is_protected =
        folder_ == "etc" || folder_.substr(0, 4) == "etc/";
    if (takes_digest_ && !is_protected) {
      files_.file_digests.back() = DigestOf(value).value_or(Digest{});
    }
    takes_digest_ = false;
  }

  std::string_view root_;
  std::string_view folder_ = {};
  std::string_view arch_ = {};
  bool takes_digest_ = false;  // the last R: was a file that counts
  ComponentEvidence row_ = {};
  ComponentEvidence files_ = {};
};

bool ReadDatabase(std::string_view text, std::string_view root,
                  Observations& into) {
  bool any = false;
  Record record(root, 0);
  bool open = false;
  std::size_t at = 0;
  const auto finish = [&] {
    any = (open && record.Finish(at, into)) || any;
    open = false;
  };
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.empty()) {
      finish();
    } else if (line.size() >= 2 && line[1] == ':') {
      if (!open) {
        record = Record(root, at);
        open = true;
      }
      record.Add(line[0], line.substr(2));
    }
    at = std::min(end + 1, text.size());
  }
  finish();
  return any;
}

bool Examine(const Subject& subject, Observations& into) {
  const auto place = Below(subject.artifact.inner_path, "lib/apk/db");
  if (!place || place->rest != "installed" || subject.content.empty()) {
    return false;
  }
  // usr/lib/apk/db as merged file systems have it speaks of the same root.
  std::string_view root = place->root;
  if (root == "usr" ||
      (root.size() > 4 && root.substr(root.size() - 4) == "/usr")) {
    root.remove_suffix(root == "usr" ? 3 : 4);
  }
  return ReadDatabase(AsText(subject.content), root, into);
}

}  // namespace

const Analysis kApk = {
    .name = kName,
    .title = "Packages installed according to apk's database",
    .examine = Examine,
};

}  // namespace assay::sbom
