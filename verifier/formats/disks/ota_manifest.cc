#include "verifier/formats/disks/ota_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "verifier/formats/protobuf_fields.h"

namespace assay::formats::ota {
namespace {

constexpr std::uint32_t kMagic = 0x43724155;  // "CrAU"
constexpr std::uint64_t kVersion = 2;
constexpr std::uint64_t kMostManifest = 64ULL << 20U;
constexpr std::size_t kMostOperations = 1U << 20U;
constexpr std::size_t kMostExtents = 4U << 20U;
constexpr std::uint64_t kMostSignature = 1ULL << 20U;
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kHashSize = 32;

using Type = ProtobufField::Type;

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("android_payload: {}", what));
}

// Fields of a message through `take`; false when they are no message.
template <typename Take>
bool ForEachField(ByteView message, const Take& take) {
  ProtobufReader reader(message);
  while (const auto field = reader.Next()) {
    if (!take(*field)) {
      return false;
    }
  }
  return reader.ok();
}

bool IsBytes(const ProtobufField& field) {
  return field.type == Type::kBytes;
}

// A hash in any other length is none.
std::optional<ByteView> HashIn(const ProtobufField& field) {
  return IsBytes(field) && field.bytes.size() == kHashSize
             ? std::optional(field.bytes)
             : std::nullopt;
}

// message Extent, as bytes of a partition.
std::optional<Range> ExtentIn(ByteView message, std::uint64_t block) {
  std::uint64_t start = 0;
  std::uint64_t count = 0;
  const bool good = ForEachField(message, [&](const ProtobufField& field) {
    start = field.number == 1 ? field.value : start;
    count = field.number == 2 ? field.value : count;
    return true;
  });
  const std::uint64_t most = kMost / block;
  if (!good || start > most || count > most - start) {
    return std::nullopt;
  }
  return Range{start * block, count * block};
}

// message InstallOperation; its data lie behind `data_at`.
std::optional<Operation> OperationIn(ByteView message, std::uint64_t block,
                                     std::uint64_t data_at) {
  enum Number { kType = 1, kOffset, kLength, kDestination = 6, kHash = 8 };
  Operation operation;
  const bool good = ForEachField(message, [&](const ProtobufField& field) {
    if (field.number == kType) {
      operation.type = field.value;
    } else if (field.number == kOffset) {
      operation.data.offset = field.value;
    } else if (field.number == kLength) {
      operation.data.length = field.value;
    } else if (field.number == kHash) {
      operation.data_hash = HashIn(field);
    } else if (field.number == kDestination) {
      const auto extent = ExtentIn(field.bytes, block);
      operation.destination.push_back(extent.value_or(Range()));
      return extent.has_value();
    }
    return true;
  });
  if (!good || operation.data.offset > kMost - data_at) {
    return std::nullopt;
  }
  operation.data.offset += data_at;
  return operation;
}

bool IsNoEmptyExtent(const ProtobufField& field) {
  const auto extent = ExtentIn(field.bytes, 1);
  return !extent || extent->length > 0;
}

// message PartitionInfo.
bool ReadInfo(ByteView message, Partition& partition) {
  return ForEachField(message, [&](const ProtobufField& field) {
    if (field.number == 1) {
      partition.size = field.value;
    } else if (field.number == 2) {
      partition.hash = HashIn(field);
    }
    return true;
  });
}

// message PartitionUpdate, one after the other.
class PartitionReader {
 public:
  PartitionReader(std::uint64_t block, std::uint64_t data_at)
      : block_(block), data_at_(data_at) {}

  std::optional<Partition> Read(ByteView message) {
    Partition partition;
    bool runs = false;
    const bool good = ForEachField(message, [&](const ProtobufField& field) {
      runs = field.number == kRunPostinstall ? field.value != 0 : runs;
      return Take(field, partition);
    });
    if (!runs) {
      partition.postinstall.clear();
    } else if (partition.postinstall.empty()) {
      partition.postinstall = "postinstall";  // update_engine's default
    }
    return good && !partition.name.empty() && partition.size <= kMost
               ? std::optional(std::move(partition))
               : std::nullopt;
  }

 private:
  enum Number {
    kName = 1,
    kRunPostinstall,
    kPostinstall,
    kFilesystem,
    kNew = 7,
    kOperation = 8,
    kHashTree = 11,
    kFec = 15,
    kPartitionVersion = 17
  };

  bool Take(const ProtobufField& field, Partition& partition) {
    switch (field.number) {
      case kName:
        partition.name = AsText(field.bytes);
        return IsBytes(field);
      case kPostinstall:
        partition.postinstall = AsText(field.bytes);
        return true;
      case kFilesystem:
        partition.filesystem = AsText(field.bytes);
        return true;
      case kPartitionVersion:
        partition.version = AsText(field.bytes);
        return true;
      case kNew:
        return ReadInfo(field.bytes, partition);
      case kHashTree:
      case kFec:
        partition.completed_by_device =
            partition.completed_by_device || IsNoEmptyExtent(field);
        return true;
      case kOperation:
        return AddOperation(field.bytes, partition);
      default:
        return true;
    }
  }

  bool AddOperation(ByteView message, Partition& partition) {
    auto operation = OperationIn(message, block_, data_at_);
    if (!operation) {
      return false;
    }
    extents_ += operation->destination.size();
    partition.operations.push_back(std::move(*operation));
    return ++operations_ <= kMostOperations && extents_ <= kMostExtents;
  }

