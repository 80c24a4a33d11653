// Blocks of RAR 1.5 to 4.

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/dos_time.h"
#include "verifier/formats/archives/rar_block.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::rar {
namespace {

struct OldHead {
  Le16 crc;
  std::uint8_t type = 0;
  Le16 flags, size;
};
static_assert(sizeof(OldHead) == 7 && FileStruct<OldHead>);

struct OldFile {  // behind OldHead
  Le32 packed, size;
  std::uint8_t system = 0;
  Le32 crc;
  Le16 time, date;
  std::uint8_t version = 0, method = 0;
  Le16 name_size;
  Le32 attributes;
};
static_assert(sizeof(OldFile) == 25 && FileStruct<OldFile>);

constexpr std::uint8_t kMain = 0x73, kFile = 0x74, kService = 0x7A, kEnd = 0x7B;

constexpr std::uint16_t kHasData = 0x8000;
// Of the main header.
constexpr std::uint16_t kVolume = 0x1, kComment = 0x2, kRecovery = 0x40,
                        kEncryptedHeaders = 0x80;
// Of files.
constexpr std::uint16_t kSplitBefore = 0x1, kSplitAfter = 0x2, kEncrypted = 0x4,
                        kSolid = 0x10, kDirectory = 0xE0, kLarge = 0x100,
                        kUnicode = 0x200, kSalt = 0x400, kTimes = 0x1000;
constexpr std::uint8_t kUnix = 3;
constexpr std::uint8_t kStored = 0x30;
constexpr std::uint8_t kDecodable = 29;  // the version of RAR 3 and 4

// What the name would be in UTF-16, told as differences from the plain one.
class WideName {
 public:
  WideName(ByteView plain, ByteView encoded)
      : plain_(plain), encoded_(encoded) {}

  std::string Text() {
    const std::uint8_t page = Next();
    unsigned flags = 0;
    unsigned left = 0;
    while (at_ < encoded_.size()) {
      if (left == 0) {
        flags = Next();
        left = 8;
      }
      left -= 2;
      Step(flags >> left & 3U, page);
    }
    return TextOfUtf16(wide_);
  }

 private:
  std::uint8_t Next() {
    return at_ < encoded_.size() ? encoded_[at_++] : std::uint8_t{0};
  }
  void Put(std::uint8_t low, std::uint8_t high) {
    wide_.insert(wide_.end(), {low, high});
  }
  void Step(unsigned how, std::uint8_t page) {
    if (how == 0) {
      Put(Next(), 0);
    } else if (how == 1) {
      Put(Next(), page);
    } else if (how == 2) {
      const std::uint8_t low = Next();
      Put(low, Next());
    } else {
      Repeat(page);
    }
  }
  // Characters of the plain name, moved by a number or not.
  void Repeat(std::uint8_t page) {
    constexpr std::uint8_t kMoved = 0x80;
    const std::uint8_t count = Next();
    const bool moved = (count & kMoved) != 0;
    const std::uint8_t by = moved ? Next() : std::uint8_t{0};
    for (unsigned i = 0; i < (count & 0x7FU) + 2U; ++i) {
      const std::size_t place = wide_.size() / 2;
      if (place >= plain_.size()) {
        return;
      }
      Put(static_cast<std::uint8_t>(plain_[place] + by),
          moved ? page : std::uint8_t{0});
    }
  }

