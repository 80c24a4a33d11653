#include "tests/mutation/product.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "sbom/registry.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/limits.h"
#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"

namespace assay::mutation {
namespace {

constexpr std::int64_t kBuilt = 1'750'000'000;  // 2025-06-15
constexpr const char* kLicences[] = {"GPL-2.0-or-later", "MIT", "Apache-2.0"};

struct Member {
  std::string path = {};
  std::string content = {};
  std::uint32_t mode = 0;
  std::string link = {};
  bool regular = false;
};

std::vector<Member> ReadArchive(const std::string& bytes) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(),
                                                           archive_read_free);
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_ar(reader.get());
  archive_read_support_format_tar(reader.get());
  std::vector<Member> members;
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) !=
      ARCHIVE_OK) {
    ADD_FAILURE() << archive_error_string(reader.get());
    return members;
  }
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    Member member;
    member.path = NormalPath(archive_entry_pathname(entry));
    member.mode = static_cast<std::uint32_t>(archive_entry_perm(entry));
    member.regular = archive_entry_filetype(entry) == AE_IFREG;
    if (const char* target = archive_entry_symlink(entry); target != nullptr) {
      member.link = target;
    }
    member.content.resize(static_cast<std::size_t>(archive_entry_size(entry)));
    const la_ssize_t read = archive_read_data(
        reader.get(), member.content.data(), member.content.size());
    EXPECT_EQ(read, static_cast<la_ssize_t>(member.content.size()))
        << member.path;
    members.push_back(std::move(member));
  }
  return members;
}

std::string ReadWhole(const std::string& path) {
  const auto source = ByteSource::MapFile(path);
  if (!source) {
    ADD_FAILURE() << source.error().what
                  << "\n(samples/products/generate.sh fetches the packages)";
    return {};
  }
  return std::string(AsText(source->bytes()));
}

std::string FieldOf(const std::string& control, const std::string& name) {
  for (const std::string_view line : SplitLines(control)) {
    if (line.substr(0, name.size() + 1) == name + ":") {
      return std::string(Trim(line.substr(name.size() + 1)));
    }
  }
  return {};
}

std::vector<std::string> DependsOf(const std::string& control) {
  std::vector<std::string> names;
  for (const char* field : {"Depends", "Pre-Depends"}) {
    const std::string list = FieldOf(control, field);
    for (const std::string_view group : Split(list, ',')) {
      for (const std::string_view one : Split(group, '|')) {
        const std::string_view name = Trim(one);
        names.emplace_back(name.substr(0, name.find_first_of(" (:")));
      }
    }
  }
  return names;
}

bool Matters(const Fact& fact) {
  return fact.kind == "elf.needed" || fact.kind == "elf.soname" ||
         fact.kind == "startup" || fact.kind == "listener";
}

Node LookAt(const std::string& path, const File& file) {
  Node node;
  Artifact& artifact = node.artifact;
  artifact.name = path;
  artifact.inner_path = path;
  artifact.meta.mode = file.mode;
  artifact.meta.mtime = kBuilt;
  if (!file.link.empty()) {
    artifact.meta.type = FileType::kSymlink;
    artifact.meta.link_target = file.link;
    return node;
  }
  artifact.has_content = true;
  artifact.size = file.content.size();
  artifact.format = file.content.substr(0, 4) ==
                            "\x7f"
                            "ELF"
                        ? "elf"
                        : "";
  Hasher hasher({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  hasher.Update(AsBytes(file.content));
  artifact.digests = hasher.Finish();
  const Limits limits;
  const Subject subject{artifact, AsBytes(file.content), limits};
  for (const Analysis* cataloguer : sbom::AllCataloguers()) {
    (void)cataloguer->examine(subject, node.seen);
  }
  if (artifact.format == "elf") {
    for (const Analysis* extractor : facts::AllExtractors()) {
      if (extractor->name == "elf") {
        (void)extractor->examine(subject, node.seen);
      }
    }
    auto& all = node.seen.facts;
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const Fact& one) { return !Matters(one); }),
              all.end());
    node.seen.candidates.clear();
  }
  return node;
}

std::string Digested(DigestAlgorithm algorithm, const std::string& content) {
  return DigestOf(algorithm, AsBytes(content)).hex;
}

void Unpack(const std::string& deb, Product& product) {
  Package package;
  std::vector<Member> scripts;
  for (const Member& part : ReadArchive(ReadWhole(deb))) {
    const bool control = part.path.substr(0, 11) == "control.tar";
    if (!control && part.path.substr(0, 8) != "data.tar") {
      continue;
    }
    for (Member& member : ReadArchive(part.content)) {
      if (control) {
        scripts.push_back(std::move(member));
      } else if (member.regular || !member.link.empty()) {
        File& file = product.files[member.path];
        file = {std::move(member.content), member.mode, member.link, {}};
        file.node = LookAt(member.path, file);
        if (member.regular) {
          package.files.push_back(member.path);
        }
      }
    }
  }
  for (const Member& script : scripts) {
    if (script.path == "control") {
      package.control = script.content;
    }
  }
  package.name = FieldOf(package.control, "Package");
  package.version = FieldOf(package.control, "Version");
  package.arch = FieldOf(package.control, "Architecture");
  package.maintainer = FieldOf(package.control, "Maintainer");
  package.licence = kLicences[product.packages.size() % 3];
  package.depends = DependsOf(package.control);
  for (const Member& script : scripts) {
    if (script.path.find("inst") != std::string::npos) {
      product.Put(product.InfoPath(package.name, script.path), script.content,
                  0755);
    }
  }
  product.packages.push_back(std::move(package));
}

