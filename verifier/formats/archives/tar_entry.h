// One member of a tar archive, put together from its header and the extended
// headers before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/result.h"
#include "verifier/formats/archives/tar_header.h"
#include "verifier/formats/archives/tar_pax.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// What the headers before a member have said about it.
struct TarExtensions {
  bool any = false;
  PaxAttributes pax = {};
  std::optional<std::string> gnu_name = {};
  std::optional<std::string> gnu_link = {};
};

// A member as all its headers describe it.
struct TarEntry {
  std::uint64_t at = 0;
  char type = '0';
  std::uint64_t size = 0;  // stored bytes that follow
  Member member = {};
};

// pax records come before GNU long names, these before the header, as in
// every reader; where they contradict each other the sink is told
// ("tar.size-mismatch", "tar.name-mismatch", "tar.bad-number"). Of `global`
// only owner, group and time count. `size` is the header's. kMalformed when
// the size passes 2^63 - 1.
[[nodiscard]] Result<TarEntry> MakeTarEntry(
    const TarHeader& header, std::uint64_t size, std::uint64_t at,
    const TarExtensions& said, const PaxAttributes& global, ArtifactSink& sink);

}  // namespace assay::formats
