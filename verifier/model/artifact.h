// A node of the unpacked product: the product itself, a member of a
// container, a decoded stream or a carved part.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/base/file_metadata.h"

namespace assay {

using ArtifactId = std::uint32_t;
inline constexpr ArtifactId kNoArtifact =
    std::numeric_limits<ArtifactId>::max();

// The ledger's structure axis: which role a byte plays in its container.
enum class Structure : std::uint8_t {
  kContent,   // content of a leaf: nothing more inside
  kMember,    // handed on to a child
  kMetadata,  // headers, tables, checksums
  kPadding,   // filler
  kSlack,     // inside the container, read by nobody, and not filler
  kUnknown,   // claimed by no format
};

// The ledger's examination axis.
enum class Examination : std::uint8_t {
  kParsed,   // a format or fact extractor understood it
  kScanned,  // digests and patterns only
  kOpaque,   // encrypted, unsupported, damaged, over a limit
};

// The words of rules and reports: "symlink", "metadata", "opaque".
[[nodiscard]] std::string_view NameOf(FileType type);
[[nodiscard]] std::string_view NameOf(Structure structure);
[[nodiscard]] std::string_view NameOf(Examination examination);

struct StructureRange {
  Range range = {};
  Structure role = Structure::kUnknown;
};

// Something odd or broken that unpacking saw; rules judge it.
struct AnomalyRecord {
  std::string id = {};  // "tar.checksum-mismatch"
  Range range = {};
  std::string detail = {};
};

struct Artifact {
  ArtifactId id = 0;  // its place in the tree, depth first
  ArtifactId parent = kNoArtifact;
  std::uint32_t depth = 0;
  // The address: names from the product down, joined by "!/", each escaped
  // (base/text.h) and unique among its siblings ("#2" marks a second one).
  // "router.bin!/rootfs.squashfs!/etc/passwd"
  std::string path = {};
  std::string name = {};  // as the container stores it, raw bytes
  // Name inside its file system or archive, normalised: "etc/passwd".
  std::string inner_path = {};
  std::string format = {};  // Format::name, "directory", "" when none
  std::uint64_t size = 0;
  std::vector<Digest> digests = {};  // SHA-256 first; empty without content
  FileMetadata meta = {};
  // The part of the parent that holds this one's bytes.
  std::optional<Range> origin = {};
  bool stored = false;       // origin holds the content byte for byte
  bool has_content = false;  // false for directories, links, devices
  // A partition of [0, size) in order; a leaf is one kContent range.
  std::vector<StructureRange> structure = {};
  Examination examination = Examination::kScanned;
  std::string opaque_reason = {};  // why, when examination is kOpaque
  std::vector<AnomalyRecord> anomalies = {};
  std::optional<double> entropy = {};  // bits per byte, leaves from 1 KiB on
  // Its names, digests and what is said of it were taken out for disclosure.
  bool redacted = false;

  // "" when not computed.
  [[nodiscard]] std::string HexOf(DigestAlgorithm algorithm) const {
    for (const Digest& digest : digests) {
      if (digest.algorithm == algorithm) {
        return digest.hex;
      }
    }
    return {};
  }
  [[nodiscard]] std::string sha256() const {
    return HexOf(DigestAlgorithm::kSha256);
  }
};

}  // namespace assay
