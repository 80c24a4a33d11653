#include "verifier/formats/disks/ota_partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "verifier/formats/codecs/block_codec.h"

namespace assay::formats::ota {
namespace {

// Operations whose destinations interleave are decoded anew each time; more
// than so many times the partition is no update, but work without end.
constexpr std::uint64_t kMostRepeats = 4;
constexpr std::uint64_t kRepeatFloor = 64ULL << 20U;

// One destination extent.
struct Segment {
  Range place = {};  // in the partition
  const Operation* operation = nullptr;
  std::uint64_t from = 0;     // where in what the operation writes
  std::uint64_t written = 0;  // all that it writes
};

bool IsPacked(const Operation& operation) {
  return operation.type == kReplaceBz || operation.type == kReplaceXz ||
         operation.type == kReplaceZstd;
}

// All that the operation writes, or nothing when it writes outside.
std::optional<std::uint64_t> Written(const Operation& operation,
                                     std::uint64_t size) {
  std::uint64_t total = 0;
  for (const Range& place : operation.destination) {
    if (place.offset > size || place.length > size - place.offset ||
        place.length > size - total) {
      return std::nullopt;
    }
    total += place.length;
  }
  return total;
}

class Assembly {
 public:
  Assembly(const ByteSource& payload, const Partition& partition,
           std::uint64_t memory)
      : payload_(payload), partition_(partition), memory_(memory) {}

  Result<disks::GuestDisk> Run() {
    for (const Operation& operation : partition_.operations) {
      if (auto ok = Spread(operation); !ok) {
        return Fail(ok.error());
      }
    }
    std::stable_sort(segments_.begin(), segments_.end(),
                     [](const Segment& a, const Segment& b) {
                       return a.place.offset < b.place.offset;
                     });
    disks::GuestDisk disk(payload_, "android_payload", partition_.size);
    const Operation* last = nullptr;
    std::uint64_t decoded = 0;
    for (const Segment& segment : segments_) {
      if (segment.place.offset < disk.length()) {
        return Bad(
            fmt::format("two operations write to {}", segment.place.offset));
      }
      disk.AddHole(segment.place.offset - disk.length());
      if (IsPacked(*segment.operation) && segment.operation != last) {
        last = segment.operation;
        decoded += segment.written;
      }
      if (decoded / kMostRepeats > partition_.size + kRepeatFloor) {
        return Bad("its operations interleave too often");
      }
      Append(segment, disk);
    }
    return disk;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> Bad(const std::string& what) const {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: {}", partition_.name, what));
  }

  // Checks one operation and notes where it writes to.
  Result<void> Spread(const Operation& operation) {
    const auto written = Written(operation, partition_.size);
    const Range data = operation.data;
    if (!written) {
      return Bad(fmt::format("{} writes outside of the partition",
                             NameOf(operation.type)));
    }
    if (!Slice(payload_.bytes(), data.offset, data.length)) {
      return Bad(fmt::format("data at {} lie past the end of the payload",
                             data.offset));
    }
    if (operation.type == kReplace && data.length > *written) {
      return Bad(
          fmt::format("REPLACE has {} bytes for {}", data.length, *written));
    }
    if (IsPacked(operation) && *written > memory_) {
      return Fail(ErrorCode::kLimit,
                  fmt::format("{}: an operation writes {} bytes at once",
                              partition_.name, *written));
    }
    std::uint64_t from = 0;
    for (const Range& place : operation.destination) {
      if (place.length > 0) {
        segments_.push_back({place, &operation, from, *written});
        from += place.length;
      }
    }
    return {};
  }

  static void Append(const Segment& segment, disks::GuestDisk& disk) {
    const Operation& operation = *segment.operation;
    const std::uint64_t length = segment.place.length;
    if (IsPacked(operation)) {
      disk.AddPackedPart(operation.data, segment.written,
                         {segment.from, length},
                         static_cast<unsigned>(operation.type));
      return;
    }
    std::uint64_t stored = 0;
    if (operation.type == kReplace && segment.from < operation.data.length) {
      stored = std::min(length, operation.data.length - segment.from);
      disk.AddStored({operation.data.offset + segment.from, stored});
    }
    disk.AddHole(length - stored);
  }

  const ByteSource& payload_;
  const Partition& partition_;
  std::uint64_t memory_;
  std::vector<Segment> segments_ = {};
};

}  // namespace

Result<disks::GuestDisk> Assemble(const ByteSource& payload,
                                  const Partition& partition,
                                  std::uint64_t memory) {
  return Assembly(payload, partition, memory).Run();
}

// What decodes to less than its destination is followed by zeros.
bool DecodeOperation(unsigned method, ByteView packed,
                     std::span<std::uint8_t> out) {
  using codecs::BlockCodec;
  using codecs::Compression;
  const Compression compression = method == kReplaceBz   ? Compression::kBzip2
                                  : method == kReplaceXz ? Compression::kXz
                                                         : Compression::kZstd;
  return BlockCodec(compression).Decode(packed, out).has_value();
}

}  // namespace assay::formats::ota
