// GIF images: a screen, then blocks up to a trailer. Reference: CompuServe
// GIF89a specification, sections 15 to 27.
//
// Claims: descriptors, color tables, sizes of sub-blocks and terminators are
// metadata; pixels and what extensions carry are content. What follows the
// trailer belongs to no image.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Screen {
  std::array<char, 6> version = {};
  Le16 width, height;
  std::uint8_t flags = 0;
  std::uint8_t background = 0;
  std::uint8_t aspect = 0;
};
static_assert(sizeof(Screen) == 13 && FileStruct<Screen>);

struct Image {
  std::uint8_t introducer = 0;
  Le16 left, top, width, height;
  std::uint8_t flags = 0;
};
static_assert(sizeof(Image) == 10 && FileStruct<Image>);

constexpr std::uint8_t kImage = 0x2C;
constexpr std::uint8_t kExtension = 0x21;
constexpr std::uint8_t kTrailer = 0x3B;

// Bytes of the color table that the flags announce.
std::uint64_t ColorTable(std::uint8_t flags) {
  const unsigned bits = (flags & 7U) + 1;
  return (flags & 0x80U) != 0 ? 3ULL << bits : 0;
}

std::optional<Screen> ScreenOf(ByteView bytes) {
  const auto screen = ReadAt<Screen>(bytes, 0);
  if (!screen || screen->width == 0 || screen->height == 0) {
    return std::nullopt;
  }
  const std::string_view version(screen->version.data(),
                                 screen->version.size());
  return version == "GIF87a" || version == "GIF89a" ? screen : std::nullopt;
}

// Walks over the blocks and notes which bytes are content, in order; all
// others up to `end` are metadata.
class Walk {
 public:
  explicit Walk(ByteView bytes) : bytes_(bytes) {}

  // Whether the trailer was reached, behind at least one image.
  bool Run(const Screen& screen) {
    end_ = sizeof(Screen) + ColorTable(screen.flags);
    bool seen = false;
    while (const auto introducer = ReadAt<std::uint8_t>(bytes_, end_)) {
      if (*introducer == kTrailer) {
        ++end_;
        return seen;
      }
      if (!(*introducer == kImage
                ? TakeImage(screen)
                : *introducer == kExtension && SubBlocks(2))) {
        return false;
      }
      seen = seen || *introducer == kImage;
    }
    return false;
  }

  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] const std::vector<Range>& content() const { return content_; }

 private:
  bool TakeImage(const Screen& screen) {
    const auto image = ReadAt<Image>(bytes_, end_);
    if (!image || image->left + image->width > screen.width ||
        image->top + image->height > screen.height) {
      return false;
    }
    const std::uint64_t head = sizeof(Image) + ColorTable(image->flags);
    const auto code_size = ReadAt<std::uint8_t>(bytes_, end_ + head);
    return code_size && *code_size >= 1 && *code_size <= 11 &&
           SubBlocks(head + 1);
  }

  // Sub-blocks that begin so many bytes further, up to an empty one.
  bool SubBlocks(std::uint64_t head) {
    std::uint64_t at = end_ + head;
    while (const auto size = ReadAt<std::uint8_t>(bytes_, at)) {
      if (!Slice(bytes_, at + 1, *size)) {
        return false;
      }
      if (*size == 0) {
        end_ = at + 1;
        return true;
      }
      content_.push_back({at + 1, *size});
      at += 1 + std::uint64_t{*size};
    }
    return false;
  }

  ByteView bytes_;
  std::uint64_t end_ = 0;
  std::vector<Range> content_;
};

bool Matches(ByteView head) {
  const auto screen = ScreenOf(head);
  if (!screen) {
    return false;
  }
  const auto next =
      ReadAt<std::uint8_t>(head, sizeof(Screen) + ColorTable(screen->flags));
  return next && (*next == kImage || *next == kExtension);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto screen = ScreenOf(bytes);
  if (!screen) {
    return Fail(ErrorCode::kNotThisFormat, "no GIF screen");
  }
  Walk walk(bytes);
  if (!walk.Run(*screen)) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("gif: no whole block at {}", walk.end()));
  }
  return walk.end();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto screen = ScreenOf(bytes);
  if (!screen) {
    return Fail(ErrorCode::kMalformed, "no GIF screen");
  }
  Walk walk(bytes);
  const bool whole = walk.Run(*screen);
  const std::uint64_t end = std::min<std::uint64_t>(walk.end(), bytes.size());
  std::uint64_t at = 0;
  for (const Range& part : walk.content()) {
    if (part.end() > end) {
      break;  // of a block that does not end
    }
    sink.Claim({at, part.offset - at}, RegionUse::kMetadata);
    sink.Claim(part, RegionUse::kContent);
    at = part.end();
  }
  sink.Claim({at, end - at}, RegionUse::kMetadata);
  if (!whole) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("gif: no whole block at {}", walk.end()));
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"GIF87a", 0}, {"GIF89a", 0}};  // NOLINT: a table

}  // namespace

extern const Format kGif;
const Format kGif = {
    .name = "gif",
    .title = "GIF image",
    .reference = "CompuServe GIF89a, sections 15 to 27",
    .magics = kMagics,
    .carvable = true,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
