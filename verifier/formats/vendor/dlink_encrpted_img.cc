// D-Link firmware encrypted with AES-256-CBC ("encrpted_img").
// Layout: unblob, handlers/archive/dlink/encrpted_img.py.

#include <array>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 12> magic = {};
  Be32 size;  // of what follows
};
static_assert(sizeof(Header) == 16 && FileStruct<Header>);

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != "encrpted_img" || header->size == 0 ||
      header->size % 16 != 0) {
    return std::nullopt;
  }
  return header;
}

std::uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.size};
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no encrpted_img header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "dlink_encrpted_img: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_encrpted_img: no header");
  }
  PartLayout layout(input, "dlink_encrpted_img", sink);
  layout.Metadata({0, sizeof(Header)});
  if (auto ok = layout.AddOpaque("payload", {sizeof(Header), header->size},
                                 "encrypted (AES-256-CBC)");
      !ok) {
    return ok;
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"encrpted_img", 0}};

}  // namespace

extern const Format kDlinkEncrptedImg;
const Format kDlinkEncrptedImg = {
    .name = "dlink_encrpted_img",
    .title = "D-Link encrypted firmware (encrpted_img)",
    .reference = "unblob, handlers/archive/dlink/encrpted_img.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "recognized",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
