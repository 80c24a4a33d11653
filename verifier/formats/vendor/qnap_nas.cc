// QNAP NAS firmware: an image whose first part is encrypted, and a footer.
// Layout: unblob, handlers/archive/qnap/_qnap.py (struct qnap_header).

#include <array>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

using Text = std::array<std::uint8_t, 16>;

struct Footer {
  std::array<std::uint8_t, 6> magic = {};
  Le32 encrypted;  // how much of the file's start
  Text device = {}, version = {}, date = {}, revision = {};
};
static_assert(sizeof(Footer) == 74 && FileStruct<Footer>);

std::optional<Footer> FooterOf(ByteView bytes) {
  if (bytes.size() < sizeof(Footer)) {
    return std::nullopt;
  }
  auto footer = ReadAt<Footer>(bytes, bytes.size() - sizeof(Footer));
  if (!footer || AsText(footer->magic) != "icpnas" || footer->encrypted == 0 ||
      footer->encrypted > bytes.size() - sizeof(Footer) ||
      !IsPrintableField(footer->device) || !IsPrintableField(footer->version) ||
      !IsPrintableField(footer->date) || !IsPrintableField(footer->revision) ||
      footer->device[0] == 0) {
    return std::nullopt;
  }
  return footer;
}

bool MatchesEnd(ByteView bytes) {
  return FooterOf(bytes).has_value();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const std::uint64_t size = input.source().size();
  const auto footer = FooterOf(input.source().bytes());
  if (!footer) {
    return Fail(ErrorCode::kMalformed, "qnap_nas: no footer at the end");
  }
  PartLayout layout(input, "qnap_nas", sink);
  const std::uint64_t end = size - sizeof(Footer);
  layout.Metadata({end, sizeof(Footer)});
  if (auto ok =
          layout.AddOpaque("encrypted", {0, footer->encrypted}, "encrypted");
      !ok) {
    return ok;
  }
  if (footer->encrypted < end) {
    if (auto ok =
            layout.Add("rest", {footer->encrypted, end - footer->encrypted});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(size);
}

}  // namespace

extern const Format kQnapNas;
const Format kQnapNas = {
    .name = "qnap_nas",
    .title = "QNAP NAS firmware",
    .reference = "unblob, handlers/archive/qnap/_qnap.py",
    .depth = "recognized",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
