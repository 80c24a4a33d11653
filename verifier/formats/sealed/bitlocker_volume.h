// What the headers of a BitLocker volume say.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/format.h"

namespace assay::formats::bitlocker {

inline constexpr std::string_view kSignature = "-FVE-FS-";
// The identifier of BitLocker, as it lies in a volume header.
inline constexpr std::string_view kIdentifier(
    "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01", 16);
inline constexpr std::uint64_t kIdentifierAt = 160;
inline constexpr std::uint64_t kIdentifierAtToGo = 424;

// One entry of the metadata, or of a key file.
struct Entry {
  std::uint16_t type = 0;
  std::uint16_t value_type = 0;
  ByteView value = {};
};

// Up to the first that does not fit.
[[nodiscard]] std::vector<Entry> EntriesIn(ByteView bytes);

enum class ValueType : std::uint16_t {
  kKey = 1,
  kStretchKey = 3,
  kSealedKey = 5,
  kMasterKey = 8,
  kExternalKey = 9,
};

enum class Protection : std::uint16_t {
  kClearKey = 0,
  kTpm = 0x0100,
  kStartupKey = 0x0200,
  kRecovery = 0x0800,
  kPassword = 0x2000,
};

// The volume master key, sealed with another key (AES-CCM: a nonce of 12 bytes,
// a tag of 16, the rest).
struct Protector {
  Protection protection = Protection::kTpm;
  Bytes salt = {};  // what a password is stretched with
  Bytes key = {};   // of kClearKey: beside what it seals
  Bytes sealed = {};
};

struct Volume {
  bool vista = false;  // the first version, which keeps its headers in place
  std::uint64_t sector = 512;
  std::uint64_t size = 0;
  std::uint64_t encrypted = 0;     // so many of its first bytes
  std::vector<Range> areas = {};   // of metadata, each with its padding
  std::vector<Range> blocks = {};  // what is written there
  Range header = {};  // where the encrypted first bytes of the volume lie
  std::string id = {};
  std::string label = {};
  std::uint16_t method = 0;
  std::vector<Protector> protectors = {};
  Bytes sealed_key = {};  // the volume's key, sealed with the master key
  std::vector<Anomaly> anomalies = {};
};

// Whether a volume begins at `head`, as far as that shows.
[[nodiscard]] bool IsVolume(ByteView head);
[[nodiscard]] Result<Volume> ReadVolume(ByteView bytes);

}  // namespace assay::formats::bitlocker
