// What NTFS attributes say of a file besides its content.
#pragma once

#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"

namespace assay::formats::ntfs {

// Time of the last change, and the attributes read-only, hidden and system.
void PutStandardInformation(ByteView value, FileMetadata& meta);

// Links become symbolic links; the tag of every reparse point is an xattr.
void PutReparsePoint(ByteView value, FileMetadata& meta);

// Whether the file's content is packed by the Windows Overlay Filter, into a
// stream of its own.
[[nodiscard]] bool IsPackedByOverlay(const FileMetadata& meta);

[[nodiscard]] std::string LabelOf(ByteView value);

}  // namespace assay::formats::ntfs
