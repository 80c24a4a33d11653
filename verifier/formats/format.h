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
#include "verifier/base/secrets.h"

namespace assay::formats {

// Who a byte of a container belongs to: the ledger's structure axis.
enum class RegionUse : std::uint8_t {
  kMember,    // bytes of a member, stored or encoded
  kContent,   // the container's own: code and data of an executable that also
              // has members; examined with the container as a whole
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
  // Names bytes that are claimed, but that every reader passes over: a comment,
  // an extra field, a skippable frame. Content is looked for in them.
  virtual void PassOver(Range /*range*/) {}
  virtual void Report(Anomaly anomaly) = 0;

  [[nodiscard]] virtual const Limits& limits() const = 0;
  // What the user gave to open encrypted content with; empty unless given.
  [[nodiscard]] virtual const Secrets& secrets() const { return kNoSecrets; }

 private:
  inline static const Secrets kNoSecrets = {};
};

// Bytes at a fixed place that a format begins with.
struct Magic {
  std::string_view bytes = {};
  std::uint64_t offset = 0;  // from the start of the format
};

// How much a `matches` that said yes has proven; what is proven better comes
// first when several formats fit the same bytes.
enum class Proof : std::uint8_t {
  kChecksum,   // a checksum of the header holds
  kStructure,  // a long magic, or fields that agree with each other
  kMagic,      // a short magic and plausible fields
  kWeak,       // hardly more than chance: a boot sector, an old tar
};

struct Format {
  std::string_view name = {};          // "squashfs": in reports and rules
  std::string_view title = {};         // for people
  std::string_view reference = {};     // the specification, with section
  std::span<const Magic> magics = {};  // any one; empty: `matches` alone says
  // Formats that the same bytes are on purpose, such as the PE program that a
  // Linux kernel with an EFI stub is: no polyglot.
  std::span<const std::string_view> also = {};
  // Whether the format may be looked for at any offset of a flat image. Such
  // a format has a magic of at least 4 bytes and a `measure`.
  bool carvable = false;
  // What to look for then, where `magics` are none or too short for that;
  // empty: them.
  std::span<const Magic> carve_magics = {};
  Proof proof = Proof::kStructure;
  // How deep we read: "members", "payload", "structure only", "recognized".
  std::string_view depth = {};

  // Cheap and sure: does `head` (the first Input::kPeekLimit bytes at most)
  // begin with this format? Checks the header's own checksums and ranges.
  bool (*matches)(ByteView head) = nullptr;

  // For formats that are known by their end (a footer, a trailing signature):
  // do all of these bytes, to the last, belong to one? Such a format is asked
  // before those that are known by their beginning, and only about bytes at
  // rest; `matches` is then null, and `unpack` gives what the footer is about
  // as a member.
  bool (*matches_end)(ByteView bytes) = nullptr;

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

// A format lives in a file of its own, and only the generated registry and its
// test name it: each declares it for itself (`extern const Format kUimage;`),
// so that a new format does not rebuild the others.

// All formats, the better proven ones first: the order of detection.
[[nodiscard]] std::span<const Format* const> AllFormats();

// The format that `head` begins with, or null.
[[nodiscard]] const Format* Detect(ByteView head);

// The format that `bytes` end with (Format::matches_end), or null.
[[nodiscard]] const Format* DetectEnd(ByteView bytes);

// Whether `head` holds one of the format's magics (true when it has none).
[[nodiscard]] bool HasMagic(const Format& format, ByteView head);

}  // namespace assay::formats
