// The package that an ELF object says it was built for: the note that
// distributions add when they link.
// Reference: systemd.io, "Package Metadata for Executable Files".

#include <string>
#include <utility>

#include "sbom/elf_notes.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/json.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "elf_package";
constexpr std::uint32_t kPackageNote = 0xcafe1a7e;
constexpr std::string_view kOwner = "FDO";

bool ReadNote(const ElfNote& note, Observations& into) {
  std::string_view text = AsText(note.content);
  text = text.substr(0, text.find('\0'));
  const auto document = ParseJson(text);
  if (!document) {
    return false;
  }
  Component component{.type = "library",
                      .name = TextAt(*document, "name"),
                      .version = TextAt(*document, "version")};
  if (component.name.empty() || component.version.empty()) {
    return false;
  }
  const std::string type = TextAt(*document, "type");
  component.purl = PurlOf(type.empty() ? "generic" : type,
                          TextAt(*document, "os"), component.name,
                          component.version, TextAt(*document, "architecture"));
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kBuildRecord,
                             .place = note.place});
  return true;
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = formats::ElfView::Parse(subject.content);
  bool any = false;
  if (view) {
    ForEachElfNote(*view, [&](const ElfNote& note) {
      const bool ours = note.type == kPackageNote && note.owner == kOwner;
      any = any || (ours && ReadNote(note, into));
    });
  }
  return any;
}

}  // namespace

const Analysis kElfPackage = {
    .name = kName,
    .title = "The package that an ELF object was built for",
    .examine = Examine,
};

}  // namespace assay::sbom
