#include "verifier/formats/archives/tar_entry.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats {
namespace {

FileType TypeOf(char type, std::string_view name, std::uint64_t size) {
  switch (type) {
    case '1':
      return FileType::kHardLink;
    case '2':
      return FileType::kSymlink;
    case '3':
      return FileType::kCharDevice;
    case '4':
      return FileType::kBlockDevice;
    case '5':
    case 'D':
      return FileType::kDirectory;
    case '6':
      return FileType::kFifo;
    default:
      // v7 had no type for directories but the slash.
      return size == 0 && !name.empty() && name.back() == '/'
                 ? FileType::kDirectory
                 : FileType::kRegular;
  }
}

class Maker {
 public:
  Maker(const PaxAttributes& global, ArtifactSink& sink)
      : global_(global), sink_(sink) {}

  // A pax size exists for files of 8 GiB and more. A second, different size
  // for a smaller file is how one archive shows two readers two contents.
  void SetSize(TarEntry& entry, const TarExtensions& said) {
    constexpr std::uint64_t kOctalEnd = 1ULL << 33U;
    if (!said.pax.size) {
      return;
    }
    if (*said.pax.size != entry.size && *said.pax.size < kOctalEnd) {
      Report("size-mismatch", {entry.at, kTarBlock},
             fmt::format("the header says {} bytes, the pax record {}",
                         entry.size, *said.pax.size));
    }
    entry.size = *said.pax.size;
  }

  void SetNames(const TarHeader& header, const TarExtensions& said,
                TarEntry& entry) {
    const PaxAttributes& pax = said.pax;
    const std::string name = pax.sparse_path ? *pax.sparse_path
                             : pax.path      ? *pax.path
                             : said.gnu_name ? *said.gnu_name
                                             : TarName(header);
    const std::string link = pax.link_path ? *pax.link_path
                             : said.gnu_link
                                 ? *said.gnu_link
                                 : std::string(TarText(header.link));
    const Range range{entry.at, kTarBlock};
    if (pax.path && said.gnu_name && *pax.path != *said.gnu_name) {
      Report("name-mismatch", range,
             fmt::format("pax says \"{}\", the GNU long name \"{}\"",
                         Escaped(*pax.path), Escaped(*said.gnu_name)));
    }
    entry.member.name = BoundedName(name, "tar", range, sink_);
    FileMetadata& meta = entry.member.meta;
    meta.type = TypeOf(entry.type, entry.member.name, entry.size);
    if (meta.type == FileType::kHardLink || meta.type == FileType::kSymlink) {
      meta.link_target = BoundedName(link, "tar", range, sink_);
    }
  }

  void SetMetadata(const TarHeader& header, const PaxAttributes& pax,
                   TarEntry& entry) {
    FileMetadata& meta = entry.member.meta;
    const auto mode = Field(header.mode, "mode", entry.at);
    if (mode) {
      meta.mode = static_cast<std::uint32_t>(*mode & 07777);
    }
    meta.mtime = Field(header.mtime, "time", entry.at);
    meta.uid = Unsigned(Field(header.uid, "user", entry.at), entry.at);
    meta.gid = Unsigned(Field(header.gid, "group", entry.at), entry.at);
    if (IsUstar(header) || IsGnu(header)) {
      meta.owner = std::string(TarText(header.owner));
      meta.group = std::string(TarText(header.group));
      if (meta.type == FileType::kCharDevice ||
          meta.type == FileType::kBlockDevice) {
        meta.device_major = Device(header.device_major, entry.at);
        meta.device_minor = Device(header.device_minor, entry.at);
      }
    }
    for (const PaxAttributes* attributes :
         {static_cast<const PaxAttributes*>(&global_), &pax}) {
      meta.uid = attributes->uid ? attributes->uid : meta.uid;
      meta.gid = attributes->gid ? attributes->gid : meta.gid;
      meta.mtime = attributes->mtime ? attributes->mtime : meta.mtime;
      meta.owner = attributes->owner.value_or(meta.owner);
      meta.group = attributes->group.value_or(meta.group);
    }
    meta.xattrs = pax.xattrs;
  }

 private:
  std::optional<std::int64_t> Field(ByteView field, std::string_view what,
                                    std::uint64_t at) {
    const auto value = TarNumber(field);
    if (!value) {
      Report("bad-number", {at, kTarBlock},
             fmt::format("the {} is \"{}\"", what, Escaped(AsText(field))));
    }
    return value;
  }

  std::optional<std::uint64_t> Unsigned(std::optional<std::int64_t> value,
                                        std::uint64_t at) {
    if (value && *value < 0) {
      Report("bad-number", {at, kTarBlock},
             fmt::format("the user or group is {}", *value));
      return std::nullopt;
    }
    return value ? std::optional(static_cast<std::uint64_t>(*value))
                 : std::nullopt;
  }

  std::uint32_t Device(ByteView field, std::uint64_t at) {
    const auto number = Unsigned(Field(field, "device number", at), at);
    return static_cast<std::uint32_t>(number.value_or(0) & UINT32_MAX);
  }

  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("tar.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  const PaxAttributes& global_;
  ArtifactSink& sink_;
};

}  // namespace

Result<TarEntry> MakeTarEntry(const TarHeader& header, std::uint64_t size,
                              std::uint64_t at, const TarExtensions& said,
                              const PaxAttributes& global, ArtifactSink& sink) {
  TarEntry entry{
      .at = at, .type = static_cast<char>(header.type), .size = size};
  Maker maker(global, sink);
  maker.SetSize(entry, said);
  if (entry.size > std::uint64_t{INT64_MAX}) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("tar header at offset {}: the size is too large", at));
  }
  maker.SetNames(header, said, entry);
  maker.SetMetadata(header, said.pax, entry);
  return entry;
}

}  // namespace assay::formats
