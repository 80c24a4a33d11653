#include "verifier/formats/executables/elf_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace assay::formats {
namespace {

constexpr std::uint64_t kManySegments = 0xffff;    // PN_XNUM
constexpr std::uint16_t kIndexElsewhere = 0xffff;  // SHN_XINDEX

// Far above what compilers emit; keeps a forged table from costing memory.
constexpr std::uint64_t kMaxEntries = 1UL << 20U;

struct Ident {
  Be32 magic;
  std::uint8_t file_class = 0, data = 0, version = 0, osabi = 0;
  std::array<std::uint8_t, 8> rest = {};
};
static_assert(sizeof(Ident) == 16 && FileStruct<Ident>);

template <ByteOrder order, typename Natural>
struct Layout {
  using Half = Stored<std::uint16_t, order>;
  using Word = Stored<std::uint32_t, order>;
  using Address = Stored<Natural, order>;

  struct Header {
    Ident ident;
    Half type, machine;
    Word version;
    Address entry, phoff, shoff;
    Word flags;
    Half ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
  };
  struct Section {
    Word name, type;
    Address flags, addr, offset, size;
    Word link, info;
    Address addralign, entsize;
  };
  struct Segment32 {
    Word type, offset, vaddr, paddr, filesz, memsz, flags, align;
  };
  struct Segment64 {
    Word type, flags;
    Address offset, vaddr, paddr, filesz, memsz, align;
  };
  using Segment =
      std::conditional_t<sizeof(Natural) == 8, Segment64, Segment32>;
};

// The entries of a table, or nothing when it does not fit. A stride larger
// than the entry is allowed by the ABI (e_shentsize, e_phentsize).
struct Table {
  std::uint64_t offset = 0;
  std::uint64_t stride = 0;
  std::uint64_t count = 0;

  [[nodiscard]] Range range() const { return {offset, stride * count}; }
  [[nodiscard]] bool Fits(ByteView bytes, std::size_t entry) const {
    return count <= kMaxEntries && stride >= entry && offset <= bytes.size() &&
           count <= (bytes.size() - offset) / stride;
  }
};

template <typename L>
void ReadSections(const typename L::Header& header, ElfView& view) {
  const auto first = ReadAt<typename L::Section>(view.bytes, header.shoff);
  Table table{header.shoff, header.shentsize, header.shnum};
  if (table.offset == 0) {
    return;
  }
  if (table.count == 0 && first) {
    table.count = first->size;
  }
  if (!first || !table.Fits(view.bytes, sizeof(typename L::Section))) {
    view.problems.push_back(
        fmt::format("the section header table ({} entries at {}) lies outside "
                    "of the object or is too long",
                    table.count, table.offset));
    return;
  }
  view.section_table = table.range();
  for (std::uint64_t i = 0; i < table.count; ++i) {
    const auto raw = ReadAt<typename L::Section>(
        view.bytes, table.offset + i * table.stride);
    view.sections.push_back({.type = raw->type,
                             .flags = raw->flags,
                             .addr = raw->addr,
                             .offset = raw->offset,
                             .size = raw->size,
                             .link = raw->link,
                             .info = raw->info,
                             .entsize = raw->entsize});
  }
  const std::uint64_t names_index = header.shstrndx == kIndexElsewhere
                                        ? std::uint64_t{first->link}
                                        : std::uint64_t{header.shstrndx};
  if (names_index == 0 || names_index >= table.count) {
    return;
  }
  const ByteView names =
      view.SectionBytes(static_cast<std::size_t>(names_index));
  for (std::uint64_t i = 0; i < table.count; ++i) {
    const auto raw = ReadAt<typename L::Section>(
        view.bytes, table.offset + i * table.stride);
    view.sections[static_cast<std::size_t>(i)].name =
        ElfView::StringAt(names, raw->name);
  }
}

template <typename L>
void ReadSegments(const typename L::Header& header, ElfView& view) {
  Table table{header.phoff, header.phentsize, header.phnum};
  if (table.count == kManySegments && !view.sections.empty()) {
    table.count = view.sections.front().info;
  }
  if (table.count == 0 || table.offset == 0) {
    return;
  }
  if (!table.Fits(view.bytes, sizeof(typename L::Segment))) {
    view.problems.push_back(
        fmt::format("the program header table ({} entries at {}) lies outside "
                    "of the object or is too long",
                    table.count, table.offset));
    return;
  }
  view.segment_table = table.range();
  for (std::uint64_t i = 0; i < table.count; ++i) {
    const auto raw = ReadAt<typename L::Segment>(
        view.bytes, table.offset + i * table.stride);
    view.segments.push_back({.type = raw->type,
                             .flags = raw->flags,
                             .offset = raw->offset,
                             .vaddr = raw->vaddr,
                             .paddr = raw->paddr,
                             .filesz = raw->filesz,
                             .memsz = raw->memsz,
                             .align = raw->align});
  }
}

template <ByteOrder order, typename Natural>
Result<ElfView> ParseAs(ByteView bytes) {
  using L = Layout<order, Natural>;
  const auto header = ReadAt<typename L::Header>(bytes, 0);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no whole ELF header");
  }
  ElfView view{.bytes = bytes,
               .is_64 = sizeof(Natural) == 8,
               .order = order,
               .osabi = header->ident.osabi,
               .type = header->type,
               .machine = header->machine,
               .flags = header->flags,
               .entry = header->entry,
               .header_size = sizeof(typename L::Header)};
  if (header->ident.version != 1 || header->version != 1U ||
      header->ehsize != sizeof(typename L::Header)) {
    view.problems.push_back(fmt::format(
        "the header states version {} and {} and a size of {} bytes",
        header->ident.version, std::uint32_t{header->version},
        std::uint16_t{header->ehsize}));
  }
  ReadSections<L>(*header, view);
  ReadSegments<L>(*header, view);
  return view;
}

