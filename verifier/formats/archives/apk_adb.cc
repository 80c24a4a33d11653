// Alpine packages of version 3 (OpenWrt 25 too): "ADB." and blocks, one with
// the metadata, signatures, and one with the content of each file; or all of
// that packed ("ADBd" deflate, "ADBc" as the next two bytes say), which is
// then a member of its own. Scripts are members, since installing runs them.
//
// Reference: apk-tools 3.0, doc/apk-v3.5.scd; src/adb.h (blocks, header),
// src/apk_adb.h (fields), src/adb_comp.c (packing).

#include <array>
#include <string>
#include <utility>

#include "verifier/formats/archives/apk_adb_package.h"
#include "verifier/formats/codecs/inflate_stream.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint32_t kPlain = 0x4144422e;     // "ADB."
constexpr std::uint32_t kDeflated = 0x41444264;  // "ADBd"
constexpr std::uint32_t kPacked = 0x41444263;    // "ADBc", algorithm, level
constexpr std::uint8_t kPackedNone = 0;
constexpr std::uint8_t kPackedDeflate = 1;
constexpr std::uint8_t kPackedZstd = 2;
constexpr std::uint8_t kHighestLevel = 22;
constexpr std::uint64_t kPackedHeader = 6;

// Whether deflate data begin with a plain file.
bool DeflatesPlain(ByteView packed) {
  Input input(ByteSource::Borrow(packed));
  InflateStream stream(input, "deflate", InflateStream::Frame::kNone);
  std::array<std::uint8_t, 4> start = {};
  const auto count = stream.Read(start);
  return count && *count == start.size() && *ReadAt<Be32>(start, 0) == kPlain;
}

bool Matches(ByteView head) {
  const auto magic = ReadAt<Be32>(head, 0);
  if (!magic || head.size() < kPackedHeader) {
    return false;
  }
  if (*magic == kDeflated) {
    return DeflatesPlain(head.subspan(sizeof(Be32)));
  }
  if (*magic != kPacked || head[5] > kHighestLevel) {
    return *magic == kPlain && IsAdbFile(head);
  }
  const ByteView packed = head.subspan(kPackedHeader);
  const auto start = ReadAt<Le32>(packed, 0);
  return (head[4] == kPackedNone && IsAdbFile(packed)) ||
         (head[4] == kPackedDeflate && DeflatesPlain(packed)) ||
         (head[4] == kPackedZstd && start && *start == 0xfd2fb528U);
}

// What is packed is the plain file.
Result<void> UnpackDeflated(Input& input, std::uint64_t header,
                            ArtifactSink& sink) {
  sink.Claim({0, header}, RegionUse::kMetadata);
  if (auto ok = input.Skip(header); !ok) {
    return ok;
  }
  InflateStream stream(input, "deflate", InflateStream::Frame::kNone);
  return sink.AddStream({.name = "package.adb"}, stream);
}

Result<void> UnpackStored(Input& input, std::string name, ArtifactSink& sink) {
  sink.Claim({0, kPackedHeader}, RegionUse::kMetadata);
  if (auto ok = input.Skip(kPackedHeader); !ok) {
    return ok;
  }
  auto rest = input.TakeRest();
  if (!rest) {
    return Fail(rest.error());
  }
  return sink.Add({.name = std::move(name),
                   .origin = Range{kPackedHeader, rest->size()},
                   .stored = true},
                  std::move(*rest));
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto head = input.Peek(Input::kPeekLimit);
  if (!head) {
    return Fail(head.error());
  }
  if (!Matches(*head)) {
    return Fail(ErrorCode::kMalformed, "no intact ADB header");
  }
  const std::uint32_t magic = *ReadAt<Be32>(*head, 0);
  if (magic == kPlain) {
    return UnpackAdbFile(input, sink);
  }
  const std::uint8_t algorithm = (*head)[4];
  if (magic == kDeflated || algorithm == kPackedDeflate) {
    return UnpackDeflated(
        input, magic == kDeflated ? sizeof(Be32) : kPackedHeader, sink);
  }
  return UnpackStored(
      input, algorithm == kPackedZstd ? "package.adb.zst" : "package.adb",
      sink);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{"ADB.", 0}, {"ADBd", 0}, {"ADBc", 0}};

}  // namespace

extern const Format kApkAdb;
const Format kApkAdb = {
    .name = "apk_adb",
    .title = "Alpine package, version 3 (ADB)",
    .reference = "apk-tools 3.0, doc/apk-v3.5.scd",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