  ByteView plain_, encoded_;
  std::size_t at_ = 0;
  Bytes wide_;
};

std::string NameOf(ByteView raw, bool unicode) {
  const auto end = std::find(raw.begin(), raw.end(), std::uint8_t{0});
  const auto plain = static_cast<std::size_t>(end - raw.begin());
  if (!unicode || plain + 1 >= raw.size()) {
    return std::string(AsText(raw.first(plain)));
  }
  return WideName(raw.first(plain), raw.subspan(plain + 1)).Text();
}

void SetMetadata(const OldFile& file, std::uint16_t flags, bool later,
                 Block& block) {
  FileMetadata& meta = block.meta;
  if (file.system == kUnix) {
    meta.type = TypeOfMode(file.attributes);
    meta.mode = file.attributes & 07777U;
  }
  if ((flags & kDirectory) == kDirectory) {
    meta.type = FileType::kDirectory;
  }
  meta.mtime = DosTime(file.date, file.time);
  if (meta.mtime && later) {
    ++*meta.mtime;  // MS-DOS counts in steps of two seconds
  }
}

void SetFlags(const OldFile& file, std::uint16_t flags, Block& block) {
  block.split_before = (flags & kSplitBefore) != 0;
  block.split_after = (flags & kSplitAfter) != 0;
  block.encrypted = (flags & kEncrypted) != 0;
  block.solid = (flags & kSolid) != 0;
  block.stored = file.method == kStored;
  if (!block.stored && file.version != kDecodable) {
    block.unsupported = fmt::format("compression of RAR version {} unsupported",
                                    static_cast<unsigned>(file.version));
  }
}

// What lies behind the fixed fields of a file or a service.
Result<void> ReadFile(ByteView header, std::uint16_t flags, Block& block) {
  const auto malformed = [&] {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("rar: the header at {} is too short", block.header.offset));
  };
  ByteReader reader(header);
  const auto head = reader.Take<OldHead>();
  const auto file = head ? reader.Take<OldFile>() : std::nullopt;
  if (!file) {
    return malformed();
  }
  std::uint64_t packed = file->packed;
  std::uint64_t size = file->size;
  if ((flags & kLarge) != 0) {
    const auto more_packed = reader.Take<Le32>();
    const auto more_size = reader.Take<Le32>();
    if (!more_size) {
      return malformed();
    }
    packed |= std::uint64_t{*more_packed} << 32U;
    size |= std::uint64_t{*more_size} << 32U;
  }
  const auto name = reader.TakeBytes(file->name_size);
  const bool salted = (flags & kSalt) == 0 || reader.Skip(8);
  if (!name || !salted) {
    return malformed();
  }
  bool later = false;
  if ((flags & kTimes) != 0 && block.kind == BlockKind::kFile) {
    const auto times = reader.Take<Le16>();
    later = times && (*times >> 12U & 0xCU) == 0xCU;
  } else if (block.kind == BlockKind::kService) {
    block.service_data =
        AsText(header.subspan(reader.consumed()));  // as the service defines it
  }
  block.data.length = packed;
  if (file->size != 0xFFFFFFFF) {  // which says that nobody knew it
    block.size = size;
  }
  block.crc = file->crc;
  block.name = NameOf(*name, (flags & kUnicode) != 0);
  // The separator whatever the system, and no part of a name.
  std::replace(block.name.begin(), block.name.end(), '\\', '/');
  SetFlags(*file, flags, block);
  SetMetadata(*file, flags, later, block);
  return {};
}

BlockKind KindOf(std::uint8_t type) {
  switch (type) {
    case kMain:
      return BlockKind::kMain;
    case kFile:
      return BlockKind::kFile;
    case kService:
      return BlockKind::kService;
    case kEnd:
      return BlockKind::kEnd;
    default:
      return BlockKind::kOther;
  }
}

}  // namespace

Result<Block> ReadOldBlock(ByteView bytes, std::uint64_t at) {
  const auto head = ReadAt<OldHead>(bytes, at);
  const auto header = head ? Slice(bytes, at, head->size) : std::nullopt;
  if (!header) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("rar: there is no header at {}", at));
  }
  constexpr std::uint8_t kFirstType = 0x72;
  const std::uint16_t flags = head->flags;
  // A comment inside the main header has a checksum of its own.
  constexpr std::size_t kMainSize = 13;
  const bool commented = head->type == kMain && (flags & kComment) != 0;
  const std::size_t covered =
      commented ? std::min(kMainSize, header->size()) : header->size();
  if (header->size() < sizeof(OldHead) || head->type < kFirstType ||
      head->type > kEnd ||
      (Crc32(header->first(covered).subspan(2)) & 0xFFFFU) != head->crc) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("rar: the header at {} has another checksum", at));
  }
  Block block{.kind = KindOf(head->type),
              .header = {at, header->size()},
              .data = {at + header->size(), 0}};
  if (block.kind == BlockKind::kFile || block.kind == BlockKind::kService) {
    if (auto ok = ReadFile(*header, flags, block); !ok) {
      return Fail(ok.error());
    }
  } else if ((flags & kHasData) != 0) {
    block.data.length = ReadAt<Le32>(*header, sizeof(OldHead)).value_or(Le32{});
  }
  if (block.kind == BlockKind::kMain) {
    block.volume = (flags & kVolume) != 0;
    block.recovery = (flags & kRecovery) != 0;
    block.encrypted_headers = (flags & kEncryptedHeaders) != 0;
  }
  return block;
}

}  // namespace assay::formats::rar
