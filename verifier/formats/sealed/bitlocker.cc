// BitLocker (BDE, "full volume encryption"): a volume whose sectors are
// encrypted, with three copies of metadata between them. Given a password, a
// recovery password, a startup key or the master key, the device is a member;
// without, the encrypted bytes stay opaque.
//
// Reference: libbde, "BitLocker Drive Encryption (BDE) format specification".
// Recognized only: volumes of Windows Vista, the Elephant diffuser, protection
// by a TPM alone.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"
#include "verifier/formats/sealed/bitlocker_keys.h"
#include "verifier/formats/sealed/bitlocker_stream.h"
#include "verifier/formats/sealed/bitlocker_volume.h"

namespace assay::formats {
namespace {

using bitlocker::Protection;
using bitlocker::Protector;
using bitlocker::Volume;

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = bitlocker::ReadVolume(bytes);
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size > bytes.size() || volume->size < volume->sector) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("bitlocker: {} bytes are stated, {} are there",
                            volume->size, bytes.size()));
  }
  return volume->size;
}

std::string_view NameOf(Protection protection) {
  switch (protection) {
    case Protection::kClearKey:
      return "clear key";
    case Protection::kTpm:
      return "TPM";
    case Protection::kStartupKey:
      return "startup key";
    case Protection::kRecovery:
      return "recovery password";
    case Protection::kPassword:
      return "password";
  }
  return "another protector";
}

class Reader {
 public:
  Reader(const ByteSource& source, const Volume& volume, ArtifactSink& sink)
      : source_(source),
        volume_(volume),
        sink_(sink),
        keys_(volume, sink.secrets(), sink.limits()),
        end_(std::min(volume.size, source.size())) {}

  Result<void> Run() {
    for (const Anomaly& anomaly : volume_.anomalies) {
      sink_.Report(anomaly);
    }
    coverage_.ClaimFree(Clipped({0, volume_.sector}), RegionUse::kMetadata,
                        sink_);
    for (const Range& block : volume_.blocks) {
      coverage_.ClaimFree(Clipped(block), RegionUse::kMetadata, sink_);
    }
    // What the device does not show of its own place is no part of it.
    Coverage device = coverage_;
    if (!volume_.vista) {
      device.Add(Clipped({0, volume_.header.length}));
    }
    for (const Range& area : volume_.areas) {
      device.Add(Clipped(area));
    }
    const std::vector<Range> runs = device.Gaps(end_);
    if (auto ok = AddDevice(runs); !ok) {
      return ok;
    }
    coverage_.ClaimGaps(source_.bytes().first(static_cast<std::size_t>(end_)),
                        sink_);
    return {};
  }

 private:
  [[nodiscard]] Range Clipped(Range range) const {
    range.offset = std::min(range.offset, end_);
    range.length = std::min(range.length, end_ - range.offset);
    return range;
  }

  // "encrypted (AES-128-XTS; password, recovery password)"
  [[nodiscard]] std::string Encrypted() const {
    std::string text = fmt::format(
        "encrypted ({}{}", volume_.vista ? "BitLocker of Windows Vista, " : "",
        bitlocker::MethodOf(volume_.method).name);
    for (std::size_t i = 0; i < volume_.protectors.size(); ++i) {
      text += fmt::format("{}{}", i == 0 ? "; " : ", ",
                          NameOf(volume_.protectors[i].protection));
    }
    return text + ")";
  }

  Result<void> AddDevice(const std::vector<Range>& runs) {
    const bool open = keys_.LiesOpen();
    if (open) {
      sink_.Report({.id = "bitlocker.clear-key",
                    .range = {0, volume_.size},
                    .detail = "the volume holds the key to itself"});
    }
    const bitlocker::Method method = bitlocker::MethodOf(volume_.method);
    if (volume_.vista || method.cipher.empty()) {
      return AddOpaque(runs, Encrypted() + ": not supported");
    }
    if (!open && sink_.secrets().empty()) {
      return AddOpaque(runs, Encrypted());
    }
    const auto key = keys_.Find();
    if (!key) {
      return AddOpaque(runs,
                       fmt::format("{}: {}", Encrypted(), key.error().what));
    }
    auto cipher = key->size() == method.key
                      ? sealed::SectorCipher::Make(method.cipher, *key)
                      : Fail(ErrorCode::kMalformed,
                             fmt::format("a key of {} bytes", key->size()));
    if (!cipher) {
      return AddOpaque(runs,
                       fmt::format("{}: {}", Encrypted(), cipher.error().what));
    }
    for (const Range& run : runs) {
      coverage_.ClaimFree(run, RegionUse::kMember, sink_);
      // Whatever lies here unencrypted decrypts to noise.
      sink_.PassOver(run);
    }
    bitlocker::DeviceStream stream(source_, volume_, std::move(*cipher));
    return sink_.AddStream({.name = "payload", .meta = Notes()}, stream);
  }

  // The runs of encrypted bytes, and those that are not encrypted yet.
  Result<void> AddOpaque(const std::vector<Range>& runs,
                         const std::string& why) {
    for (const Range& run : runs) {
      coverage_.Add(run);
      const std::uint64_t split =
          std::clamp(volume_.encrypted, run.offset, run.end());
      if (split > run.offset) {
        Member member{.name = fmt::format("payload@{:#x}", run.offset),
                      .meta = Notes(),
                      .origin = Range{run.offset, split - run.offset}};
        if (auto ok = sink_.AddOpaque(std::move(member), why); !ok) {
          return ok;
        }
      }
      if (split < run.end()) {
        const Range plain{split, run.end() - split};
        auto content = source_.Slice(plain);
        if (!content) {
          return Fail(content.error());
        }
        Member member{.name = fmt::format("plain@{:#x}", split),
                      .origin = plain,
                      .stored = true};
        if (auto ok = sink_.Add(std::move(member), std::move(*content)); !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  // What a member carries of the headers.
  [[nodiscard]] FileMetadata Notes() const {
    FileMetadata meta;
    const auto note = [&](std::string key, std::string value) {
      if (!value.empty()) {
        meta.xattrs.emplace_back(std::move(key), std::move(value));
      }
    };
    note("bitlocker.volume", volume_.id);
    note("bitlocker.label", volume_.label);
    note("bitlocker.cipher",
         std::string(bitlocker::MethodOf(volume_.method).name));
    return meta;
  }

  const ByteSource& source_;
  const Volume& volume_;
  ArtifactSink& sink_;
  bitlocker::VolumeKeys keys_;
  std::uint64_t end_;
  Coverage coverage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto volume = bitlocker::ReadVolume(source.bytes());
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
constexpr Magic kMagics[] = {
    {bitlocker::kSignature, 3},
    {bitlocker::kIdentifier, bitlocker::kIdentifierAtToGo}};

}  // namespace

extern const Format kBitlocker;
const Format kBitlocker = {
    .name = "bitlocker",
    .title = "BitLocker encrypted volume",
    .reference = "libbde, BitLocker Drive Encryption (BDE) format",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kStructure,
    .depth = "payload",
    .matches = bitlocker::IsVolume,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
