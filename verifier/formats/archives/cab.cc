// Cabinets (.cab): a header, folders of compressed blocks, and files that are
// ranges of a folder's content. Stored folders and MSZIP are decoded; of LZX
// and Quantum the files are named and stay opaque.
//
// Files may begin or end in another cabinet of a set; these are named with
// the cabinet that has the rest. A signature stands behind the cabinet, and a
// reserved area of the header says where.
//
// Reference: [MS-CAB] Cabinet File Format; for the signature, "Authenticode
// for cabinet files" as osslsigncode 2.5, cab.c, reads it.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/cab_folder.h"
#include "verifier/formats/archives/cab_tables.h"
#include "verifier/formats/archives/dos_time.h"
#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using cab::Block;
using cab::Cabinet;
using cab::DataHeader;
using cab::File;
using cab::Folder;
using cab::FolderEntry;
using cab::FolderStream;

constexpr unsigned kStored = 0;  // the low four bits of the compression
constexpr unsigned kMszip = 1;
constexpr unsigned kQuantum = 2;
constexpr unsigned kLzx = 3;

class Unpacker {
 public:
  Unpacker(const ByteSource& source, Cabinet& cabinet, ArtifactSink& sink)
      : source_(source), cabinet_(cabinet), sink_(sink) {}

  Result<void> Run() {
    ClaimTables();
    for (const File& file : cabinet_.continued) {
      if (auto ok = AddOpaque(file, "begins in the cabinet", cabinet_.previous);
          !ok) {
        return ok;
      }
    }
    for (Folder& folder : cabinet_.folders) {
      ClaimBlocks(folder);
      if (auto ok = AddFolder(folder); !ok) {
        return ok;
      }
    }
    if (cabinet_.signature) {
      coverage_.Add(*cabinet_.signature);
      if (auto ok = sink_.Add({.name = "signature.p7b",
                               .origin = cabinet_.signature,
                               .stored = true},
                              *source_.Slice(*cabinet_.signature));
          !ok) {
        return ok;
      }
    }
    coverage_.ClaimGaps(
        source_.bytes().first(static_cast<std::size_t>(cabinet_.end())), sink_);
    return {};
  }

 private:
  void ClaimTables() {
    if (!cabinet_.signature) {
      ClaimReserved(cabinet_.reserved);
    }
    std::uint64_t at = cabinet_.folders_at;
    for (std::size_t i = 0; i < cabinet_.folders.size(); ++i) {
      at += sizeof(FolderEntry);
      ClaimReserved({at, cabinet_.reserve.folder});
      at += cabinet_.reserve.folder;
    }
    coverage_.ClaimFree({0, at}, RegionUse::kMetadata, sink_);
    coverage_.ClaimFree({cabinet_.header.files_at,
                         cabinet_.files_end - cabinet_.header.files_at},
                        RegionUse::kMetadata, sink_);
  }

  // What an application keeps for itself: nobody reads it.
  void ClaimReserved(Range range) {
    const auto bytes = Slice(source_.bytes(), range.offset, range.length);
    if (bytes && !bytes->empty()) {
      coverage_.ClaimFree(
          range, IsZero(*bytes) ? RegionUse::kPadding : RegionUse::kSlack,
          sink_);
    }
  }

  void ClaimBlocks(const Folder& folder) {
    for (const Block& block : folder.blocks) {
      const Range all{block.header_at, block.data.end() - block.header_at};
      if (coverage_.Touches(all)) {
        sink_.Report({.id = "cab.overlapping-blocks",
                      .range = all,
                      .detail = "a block lies where something else is"});
      }
      const auto header = *ReadAt<DataHeader>(source_.bytes(), block.header_at);
      const auto data =
          *Slice(source_.bytes(), block.data.offset, block.data.length);
      const std::uint32_t sum = cab::BlockChecksum(header, data);
      if (header.checksum != 0 && header.checksum != sum) {
        sink_.Report({.id = "cab.checksum-mismatch",
                      .range = all,
                      .detail = fmt::format(
                          "the block says {:08x}, its data give {:08x}",
                          std::uint32_t{header.checksum}, sum)});
      }
      ClaimReserved(
          {block.header_at + sizeof(DataHeader), cabinet_.reserve.data});
      coverage_.ClaimFree({block.header_at, sizeof(DataHeader)},
                          RegionUse::kMetadata, sink_);
      coverage_.ClaimFree(block.data, RegionUse::kMember, sink_);
    }
  }

