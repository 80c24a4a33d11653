// Rust programs that carry their dependencies: the section ".dep-v0" that
// cargo-auditable writes, JSON behind zlib.
// Reference: rust-secure-code/cargo-auditable, "Auditable data format".

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/json.h"
#include "verifier/formats/codecs/inflate_stream.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "rust_audit";
constexpr std::string_view kSection = ".dep-v0";
constexpr std::size_t kMostText = 8UL << 20U;  // the reference's own ceiling

Range SectionOf(ByteView content) {
  if (const auto elf = formats::ElfView::Parse(content)) {
    const auto index = elf->FindSection(kSection);
    return index ? Range{elf->sections[*index].offset,
                         elf->SectionBytes(*index).size()}
                 : Range{};
  }
  if (const auto pe = formats::PeView::Parse(content)) {
    for (const formats::PeSection& section : pe->sections) {
      if (section.name == kSection &&
          Slice(content, section.raw.offset, section.raw.length)) {
        return section.raw;
      }
    }
  }
  return {};
}

// "" when it is damaged or longer than the format allows.
std::string Inflate(ByteView packed) {
  Input input(ByteSource::Own(CopyOf(packed)));
  formats::InflateStream stream(input, "zlib",
                                formats::InflateStream::Frame::kZlib);
  Bytes text;
  Bytes block(64UL << 10U);
  for (;;) {
    const auto got = stream.Read(block);
    if (!got || text.size() + *got > kMostText) {
      return {};
    }
    if (*got == 0) {
      return std::string(AsText(text));
    }
    text.insert(text.end(), block.begin(),
                block.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

// The reference lets a reader refuse what is not a tree of packages below one
// root: whoever wrote it did not run cargo.
bool IsSound(const Json& packages) {
  std::size_t roots = 0;
  std::vector<std::size_t> waiting(packages.size(), 0);  // on so many others
  std::vector<std::vector<std::size_t>> needed_by(packages.size());
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const Json& root = At(packages[i], "root");
    roots += root.is_boolean() && root.get<bool>() ? 1U : 0U;
    const Json& needs = At(packages[i], "dependencies");
    for (const Json& need : needs.is_array() ? needs : Json::array()) {
      if (!need.is_number_unsigned() ||
          need.get<std::uint64_t>() >= packages.size()) {
        return false;
      }
      needed_by[need.get<std::size_t>()].push_back(i);
      ++waiting[i];
    }
  }
  // What is left when leaves are taken off again and again is a cycle.
  std::vector<std::size_t> leaves;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) {
      leaves.push_back(i);
    }
  }
  std::size_t taken = 0;
  while (!leaves.empty()) {
    const std::size_t leaf = leaves.back();
    leaves.pop_back();
    ++taken;
    for (const std::size_t parent : needed_by[leaf]) {
      if (--waiting[parent] == 0) {
        leaves.push_back(parent);
      }
    }
  }
  return roots == 1 && taken == packages.size();
}

void Add(const Json& package, Range place, Observations& into) {
  Component component{.type = "library",
                      .name = TextAt(package, "name"),
                      .version = TextAt(package, "version")};
  // What only the build ran is not in the program.
  if (component.name.empty() || component.version.empty() ||
      TextAt(package, "kind") == "build") {
    return;
  }
  const Json& root = At(package, "root");
  if (root.is_boolean() && root.get<bool>()) {
    component.type = "application";
  }
  component.purl = PurlOf("cargo", "", component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kBuildRecord,
                             .place = place});
}

bool Examine(const Subject& subject, Observations& into) {
  const Range place = SectionOf(subject.content);
  if (place.length == 0) {
    return false;
  }
  const auto document =
      ParseJson(Inflate(subject.content.subspan(place.offset, place.length)));
  if (!document) {
    return false;
  }
  const Json& packages = At(*document, "packages");
  if (!packages.is_array() || packages.size() > subject.limits.facts ||
      !IsSound(packages)) {
    return false;
  }
  for (const Json& package : packages) {
    Add(package, place, into);
  }
  return true;
}

}  // namespace

const Analysis kRustAudit = {
    .name = kName,
    .title = "Rust crates by a program's audit record",
    .examine = Examine,
};

}  // namespace assay::sbom
