#include "verifier/formats/executables/pe_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "verifier/base/text.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kDosHeader = 64;
constexpr std::uint16_t kPe32 = 0x10b;
constexpr std::uint16_t kPe32Plus = 0x20b;
constexpr std::uint32_t kMostDirectories = 16;
constexpr std::uint64_t kSymbolSize = 18;

struct FileHeader {
  Be32 signature;  // "PE\0\0"
  Le16 machine, sections;
  Le32 time, symbols, symbol_count;
  Le16 optional_size, characteristics;
};
static_assert(sizeof(FileHeader) == 24 && FileStruct<FileHeader>);

// What both widths of the optional header have at the same place.
struct OptionalHeader {
  Le16 magic;
  std::array<std::uint8_t, 14> sizes = {};
  Le32 entry, base_of_code;
  Le32 base_low, base_high;  // PE32+: the image's base; PE32: only the second
  std::array<std::uint8_t, 28> before = {};
  Le32 headers_size, checksum;
  Le16 subsystem, dll_characteristics;
};
static_assert(sizeof(OptionalHeader) == 72 && FileStruct<OptionalHeader>);

struct DirectoryEntry {
  Le32 address, size;
};

std::string_view UpToNul(ByteView field) {
  const std::string_view text = AsText(field);
  return text.substr(0, text.find('\0'));
}

// Sections that linkers and compilers make, apart from code.
bool IsOfLinker(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {".text",       ".data",    ".rdata",  ".bss",     ".rodata",
       ".idata",      ".edata",   ".pdata",  ".xdata",   ".reloc",
       ".rsrc",       ".tls",     ".CRT",    ".didat",   ".gfids",
       ".00cfg",      ".giats",   ".sxdata", ".eh_fram", ".eh_frame",
       ".dynamic",    ".dynsym",  ".dynstr", ".hash",    ".gnu.hash",
       ".got",        ".sdata",   ".sdata2", ".areloc",  ".ctors",
       ".dtors",      ".buildid", ".rela",   ".rel",     ".init_array",
       ".fini_array", ".setup",   ".compat", "DATA",     "BSS",
       "CODE"});
  return name.empty() || name.substr(0, 6) == ".debug" ||
         name.substr(0, 6) == ".rela." || name.substr(0, 5) == ".rel." ||
         name.substr(0, 6) == ".data." || name.substr(0, 7) == ".rdata." ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class Parser {
 public:
  explicit Parser(ByteView bytes) { view_.bytes = bytes; }

  Result<PeView> Parse() {
    if (!TakeHeaders()) {
      return Fail(ErrorCode::kNotThisFormat, "no PE headers");
    }
    TakeDirectories();
    TakeSymbols();
    TakeSections();
    return std::move(view_);
  }

 private:
  bool TakeHeaders() {
    const ByteView bytes = view_.bytes;
    const auto magic = ReadAt<Le16>(bytes, 0);
    const auto at = ReadAt<Le32>(bytes, 0x3c);
    if (!magic || *magic != 0x5a4d || !at || *at < sizeof(std::uint32_t)) {
      return false;
    }
    const auto file = ReadAt<FileHeader>(bytes, *at);
    optional_at_ = std::uint64_t{*at} + sizeof(FileHeader);
    const auto optional = ReadAt<OptionalHeader>(bytes, optional_at_);
    if (!file || file->signature != 0x50450000 || !optional ||
        (optional->magic != kPe32 && optional->magic != kPe32Plus)) {
      return false;
    }
    file_ = *file;
    directories_at_ = optional_at_ + (optional->magic == kPe32 ? 92U : 108U);
    if (directories_at_ + sizeof(Le32) > optional_at_ + file->optional_size) {
      return false;
    }
    if (*at > kDosHeader) {
      view_.stub = {kDosHeader, *at - kDosHeader};
    }
    view_.headers = {*at, sizeof(FileHeader) + file->optional_size};
    view_.machine = file->machine;
    view_.characteristics = file->characteristics;
    view_.subsystem = optional->subsystem;
    view_.dll_characteristics = optional->dll_characteristics;
    view_.is_64 = optional->magic == kPe32Plus;
    view_.entry = optional->entry;
    view_.image_base = view_.is_64 ? std::uint64_t{optional->base_high} << 32U |
                                         optional->base_low
                                   : std::uint64_t{optional->base_high};
    view_.headers_size = optional->headers_size;
    view_.checksum = optional->checksum;
    view_.checksum_offset = optional_at_ + 64;
    return view_.headers.end() <= bytes.size();
  }

  void TakeDirectories() {
    view_.directories_offset = directories_at_ + sizeof(Le32);
    const auto count = ReadAt<Le32>(view_.bytes, directories_at_);
    const std::uint64_t room =
        (view_.headers.end() - directories_at_ - sizeof(Le32)) /
        sizeof(DirectoryEntry);
    const std::uint64_t stated = count ? std::uint32_t{*count} : 0U;
    if (stated > room) {
      view_.problems.push_back(
          fmt::format("{} data directories, but room for {}", stated, room));
    }
    const std::uint64_t read =
        std::min<std::uint64_t>({stated, room, kMostDirectories});
    for (std::uint64_t i = 0; i < read; ++i) {
      const auto entry = ReadAt<DirectoryEntry>(
          view_.bytes, view_.directories_offset + i * sizeof(DirectoryEntry));
      view_.directories.push_back({entry->address, entry->size});
    }
  }

  // The string table follows the symbols and states its own size.
  void TakeSymbols() {
    if (file_.symbols == 0) {
      return;
    }
    const std::uint64_t strings =
        file_.symbols + file_.symbol_count * kSymbolSize;
    const auto size = ReadAt<Le32>(view_.bytes, strings);
    if (!size || !Slice(view_.bytes, strings, *size)) {
      view_.problems.push_back(fmt::format(
          "the symbol table at {} does not fit", std::uint32_t{file_.symbols}));
      return;
    }
    strings_ = *Slice(view_.bytes, strings, *size);
    view_.symbols = {file_.symbols, strings + *size - file_.symbols};
  }

  // "/123" stands for offset 123 of the string table.
  std::string NameOf(const pe::SectionHeader& header) {
    const std::string_view name = UpToNul(header.name);
    const auto offset = name.size() > 1 && name[0] == '/'
                            ? NumberOf(name.substr(1))
                            : std::nullopt;
    if (!offset || *offset >= strings_.size()) {
      return std::string(name);
    }
    constexpr std::size_t kLongest = 255;
    const ByteView rest = strings_.subspan(static_cast<std::size_t>(*offset));
    return std::string(UpToNul(rest.first(std::min(rest.size(), kLongest))));
  }

  void TakeSections() {
    const std::uint64_t count =
        std::min<std::uint64_t>(file_.sections, PeView::kMostSections);
    const std::uint64_t table = view_.headers.end();
    if (count < file_.sections ||
        !Slice(view_.bytes, table, count * sizeof(pe::SectionHeader))) {
      view_.problems.push_back(fmt::format("a table of {} sections at {}",
                                           std::uint16_t{file_.sections},
                                           table));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto header = ReadAt<pe::SectionHeader>(
          view_.bytes, table + i * sizeof(pe::SectionHeader));
      if (!header) {
        return;
      }
      view_.sections.push_back({.name = NameOf(*header),
                                .address = header->virtual_address,
                                .virtual_size = header->virtual_size,
                                .flags = header->flags,
                                .raw = {header->raw_offset, header->raw_size}});
      view_.headers.length += sizeof(pe::SectionHeader);
    }
  }

  PeView view_;
  FileHeader file_ = {};
  std::uint64_t optional_at_ = 0;
  std::uint64_t directories_at_ = 0;
  ByteView strings_;
};

}  // namespace

