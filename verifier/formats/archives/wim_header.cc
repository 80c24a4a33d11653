#include "verifier/formats/archives/wim_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/archives/wim_resource.h"

namespace assay::formats::wim {
namespace {

constexpr std::uint32_t kVersion = 0x10D00;
constexpr std::uint32_t kSolidVersion = 0xE00;

constexpr std::uint32_t kIsCompressed = 0x2;
constexpr std::uint32_t kXpress1 = 0x20000, kXpress2 = 0x200000;
constexpr std::uint32_t kLzxFlag = 0x40000, kLzmsFlag = 0x80000;
constexpr std::uint32_t kUsualChunk = 32768;

constexpr std::uint8_t kMetadataFlag = 2, kCompressedFlag = 4, kSolidFlag = 16;
// Stands for the size of a solid resource, which begins with its own.
constexpr std::uint64_t kSolidMark = 0x100000000;

struct BlobEntry {
  StoredResource resource;
  Le16 part;
  Le32 references;
  Sha1 digest = {};
};
static_assert(sizeof(BlobEntry) == 50 && FileStruct<BlobEntry>);

struct SolidHeader {
  Le64 size;
  Le32 chunk_size, packing;
};

Packing PackingOf(std::uint32_t flags) {
  if ((flags & kIsCompressed) == 0) {
    return Packing::kNone;
  }
  return (flags & (kXpress1 | kXpress2)) != 0 ? Packing::kXpress
         : (flags & kLzxFlag) != 0            ? Packing::kLzx
         : (flags & kLzmsFlag) != 0           ? Packing::kLzms
                                              : Packing::kUnknown;
}

bool IsPlausible(const StoredResource& stored) {
  const Resource resource = ResourceOf(stored);
  const bool none = resource.place.length == 0;
  return (none || resource.place.offset >= sizeof(Header)) &&
         resource.place.offset < 1ULL << 62U &&
         (resource.compressed || resource.size == resource.place.length);
}

class Reader {
 public:
  Reader(const ByteSource& source, Tables& tables)
      : source_(source), tables_(tables) {}

  Result<void> Run(std::uint64_t most_entries) {
    const Resource blobs = ResourceOf(tables_.header.blobs);
    for (const StoredResource& stored :
         {tables_.header.blobs, tables_.header.xml, tables_.header.integrity}) {
      Reach(ResourceOf(stored).place);
    }
    if (tables_.end > source_.size()) {
      return Cut();
    }
    ResourceStream stream(source_, tables_, blobs);
    const auto bytes = ReadAll(stream, kLargestTable);
    if (!bytes) {
      return Fail(bytes.error());
    }
    if (bytes->size() / sizeof(BlobEntry) > most_entries) {
      return Fail(ErrorCode::kLimit, "wim: too many streams");
    }
    for (std::uint64_t at = 0; at + sizeof(BlobEntry) <= bytes->size();
         at += sizeof(BlobEntry)) {
      Add(*ReadAt<BlobEntry>(*bytes, at));
    }
    return tables_.end > source_.size() ? Cut() : Result<void>();
  }

 private:
  static constexpr std::uint64_t kLargestTable = 256ULL << 20U;

  void Reach(Range range) { tables_.end = std::max(tables_.end, range.end()); }

  Result<void> Cut() const {
    return Fail(ErrorCode::kTruncated,
                fmt::format("wim: {} bytes are stated, {} are there",
                            tables_.end, source_.size()));
  }

  void Add(const BlobEntry& entry) {
    Resource resource = ResourceOf(entry.resource);
    resource.part = entry.part;
    resource.digest = entry.digest;
    resource.elsewhere = entry.part != tables_.header.part;
    const bool solid = (entry.resource.flags & kSolidFlag) != 0;
    if (solid && resource.size == kSolidMark) {
      AddSolid(resource);
      return;
    }
    if (solid) {
      PlaceInSolid(resource);
    } else if (!resource.elsewhere) {
      Reach(resource.place);
    }
    const std::size_t index = tables_.resources.size();
    if (!resource.metadata) {
      tables_.by_digest.emplace(resource.digest, index);
    }
    tables_.resources.push_back(resource);
  }

  void AddSolid(const Resource& resource) {
    SolidResource solid{.place = resource.place};
    if (!resource.elsewhere) {
      Reach(resource.place);
      const auto head =
          ReadAt<SolidHeader>(source_.bytes(), resource.place.offset);
      if (head) {
        solid.size = head->size;
        solid.chunk_size = head->chunk_size;
        solid.packing = head->packing <= 3
                            ? static_cast<Packing>(std::uint32_t{head->packing})
                            : Packing::kUnknown;
      }
    }
    if (run_ended_) {
      run_ = tables_.solids.size();
      run_ended_ = false;
    }
    tables_.solids.push_back(solid);
  }

  // The streams behind a run of solid resources lie in these, which are
  // counted as if they were one.
  void PlaceInSolid(Resource& resource) {
    run_ended_ = true;
    resource.within = resource.place.offset;
    resource.size = resource.place.length;
    resource.place = {};
    for (std::size_t i = run_; i < tables_.solids.size(); ++i) {
      if (resource.within < tables_.solids[i].size) {
        resource.solid = i;
        return;
      }
      resource.within -= tables_.solids[i].size;
    }
    resource.solid = tables_.solids.size();  // none
  }

  const ByteSource& source_;
  Tables& tables_;
  std::size_t run_ = 0;  // the first solid resource of the run
  bool run_ended_ = true;
};

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("wim: {}", what));
}

Resource ResourceOf(const StoredResource& stored) {
  std::uint64_t size = 0;
  for (std::size_t i = stored.size.size(); i-- > 0;) {
    size = size << 8U | stored.size.at(i);
  }
  constexpr std::uint64_t kFarthest = 1ULL << 62U;
  return {.place = {std::min<std::uint64_t>(stored.offset, kFarthest), size},
          .size = stored.original_size,
          .metadata = (stored.flags & kMetadataFlag) != 0,
          .compressed = (stored.flags & (kCompressedFlag | kSolidFlag)) != 0};
}

std::optional<Header> Recognize(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || std::string_view(header->magic.data(), 8) !=
                     std::string_view("MSWIM\0\0\0", 8)) {
    return std::nullopt;
  }
  const std::uint32_t chunk = header->chunk_size;
  const Packing packing = PackingOf(header->flags);
  const bool sound =
      header->header_size == sizeof(Header) &&
      (header->version == kVersion || header->version == kSolidVersion) &&
      header->part >= 1 && header->part <= header->parts &&
      packing != Packing::kUnknown &&
      (chunk == 0 || (packing == Packing::kNone) ||
       (std::has_single_bit(chunk) && chunk >= 1U << 12U &&
        chunk <= 1U << 30U)) &&
      IsPlausible(header->blobs) && IsPlausible(header->xml) &&
      IsPlausible(header->integrity);
  return sound ? header : std::nullopt;
}

Result<Tables> ReadTables(const ByteSource& source,
                          std::uint64_t most_entries) {
  const auto header = Recognize(source.bytes());
  if (!header) {
    return Malformed("no Windows imaging file");
  }
  Tables tables{.header = *header, .packing = PackingOf(header->flags)};
  tables.chunk_size =
      header->chunk_size != 0 ? std::uint32_t{header->chunk_size} : kUsualChunk;
  tables.end = sizeof(Header);
  if (auto ok = Reader(source, tables).Run(most_entries); !ok) {
    return Fail(ok.error());
  }
  return tables;
}

}  // namespace assay::formats::wim
