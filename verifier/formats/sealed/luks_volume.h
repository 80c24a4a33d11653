// What the headers of a LUKS volume say, in either version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/format.h"

namespace assay::formats::luks {

inline constexpr std::string_view kMagic = "LUKS\xba\xbe";
inline constexpr std::string_view kSecondMagic = "SKUL\xba\xbe";
// Where a reader looks for the second header of LUKS2 when the first is gone.
inline constexpr std::uint64_t kSmallestHeader = 16U << 10U;
inline constexpr std::uint64_t kLargestHeader = 4U << 20U;

// How a passphrase becomes the key of a slot.
struct Kdf {
  std::string type = {};         // "pbkdf2", "argon2i", "argon2id"
  std::string hash = {};         // of PBKDF2
  std::uint64_t iterations = 0;  // of PBKDF2; passes of Argon2
  std::uint64_t memory = 0;      // of Argon2, in KiB
  std::uint64_t lanes = 0;       // of Argon2
  Bytes salt = {};
};

// The volume key, sealed with a passphrase.
struct Keyslot {
  std::string id = {};
  Range area = {};  // the whole area; the key material lies at its beginning
  bool holds_key = true;  // else: the journal of a re-encryption and the like
  std::string cipher = {};
  std::uint64_t cipher_key_size = 0;
  std::uint64_t key_size = 0;  // of the volume key
  std::uint64_t stripes = 0;   // the anti-forensic splitter's
  std::string split_hash = {};
  Kdf kdf = {};
};

// Says which volume key is the right one.
struct KeyDigest {
  std::vector<std::string> keyslots = {};
  std::vector<std::string> segments = {};
  std::string hash = {};
  std::uint64_t iterations = 0;
  Bytes salt = {};
  Bytes digest = {};
};

struct Segment {
  std::string id = {};
  std::string type = {};  // "crypt", "linear" (not encrypted)
  Range range = {};
  bool dynamic = false;  // to the end of the device, wherever that is
  bool backup = false;   // of another segment: not a part of the device
  bool integrity = false;
  std::string cipher = {};
  std::uint64_t sector = 512;
  std::uint64_t first = 0;  // the number of the first sector
};

struct Volume {
  unsigned version = 0;
  std::string uuid = {};
  std::string label = {};
  std::vector<Range> headers = {};
  std::vector<Keyslot> keyslots = {};
  std::vector<KeyDigest> digests = {};
  std::vector<Segment> segments = {};
  // What the headers contradict each other or themselves in.
  std::vector<Anomaly> anomalies = {};
};

// Whether a volume begins at `head`, as far as that shows.
[[nodiscard]] bool IsLuks1(ByteView head);
[[nodiscard]] bool IsLuks2(ByteView head);

// LUKS1 on-disk format, version 1.2.3, section 2 (the partition header).
[[nodiscard]] Result<Volume> ReadLuks1(ByteView bytes);
// LUKS2 on-disk format, version 1.1, sections 2 (binary headers) and 3 (JSON).
[[nodiscard]] Result<Volume> ReadLuks2(ByteView bytes);

}  // namespace assay::formats::luks
