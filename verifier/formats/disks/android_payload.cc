// Android's OTA payload ("payload.bin" of an update), version 2. Layout: AOSP
// system/update_engine, update_metadata.proto, payload_consumer.
//
// A header, the manifest (a DeltaArchiveManifest), the signature over both, the
// data of the operations, and the signature over everything. A partition is
// what its operations write; one with operations that work on the partition of
// an older version cannot be put together from the payload alone.
//
// Claims: header, manifest and signatures are metadata, the operations' data
// their partition's.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/ota_manifest.h"
#include "verifier/formats/disks/ota_partition.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using ota::Operation;
using ota::Partition;
using ota::Payload;

// Operations that share their data are checked as long as all of them together
// are not more than so many times the payload.
constexpr std::uint64_t kMostHashed = 4;

bool Matches(ByteView head) {
  return ota::ReadHeader(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto payload = ota::ReadPayload(bytes);
  if (!payload) {
    return Fail(payload.error());
  }
  if (payload->cut) {
    return Fail(ErrorCode::kTruncated,
                "android_payload: data lie past the end of the input");
  }
  return payload->end;
}

class Unpacker {
 public:
  Unpacker(const ByteSource& source, const Payload& payload, ArtifactSink& sink)
      : source_(source), payload_(payload), sink_(sink) {}

  Result<void> Run() {
    Claim({0, payload_.manifest.end()});
    Claim(payload_.metadata_signature);
    Claim(payload_.signature);
    std::set<std::string> names;
    for (const Partition& partition : payload_.partitions) {
      if (!names.insert(partition.name).second) {
        Report("repeated-partition",
               fmt::format("{} is written twice", Escaped(partition.name)));
      }
      CheckData(partition);
      if (auto ok = AddPartition(partition); !ok) {
        return ok;
      }
    }
    coverage_.ClaimGaps(
        source_.bytes().first(static_cast<std::size_t>(payload_.end)), sink_);
    return {};
  }

 private:
  void Claim(Range range) {
    if (Slice(source_.bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void Report(std::string_view what, std::string detail, Range range = {}) {
    sink_.Report({.id = fmt::format("android_payload.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  // The hashes of the operations' data.
  void CheckData(const Partition& partition) {
    std::uint64_t unhashed = 0;
    std::uint64_t unchecked = 0;
    for (const Operation& operation : partition.operations) {
      const Range data = operation.data;
      const auto bytes = Slice(source_.bytes(), data.offset, data.length);
      if (!bytes || bytes->empty()) {
        continue;
      }
      if (!operation.data_hash) {
        ++unhashed;
      } else if (hashed_ / kMostHashed > source_.size()) {
        ++unchecked;
      } else {
        hashed_ += data.length;
        const auto digest = Sha256Raw(*bytes);
        if (!std::equal(digest.begin(), digest.end(),
                        operation.data_hash->begin())) {
          Report("data-hash-mismatch",
                 fmt::format("{}: {} bytes at {} have another SHA-256 than "
                             "the manifest says",
                             Escaped(partition.name), data.length, data.offset),
                 data);
        }
      }
    }
    if (unhashed > 0) {
      Report("unhashed-data",
             fmt::format("{}: the manifest has no SHA-256 for the data of {} "
                         "operations",
                         Escaped(partition.name), unhashed));
    }
    if (unchecked > 0) {
      Report("shared-data",
             fmt::format("{}: operations share their data so often that {} of "
                         "them were not checked",
                         Escaped(partition.name), unchecked));
    }
  }

  Member MemberOf(const Partition& partition) {
    Member member{
        .name = BoundedName(partition.name, "android_payload", {}, sink_)};
    const auto note = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) {
        member.meta.xattrs.emplace_back(fmt::format("ota.{}", key), value);
      }
    };
    note("version", partition.version);
    note("filesystem", partition.filesystem);
    note("postinstall", partition.postinstall);
    return member;
  }

  // The types of operations that need an older version's partition.
  static std::string DeltaTypes(const Partition& partition) {
    std::set<std::string> types;
    for (const Operation& operation : partition.operations) {
      if (!ota::IsFull(operation.type)) {
        types.insert(ota::NameOf(operation.type));
      }
    }
    return fmt::format("{}", fmt::join(types, ", "));
  }

  Result<void> AddPartition(const Partition& partition) {
    const std::string delta = DeltaTypes(partition);
    if (!delta.empty()) {
      return AddOpaque(partition,
                       fmt::format("needs the source image ({})", delta));
    }
    auto disk =
        ota::Assemble(source_, partition, sink_.limits().memory_per_member);
    if (!disk) {
      if (disk.error().code != ErrorCode::kLimit && !payload_.cut) {
        Report("bad-operations", Escaped(disk.error().what));
      }
      return AddOpaque(partition, Escaped(disk.error().what));
    }
    Hasher hasher;
    std::uint64_t seen = 0;
    auto added = disk->Emit(MemberOf(partition), ota::DecodeOperation,
                            coverage_, sink_, [&](ByteView bytes) {
                              hasher.Update(bytes);
                              seen += bytes.size();
                            });
    if (seen == partition.size) {
      CheckHash(partition, hasher.Finish().front());
    }
    return added;
  }

  void CheckHash(const Partition& partition, const Digest& digest) {
    if (partition.completed_by_device) {
      Report("unverified-partition",
             fmt::format("{}: the device adds a hash tree or error correction, "
                         "so that the SHA-256 of the whole is not known here",
                         Escaped(partition.name)));
    } else if (!partition.hash) {
      Report("unverified-partition",
             fmt::format("{}: the manifest has no SHA-256 of it",
                         Escaped(partition.name)));
    } else if (HexOf(*partition.hash) != digest.hex) {
      Report("hash-mismatch",
             fmt::format("{}: the manifest says {}, its content gives {}",
                         Escaped(partition.name), HexOf(*partition.hash),
                         digest.hex));
    }
  }

  // The data of all operations that lie in the payload.
  std::vector<Range> DataOf(const Partition& partition) const {
    std::vector<Range> ranges;
    for (const Operation& operation : partition.operations) {
      const Range data = operation.data;
      if (data.length > 0 && Slice(source_.bytes(), data.offset, data.length)) {
        ranges.push_back(data);
      }
    }
    return ranges;
  }

  // The data stay the partition's; where they lie in one piece, it is said.
  Result<void> AddOpaque(const Partition& partition, std::string why) {
    const std::vector<Range> ranges = DataOf(partition);
    Range all = ranges.empty() ? Range{} : Range{ranges.front().offset, 0};
    bool joined = !ranges.empty();
    for (const Range& data : ranges) {
      joined = joined && all.end() == data.offset && !coverage_.Touches(data);
      all.length += data.length;
    }
    Member member = MemberOf(partition);
    if (joined) {
      member.origin = all;
      coverage_.Add(all);
    } else {
      for (const Range& data : ranges) {
        coverage_.ClaimFree(data, RegionUse::kMember, sink_);
      }
    }
    return sink_.AddOpaque(std::move(member), std::move(why));
  }

  const ByteSource& source_;
  const Payload& payload_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::uint64_t hashed_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto payload = ota::ReadPayload(input.source().bytes());
  if (!payload) {
    const Error& error = payload.error();
    return error.code == ErrorCode::kNotThisFormat
               ? Fail(ErrorCode::kMalformed, error.what)
               : Fail(error);
  }
  if (auto ok = Unpacker(input.source(), *payload, sink).Run(); !ok) {
    return ok;
  }
  if (payload->cut) {
    return Fail(ErrorCode::kTruncated,
                "android_payload: data lie past the end of the input");
  }
  return input.Skip(payload->end);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {std::string_view("CrAU\0\0\0\0\0\0\0\x02", 12), 0}};

}  // namespace

extern const Format kAndroidPayload;
const Format kAndroidPayload = {
    .name = "android_payload",
    .title = "Android OTA payload",
    .reference = "AOSP system/update_engine/update_metadata.proto",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
