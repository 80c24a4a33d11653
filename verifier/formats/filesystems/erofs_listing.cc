#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/erofs_image.h"

namespace assay::formats::erofs {

std::optional<std::string_view> PrefixOf(unsigned index) {
  switch (index) {
    case 0:
      return "";
    case 1:
      return "user.";
    case 2:
      return "system.posix_acl_access";
    case 3:
      return "system.posix_acl_default";
    case 4:
      return "trusted.";
    case 5:
      return "lustre.";
    case 6:
      return "security.";
    default:
      return std::nullopt;
  }
}

Result<std::vector<std::string>> ReadPrefixes(ByteView bytes, std::uint64_t at,
                                              std::size_t count) {
  std::vector<std::string> prefixes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = ReadAt<Le16>(bytes, at);
    const auto record =
        length ? Slice(bytes, at + sizeof(Le16), *length) : std::nullopt;
    const auto base =
        record && !record->empty() ? PrefixOf(record->front()) : std::nullopt;
    if (!base) {
      return Malformed("the attribute name prefixes are damaged");
    }
    prefixes.push_back(std::string(*base) +
                       std::string(AsText(record->subspan(1))));
    at += sizeof(Le16) + record->size();
    at += GapTo(sizeof(Le32), at);
  }
  return prefixes;
}

Result<void> ReadDirectory(ByteView content, std::uint64_t block_size,
                           std::uint64_t most, std::vector<Entry>& entries,
                           std::vector<Entry>& dots) {
  struct Record {
    Le64 nid;
    Le16 name_at;
    std::uint8_t type = 0, reserved = 0;
  };
  for (std::uint64_t at = 0; at < content.size(); at += block_size) {
    const ByteView block = *Slice(
        content, at, std::min<std::uint64_t>(block_size, content.size() - at));
    const auto first = ReadAt<Record>(block, 0);
    const std::size_t names = first ? std::size_t{first->name_at} : 0;
    if (names < sizeof(Record) || names % sizeof(Record) != 0 ||
        names >= block.size()) {
      return Malformed(fmt::format("a listing has no entries at {}", at));
    }
    const std::size_t count = names / sizeof(Record);
    for (std::size_t i = 0; i < count; ++i) {
      const auto record = *ReadAt<Record>(block, i * sizeof(Record));
      const auto next = i + 1 < count
                            ? ReadAt<Record>(block, (i + 1) * sizeof(Record))
                            : std::nullopt;
      const std::uint64_t start = record.name_at;
      const std::uint64_t end =
          next ? std::uint64_t{next->name_at} : block.size();
      if (start < names || end <= start || end > block.size()) {
        return Malformed(fmt::format("a listing has no name {} at {}", i, at));
      }
      std::string_view name = AsText(*Slice(block, start, end - start));
      if (!next) {  // the last one may end in zeros
        name = name.substr(0, name.find('\0'));
      }
      const bool dot = name == "." || name == "..";
      if (!dot && entries.size() >= most) {
        return Fail(ErrorCode::kLimit, "erofs: too many entries");
      }
      (dot ? dots : entries)
          .push_back({std::string(name), record.nid, record.type});
    }
  }
  return {};
}

}  // namespace assay::formats::erofs
