// Go programs, by the record that Go's linker leaves in them: the toolchain's
// version and the modules that were linked in.
// Layout: Go's debug/buildinfo/buildinfo.go; the text is of runtime/debug,
// BuildInfo.String.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "go_build";
constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::uint64_t kAlignment = 16;
constexpr std::uint64_t kInlineAt = 32;
constexpr std::uint8_t kBigEndian = 1;
constexpr std::uint8_t kInline = 2;
constexpr std::size_t kSentinel = 16;  // around the text of the modules
// Programs that read such records have the magic among their texts as well.
constexpr std::size_t kMostTries = 64;

struct Record {
  std::string_view version = {};  // "go1.21.4"
  std::string_view modules = {};
  Range place = {};
};

bool IsProgram(ByteView content) {
  const auto magic = ReadAt<Be32>(content, 0);
  if (!magic) {
    return false;
  }
  switch (*magic) {
    case 0x7f454c46:  // ELF
    case 0xfeedface:  // Mach-O, both widths, both byte orders, universal
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
    case 0xcafebabe:
      return true;
    default:
      return (*magic >> 16U) == 0x4d5a;  // PE
  }
}

// A string behind its length; base 128, least significant group first.
std::optional<std::string_view> TakeString(ByteReader& reader) {
  std::uint64_t length = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto byte = reader.Take<std::uint8_t>();
    if (!byte) {
      return std::nullopt;
    }
    length |= std::uint64_t{*byte & 0x7fU} << shift;
    if ((*byte & 0x80U) == 0) {
      const auto text = reader.TakeBytes(length);
      return text ? std::optional(AsText(*text)) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<Record> ReadInline(ByteView content, std::uint64_t at) {
  ByteReader reader(content);
  if (!reader.Seek(at) || !reader.Skip(kInlineAt)) {
    return std::nullopt;
  }
  const auto version = TakeString(reader);
  const auto modules = version ? TakeString(reader) : std::nullopt;
  if (!modules) {
    return std::nullopt;
  }
  return Record{*version, *modules, {at, reader.consumed() - at}};
}

// Before Go 1.18: the record holds two addresses of string headers, each an
// address and a length.
std::optional<Record> ReadByAddress(const Result<formats::ElfView>& view,
                                    ByteView content, std::uint64_t at,
                                    unsigned width, bool big) {
  if (!view || (width != 4 && width != 8) ||
      big != (view->order == ByteOrder::kBig)) {
    return std::nullopt;
  }
  const auto text = [&](std::uint64_t field) -> std::string_view {
    const auto header = view->Integer(field, width);
    const auto where = header ? view->OffsetOf(*header) : std::nullopt;
    const auto data = where ? view->Integer(*where, width) : std::nullopt;
    const auto length =
        where ? view->Integer(*where + width, width) : std::nullopt;
    const auto offset = data ? view->OffsetOf(*data) : std::nullopt;
    const auto bytes =
        offset && length ? Slice(content, *offset, *length) : std::nullopt;
    return bytes ? AsText(*bytes) : std::string_view();
  };
  return Record{text(at + 16), text(at + 16 + width), {at, 16 + 2 * width}};
}

std::optional<Record> FindRecord(ByteView content) {
  const std::string_view text = AsText(content);
  std::size_t at = text.find(kMagic);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto view = formats::ElfView::Parse(content);
  std::size_t tries = 0;
  for (; at != std::string_view::npos && tries < kMostTries;
       at = text.find(kMagic, at + 1)) {
    const auto head = Slice(content, at, kAlignment);
    if (at % kAlignment != 0 || !head) {
      continue;
    }
    ++tries;
    const std::uint8_t flags = (*head)[15];
    const auto record = (flags & kInline) != 0
                            ? ReadInline(content, at)
                            : ReadByAddress(view, content, at, (*head)[14],
                                            (flags & kBigEndian) != 0);
    if (record && record->version.substr(0, 2) == "go") {
      return record;
    }
  }
  return std::nullopt;
}

void Add(std::string_view path, std::string_view version, std::string_view type,
         Range place, Observations& into) {
  if (path.empty() || version.empty() || version == "(devel)" ||
      !IsValidUtf8(path) || !IsValidUtf8(version)) {
    return;
  }
  const std::size_t slash = path.rfind('/');
  const bool nested = slash != std::string_view::npos;
  Component component{.type = std::string(type),
                      .name = std::string(path),
                      .version = std::string(version)};
  component.purl = PurlOf("golang", nested ? path.substr(0, slash) : "",
                          nested ? path.substr(slash + 1) : path, version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kBuildRecord,
                             .place = place});
}

// "mod\tPATH\tVERSION\tSUM", "dep\t...", and "=>\t..." for what stands in for
// the module of the line before.
void ReadModules(const Record& record, std::uint64_t limit,
                 Observations& into) {
  std::string_view text = record.modules;
  if (text.size() > 2 * kSentinel &&
      text[text.size() - kSentinel - 1] == '\n') {
    text = text.substr(kSentinel, text.size() - 2 * kSentinel);
  }
  struct Module {
    std::string_view path, version, type;
  };
  std::optional<Module> last;
  const auto finish = [&] {
    if (last) {
      Add(last->path, last->version, last->type, record.place, into);
    }
    last.reset();
  };
  for (const std::string_view line : SplitLines(text)) {
    const auto fields = Split(line, '\t');
    if (into.components.size() >= limit) {
      return;
    }
    if (fields.size() < 3) {
      continue;
    }
    if (fields[0] == "=>" && last) {
      last = Module{fields[1], fields[2], last->type};
    } else if (fields[0] == "mod" || fields[0] == "dep") {
      finish();
      last = Module{fields[1], fields[2],
                    fields[0] == "mod" ? "application" : "library"};
    }
  }
  finish();
}

bool Examine(const Subject& subject, Observations& into) {
  if (!IsProgram(subject.content)) {
    return false;
  }
  const auto record = FindRecord(subject.content);
  if (!record) {
    return false;
  }
  // "go1.21.4 X:boringcrypto": experiments follow the version.
  const std::string_view version = record->version.substr(2);
  Add("stdlib", version.substr(0, version.find(' ')), "library", record->place,
      into);
  ReadModules(*record, subject.limits.facts, into);
  return true;
}

}  // namespace

const Analysis kGoBuild = {
    .name = kName,
    .title = "Go modules by the build record of a program",
    .examine = Examine,
};

}  // namespace assay::sbom