// `to` of the byte that is `at` bytes into a range starting at `from`.
std::optional<std::uint64_t> Translate(std::uint64_t value, std::uint64_t from,
                                       std::uint64_t length, std::uint64_t to) {
  if (value < from || value - from >= length) {
    return std::nullopt;
  }
  return to + (value - from);
}

}  // namespace

Result<ElfView> ElfView::Parse(ByteView bytes) {
  const auto ident = ReadAt<Ident>(bytes, 0);
  if (!ident || ident->magic != 0x7f454c46U) {
    return Fail(ErrorCode::kNotThisFormat, "no ELF identification");
  }
  const bool big = ident->data == 2;
  if (!big && ident->data != 1) {
    return Fail(ErrorCode::kNotThisFormat, "unknown ELF byte order");
  }
  switch (ident->file_class) {
    case 1:
      return big ? ParseAs<ByteOrder::kBig, std::uint32_t>(bytes)
                 : ParseAs<ByteOrder::kLittle, std::uint32_t>(bytes);
    case 2:
      return big ? ParseAs<ByteOrder::kBig, std::uint64_t>(bytes)
                 : ParseAs<ByteOrder::kLittle, std::uint64_t>(bytes);
    default:
      return Fail(ErrorCode::kNotThisFormat, "unknown ELF class");
  }
}

ByteView ElfView::SectionBytes(std::size_t index) const {
  if (index >= sections.size()) {
    return {};
  }
  const ElfSection& section = sections[index];
  if (section.type == elf::kSectionNull ||
      section.type == elf::kSectionNobits) {
    return {};
  }
  return Slice(bytes, section.offset, section.size).value_or(ByteView());
}

std::optional<std::size_t> ElfView::FindSection(std::string_view name) const {
  const auto found =
      std::find_if(sections.begin(), sections.end(),
                   [&](const ElfSection& s) { return s.name == name; });
  if (found == sections.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - sections.begin());
}

ByteView ElfView::SectionBytes(std::string_view name) const {
  const auto index = FindSection(name);
  return index ? SectionBytes(*index) : ByteView();
}

std::optional<std::uint64_t> ElfView::OffsetOf(std::uint64_t address) const {
  for (const ElfSegment& segment : segments) {
    if (segment.type == elf::kSegmentLoad) {
      const auto offset =
          Translate(address, segment.vaddr, segment.filesz, segment.offset);
      if (offset && *offset < bytes.size()) {
        return offset;
      }
    }
  }
  for (std::size_t i = 0; segments.empty() && i < sections.size(); ++i) {
    const ElfSection& section = sections[i];
    if ((section.flags & elf::kFlagAlloc) != 0 && section.addr != 0) {
      const auto offset = Translate(address, section.addr,
                                    SectionBytes(i).size(), section.offset);
      if (offset) {
        return offset;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfView::AddressOf(std::uint64_t offset) const {
  for (const ElfSegment& segment : segments) {
    if (segment.type == elf::kSegmentLoad) {
      if (const auto address = Translate(offset, segment.offset, segment.filesz,
                                         segment.vaddr)) {
        return address;
      }
    }
  }
  for (std::size_t i = 0; segments.empty() && i < sections.size(); ++i) {
    const ElfSection& section = sections[i];
    if ((section.flags & elf::kFlagAlloc) != 0 && section.addr != 0) {
      const auto address = Translate(offset, section.offset,
                                     SectionBytes(i).size(), section.addr);
      if (address) {
        return address;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfView::Integer(std::uint64_t offset,
                                              unsigned width) const {
  const auto raw = Slice(bytes, offset, width);
  if (!raw || width > 8) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t at = order == ByteOrder::kBig ? i : width - 1 - i;
    value = value << 8U | (*raw)[at];
  }
  return value;
}

std::string_view ElfView::StringAt(ByteView table, std::uint64_t offset) {
  if (offset >= table.size()) {
    return {};
  }
  const std::string_view text =
      AsText(table.subspan(static_cast<std::size_t>(offset)))
          .substr(0, kNameLimit);
  return text.substr(0, text.find('\0'));
}

}  // namespace assay::formats
