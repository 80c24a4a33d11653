// What the headers of a zip member say about it besides where it lies.
// Layout: PKWARE APPNOTE.TXT 6.3.10, section 4.4; Info-ZIP's extra fields
// 0x5455 (time) and 0x7875 (owner), proginfo/extrafld.txt.
#pragma once

#include <string>

#include "verifier/base/file_metadata.h"
#include "verifier/formats/archives/zip_records.h"

namespace assay::formats {

// Mode and type from the external attributes when a Unix system made the
// entry; time and owner from the extra fields of either header. A time
// without zone (DOS) is taken as UTC. `local` may be null.
[[nodiscard]] FileMetadata ZipMetadata(const ZipEntry& entry,
                                       const ZipEntry* local);

// The fields in which the two headers of a member differ, with both values;
// empty when they agree.
[[nodiscard]] std::string ZipDifferences(const ZipEntry& central,
                                         const ZipEntry& local);

}  // namespace assay::formats
