// Netgear DNI: 128 bytes of text in front of an image, and a sum behind it.
// Layout: OpenWrt firmware-utils, mkdniimg.c.
//
// The header states no size: the file is all of it. The last byte makes all
// bytes of the file add up to 255.

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kHeader = 128;

bool Matches(ByteView head) {
  const auto header = Slice(head, 0, kHeader);
  if (!header || head.size() <= kHeader) {
    return false;
  }
  const std::string_view text = UntilNul(*header);
  for (const char c : text) {
    if ((c < 0x20 || c > 0x7E) && c != '\n') {
      return false;
    }
  }
  return text.substr(0, 7) == "device:" &&
         text.find("\nversion:V") != std::string_view::npos &&
         text.find("\nregion:") != std::string_view::npos &&
         AllAre(header->subspan(text.size()), 0);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kMalformed, "netgear_dni: no header");
  }
  PartLayout layout(input, "netgear_dni", sink);
  layout.Metadata({0, kHeader});
  layout.Metadata({bytes.size() - 1, 1});
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) {
    sum += byte;
  }
  if ((sum & 0xFFU) != 0xFF) {
    layout.Report(
        "checksum-mismatch", {bytes.size() - 1, 1},
        fmt::format("all bytes add up to {}, not to 255", sum & 0xFFU));
  }
  if (auto ok = layout.Add("payload", {kHeader, bytes.size() - kHeader - 1});
      !ok) {
    return ok;
  }
  return layout.Finish(bytes.size());
}

constexpr Magic kMagics[] = {{"device:", 0}};  // NOLINT: a table

}  // namespace

extern const Format kNetgearDni;
const Format kNetgearDni = {
    .name = "netgear_dni",
    .title = "Netgear DNI firmware image",
    .reference = "OpenWrt firmware-utils, mkdniimg.c",
    .magics = kMagics,
    .depth = "payload",
    .matches = Matches,
    .unpack = Unpack,
};

}  // namespace assay::formats
