// GUID partition table: protective MBR, primary table in sector 1, backup in
// the last sector; sectors of 512 or 4096 bytes.
// Layout: UEFI Specification 2.10, section 5.3.
//
// Claims: MBR, headers and entry arrays are metadata, partitions are members
// by reference; gaps between them are padding when zero, else slack.

#include "verifier/formats/disks/gpt_disk.h"
#include "verifier/formats/disks/gpt_table.h"
#include "verifier/formats/disks/partition_map.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

bool Matches(ByteView head) {
  const bool intact = disks::ReadGptHeader(head, 1, 512).has_value() ||
                      disks::ReadGptHeader(head, 1, 4096).has_value();
  return intact && !disks::HoldsIso(head);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  return disks::UnpackGpt(input.source(), sink);
}

constexpr Magic kMagics[] = {{"EFI PART", 512},  // NOLINT: a table
                             {"EFI PART", 4096}};

}  // namespace

extern const Format kGpt;
const Format kGpt = {
    .name = "gpt",
    .title = "GUID partition table",
    .reference = "UEFI Specification 2.10, section 5.3",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = disks::MeasureGpt,
    .unpack = Unpack,
};

}  // namespace assay::formats