void AddNode(Survey& survey, ArtifactId parent, const std::string& name,
             Node node) {
  node.artifact.id = static_cast<ArtifactId>(survey.nodes.size());
  node.artifact.parent = survey.nodes.empty() ? kNoArtifact : parent;
  node.artifact.path = survey.nodes.empty()
                           ? name
                           : survey.nodes[parent].artifact.path + "!/" + name;
  survey.nodes.push_back(std::move(node));
}

Node Part(const std::string& name) {
  Node node;
  node.artifact.name = name;
  node.artifact.inner_path = name;
  node.artifact.has_content = true;
  node.artifact.size = 1;
  node.artifact.digests = {DigestOf(DigestAlgorithm::kSha256, AsBytes(name))};
  return node;
}

}  // namespace

std::string Product::InfoPath(const std::string& package,
                              const std::string& suffix) const {
  return fmt::format(
      "{}/info/{}.{}",
      database == Database::kDpkg ? "var/lib/dpkg" : "usr/lib/opkg", package,
      suffix);
}

void Product::Put(const std::string& path, std::string content,
                  std::uint32_t mode) {
  File& file = files[path];
  file = {std::move(content), mode, {}, {}};
  file.node = LookAt(path, file);
}

void Product::WriteDatabase() {
  std::string status;
  for (const Package& package : packages) {
    std::string list;
    std::string sums;
    for (const std::string& path : package.files) {
      list += fmt::format("/{}\n", path);
      const auto file = files.find(path);
      if (file != files.end()) {
        sums += fmt::format(
            "{}  {}\n", Digested(DigestAlgorithm::kMd5, file->second.content),
            path);
      }
    }
    status +=
        fmt::format("{}{}Status: install ok installed\n\n", package.control,
                    database == Database::kOpkg
                        ? fmt::format("License: {}\n", package.licence)
                        : "");
    Put(InfoPath(package.name, "list"), list, 0644);
    if (database == Database::kDpkg) {
      Put(InfoPath(package.name, "md5sums"), sums, 0644);
    }
  }
  Put(database == Database::kDpkg ? "var/lib/dpkg/status"
                                  : "usr/lib/opkg/status",
      status, 0644);
}

Survey Product::Look() const {
  Survey survey;
  AddNode(survey, 0, "product.bin", Part("product.bin"));
  AddNode(survey, 0, "rootfs", Part("rootfs"));
  for (const auto& [path, file] : files) {
    AddNode(survey, 1, path, file.node);
  }
  return survey;
}

Product Install(const std::vector<std::string>& debs, Database database) {
  Product product;
  product.database = database;
  for (const std::string& deb : debs) {
    Unpack(deb, product);
  }
  std::set<std::string> names;
  for (const Package& package : product.packages) {
    names.insert(package.name);
  }
  for (Package& package : product.packages) {
    auto& depends = package.depends;
    depends.erase(std::remove_if(depends.begin(), depends.end(),
                                 [&](const std::string& name) {
                                   return names.count(name) == 0;
                                 }),
                  depends.end());
  }
  product.WriteDatabase();
  return product;
}

std::string PurlOf(const Package& package) {
  std::string version;
  for (const char c : package.version) {
    version += c == '+' ? "%2B" : std::string(1, c);
  }
  return fmt::format("pkg:deb/debian/{}@{}?arch={}", package.name, version,
                     package.arch);
}

HeldDocument TruthOf(const Product& product) {
  HeldDocument held{.holder = "product.cdx.json"};
  SbomDocument& document = held.document;
  document.format = "CycloneDX JSON";
  document.serial = "urn:uuid:00000000-0000-4000-8000-000000000000";
  document.timestamp = "2025-06-16T00:00:00Z";
  document.lifecycle_phases = {"post-build"};
  document.subject = Component{
      .ref = "product",
      .type = "firmware",
      .name = "product",
      .version = "1.0",
      .digests = {DigestOf(DigestAlgorithm::kSha256, AsBytes("product.bin"))}};
  Composition complete{.aggregate = "complete"};
  std::map<std::string, std::string> refs;
  for (const Package& package : product.packages) {
    refs[package.name] = PurlOf(package);
  }
  const auto add = [&](Component component) {
    component.pointer =
        fmt::format("/components/{}", document.components.size());
    document.components.push_back(std::move(component));
  };
  for (const Package& package : product.packages) {
    const std::string ref = PurlOf(package);
    Component component{.ref = ref,
                        .type = "library",
                        .name = package.name,
                        .version = package.version,
                        .purl = ref,
                        .supplier = package.maintainer};
    component.licences = {package.licence};
    add(std::move(component));
    complete.dependencies.push_back(ref);
    for (const std::string& other : package.depends) {
      document.dependencies.push_back({ref, refs[other], ""});
    }
    for (const std::string& path : package.files) {
      const auto file = product.files.find(path);
      if (file == product.files.end()) {
        continue;
      }
      Component one{.type = "file", .name = path};
      one.digests = {
          DigestOf(DigestAlgorithm::kSha256, AsBytes(file->second.content))};
      one.files = {path};
      one.parent = ref;
      add(std::move(one));
    }
  }
  document.compositions = {std::move(complete)};
  return held;
}

Survey ArchiveOf(const Product& product, const Package& package) {
  Survey survey;
  AddNode(survey, 0, package.name + ".deb", Part(package.name + ".deb"));
  AddNode(survey, 0, "control.tar", Part("control.tar"));
  File control{package.control, 0644, {}, {}};
  AddNode(survey, 1, "control", LookAt("control", control));
  AddNode(survey, 0, "data.tar", Part("data.tar"));
  for (const std::string& path : package.files) {
    const auto file = product.files.find(path);
    if (file != product.files.end()) {
      AddNode(survey, 3, path, file->second.node);
    }
  }
  return survey;
}

}  // namespace assay::mutation
