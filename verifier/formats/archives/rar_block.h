// Blocks of RAR archives, old (1.5 to 4) and new (5): a header with a checksum,
// and data behind it. Layouts: technote.txt of RAR 4; "RAR 5.0 archive format"
// (rarlab.com/technote.htm).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/blake2sp.h"

namespace assay::formats::rar {

enum class BlockKind : std::uint8_t {
  kMain,
  kFile,
  kService,     // of the archive, or of the file before
  kEncryption,  // everything behind it is encrypted
  kEnd,
  kOther,
};

struct Block {
  BlockKind kind = BlockKind::kOther;
  Range header = {};  // in the archive
  Range data = {};
  // Of the main header.
  bool volume = false, recovery = false, encrypted_headers = false;
  // Of files and services.
  std::string name = {};
  FileMetadata meta = {};
  std::optional<std::uint64_t> size = {};  // decoded
  std::optional<std::uint32_t> crc = {};   // of the decoded content
  std::optional<Blake2spDigest> blake2 = {};
  bool split_before = false, split_after = false;
  bool encrypted = false, stored = false, solid = false;
  std::string service_data = {};  // such as the name of an NTFS stream
  std::string unsupported = {};   // why it cannot be decoded
};

// How many bytes the signature has; nothing when there is none.
[[nodiscard]] std::optional<std::uint64_t> SignatureSize(ByteView bytes);
[[nodiscard]] bool IsNew(std::uint64_t signature_size);

// The block at `at` of an archive with such a signature. kTruncated when its
// header is not all there, kMalformed when its checksum does not hold. The data
// may go on behind `bytes`.
[[nodiscard]] Result<Block> ReadBlock(ByteView bytes,
                                      std::uint64_t signature_size,
                                      std::uint64_t at);
[[nodiscard]] Result<Block> ReadOldBlock(ByteView bytes, std::uint64_t at);
[[nodiscard]] Result<Block> ReadNewBlock(ByteView bytes, std::uint64_t at);

// The blocks of an archive, and where it ends.
struct Blocks {
  std::vector<Block> all = {};
  std::uint64_t end = 0;
  bool encrypted = false;  // from `end` on
  std::optional<Error> damage = {};
};

// All of them, `most` at most, up to the end block or to damage.
[[nodiscard]] Blocks ReadBlocks(ByteView bytes, std::uint64_t signature_size,
                                std::uint64_t most);

}  // namespace assay::formats::rar
