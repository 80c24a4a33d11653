// Zip archives that were cut into segments ("name.z01" ... "name.zip") and put
// together again. Layout: PKWARE APPNOTE.TXT 6.3.10, section 8.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/archives/zip_records.h"

namespace assay::formats {

// The signature that the first of several segments begins with (section 8.5.3);
// the value of a data descriptor's.
inline constexpr std::string_view kZipSegmented = kZipDescriptor;

// Where the first local header lies: behind such a signature, if there is one.
[[nodiscard]] std::uint64_t ZipStart(ByteView zip);

// Offsets of local headers count from the start of their segment, and nothing
// says how long a segment is: a segment begins so far in front of its first
// local header, which comes where the last member of the segment before ends.
// Offsets become those in the whole; one that leads nowhere stays as it is.
void JoinZipSegments(ByteView zip, std::vector<ZipEntry>& entries);

}  // namespace assay::formats
