// PNG images: chunks in a row, each with its CRC. Reference: W3C PNG (third
// edition), sections 5 and 11.
//
// Claims: chunk heads, CRCs and the short chunks that describe the image are
// metadata; pixels, texts and chunks that the specification does not know are
// content, in which other content is looked for as in any file. What follows
// IEND belongs to no image.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";

struct Head {
  Be32 length;
  std::array<char, 4> type = {};
};
static_assert(sizeof(Head) == 8 && FileStruct<Head>);

constexpr std::uint64_t kAround = sizeof(Head) + sizeof(Be32);  // with the CRC
constexpr std::uint32_t kMostLength = 0x7FFFFFFF;

struct Chunk {
  std::string_view type = {};
  std::uint64_t at = 0;
  ByteView checked = {};  // type and data
  std::uint32_t crc = 0;

  [[nodiscard]] Range data() const {
    return {at + sizeof(Head), checked.size() - 4};
  }
  [[nodiscard]] std::uint64_t end() const {
    return at + kAround + data().length;
  }
  [[nodiscard]] bool IsIntact() const { return Crc32(checked) == crc; }
};

bool IsLetter(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}

// Nothing when no chunk lies there, or not wholly.
std::optional<Chunk> ChunkAt(ByteView bytes, std::uint64_t at) {
  const auto head = ReadAt<Head>(bytes, at);
  if (!head || head->length > kMostLength ||
      !std::all_of(head->type.begin(), head->type.end(), IsLetter)) {
    return std::nullopt;
  }
  const auto checked =
      Slice(bytes, at + sizeof(Be32), std::uint64_t{head->length} + 4);
  const auto crc = ReadAt<Be32>(bytes, at + sizeof(Head) + head->length);
  if (!checked || !crc) {
    return std::nullopt;
  }
  return Chunk{AsText(checked->first(4)), at, *checked, *crc};
}

// The header, which must come first and be intact.
std::optional<Chunk> HeaderOf(ByteView bytes) {
  const auto chunk = ChunkAt(bytes, kSignature.size());
  constexpr std::uint64_t kHeaderLength = 13;
  return chunk && chunk->type == "IHDR" &&
                 chunk->data().length == kHeaderLength && chunk->IsIntact()
             ? chunk
             : std::nullopt;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  auto chunk = HeaderOf(bytes);
  if (!chunk) {
    return Fail(ErrorCode::kNotThisFormat, "no PNG header");
  }
  while (chunk->type != "IEND") {
    const std::uint64_t next = chunk->end();
    chunk = ChunkAt(bytes, next);
    if (!chunk) {
      return Fail(
          ErrorCode::kTruncated,
          fmt::format("png: no whole chunk at {}, and no IEND so far", next));
    }
  }
  return chunk->end();
}

// Chunks of some bytes that say how to show the image.
bool Describes(std::string_view type) {
  constexpr std::array<std::string_view, 17> kTypes = {
      "IHDR", "PLTE", "IEND", "tRNS", "gAMA", "cHRM", "pHYs", "tIME", "sRGB",
      "bKGD", "sBIT", "hIST", "acTL", "fcTL", "cICP", "mDCV", "cLLI"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

void Account(const Chunk& chunk, ArtifactSink& sink) {
  sink.Claim({chunk.at, sizeof(Head)}, RegionUse::kMetadata);
  sink.Claim(chunk.data(), Describes(chunk.type) ? RegionUse::kMetadata
                                                 : RegionUse::kContent);
  sink.Claim({chunk.data().end(), sizeof(Be32)}, RegionUse::kMetadata);
  if (!chunk.IsIntact()) {
    sink.Report(
        {.id = "png.crc-mismatch",
         .range = {chunk.at, kAround + chunk.data().length},
         .detail = fmt::format("{}: {:08x} is stated, the chunk gives "
                               "{:08x}",
                               chunk.type, chunk.crc, Crc32(chunk.checked))});
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  sink.Claim({0, std::min<std::uint64_t>(kSignature.size(), bytes.size())},
             RegionUse::kMetadata);
  std::uint64_t at = kSignature.size();
  while (const auto chunk = ChunkAt(bytes, at)) {
    Account(*chunk, sink);
    at = chunk->end();
    if (chunk->type == "IEND") {
      return input.Skip(at);
    }
  }
  return Fail(ErrorCode::kTruncated,
              fmt::format("png: no whole chunk at {}, and no IEND so far", at));
}

constexpr Magic kMagics[] = {{kSignature, 0}};  // NOLINT: a table

}  // namespace

extern const Format kPng;
const Format kPng = {
    .name = "png",
    .title = "PNG image",
    .reference = "W3C Portable Network Graphics, third edition, sections 5, 11",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
