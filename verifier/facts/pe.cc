// What a PE image says about itself: header, libraries, functions, sections,
// protections, version. Layout: Microsoft's "PE Format"; the CLR header:
// ECMA-335, II.25.3.3.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/pe_layout.h"
#include "verifier/facts/pe_resource_facts.h"
#include "verifier/facts/pe_symbols.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::facts {
namespace {

using formats::PeView;
namespace pe = formats::pe;

constexpr std::uint32_t kCodeView = 2;        // IMAGE_DEBUG_TYPE_CODEVIEW
constexpr std::uint64_t kGuid = 16;           // bytes
constexpr std::size_t kMostCallbacks = 1024;  // real images have a handful
constexpr std::size_t kLongestPath = 1024;
constexpr std::uint16_t kCfGuard = 0x4000;  // DllCharacteristics

struct ClrHeader {
  Le32 size;
  Le16 major, minor;
  Le32 metadata, metadata_size, flags, entry;
};
static_assert(sizeof(ClrHeader) == 24 && FileStruct<ClrHeader>);

struct MetadataRoot {
  Be32 signature;  // "BSJB"
  Le16 major, minor;
  Le32 reserved, length;
};
static_assert(sizeof(MetadataRoot) == 16 && FileStruct<MetadataRoot>);

template <std::size_t n>
std::string NameIn(const std::pair<std::uint16_t, std::string_view> (&names)[n],
                   std::uint16_t number) {
  const auto* const found =
      std::find_if(std::begin(names), std::end(names),
                   [&](const auto& entry) { return entry.first == number; });
  return found == std::end(names) ? fmt::format("{}", number)
                                  : std::string(found->second);
}

// In the words of elf.header.
constexpr std::pair<std::uint16_t, std::string_view> kMachines[] = {
    {0x14c, "x86"},        {0x166, "mips"},    {0x1a2, "sh"},
    {0x1c0, "arm"},        {0x1c2, "arm"},     {0x1c4, "arm"},
    {0x1f0, "powerpc"},    {0x200, "ia64"},    {0xebc, "efi-bytecode"},
    {0x5032, "riscv"},     {0x5064, "riscv"},  {0x6232, "loongarch"},
    {0x6264, "loongarch"}, {0x8664, "x86-64"}, {0xaa64, "aarch64"}};

constexpr std::pair<std::uint16_t, std::string_view> kSubsystems[] = {
    {1, "native"},
    {2, "windows"},
    {3, "console"},
    {5, "os2"},
    {7, "posix"},
    {9, "windows-ce"},
    {10, "efi-application"},
    {11, "efi-boot-driver"},
    {12, "efi-driver"},
    {13, "efi-rom"},
    {14, "xbox"},
    {16, "boot-application"}};

class PeReader {
 public:
  PeReader(const PeView& view, FactWriter& facts)
      : view_(view), facts_(facts), symbols_(view) {}

  void AddAll() {
    AddHeader();
    symbols_.AddLibraries(facts_);
    AddDebug();
    AddCallbacks();
    AddHardening();
    AddClr();
    AddResourceFacts(view_, facts_);
    AddSections(view_, facts_);
    AddOverlay(view_, facts_);
    symbols_.AddAbilities(facts_);
    symbols_.AddImports(facts_);
    symbols_.AddExports(facts_);
  }

 private:
  void AddHeader();
  void AddDebug();
  void AddCallbacks();
  void AddHardening();
  void AddClr();

  // Where the virtual address stored at `offset` lies in the image, relative
  // to its base; nothing without one.
  [[nodiscard]] std::optional<std::uint64_t> PointerAt(
      std::uint64_t offset) const;