  Result<void> AddFolder(Folder& folder) {
    const unsigned kind = folder.entry.compression & 0x0fU;
    if (kind != kStored && kind != kMszip) {
      const std::string_view name = kind == kLzx       ? "LZX"
                                    : kind == kQuantum ? "Quantum"
                                                       : "unknown";
      for (const File& file : folder.files) {
        if (auto ok = AddOpaque(file, "not decoded: compression", name); !ok) {
          return ok;
        }
      }
      return {};
    }
    std::stable_sort(folder.files.begin(), folder.files.end(),
                     [](const File& a, const File& b) {
                       return a.entry.offset < b.entry.offset;
                     });
    FolderStream stream(source_, folder.blocks, kind == kMszip);
    std::uint64_t at = 0;
    for (const File& file : folder.files) {
      if (auto ok = AddFile(folder, file, stream, at); !ok) {
        return ok;
      }
    }
    if (at < folder.content && !folder.files.empty()) {
      Hidden(folder, at, folder.content - at);
    }
    return {};
  }

  void Hidden(const Folder& folder, std::uint64_t at, std::uint64_t size) {
    sink_.Report({.id = "cab.hidden-content",
                  .range = {folder.entry.data_at, 0},
                  .detail = fmt::format("{} bytes at {} of a folder's content "
                                        "are in no file",
                                        size, at)});
  }

  // `at`: how much of the folder's content has passed.
  Result<void> AddFile(const Folder& folder, const File& file,
                       ByteStream& stream, std::uint64_t& at) {
    const std::uint64_t offset = file.entry.offset;
    const std::uint64_t size = file.entry.size;
    if (file.entry.folder == cab::kToNext) {
      at = std::max(at, folder.content);
      return AddOpaque(file, "goes on in the cabinet", cabinet_.next);
    }
    if (offset < at && size > 0) {
      sink_.Report({.id = "cab.overlapping-files",
                    .range = file.place,
                    .detail = fmt::format("\"{}\" begins at {} of its folder, "
                                          "where another file is",
                                          Escaped(file.name), offset)});
      return AddOpaque(file, "overlaps", "another file");
    }
    if (size == 0) {
      return sink_.Add(MemberOf(file), ByteSource());
    }
    if (offset > at) {
      Hidden(folder, at, offset - at);
      PartStream gap(stream, offset - at);
      (void)gap.PassRest();  // an error comes again with the file
    }
    PartStream part(stream, size);
    if (auto ok = sink_.AddStream(MemberOf(file), part); !ok) {
      return ok;
    }
    (void)part.PassRest();
    at = offset + size;
    return {};
  }

  Result<void> AddOpaque(const File& file, std::string_view why,
                         std::string_view what) {
    return sink_.AddOpaque(MemberOf(file),
                           fmt::format("{} {}", why, Escaped(what)));
  }

  // Backslashes separate the steps of a path.
  Member MemberOf(const File& file) {
    Member member{.name = BoundedName(file.name, "cab", file.place, sink_)};
    std::replace(member.name.begin(), member.name.end(), '\\', '/');
    member.meta.mtime = DosTime(file.entry.date, file.entry.time);
    return member;
  }

  const ByteSource& source_;
  Cabinet& cabinet_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto cabinet = cab::ReadCabinet(bytes);
  return cabinet ? Result<std::uint64_t>(cabinet->end())
                 : Fail(cabinet.error());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  auto cabinet = cab::ReadCabinet(input.source().bytes());
  if (!cabinet) {
    const Error& error = cabinet.error();
    return error.code == ErrorCode::kNotThisFormat
               ? Fail(ErrorCode::kMalformed, error.what)
               : Fail(error);
  }
  const std::uint64_t end = cabinet->end();
  if (auto ok = Unpacker(input.source(), *cabinet, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"MSCF", 0}};  // NOLINT: a table

}  // namespace

extern const Format kCab;
const Format kCab = {
    .name = "cab",
    .title = "Microsoft cabinet",
    .reference = "[MS-CAB] Cabinet File Format",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = cab::IsCabinet,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
