// What a 7z archive says about a file besides its content.
#pragma once

#include "verifier/base/file_metadata.h"
#include "verifier/formats/archives/sevenzip_header.h"

namespace assay::formats::sevenzip {

// The upper half of the attributes is a Unix mode where bit 15 says so.
[[nodiscard]] FileMetadata MetadataOf(const File& file);

}  // namespace assay::formats::sevenzip