  const PeView& view_;
  FactWriter& facts_;
  PeSymbols symbols_;
};

void PeReader::AddHeader() {
  const bool library = (view_.characteristics & pe::kIsLibrary) != 0;
  facts_.Add(
      {.kind = "pe.header",
       .value = NameIn(kMachines, view_.machine),
       .attributes = {{"type", library ? "dyn" : "exec"},
                      {"class", view_.is_64 ? "64" : "32"},
                      {"subsystem", NameIn(kSubsystems, view_.subsystem)},
                      {"imports", fmt::format("{}", symbols_.imports())},
                      {"exports", fmt::format("{}", symbols_.exports())}},
       .place = view_.headers});
}

// The linker's record of where debug data is: "RSDS", a GUID, a number that
// counts builds, and a path.
void PeReader::AddDebug() {
  const auto directory = view_.Directory(pe::kDebug);
  for (std::uint64_t at = 0;
       directory && directory->length - at >= sizeof(pe::DebugEntry);
       at += sizeof(pe::DebugEntry)) {
    const auto entry =
        ReadAt<pe::DebugEntry>(view_.bytes, directory->offset + at);
    constexpr std::uint64_t kPath = 4 + kGuid + 4;
    const auto data = Slice(view_.bytes, entry->offset, entry->size);
    if (entry->type != kCodeView || !data || data->size() < kPath ||
        AsText(data->first(4)) != "RSDS") {
      continue;
    }
    facts_.Add({.kind = "pe.build_id",
                .value = HexOf(data->subspan(4, kGuid)),
                .place = Range{std::uint64_t{entry->offset} + 4, kGuid}});
    const std::string_view rest = AsText(data->subspan(kPath));
    const std::string_view path =
        rest.substr(0, std::min(rest.find('\0'), kLongestPath));
    if (!path.empty()) {
      facts_.Add({.kind = "pe.pdb",
                  .value = std::string(path),
                  .place = Range{entry->offset + kPath, path.size()}});
    }
    return;
  }
}

std::optional<std::uint64_t> PeReader::PointerAt(std::uint64_t offset) const {
  std::uint64_t value = 0;
  if (view_.is_64) {
    const auto wide = ReadAt<Le64>(view_.bytes, offset);
    value = wide ? std::uint64_t{*wide} : 0;
  } else {
    const auto narrow = ReadAt<Le32>(view_.bytes, offset);
    value = narrow ? std::uint32_t{*narrow} : 0;
  }
  return value > view_.image_base ? std::optional(value - view_.image_base)
                                  : std::nullopt;
}

// TLS callbacks: the fourth address of the directory names a list of functions
// that run before the entry point, ended by a zero.
void PeReader::AddCallbacks() {
  const auto directory = view_.Directory(pe::kTls);
  const std::uint64_t width = view_.is_64 ? sizeof(Le64) : sizeof(Le32);
  const auto list =
      directory ? PointerAt(directory->offset + 3 * width) : std::nullopt;
  const auto start = list ? view_.OffsetOf(*list) : std::nullopt;
  std::uint64_t count = 0;
  while (start && count < kMostCallbacks && PointerAt(*start + count * width)) {
    ++count;
  }
  if (count > 0) {
    facts_.Add({.kind = "pe.constructors",
                .value = fmt::format("{}", count),
                .place = Range{*start, count * width}});
  }
}

void PeReader::AddHardening() {
  const auto yes = [&](std::uint16_t flag) {
    return (view_.dll_characteristics & flag) != 0;
  };
  std::string all;
  const std::pair<bool, std::string_view> protections[] = {
      {yes(0x40), "dynamic-base"},
      {yes(0x20), "high-entropy"},
      {yes(0x100), "nx"},
      {yes(kCfGuard), "guard-cf"},
      {yes(0x80), "force-integrity"},
      {yes(0x1000), "app-container"}};
  for (const auto& [present, name] : protections) {
    if (present) {
      AppendWord(all, name, ",");
    }
  }
  const auto word = [](bool present) { return present ? "yes" : "no"; };
  facts_.Add({.kind = "pe.hardening",
              .value = all,
              .attributes = {{"pie", word(yes(0x40))},
                             {"nx", word(yes(0x100))},
                             {"guard_cf", word(yes(kCfGuard))}}});
}

void PeReader::AddClr() {
  const auto directory = view_.Directory(pe::kClrHeader);
  const auto header = directory
                          ? ReadAt<ClrHeader>(view_.bytes, directory->offset)
                          : std::nullopt;
  const auto at = header ? view_.OffsetOf(header->metadata) : std::nullopt;
  const auto root = at ? ReadAt<MetadataRoot>(view_.bytes, *at) : std::nullopt;
  if (!root || root->signature != 0x42534a42) {
    return;
  }
  const std::uint64_t start = *at + sizeof(MetadataRoot);
  const auto field =
      Slice(view_.bytes, start, std::min<std::uint64_t>(root->length, 255));
  const std::string_view text = field ? AsText(*field) : std::string_view();
  const std::string_view version = text.substr(0, text.find('\0'));
  constexpr std::uint32_t kOnlyClr = 1;    // COMIMAGE_FLAGS_ILONLY
  constexpr std::uint32_t kNative = 0x10;  // COMIMAGE_FLAGS_NATIVE_ENTRYPOINT
  facts_.Add(
      {.kind = "pe.dotnet",
       .value = std::string(version),
       .attributes = {{"only", (header->flags & kOnlyClr) != 0 ? "yes" : "no"},
                      {"native_entry",
                       (header->flags & kNative) != 0 ? "yes" : ""}},
       .place = Range{start, version.size()}});
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = PeView::Parse(subject.content);
  if (!view) {
    return false;
  }
  FactWriter facts("pe", subject, into);
  PeReader(*view, facts).AddAll();
  return view->problems.empty();
}

}  // namespace

const Analysis kPe = {
    .name = "pe",
    .title = "PE headers, libraries, functions and protections",
    .examine = Examine,
};

}  // namespace assay::facts
