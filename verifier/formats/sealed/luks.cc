// LUKS, versions 1 and 2: headers with sealed copies of a volume key, and an
// encrypted block device. Given a passphrase, a key file or the volume key,
// the device is a member; without, its bytes stay opaque.
//
// Reference: LUKS On-Disk Format Specification 1.2.3; LUKS2 On-Disk Format
// Specification 1.1 (both in cryptsetup's docs/).

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"
#include "verifier/formats/sealed/luks_keys.h"
#include "verifier/formats/sealed/luks_volume.h"
#include "verifier/formats/sealed/sector_cipher.h"

namespace assay::formats {
namespace {

using luks::Keyslot;
using luks::Segment;
using luks::Volume;

Result<Volume> ReadVolume(ByteView bytes) {
  return luks::IsLuks1(bytes) ? luks::ReadLuks1(bytes) : luks::ReadLuks2(bytes);
}

bool Matches(ByteView head) {
  return luks::IsLuks1(head) || luks::IsLuks2(head);
}

// Behind everything that the headers name. A segment of dynamic size takes
// all that follows, as its device does.
std::uint64_t EndOf(const Volume& volume) {
  std::uint64_t end = 0;
  const auto reach = [&](const Range& range) {
    end = std::max(end, range.length > UINT64_MAX - range.offset ? UINT64_MAX
                                                                 : range.end());
  };
  std::for_each(volume.headers.begin(), volume.headers.end(), reach);
  for (const Keyslot& slot : volume.keyslots) {
    reach(slot.area);
  }
  for (const Segment& segment : volume.segments) {
    reach(segment.range);
  }
  return end;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = ReadVolume(bytes);
  if (!volume) {
    return Fail(volume.error());
  }
  const std::uint64_t end = EndOf(*volume);
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("luks: {} bytes are stated, {} are there", end,
                            bytes.size()));
  }
  return end;
}

class Reader {
 public:
  Reader(const ByteSource& source, const Volume& volume, ArtifactSink& sink)
      : source_(source),
        volume_(volume),
        sink_(sink),
        keys_(source.bytes(), volume, sink.secrets(), sink.limits()),
        end_(std::min(EndOf(volume), source.size())) {}

  Result<void> Run() {
    for (const Anomaly& anomaly : volume_.anomalies) {
      sink_.Report(anomaly);
    }
    for (const Range& range : volume_.headers) {
      coverage_.ClaimFree(Clipped(range), RegionUse::kMetadata, sink_);
    }
    for (const Keyslot& slot : volume_.keyslots) {
      ClaimSlot(slot);
    }
    for (const Segment& segment : volume_.segments) {
      if (auto ok = AddSegment(segment); !ok) {
        return ok;
      }
    }
    const auto known = Slice(source_.bytes(), 0, end_);
    coverage_.ClaimGaps(known.value_or(ByteView()), sink_);
    return {};
  }

 private:
  [[nodiscard]] Range Clipped(Range range) const {
    range.offset = std::min(range.offset, end_);
    range.length = std::min(range.length, end_ - range.offset);
    return range;
  }

  void ReportOverlap(Range range, std::string_view what,
                     const std::string& id) {
    sink_.Report({.id = "luks.overlapping-areas",
                  .range = range,
                  .detail = fmt::format("{} {} shares bytes with what came "
                                        "before it",
                                        what, id)});
  }

  void ClaimSlot(const Keyslot& slot) {
    const Range range = Clipped(slot.area);
    if (coverage_.Touches(range)) {
      ReportOverlap(range, "keyslot", slot.id);
    }
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }

  // What the member carries of the headers.
  [[nodiscard]] FileMetadata NotesOf(const Segment& segment) const {
    FileMetadata meta;
    const auto note = [&](std::string key, const std::string& value) {
      if (!value.empty()) {
        meta.xattrs.emplace_back(std::move(key), value);
      }
    };
    note("luks.version", fmt::format("{}", volume_.version));
    note("luks.uuid", volume_.uuid);
    note("luks.label", volume_.label);
    note("luks.cipher", segment.cipher);
    return meta;
  }

