// Specification: RFC 9393, section 2 (keys, roles, link relations).

#include "sbom/swid.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sbom/cbor_tree.h"
#include "sbom/document_builder.h"
#include "sbom/file_list.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// RFC 9393 section 2.3 to 2.9: the integer keys. Empty where none is given.
constexpr std::array<std::string_view, 58> kKeys = {"tag-id",
                                                    "software-name",
                                                    "entity",
                                                    "evidence",
                                                    "link",
                                                    "software-meta",
                                                    "payload",
                                                    "hash",
                                                    "corpus",
                                                    "patch",
                                                    "media",
                                                    "supplemental",
                                                    "tag-version",
                                                    "software-version",
                                                    "version-scheme",
                                                    "lang",
                                                    "directory",
                                                    "file",
                                                    "process",
                                                    "resource",
                                                    "size",
                                                    "file-version",
                                                    "key",
                                                    "location",
                                                    "fs-name",
                                                    "root",
                                                    "path-elements",
                                                    "process-name",
                                                    "pid",
                                                    "type",
                                                    "",
                                                    "entity-name",
                                                    "reg-id",
                                                    "role",
                                                    "thumbprint",
                                                    "date",
                                                    "device-id",
                                                    "artifact",
                                                    "href",
                                                    "ownership",
                                                    "rel",
                                                    "media-type",
                                                    "use",
                                                    "activation-status",
                                                    "channel-type",
                                                    "colloquial-version",
                                                    "description",
                                                    "edition",
                                                    "entitlement-data-required",
                                                    "entitlement-key",
                                                    "generator",
                                                    "persistent-id",
                                                    "product",
                                                    "product-family",
                                                    "revision",
                                                    "summary",
                                                    "unspsc-code",
                                                    "unspsc-version"};

std::string_view NameOfKey(std::int64_t key) {
  return key >= 0 && key < static_cast<std::int64_t>(kKeys.size())
             ? kKeys.at(static_cast<std::size_t>(key))
             : std::string_view();
}

// Section 4.1, table 5; SWID writes the names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kRoles =
    {{{"1", "tag-creator"},
      {"2", "software-creator"},
      {"4", "distributor"},
      {"6", "maintainer"}}};

// IANA's Named Information Hash Algorithm Registry (RFC 6920, section 9.4).
constexpr std::array<std::pair<std::string_view, std::string_view>, 12>
    kHashes = {{{"1", "SHA-256"},
                {"2", "SHA-256-128"},
                {"3", "SHA-256-120"},
                {"4", "SHA-256-96"},
                {"5", "SHA-256-64"},
                {"6", "SHA-256-32"},
                {"7", "SHA-384"},
                {"8", "SHA-512"},
                {"9", "SHA3-224"},
                {"10", "SHA3-256"},
                {"11", "SHA3-384"},
                {"12", "SHA3-512"}}};

template <typename Table>
std::string_view Word(const Table& table, std::string_view key) {
  for (const auto& [code, word] : table) {
    if (code == key) {
      return word;
    }
  }
  return key;
}

// CDDL's one-or-more: a value or an array of them.
std::vector<Value> OneOrMore(Value value) {
  if (!value.exists()) {
    return {};
  }
  return value.is_array() ? std::vector<Value>(value.begin(), value.end())
                          : std::vector<Value>{value};
}

// The algorithm and value pair of a hash entry.
void ReadHash(Value entry, Component& component, DocumentBuilder& builder) {
  std::vector<Value> pair = OneOrMore(entry);
  if (pair.size() == 2) {
    builder.AddDigest(component, Word(kHashes, pair[0].text()), pair[1].text(),
                      entry);
  } else if (entry.exists()) {
    builder.Report(entry, "sbom.type-wrong",
                   "a hash is an algorithm and bytes");
  }
}

class Reader {
 public:
  Reader(const Tree& tree, std::string_view format) : builder_(tree) {
    builder_.document.format = format;
  }

  SbomDocument Read() {
    std::size_t position = 0;
    for (const Value tag : builder_.root()) {
      const std::string at = Join("", position++);
      if (builder_.IsObject(tag)) {
        Declare(tag);
        ReadTag(tag, at);
      }
    }
    for (const Value tag : builder_.root()) {
      ReadLinks(tag);
    }
    if (!builder_.document.subject) {
      builder_.Report(builder_.root(), "sbom.subject-missing", "no tag");
    }
    return builder_.Finish();
  }

 private:
  void Declare(Value tag) {
    const Value id = tag["tag-id"];
    if (id.text().empty()) {
      builder_.Report(tag, "tag-id", "sbom.reference-empty",
                      "a tag without tag-id");
    } else {
      builder_.Declare(id.text(), id);
    }
  }

