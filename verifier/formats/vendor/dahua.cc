// Dahua firmware: a ZIP archive whose first two bytes are "DH" instead of "PK".
// Layout: binwalk 3, src/signatures/dahua_zip.rs; for the local header
// PKWARE APPNOTE 6.3.10, section 4.3.7.

#include <algorithm>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct LocalHeader {
  Le32 signature;
  Le16 version, flags, method, time, date;
  Le32 crc, packed, size;
  Le16 name_size, extra_size;
};
static_assert(sizeof(LocalHeader) == 30 && FileStruct<LocalHeader>);

constexpr std::uint32_t kSignature = 0x04034844;  // "DH\3\4"
constexpr std::uint16_t kNewestVersion = 63;

bool Matches(ByteView head) {
  const auto header = ReadAt<LocalHeader>(head, 0);
  if (!header || header->signature != kSignature ||
      header->version > kNewestVersion ||
      (header->method != 0 && header->method != 8) || header->name_size == 0 ||
      header->name_size > 256) {
    return false;
  }
  const auto name = Slice(head, sizeof(LocalHeader), header->name_size);
  return name && std::all_of(name->begin(), name->end(), [](std::uint8_t c) {
           return c >= 0x20 && c != 0x7F;
         });
}

// The archive as it was before its first letters were changed.
class Archive : public ByteStream {
 public:
  explicit Archive(ByteView bytes) : bytes_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - at_);
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      into[i] = at_ == 0 ? 'P' : at_ == 1 ? 'K' : bytes_[at_];
    }
    return count;
  }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kMalformed, "dahua: no local header");
  }
  Archive archive(bytes);
  if (auto ok = sink.AddStream(
          {.name = "archive.zip", .origin = Range{0, bytes.size()}}, archive);
      !ok) {
    return ok;
  }
  return input.Skip(bytes.size());
}

constexpr Magic kMagics[] = {{"DH\x03\x04", 0}};  // NOLINT: a table

}  // namespace

extern const Format kDahua;
const Format kDahua = {
    .name = "dahua",
    .title = "Dahua firmware (disguised ZIP)",
    .reference = "binwalk 3, src/signatures/dahua_zip.rs",
    .magics = kMagics,
    .depth = "payload",
    .matches = Matches,
    .unpack = Unpack,
};

}  // namespace assay::formats
