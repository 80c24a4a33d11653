// What a container or executable format is to Assay: a constant descriptor
// with three functions. Formats are pure: bytes in, claims and members out.
// They know neither disk nor clock nor what their members are used for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"

namespace assay::formats {

// Who a byte of a container belongs to: the ledger's structure axis.
enum class RegionUse : std::uint8_t {
  kMember,    // bytes of a member, stored or encoded
  kMetadata,  // headers, tables, checksums
  kPadding,   // filler with the value the format expects, or one value only
  kSlack,     // inside the container, read by nobody, and not filler
  kUnknown,   // no format claims it
};

struct Region {
  Range range = {};
  RegionUse use = RegionUse::kUnknown;
};

// Something odd or broken that a parser saw; not yet judged.
struct Anomaly {
  // Stable id "format.what", e.g. "tar.checksum-mismatch". The suffixes
  // ".damaged", ".unsupported" and ".limit" are reserved for the engine.
  std::string id = {};
  Range range = {};         // in the container
  std::string detail = {};  // expected against found, one line
};

// One thing inside a container. `name` holds the bytes as stored, verbatim.
struct Member {
  std::string name = {};
  FileMetadata meta = {};
  // Where the member's bytes (stored or encoded) lie in the container.
  std::optional<Range> origin = {};
  // Whether `origin` is the content itself, byte for byte.
  bool stored = false;
};

// The only way to create a child. Implemented by unpack/, which charges the
// budget, digests and examines; a format stops at the first error it returns
// and hands that error on unchanged.
class ArtifactSink {
 public:
  ArtifactSink() = default;
  virtual ~ArtifactSink() = default;
  ArtifactSink(const ArtifactSink&) = delete;
  ArtifactSink& operator=(const ArtifactSink&) = delete;

  // A member whose bytes can be reached in any order.
  [[nodiscard]] virtual Result<void> Add(Member member, ByteSource content) = 0;
  // A member that comes from a decoder; the sink reads `content` to its end,
  // or to the budget's end, before it returns. A decoding error it met is
  // recorded with the member and not returned here.
  [[nodiscard]] virtual Result<void> AddStream(Member member,
                                               ByteStream& content) = 0;
  // A member without content: directory, link, device ...
  [[nodiscard]] virtual Result<void> AddEmpty(Member member) = 0;
  // A member that is there but cannot be decoded: its bytes stay opaque.
  // `why` is one line ("encrypted", "method 99 unsupported").
  [[nodiscard]] virtual Result<void> AddOpaque(Member member,
                                               std::string why) = 0;

  // Claims a part of the container. Members claim their own origin.
  virtual void Claim(Range range, RegionUse use) = 0;
  virtual void Report(Anomaly anomaly) = 0;

  [[nodiscard]] virtual const Limits& limits() const = 0;
};

// Bytes at a fixed place that a format begins with.
struct Magic {
  std::string_view bytes = {};
  std::uint64_t offset = 0;  // from the start of the format
};

struct Format {
  std::string_view name = {};          // "squashfs": in reports and rules
  std::string_view title = {};         // for people
  std::string_view reference = {};     // the specification, with section
  std::span<const Magic> magics = {};  // any one; empty: `matches` alone says
  // Whether the format may be looked for at any offset of a flat image. Such
  // a format has a magic of at least 4 bytes and a `measure`.
  bool carvable = false;
  // How deep we read: "members", "payload", "structure only".
  std::string_view depth = {};

  // Cheap and sure: does `head` (the first Input::kPeekLimit bytes at most)
  // begin with this format? Checks the header's own checksums and ranges.
  bool (*matches)(ByteView head) = nullptr;

  // The exact extent of the format that begins at `bytes`, proven as far as
  // its structure allows. Never more than bytes.size().
  Result<std::uint64_t> (*measure)(ByteView bytes) = nullptr;

  // Gives every member to the sink and claims what lies between. Reads no
  // further than the end of the format: what the input still holds afterwards
  // is the caller's. A format that only marks its structure (ELF) claims and
  // adds no member. Null: recognized, not looked into.
  // An error says why it had to stop; what came before stands.
  Result<void> (*unpack)(Input& input, ArtifactSink& sink) = nullptr;
  // Whether `unpack` needs input.at_rest(); a stream is then spooled first.
  bool random_access = true;
};

// All formats, stricter ones first: the order of detection.
[[nodiscard]] std::span<const Format* const> AllFormats();

// The format that `head` begins with, or null.
[[nodiscard]] const Format* Detect(ByteView head);

// Whether `head` holds one of the format's magics (true when it has none).
[[nodiscard]] bool HasMagic(const Format& format, ByteView head);

#define ASSAY_ENTRY(constant) extern const Format constant;
#include "formats_list.inc"  // generated from the registry in CMakeLists.txt
#undef ASSAY_ENTRY

}  // namespace assay::formats