  void ReadTag(Value tag, const std::string& at) {
    Component component{.ref = builder_.Id(tag["tag-id"]),
                        .type = "application",
                        .name = builder_.Text(tag, "software-name"),
                        .version = builder_.Text(tag, "software-version"),
                        .pointer = at};
    component.swid = component.ref;
    ReadEntities(tag, component);
    for (const Value meta : OneOrMore(tag["software-meta"])) {
      component.description = builder_.Text(meta, "summary");
    }
    builder_.CheckIdentity(component, tag);
    auto& document = builder_.document;
    const std::string parent = component.ref.empty() ? at : component.ref;
    if (!document.subject) {
      document.serial = component.ref;
      document.version = tag["tag-version"].text();
      document.subject = std::move(component);
    } else {
      builder_.AddComponent(std::move(component), tag);
    }
    for (const std::string_view key : {"payload", "evidence"}) {
      for (const Value content : OneOrMore(tag[key])) {
        ReadFiles(content, parent, Join(at, key));
      }
    }
  }

  void ReadEntities(Value tag, Component& component) {
    bool creator = false;
    for (const Value entity : OneOrMore(tag["entity"])) {
      const std::string name = builder_.Text(entity, "entity-name");
      for (const Value role : OneOrMore(entity["role"])) {
        const std::string_view word = Word(kRoles, role.text());
        if (word == "tag-creator") {
          creator = true;
          builder_.document.authors.push_back(name);
        } else if (word == "software-creator") {
          component.manufacturer = name;
        } else if (word == "distributor") {
          component.supplier = name;
        }
      }
    }
    if (component.supplier.empty()) {
      component.supplier = component.manufacturer;
    }
    if (!creator) {
      builder_.Report(tag, "entity", "sbom.required-missing",
                      "no entity is the tag's creator");
    }
  }

  // Directories are walked with a list, whatever they nest.
  void ReadFiles(Value content, const std::string& parent,
                 const std::string& at) {
    struct Folder {
      Value value;
      std::string path;
    };
    std::vector<Folder> open{{content, ""}};
    while (!open.empty()) {
      const Folder folder = open.back();
      open.pop_back();
      for (const Value file : OneOrMore(folder.value["file"])) {
        if (!AddFile(file, folder.path, parent, at)) {
          return;
        }
      }
      for (const Value each : OneOrMore(folder.value["directory"])) {
        std::string path = PathOf(each, folder.path);
        const Value elements = each["path-elements"];
        open.push_back({elements.exists() ? elements : each, std::move(path)});
      }
    }
  }

  // "" past kMaxPath, as what is inside a folder repeats its path.
  std::string PathOf(Value item, const std::string& folder) {
    const std::string_view location = item["location"].text();
    const std::string name = builder_.Text(item, "fs-name");
    if (folder.size() + location.size() + name.size() > kMaxPath) {
      builder_.Report(item, "sbom.limit",
                      fmt::format("a path of more than {} bytes", kMaxPath));
      return "";
    }
    return fmt::format("{}/{}/{}", folder, location, name);
  }

  bool AddFile(Value file, const std::string& folder, const std::string& parent,
               const std::string& at) {
    Component component{.type = "file",
                        .name = builder_.Text(file, "fs-name"),
                        .version = builder_.Text(file, "file-version"),
                        .parent = parent,
                        .pointer = at};
    if (std::string path = NormalPath(PathOf(file, folder)); !path.empty()) {
      component.files.push_back(std::move(path));
    }
    ReadHash(file["hash"], component, builder_);
    builder_.CheckIdentity(component, file);
    return builder_.AddComponent(std::move(component), file);
  }

  // Section 2.7: href names another tag, as "swid:" and its id, or a URL.
  void ReadLinks(Value tag) {
    for (const Value link : OneOrMore(tag["link"])) {
      const std::string_view rel = link["rel"].text();
      std::string_view href = link["href"].text();
      href = href.substr(0, 5) == "swid:" ? href.substr(5) : href;
      const bool needs =
          rel == "8" || rel == "requires" || rel == "2" || rel == "component";
      if (needs) {
        builder_.AddDependency(
            {std::string(tag["tag-id"].text()), std::string(href)}, link);
      } else if (auto& subject = builder_.document.subject) {
        subject->external_references.push_back(
            {std::string(rel), std::string(href)});
      }
    }
  }

  DocumentBuilder builder_;
};

}  // namespace

SbomDocument ReadSwid(const Tree& tree, std::string_view format) {
  return Reader(tree, format).Read();
}

Result<Tree> CoswidTree(ByteView bytes) {
  return CborTree(bytes, NameOfKey);
}

bool IsCoswid(ByteView bytes) {
  // Section 2.1: tag 1398229316, "SWID" in ASCII.
  constexpr std::string_view kTag = "\xDASWID";
  if (AsText(bytes).substr(0, kTag.size()) == kTag) {
    return true;
  }
  // A map whose first key is tag-id (0) or lang (15), its value a string.
  ByteReader reader(bytes);
  const auto map = reader.Take<std::uint8_t>();
  const auto key = reader.Take<std::uint8_t>();
  const auto value = reader.Take<std::uint8_t>();
  const bool is_map = map && (*map >> 5U) == 5;
  const bool is_key = key && (*key == 0 || *key == 15);
  const bool is_text = value && ((*value >> 5U) == 3 || *value == 0x50);
  return is_map && is_key && is_text;
}

}  // namespace assay::sbom
