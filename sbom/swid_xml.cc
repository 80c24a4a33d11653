// SWID tags as XML. Specification: ISO/IEC 19770-2:2015, as NISTIR 8060 and
// RFC 9393 (which names the CBOR form of each attribute) describe it.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sbom/registry.h"
#include "sbom/swid.h"
#include "sbom/xml_tree.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kNamespace =
    "http://standards.iso.org/iso/19770/-2/";
constexpr std::string_view kSha256 =
    "@{http://www.w3.org/2001/04/xmlenc#sha256}hash";
constexpr std::string_view kSha512 =
    "@{http://www.w3.org/2001/04/xmlenc#sha512}hash";

// Names of ISO/IEC 19770-2 and the ones RFC 9393 gives them; those of an
// element's own name depend on the element.
struct Renaming {
  std::string_view element;  // "" for any
  std::string_view attribute;
  std::string_view name;
};
constexpr std::array<Renaming, 14> kRenamings = {{
    {"SoftwareIdentity", "@name", "software-name"},
    {"SoftwareIdentity", "@version", "software-version"},
    {"SoftwareIdentity", "@tagId", "tag-id"},
    {"SoftwareIdentity", "@tagVersion", "tag-version"},
    {"Entity", "@name", "entity-name"},
    {"Entity", "@regid", "reg-id"},
    {"Directory", "@name", "fs-name"},
    {"File", "@name", "fs-name"},
    {"File", "@version", "file-version"},
    {"", "@location", "location"},
    {"", "@root", "root"},
    {"Link", "@rel", "rel"},
    {"Link", "@href", "href"},
    {"Meta", "@summary", "summary"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7>
    kElements = {{{"Entity", "entity"},
                  {"Link", "link"},
                  {"Meta", "software-meta"},
                  {"Payload", "payload"},
                  {"Evidence", "evidence"},
                  {"Directory", "directory"},
                  {"File", "file"}}};

std::string_view NameOfElement(std::string_view element) {
  for (const auto& [name, renamed] : kElements) {
    if (name == element) {
      return renamed;
    }
  }
  return "";
}

// "tagCreator softwareCreator" as the words of RFC 9393.
std::string RoleOf(std::string_view role) {
  std::string word;
  for (const char c : role) {
    if (c >= 'A' && c <= 'Z') {
      word.push_back('-');
      word.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      word.push_back(c);
    }
  }
  return word;
}

class Shaper {
 public:
  explicit Shaper(const Tree& xml)
      : xml_(xml), builder_(TreeBuilder::ForLines()) {}

  Result<Tree> Shape() {
    const Value tag = *xml_.root().begin();
    builder_.OpenArray(Line(tag));
    Put(tag);
    builder_.Close();
    if (!builder_.ok()) {
      return Fail(ErrorCode::kMalformed, builder_.problem());
    }
    return builder_.Finish();
  }

 private:
  [[nodiscard]] std::uint32_t Line(Value value) const {
    return xml_.PlaceOf(value).line;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void Put(Value element) {
    builder_.OpenObject(Line(element));
    PutAttributes(element);
    std::map<std::string_view, std::vector<Value>> by_name;
    for (const Value child : element) {
      if (const auto name = NameOfElement(child.key()); !name.empty()) {
        by_name[name].push_back(child);
      }
    }
    for (const auto& [name, children] : by_name) {
      builder_.Key(name);
      builder_.OpenArray(Line(children.front()));
      for (const Value child : children) {
        Put(child);
      }
      builder_.Close();
    }
    builder_.Close();
  }

  void PutAttributes(Value element) {
    for (const Value each : element) {
      for (const Renaming& renaming : kRenamings) {
        if (each.key() == renaming.attribute &&
            (renaming.element.empty() || renaming.element == element.key())) {
          builder_.Key(renaming.name);
          builder_.String(each.text(), Line(each));
        }
      }
    }
    PutRoles(element["@role"]);
    const Value digest =
        element[kSha256].exists() ? element[kSha256] : element[kSha512];
    if (digest.exists()) {
      builder_.Key("hash");
      builder_.OpenArray(Line(digest));
      builder_.String(element[kSha256].exists() ? "SHA-256" : "SHA-512",
                      Line(digest));
      builder_.String(digest.text(), Line(digest));
      builder_.Close();
    }
  }

  void PutRoles(Value roles) {
    if (!roles.exists()) {
      return;
    }
    builder_.Key("role");
    builder_.OpenArray(Line(roles));
    std::string_view rest = roles.text();
    while (!rest.empty()) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      if (space > 0) {
        builder_.String(RoleOf(rest.substr(0, space)), Line(roles));
      }
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    builder_.Close();
  }

  const Tree& xml_;
  TreeBuilder builder_;
};

bool Identify(const SbomSource& source) {
  return source.LooksLikeXml() &&
         source.xml_root().name == "SoftwareIdentity" &&
         source.xml_root().name_space.substr(0, kNamespace.size()) ==
             kNamespace;
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto xml = XmlTree(source.bytes());
  if (!xml) {
    return Fail(xml.error());
  }
  const auto shape = Shaper(*xml).Shape();
  if (!shape) {
    return Fail(shape.error());
  }
  return ReadSwid(*shape, "SWID XML");
}

}  // namespace

const SbomReader kSwidXml = {
    .name = "swid-xml",
    .title = "SWID tag, XML",
    .reference = "ISO/IEC 19770-2:2015; NISTIR 8060",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
