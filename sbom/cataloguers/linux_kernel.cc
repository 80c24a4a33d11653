// Linux kernels by the version in a bzImage's header, and modules by their
// .modinfo. The banner of an unpacked kernel is found as any banner is.
// Layout: Linux, Documentation/arch/x86/boot.rst, "kernel_version";
// include/linux/module.h, MODULE_INFO.

#include <algorithm>
#include <string>
#include <utility>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "linux_kernel";
constexpr std::uint64_t kHeaderMagicAt = 0x202;
constexpr std::uint64_t kVersionPointerAt = 0x20e;
constexpr std::uint64_t kSetupStart = 0x200;
constexpr std::size_t kLongestVersion = 256;
constexpr std::string_view kVersionEnd = {" \0", 2};

void Add(std::string_view name, std::string_view version, Strength strength,
         Range place, Observations& into) {
  if (name.empty() || version.empty() || version[0] < '0' || version[0] > '9' ||
      !IsValidUtf8(version) || !IsValidUtf8(name)) {
    return;
  }
  Component component{.type = "operating-system",
                      .name = std::string(name),
                      .version = std::string(version)};
  if (name != "linux") {
    component.type = "library";
  }
  component.purl = PurlOf("generic", "", name, version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = strength,
                             .place = place});
}

// "6.1.0-18-amd64 (builder@host) #1 SMP ..." stands where the header says.
bool ReadImage(ByteView content, Observations& into) {
  const auto magic = Slice(content, kHeaderMagicAt, 4);
  const auto pointer = ReadAt<Le16>(content, kVersionPointerAt);
  if (!magic || AsText(*magic) != "HdrS" || !pointer || *pointer == 0) {
    return false;
  }
  const std::uint64_t at = kSetupStart + *pointer;
  if (at >= content.size()) {
    return false;
  }
  const std::string_view text =
      AsText(content.subspan(at)).substr(0, kLongestVersion);
  const std::string_view version =
      text.substr(0, text.find_first_of(kVersionEnd));
  Add("linux", version, Strength::kBuildRecord, {at, version.size()}, into);
  return true;
}

// "key=value" and a NUL, again and again.
bool ReadModule(ByteView content, Observations& into) {
  const auto view = formats::ElfView::Parse(content);
  const auto index =
      view ? view->FindSection(".modinfo") : std::optional<std::size_t>();
  if (!index) {
    return false;
  }
  const std::string_view info = AsText(view->SectionBytes(*index));
  std::string_view name;
  std::string_view version;
  std::string_view magic;
  for (const std::string_view entry : Split(info, '\0')) {
    const std::size_t equals = std::min(entry.find('='), entry.size());
    const std::string_view key = entry.substr(0, equals);
    const std::string_view value =
        entry.substr(std::min(equals + 1, entry.size()));
    name = key == "name" ? value : name;
    version = key == "version" ? value : version;
    magic = key == "vermagic" ? value : magic;
  }
  const Range place{view->sections[*index].offset, info.size()};
  Add(name, version, Strength::kBuildRecord, place, into);
  // The kernel it was built for need not be here.
  Add("linux", magic.substr(0, magic.find(' ')), Strength::kUnverified, place,
      into);
  return !magic.empty();
}

bool Examine(const Subject& subject, Observations& into) {
  return ReadImage(subject.content, into) || ReadModule(subject.content, into);
}

}  // namespace

const Analysis kLinuxKernel = {
    .name = kName,
    .title = "Linux kernels and modules by their own version records",
    .examine = Examine,
};

}  // namespace assay::sbom
