// JPEG images: segments, and scans of entropy-coded data between them, from
// SOI to EOI. Reference: ITU-T T.81, annex B.
//
// Claims: markers, lengths, tables and frame headers are metadata; scans,
// comments and what applications put in are content, in which other content
// (a preview, a profile) is looked for. What follows EOI belongs to no image.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint8_t kStuffed = 0x00;
constexpr std::uint8_t kRestart0 = 0xD0;
constexpr std::uint8_t kRestart7 = 0xD7;
constexpr std::uint8_t kEnd = 0xD9;
constexpr std::uint8_t kScan = 0xDA;
constexpr std::uint8_t kApplication0 = 0xE0;
constexpr std::uint8_t kApplication15 = 0xEF;
constexpr std::uint8_t kComment = 0xFE;

// SOFn, between which the markers of tables lie.
bool IsFrame(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
         marker != 0xCC;
}

bool IsApplication(std::uint8_t marker) {
  return marker >= kApplication0 && marker <= kApplication15;
}

// Whether a segment with a length follows.
bool IsSegment(std::uint8_t marker) {
  return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC8) ||
         (marker >= kScan && marker <= 0xDF) || IsApplication(marker) ||
         marker == kComment;
}

struct Part {
  Range range = {};
  bool content = false;
};

class Walk {
 public:
  explicit Walk(ByteView bytes) : bytes_(bytes) {}

  // Whether EOI was reached, behind a frame and a scan.
  bool Run() {
    bool frame = false;
    bool scan = false;
    Take(2, false);
    while (const auto marker = Marker()) {
      if (*marker == kEnd) {
        Take(2, false);
        return frame && scan;
      }
      if (!Segment(*marker)) {
        return false;
      }
      frame = frame || IsFrame(*marker);
      if (*marker == kScan) {
        scan = true;
        Entropy();
      }
    }
    return false;
  }

  [[nodiscard]] std::uint64_t end() const { return at_; }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  void Take(std::uint64_t length, bool content) {
    if (length > 0) {
      parts_.push_back({{at_, length}, content});
      at_ += length;
    }
  }

  // The marker here, behind fill bytes (B.1.1.2).
  std::optional<std::uint8_t> Marker() {
    while (ReadAt<Be16>(bytes_, at_).value_or(Be16{}) == 0xFFFF) {
      Take(1, false);
    }
    const auto pair = ReadAt<Be16>(bytes_, at_);
    return pair && *pair >> 8U == 0xFF
               ? std::optional(static_cast<std::uint8_t>(*pair & 0xFFU))
               : std::nullopt;
  }

  bool Segment(std::uint8_t marker) {
    const auto length = ReadAt<Be16>(bytes_, at_ + 2);
    if (!IsSegment(marker) || !length || *length < 2 ||
        !Slice(bytes_, at_ + 2, *length)) {
      return false;
    }
    const bool content = IsApplication(marker) || marker == kComment;
    const std::uint64_t data = *length - 2U;
    Take(4, false);
    Take(data, content);
    return true;
  }

  // Up to a marker that is neither stuffed nor a restart.
  void Entropy() {
    const ByteView rest = bytes_.subspan(static_cast<std::size_t>(at_));
    auto here = rest.begin();
    while (true) {
      here = std::find(here, rest.end(), 0xFF);
      if (here == rest.end() || here + 1 == rest.end()) {
        here = rest.end();
        break;
      }
      const std::uint8_t next = *(here + 1);
      if (next != kStuffed && (next < kRestart0 || next > kRestart7)) {
        break;
      }
      here += 2;
    }
    Take(static_cast<std::uint64_t>(here - rest.begin()), true);
  }

  ByteView bytes_;
  std::uint64_t at_ = 0;
  std::vector<Part> parts_;
};

// SOI and the first segment's marker.
bool Matches(ByteView head) {
  const auto start = ReadAt<Be16>(head, 0);
  const auto next = ReadAt<Be16>(head, 2);
  const auto length = ReadAt<Be16>(head, 4);
  return start && next && length && *start == 0xFFD8 && *next >> 8U == 0xFF &&
         IsSegment(static_cast<std::uint8_t>(*next & 0xFFU)) &&
         (*next & 0xFFU) != kScan && *length >= 2;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no JPEG segment");
  }
  Walk walk(bytes);
  if (!walk.Run()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("jpeg: no segment and no end at {}", walk.end()));
  }
  return walk.end();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kMalformed, "no JPEG segment");
  }
  Walk walk(bytes);
  const bool whole = walk.Run();
  for (const Part& part : walk.parts()) {
    sink.Claim(part.range,
               part.content ? RegionUse::kContent : RegionUse::kMetadata);
  }
  if (!whole) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("jpeg: no segment and no end at {}", walk.end()));
  }
  return input.Skip(walk.end());
}

constexpr Magic kMagics[] = {{"\xFF\xD8\xFF", 0}};  // NOLINT: a table
// How encoders begin: with an application's segment or a table.
constexpr Magic kCarved[] = {{"\xFF\xD8\xFF\xE0", 0},  // NOLINT: a table
                             {"\xFF\xD8\xFF\xE1", 0},
                             {"\xFF\xD8\xFF\xE2", 0},
                             {"\xFF\xD8\xFF\xDB", 0},
                             {"\xFF\xD8\xFF\xEE", 0}};

}  // namespace

extern const Format kJpeg;
const Format kJpeg = {
    .name = "jpeg",
    .title = "JPEG image",
    .reference = "ITU-T T.81, annex B",
    .magics = kMagics,
    .carvable = true,
    .carve_magics = kCarved,
    .proof = Proof::kMagic,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
