// Single members of a zip archive, for readers that want a few of them by
// name. The central directory is believed, as Android and Java's ZipFile do.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/zip_records.h"

namespace assay::formats {

// Cheap: whether the bytes begin with a member or end with an end record that
// has no comment.
[[nodiscard]] bool LooksLikeZip(ByteView bytes);

// The central headers in their order, at most `most` of them.
[[nodiscard]] std::vector<ZipEntry> ReadZipEntries(
    ByteView zip, const ZipDirectory& directory, std::uint64_t most);

// Where the data of a member lie that a central header describes.
[[nodiscard]] std::optional<Range> FindZipData(ByteView zip,
                                               const ZipDirectory& directory,
                                               const ZipEntry& entry);

// The content of a stored or deflated member, whose size must be right:
// kLimit past `ceiling` bytes, kUnsupported for encryption and other methods.
[[nodiscard]] Result<Bytes> ReadZipMember(ByteView zip,
                                          const ZipDirectory& directory,
                                          const ZipEntry& entry,
                                          std::uint64_t ceiling);

}  // namespace assay::formats