Range PeSection::Loaded() const {
  const bool rounded = virtual_size != 0 && virtual_size < raw.length;
  return {raw.offset, rounded ? virtual_size : raw.length};
}

bool PeSection::IsCarried() const {
  return (flags & (pe::kSectionCode | pe::kSectionExecute)) == 0 &&
         raw.length > 0 && !IsOfLinker(name);
}

Result<PeView> PeView::Parse(ByteView bytes) {
  return Parser(bytes).Parse();
}

std::optional<std::uint64_t> PeView::OffsetOf(std::uint64_t rva) const {
  for (const PeSection& section : sections) {
    if (rva >= section.address && rva - section.address < section.raw.length) {
      const std::uint64_t offset = section.raw.offset + rva - section.address;
      return offset < bytes.size() ? std::optional(offset) : std::nullopt;
    }
  }
  return rva < headers_size && rva < bytes.size() ? std::optional(rva)
                                                  : std::nullopt;
}

std::optional<Range> PeView::Directory(std::size_t index) const {
  if (index >= directories.size() || directories[index].length == 0) {
    return std::nullopt;
  }
  const Range& stored = directories[index];
  const auto offset = index == pe::kCertificates ? std::optional(stored.offset)
                                                 : OffsetOf(stored.offset);
  if (!offset || !Slice(bytes, *offset, stored.length)) {
    return std::nullopt;
  }
  return Range{*offset, stored.length};
}

std::vector<Range> PeView::DebugData() const {
  std::vector<Range> data;
  const auto directory = Directory(pe::kDebug);
  for (std::uint64_t at = 0;
       directory && directory->length - at >= sizeof(pe::DebugEntry);
       at += sizeof(pe::DebugEntry)) {
    const auto record = ReadAt<pe::DebugEntry>(bytes, directory->offset + at);
    if (record->offset != 0 && Slice(bytes, record->offset, record->size)) {
      data.push_back({record->offset, record->size});
    }
  }
  return data;
}

std::uint64_t PeView::DescribedEnd() const {
  std::uint64_t end = 0;
  const auto reach = [&](Range range) {
    if (range.length > 0) {
      const std::uint64_t start =
          std::min<std::uint64_t>(range.offset, bytes.size());
      end = std::max(end, start + std::min<std::uint64_t>(
                                      range.length, bytes.size() - start));
    }
  };
  reach({0, headers.end()});
  reach({0, headers_size});
  reach(symbols);
  for (const PeSection& section : sections) {
    reach(section.raw);
  }
  for (const Range& data : DebugData()) {
    reach(data);
  }
  return end;
}

// ImageHlp's CheckSumMappedFile: 16-bit little-endian words, added with the
// carry brought around, the field itself counted as 0, and the file's size.
std::uint32_t PeView::ComputeChecksum(ByteView file) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < file.size(); i += 2) {
    sum += file[i] + (static_cast<std::uint64_t>(file[i + 1]) << 8U);
  }
  if (file.size() % 2 == 1) {
    sum += file.back();
  }
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t at = checksum_offset + i;
    sum -= static_cast<std::uint64_t>(file[static_cast<std::size_t>(at)])
           << (8 * (at % 2));
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16U);
  }
  return static_cast<std::uint32_t>(sum + file.size());
}

}  // namespace assay::formats