  std::uint64_t block_;
  std::uint64_t data_at_;
  std::size_t operations_ = 0;
  std::size_t extents_ = 0;
};

// What message DeltaArchiveManifest says about itself; the partitions need the
// size of a block, which may come behind them.
struct Basics {
  std::uint64_t block = 4096;
  Range signature = {};
  std::uint64_t minor_version = 0;
};

std::optional<Basics> ReadBasics(ByteView message) {
  enum Number { kBlock = 3, kSignatureAt, kSignatureSize, kMinor = 12 };
  Basics basics;
  const bool good = ForEachField(message, [&](const ProtobufField& field) {
    if (field.number == kBlock) {
      basics.block = field.value;
    } else if (field.number == kSignatureAt) {
      basics.signature.offset = field.value;
    } else if (field.number == kSignatureSize) {
      basics.signature.length = field.value;
    } else if (field.number == kMinor) {
      basics.minor_version = field.value;
    }
    return true;
  });
  constexpr std::uint64_t kMostBlock = 1ULL << 20U;
  return good && basics.block > 0 && basics.block <= kMostBlock
             ? std::optional(basics)
             : std::nullopt;
}

// Takes note that `range` belongs to the payload.
bool Reach(Range range, std::uint64_t size, std::uint64_t& end) {
  if (range.offset > size || range.length > size - range.offset) {
    return false;
  }
  end = range.length > 0 ? std::max(end, range.end()) : end;
  return true;
}

Result<void> ReadPartitions(ByteView manifest, const Basics& basics,
                            std::uint64_t data_at, Payload& payload) {
  constexpr std::uint32_t kPartition = 13;
  PartitionReader reader(basics.block, data_at);
  const bool good = ForEachField(manifest, [&](const ProtobufField& field) {
    if (field.number != kPartition) {
      return true;
    }
    auto partition = reader.Read(field.bytes);
    if (partition) {
      payload.partitions.push_back(std::move(*partition));
    }
    return partition.has_value();
  });
  if (!good || payload.partitions.empty()) {
    return Malformed("the manifest holds no partitions that can be read");
  }
  return {};
}

}  // namespace

std::optional<Header> ReadHeader(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  if (!header || header->magic != kMagic || header->version != kVersion ||
      header->manifest_size == 0 || header->manifest_size > kMostManifest ||
      header->signature_size > kMostSignature) {
    return std::nullopt;
  }
  constexpr std::uint64_t kLongestTag = 10;
  const ByteView tag = head.subspan(std::min(sizeof(Header), head.size()));
  ProtobufReader reader(tag.first(std::min<std::size_t>(
      tag.size(), static_cast<std::size_t>(header->manifest_size))));
  const auto field = reader.Next();
  // A partition that comes first may be longer than the head.
  constexpr std::uint8_t kPartitionTag = 13U << 3U | 2U;
  const bool long_one = tag.size() > kLongestTag && tag[0] == kPartitionTag;
  return field || long_one ? header : std::nullopt;
}

Result<Payload> ReadPayload(ByteView bytes) {
  const auto header = ReadHeader(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no header of an OTA payload");
  }
  Payload payload;
  payload.manifest = {sizeof(Header), header->manifest_size};
  payload.metadata_signature = {payload.manifest.end(), header->signature_size};
  const std::uint64_t data_at = payload.metadata_signature.end();
  payload.end = data_at;
  if (data_at > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("android_payload: manifest and signature end at "
                            "{}, {} bytes are there",
                            data_at, bytes.size()));
  }
  const ByteView manifest =
      *Slice(bytes, payload.manifest.offset, payload.manifest.length);
  const auto basics = ReadBasics(manifest);
  if (!basics) {
    return Malformed("the manifest is no message");
  }
  payload.minor_version = basics->minor_version;
  if (auto ok = ReadPartitions(manifest, *basics, data_at, payload); !ok) {
    return Fail(ok.error());
  }
  payload.cut = basics->signature.offset > kMost - data_at;
  if (!payload.cut) {
    payload.signature = {basics->signature.offset + data_at,
                         basics->signature.length};
    payload.cut = !Reach(payload.signature, bytes.size(), payload.end);
  }
  for (const Partition& partition : payload.partitions) {
    for (const Operation& operation : partition.operations) {
      payload.cut =
          !Reach(operation.data, bytes.size(), payload.end) || payload.cut;
    }
  }
  return payload;
}

std::string NameOf(std::uint64_t type) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "REPLACE",        "REPLACE_BZ",       "MOVE",          "BSDIFF",
      "SOURCE_COPY",    "SOURCE_BSDIFF",    "ZERO",          "DISCARD",
      "REPLACE_XZ",     "PUFFDIFF",         "BROTLI_BSDIFF", "ZUCCHINI",
      "LZ4DIFF_BSDIFF", "LZ4DIFF_PUFFDIFF", "REPLACE_ZSTD"};
  return type < kNames.size()
             ? std::string(kNames.at(static_cast<std::size_t>(type)))
             : fmt::format("operation {}", type);
}

bool IsFull(std::uint64_t type) {
  return type == kReplace || type == kReplaceBz || type == kZero ||
         type == kDiscard || type == kReplaceXz || type == kReplaceZstd;
}

}  // namespace assay::formats::ota
