// Blocks of RAR 5, whose numbers have seven bits in each byte.

#include <fmt/format.h>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/rar_block.h"

namespace assay::formats::rar {
namespace {

// Block types and flags of all of them.
constexpr std::uint64_t kMain = 1, kFile = 2, kService = 3, kEncryption = 4,
                        kEnd = 5;
constexpr std::uint64_t kHasExtra = 1, kHasData = 2, kSplitBefore = 8,
                        kSplitAfter = 16;
// Of the main header.
constexpr std::uint64_t kVolume = 1, kRecovery = 8;
// Of files.
constexpr std::uint64_t kDirectory = 1, kHasTime = 2, kHasCrc = 4,
                        kUnknownSize = 8;
constexpr std::uint64_t kUnix = 1;
// Records of the extra area.
constexpr std::uint64_t kEncryptionRecord = 1, kDigestRecord = 2,
                        kTimeRecord = 3, kVersionRecord = 4, kLinkRecord = 5,
                        kOwnerRecord = 6, kServiceRecord = 7;

std::optional<std::uint64_t> TakeNumber(ByteReader& reader) {
  constexpr unsigned kMostBits = 63;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < kMostBits; shift += 7) {
    const auto byte = reader.Take<std::uint8_t>();
    if (!byte) {
      return std::nullopt;
    }
    value |= std::uint64_t{*byte & 0x7FU} << shift;
    if ((*byte & 0x80U) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

std::string TakeText(ByteReader& reader) {
  const auto length = TakeNumber(reader);
  const auto text = length ? reader.TakeBytes(*length) : std::nullopt;
  return text ? std::string(AsText(*text)) : std::string();
}

void ReadTime(ByteReader& reader, FileMetadata& meta) {
  constexpr std::uint64_t kUnixTime = 1, kModified = 2;
  const auto flags = TakeNumber(reader);
  if (!flags || (*flags & kModified) == 0) {
    return;
  }
  if ((*flags & kUnixTime) != 0) {
    if (const auto time = reader.Take<Le32>()) {
      meta.mtime = std::uint32_t{*time};
    }
  } else if (const auto time = reader.Take<Le64>()) {
    // Steps of 100 ns since 1601.
    constexpr std::int64_t kTo1970 = 11'644'473'600;
    meta.mtime = static_cast<std::int64_t>(*time / 10'000'000U) - kTo1970;
  }
}

void ReadLink(ByteReader& reader, FileMetadata& meta) {
  constexpr std::uint64_t kHardLink = 4, kCopy = 5;
  const auto type = TakeNumber(reader);
  const auto flags = TakeNumber(reader);
  if (!type || !flags || *type == 0 || *type > kCopy) {
    return;
  }
  meta.type = *type >= kHardLink ? FileType::kHardLink : FileType::kSymlink;
  meta.link_target = TakeText(reader);
}

void ReadOwner(ByteReader& reader, FileMetadata& meta) {
  constexpr std::uint64_t kUser = 1, kGroup = 2, kUserId = 4, kGroupId = 8;
  const std::uint64_t flags = TakeNumber(reader).value_or(0);
  if ((flags & kUser) != 0) {
    meta.owner = TakeText(reader);
  }
  if ((flags & kGroup) != 0) {
    meta.group = TakeText(reader);
  }
  if ((flags & kUserId) != 0) {
    meta.uid = TakeNumber(reader);
  }
  if ((flags & kGroupId) != 0) {
    meta.gid = TakeNumber(reader);
  }
}

void ReadExtra(ByteView area, Block& block) {
  ByteReader reader(area);
  while (reader.remaining() > 0) {
    const auto size = TakeNumber(reader);
    const auto record = size ? reader.TakeBytes(*size) : std::nullopt;
    if (!record) {
      return;
    }
    ByteReader fields(*record);
    const auto type = TakeNumber(fields);
    if (type == kEncryptionRecord) {
      block.encrypted = true;
    } else if (type == kDigestRecord && TakeNumber(fields) == 0U) {
      block.blake2 = fields.Take<Blake2spDigest>();
    } else if (type == kTimeRecord) {
      ReadTime(fields, block.meta);
    } else if (type == kVersionRecord && TakeNumber(fields)) {
      // One of several that the archive keeps of this file.
      block.name += fmt::format(";{}", TakeNumber(fields).value_or(0));
    } else if (type == kLinkRecord) {
      ReadLink(fields, block.meta);
    } else if (type == kOwnerRecord) {
      ReadOwner(fields, block.meta);
    } else if (type == kServiceRecord) {
      block.service_data = AsText(*fields.TakeBytes(fields.remaining()));
    }
  }
}

// Fields of files and services; false when the header ends in them.
bool ReadFile(ByteReader& reader, Block& block) {
  const auto flags = TakeNumber(reader);
  const auto size = TakeNumber(reader);
  const auto attributes = TakeNumber(reader);
  if (!attributes) {
    return false;
  }
  if ((*flags & kHasTime) != 0) {
    const auto time = reader.Take<Le32>();
    if (!time) {
      return false;
    }
    block.meta.mtime = std::uint32_t{*time};
  }
  if ((*flags & kHasCrc) != 0) {
    const auto crc = reader.Take<Le32>();
    if (!crc) {
      return false;
    }
    block.crc = std::uint32_t{*crc};
  }
  const auto compression = TakeNumber(reader);
  const auto system = TakeNumber(reader);
  const auto length = TakeNumber(reader);
  const auto name = length ? reader.TakeBytes(*length) : std::nullopt;
  if (!name) {
    return false;
  }
  if (*system == kUnix) {
    block.meta.type = TypeOfMode(*attributes);
    block.meta.mode = static_cast<std::uint32_t>(*attributes & 07777U);
  }
  if ((*flags & kDirectory) != 0) {
    block.meta.type = FileType::kDirectory;
  }
  if ((*flags & kUnknownSize) == 0) {
    block.size = *size;
  }
  block.name = AsText(*name);
  block.solid = (*compression & 0x40U) != 0;
  block.stored = (*compression >> 7U & 7U) == 0;
  if (!block.stored && (*compression & 0x3FU) != 0) {
    block.unsupported = "compression of RAR 7 unsupported";
  }
  return true;
}

BlockKind KindOf(std::uint64_t type) {
  constexpr BlockKind kKinds[] = {BlockKind::kOther,      BlockKind::kMain,
                                  BlockKind::kFile,       BlockKind::kService,
                                  BlockKind::kEncryption, BlockKind::kEnd};
  static_assert(kMain == 1 && kFile == 2 && kService == 3 && kEncryption == 4);
  return type <= kEnd ? kKinds[type] : BlockKind::kOther;
}

// What the header says behind its size.
bool ReadFields(ByteView fields, Block& block) {
  ByteReader reader(fields);
  const auto type = TakeNumber(reader);
  const auto flags = TakeNumber(reader);
  if (!flags) {
    return false;
  }
  block.kind = KindOf(*type);
  std::uint64_t extra = 0;
  if ((*flags & kHasExtra) != 0) {
    const auto size = TakeNumber(reader);
    if (!size || *size > fields.size() - reader.consumed()) {
      return false;
    }
    extra = *size;
  }
  if ((*flags & kHasData) != 0) {
    const auto size = TakeNumber(reader);
    if (!size || *size > ~std::uint64_t{0} >> 2U) {
      return false;
    }
    block.data.length = *size;
  }
  block.split_before = (*flags & kSplitBefore) != 0;
  block.split_after = (*flags & kSplitAfter) != 0;
  if (block.kind == BlockKind::kMain) {
    const auto archive = TakeNumber(reader);
    block.volume = (archive.value_or(0) & kVolume) != 0;
    block.recovery = (archive.value_or(0) & kRecovery) != 0;
    return archive.has_value();
  }
  if (block.kind == BlockKind::kFile || block.kind == BlockKind::kService) {
    if (!ReadFile(reader, block)) {
      return false;
    }
    ReadExtra(fields.last(static_cast<std::size_t>(extra)), block);
  }
  return true;
}

}  // namespace

Result<Block> ReadNewBlock(ByteView bytes, std::uint64_t at) {
  constexpr std::uint64_t kMostHeader = 2ULL << 20U;  // as the note bounds it
  ByteReader reader(bytes);
  if (!reader.Seek(at)) {
    return Fail(ErrorCode::kTruncated, "rar: there is no header");
  }
  const auto crc = reader.Take<Le32>();
  const auto size = crc ? TakeNumber(reader) : std::nullopt;
  const std::uint64_t first = reader.consumed();
  if (!size || *size > kMostHeader || !Slice(bytes, first, *size)) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("rar: there is no header at {}", at));
  }
  const std::uint64_t end = first + *size;
  if (Crc32(*Slice(bytes, at + 4, end - at - 4)) != *crc) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("rar: the header at {} has another checksum", at));
  }
  Block block{.header = {at, end - at}, .data = {end, 0}};
  if (!ReadFields(*Slice(bytes, first, *size), block)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("rar: the header at {} ends in its fields", at));
  }
  return block;
}

}  // namespace assay::formats::rar
