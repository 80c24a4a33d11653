#include "verifier/formats/archives/cab_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace assay::formats::cab {
namespace {

// In the header's reserved area of a signed cabinet.
struct Signed {
  Le32 kind;  // 0x00100000
  Le32 offset, size;
  Le64 zero;
};
static_assert(sizeof(Signed) == 20 && FileStruct<Signed>);

enum HeaderFlag : std::uint16_t { kPrevious = 1, kNext = 2, kReserve = 4 };

constexpr std::uint32_t kSignedKind = 0x00100000;
constexpr std::size_t kLongestName = 256;

std::optional<std::string_view> TakeText(ByteReader& reader, ByteView bytes,
                                         std::size_t longest) {
  const ByteView rest = bytes.subspan(reader.consumed());
  const std::string_view text =
      AsText(rest.first(std::min(rest.size(), longest + 1)));
  const auto end = text.find('\0');
  if (end == std::string_view::npos || !reader.Skip(end + 1)) {
    return std::nullopt;
  }
  return text.substr(0, end);
}

tl::unexpected<Error> Bad(std::string what) {
  return Fail(ErrorCode::kMalformed, "cabinet: " + std::move(what));
}

// Reads all tables; `bytes` outlives the result.
class Reader {
 public:
  explicit Reader(ByteView bytes) : whole_(bytes), reader_(bytes) {}

  Result<Cabinet> Run() {
    if (!IsCabinet(whole_)) {
      return Fail(ErrorCode::kNotThisFormat, "no cabinet header");
    }
    cabinet_.header = *reader_.Take<Header>();
    if (cabinet_.header.size > whole_.size()) {
      return Fail(
          ErrorCode::kTruncated,
          fmt::format("a cabinet of {} bytes; {} are there",
                      std::uint32_t{cabinet_.header.size}, whole_.size()));
    }
    bytes_ = whole_.first(cabinet_.header.size);
    reader_ = ByteReader(bytes_);  // no table reaches behind the cabinet
    if (!reader_.Skip(sizeof(Header))) {
      return Bad("it ends in the header");
    }
    if (auto ok = ReadOptional(); !ok) {
      return Fail(ok.error());
    }
    cabinet_.folders_at = reader_.consumed();
    for (unsigned i = 0; i < cabinet_.header.folders; ++i) {
      const auto entry = reader_.Take<FolderEntry>();
      if (!entry || !reader_.Skip(cabinet_.reserve.folder)) {
        return Bad("it ends in the folders");
      }
      cabinet_.folders.push_back({.entry = *entry});
    }
    folders_end_ = reader_.consumed();
    if (auto ok = ReadFiles(); !ok) {
      return Fail(ok.error());
    }
    for (Folder& folder : cabinet_.folders) {
      if (auto ok = ReadBlocks(folder); !ok) {
        return Fail(ok.error());
      }
    }
    return std::move(cabinet_);
  }

 private:
  Result<void> ReadOptional() {
    const unsigned flags = cabinet_.header.flags;
    if ((flags & kReserve) != 0) {
      const auto reserve = reader_.Take<Reserve>();
      if (!reserve) {
        return Bad("it ends in the header");
      }
      cabinet_.reserve = *reserve;
      cabinet_.reserved = {reader_.consumed(), reserve->header};
      if (!reader_.Skip(reserve->header)) {
        return Bad("it ends in the reserved area");
      }
      FindSignature();
    }
    for (const auto& [flag, name] :
         {std::pair(kPrevious, &cabinet_.previous), {kNext, &cabinet_.next}}) {
      if ((flags & flag) == 0) {
        continue;
      }
      const auto file = TakeText(reader_, bytes_, kLongestName);
      const auto disk =
          file ? TakeText(reader_, bytes_, kLongestName) : std::nullopt;
      if (!disk) {
        return Bad("the name of another cabinet does not end");
      }
      *name = *file;
    }
    return {};
  }

  void FindSignature() {
    const auto stored = ReadAt<Signed>(whole_, cabinet_.reserved.offset);
    if (cabinet_.reserved.length == sizeof(Signed) && stored &&
        stored->kind == kSignedKind && stored->size > 0 &&
        stored->offset == cabinet_.header.size &&
        Slice(whole_, stored->offset, stored->size)) {
      cabinet_.signature = Range{stored->offset, stored->size};
    }
  }

  Result<void> ReadFiles() {
    if (!reader_.Seek(cabinet_.header.files_at) ||
        cabinet_.header.files_at < folders_end_) {
      return Bad("the files do not begin behind the folders");
    }
    for (unsigned i = 0; i < cabinet_.header.files; ++i) {
      const std::uint64_t at = reader_.consumed();
      const auto entry = reader_.Take<FileEntry>();
      const auto name =
          entry ? TakeText(reader_, bytes_, kLongestName) : std::nullopt;
      if (!name || name->empty()) {
        return Bad(fmt::format("file {} at offset {} is damaged", i, at));
      }
      const unsigned index = entry->folder;
      File file{*entry, *name, {at, reader_.consumed() - at}};
      if (index == kFromPrevious || index == kBoth) {
        cabinet_.continued.push_back(file);
      } else if (index == kToNext) {
        cabinet_.folders.back().files.push_back(file);
      } else if (index < cabinet_.folders.size()) {
        cabinet_.folders[index].files.push_back(file);
      } else {
        return Bad(fmt::format("file {} is in folder {}", i, index));
      }
    }
    cabinet_.files_end = reader_.consumed();
    return {};
  }

  Result<void> ReadBlocks(Folder& folder) {
    std::uint64_t at = folder.entry.data_at;
    // Folders that share blocks would make one cabinet many times its size.
    constexpr std::uint64_t kLeast = sizeof(DataHeader);
    if (folder.entry.blocks > (bytes_.size() - blocks_ * kLeast) / kLeast) {
      return Bad("more blocks than there can be");
    }
    for (unsigned i = 0; i < folder.entry.blocks; ++i) {
      const auto header = ReadAt<DataHeader>(bytes_, at);
      const std::uint64_t data_at =
          at + sizeof(DataHeader) + cabinet_.reserve.data;
      if (!header || header->content > kLargestBlock ||
          !Slice(bytes_, data_at, header->packed)) {
        return Bad(fmt::format("block {} at offset {} is damaged", i, at));
      }
      folder.blocks.push_back({at, {data_at, header->packed}, header->content});
      folder.content += header->content;
      at = data_at + header->packed;
    }
    blocks_ += folder.entry.blocks;
    return {};
  }

  ByteView whole_;
  ByteView bytes_;
  ByteReader reader_;
  Cabinet cabinet_;
  std::uint64_t folders_end_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace

bool IsCabinet(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && header->magic == 0x4d534346U && header->reserved1 == 0 &&
         header->reserved2 == 0 && header->reserved3 == 0 &&
         header->major == 1 && header->minor <= 3 && header->folders > 0 &&
         (header->flags & ~7U) == 0 && header->files_at >= sizeof(Header) &&
         header->files_at < header->size;
}

Result<Cabinet> ReadCabinet(ByteView bytes) {
  return Reader(bytes).Run();
}

}  // namespace assay::formats::cab
