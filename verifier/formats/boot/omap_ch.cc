// First boot stage of TI OMAP and Sitara (MLO): a configuration header (CH) of
// 512 bytes, size and address, and the program.
// Layout: U-Boot tools/omapimage.h (struct ch_toc) and tools/gpheader.h;
// TI AM335x Technical Reference Manual, "Image Format".

#include <array>
#include <cstdint>
#include <string_view>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Section {
  Le32 offset, size;
  std::array<std::uint8_t, 12> unused = {};
  std::array<std::uint8_t, 12> name = {};
};
static_assert(sizeof(Section) == 32 && FileStruct<Section>);

struct Program {
  Le32 size;  // with this
  Le32 address;
};
static_assert(sizeof(Program) == 8 && FileStruct<Program>);

constexpr std::uint64_t kHeader = 512;

// The program's size, where a header stands in front of it.
std::optional<std::uint64_t> ProgramSize(ByteView bytes) {
  const auto first = ReadAt<Section>(bytes, 0);
  const auto last = Slice(bytes, sizeof(Section), sizeof(Section));
  const auto program = ReadAt<Program>(bytes, kHeader);
  if (!first || !last || !program || UntilNul(first->name) != "CHSETTINGS" ||
      !AllAre(first->unused, 0) || !AllAre(*last, 0xFF) ||
      first->offset < 2 * sizeof(Section) || first->offset > kHeader ||
      first->size > kHeader - first->offset ||
      program->size <= sizeof(Program) || program->size > (64U << 20U)) {
    return std::nullopt;
  }
  return program->size - sizeof(Program);
}

bool Matches(ByteView head) {
  return ProgramSize(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto size = ProgramSize(bytes);
  if (!size) {
    return Fail(ErrorCode::kNotThisFormat, "no CHSETTINGS");
  }
  const std::uint64_t end = kHeader + sizeof(Program) + *size;
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "omap_ch: the program is cut short");
  }
  return end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto size = ProgramSize(input.source().bytes());
  if (!size) {
    return Fail(ErrorCode::kMalformed, "omap_ch: no CHSETTINGS");
  }
  PartLayout layout(input, "omap_ch", sink);
  const Range program{kHeader + sizeof(Program), *size};
  const auto first = *ReadAt<Section>(input.source().bytes(), 0);
  layout.Metadata({0, 2 * sizeof(Section)});
  layout.Metadata({first.offset, first.size});
  layout.Metadata({kHeader, sizeof(Program)});
  if (auto ok = layout.Add("payload", program); !ok) {
    return ok;
  }
  return layout.Finish(program.end());
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("CHSETTINGS\0\0", 12), 20}};

}  // namespace

extern const Format kOmapCh;
const Format kOmapCh = {
    .name = "omap_ch",
    .title = "TI OMAP or Sitara first boot stage (MLO)",
    .reference = "U-Boot tools/omapimage.h, struct ch_toc",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