  // "encrypted (aes-xts-plain64, argon2id)"
  [[nodiscard]] std::string Encrypted(const Segment& segment) const {
    std::string kdfs;
    for (const Keyslot& slot : volume_.keyslots) {
      if (slot.holds_key && kdfs.find(slot.kdf.type) == std::string::npos) {
        kdfs += ", " + slot.kdf.type;
      }
    }
    return fmt::format("encrypted ({}{})", segment.cipher, kdfs);
  }

  Result<void> AddSegment(const Segment& segment) {
    const Range range = Clipped(segment.range);
    // A backup is what another segment is made from; nothing lies behind the
    // backup of a header.
    if (segment.backup || range.length == 0) {
      return {};
    }
    Member member{.name = volume_.segments.size() == 1 ? "payload"
                                                       : "segment" + segment.id,
                  .meta = NotesOf(segment)};
    const bool shared = coverage_.Touches(range);
    if (shared) {
      ReportOverlap(range, "segment", segment.id);
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
    } else {
      coverage_.Add(range);
      member.origin = range;
    }
    auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    if (segment.type == "linear" || segment.cipher == "cipher_null-ecb") {
      sink_.Report({.id = "luks.not-encrypted",
                    .range = range,
                    .detail = "this part of the volume is not encrypted"});
      member.stored = member.origin.has_value();
      return sink_.Add(std::move(member), std::move(*content));
    }
    if (segment.type != "crypt" || segment.integrity) {
      return sink_.AddOpaque(
          std::move(member),
          segment.integrity
              ? "authenticated encryption (dm-integrity) is not supported"
              : fmt::format("segments of type {} are not supported",
                            segment.type));
    }
    return AddEncrypted(segment, std::move(member), std::move(*content));
  }

  Result<void> AddEncrypted(const Segment& segment, Member member,
                            ByteSource content) {
    if (sink_.secrets().empty()) {
      return sink_.AddOpaque(std::move(member), Encrypted(segment));
    }
    const auto key = keys_.KeyOf(segment);
    auto cipher = key ? sealed::SectorCipher::Make(segment.cipher, *key)
                      : Fail(key.error());
    if (!cipher) {
      return sink_.AddOpaque(
          std::move(member),
          fmt::format("{}: {}", Encrypted(segment), cipher.error().what));
    }
    const std::uint64_t rest = content.size() % segment.sector;
    if (rest != 0) {
      sink_.Report(
          {.id = "luks.partial-sector",
           .range = {segment.range.offset + content.size() - rest, rest},
           .detail = fmt::format("{} bytes are less than a sector", rest)});
    }
    // Whatever lies here unencrypted decrypts to noise.
    sink_.PassOver({segment.range.offset, content.size()});
    sealed::SectorStream stream(std::move(content), std::move(*cipher),
                                static_cast<std::size_t>(segment.sector),
                                segment.first);
    return sink_.AddStream(std::move(member), stream);
  }

  const ByteSource& source_;
  const Volume& volume_;
  ArtifactSink& sink_;
  luks::VolumeKeys keys_;
  std::uint64_t end_;
  Coverage coverage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto volume = ReadVolume(source.bytes());
  if (!volume) {
    return Fail(volume.error());
  }
  if (auto ok = Reader(source, *volume, sink).Run(); !ok) {
    return ok;
  }
  const auto end = Measure(source.bytes());
  return end ? input.Skip(*end) : Result<void>(Fail(end.error()));
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{luks::kMagic, 0},
                             {luks::kSecondMagic, luks::kSmallestHeader},
                             {luks::kSecondMagic, 2 * luks::kSmallestHeader},
                             {luks::kSecondMagic, 4 * luks::kSmallestHeader}};

}  // namespace

extern const Format kLuks;
const Format kLuks = {
    .name = "luks",
    .title = "LUKS encrypted volume",
    .reference = "LUKS On-Disk Format 1.2.3; LUKS2 On-Disk Format 1.1",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
