// Archives written by libarchive: a second opinion on what our parsers read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"

namespace assay::testing {

struct ArchivedFile {
  std::string name = {};
  FileMetadata meta = {};  // mode, uid, gid and mtime are always set
  std::string content = {};
};

// `format` as bsdtar(1) names it ("ustar", "pax", "gnutar", "v7tar", "newc",
// "odc", "zip", "arbsd", "argnu"); `options` as archive_write_set_options(3).
// Aborts the test program when libarchive refuses.
[[nodiscard]] Bytes WriteArchive(const std::string& format,
                                 const std::vector<ArchivedFile>& files,
                                 const std::string& options = {});

// Files of every type, with long names, a setuid bit and odd sizes. `links`:
// also a hard link, a symbolic link, a device and a FIFO.
[[nodiscard]] std::vector<ArchivedFile> SomeFiles(bool links);

}  // namespace assay::testing
