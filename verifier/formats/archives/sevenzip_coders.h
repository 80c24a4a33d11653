// The coders of 7z as streams: what a folder's chain of them decodes to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/formats/archives/sevenzip_header.h"

namespace assay::formats::sevenzip {

// Coder ids (DOC/Methods.txt) that more than the coders have to know.
inline constexpr std::uint64_t kCopy = 0x00;
inline constexpr std::uint64_t kAes = 0x06f10701;

// The content of a folder of `archive`, exactly folder.size() bytes or an
// error. kUnsupported, with the coder's name, when we cannot decode it.
// `password` is for the coder that encrypts.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> OpenFolder(
    const ByteSource& archive, const Streams& streams, const Folder& folder,
    const std::string* password);

[[nodiscard]] bool IsEncrypted(const Folder& folder);
// Whether the content is the one packed stream byte for byte.
[[nodiscard]] bool IsStored(const Folder& folder);

}  // namespace assay::formats::sevenzip
