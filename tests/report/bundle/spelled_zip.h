// Zips spelled by hand after APPNOTE.TXT 6.3.10, with every field to get wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/crc32.h"

namespace assay::testing {

struct SpelledEntry {
  std::string name = {};
  std::string content = {};  // under 64 KiB
  std::uint16_t version = 20;
  std::uint16_t flags = 0;
  std::uint16_t method = 8;
  std::uint16_t time = 0;
  std::uint16_t date = 0x21;
  std::string extra = {};
  std::string comment = {};
  std::string directory_name = {};  // in the central directory; "": name
  std::uint32_t external = 0;       // attributes
  std::int64_t size_off_by = 0;     // what the headers say is wrong
  std::int64_t packed_off_by = 0;
  std::uint32_t crc_xor = 0;
  std::string behind = {};  // between this entry and the next
};

inline std::string Little(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = 0; i < bytes; ++i) {
    text += static_cast<char>((value >> (8 * i)) & 0xFFU);
  }
  return text;
}

// RFC 1951 section 3.2.4: one block without compression.
inline std::string DeflatedAsIs(const std::string& content) {
  return "\x01" + Little(content.size(), 2) + Little(~content.size(), 2) +
         content;
}

inline std::string SpelledZip(const std::vector<SpelledEntry>& entries,
                              const std::string& comment = "") {
  std::string zip;
  std::string directory;
  for (const SpelledEntry& entry : entries) {
    const std::string packed =
        entry.method == 0 ? entry.content : DeflatedAsIs(entry.content);
    const auto sum = [](std::size_t size, std::int64_t off) {
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(size) + off);
    };
    const std::string common =
        Little(entry.version, 2) + Little(entry.flags, 2) +
        Little(entry.method, 2) + Little(entry.time, 2) +
        Little(entry.date, 2) +
        Little(Crc32(AsBytes(entry.content)) ^ entry.crc_xor, 4) +
        Little(sum(packed.size(), entry.packed_off_by), 4) +
        Little(sum(entry.content.size(), entry.size_off_by), 4);
    const std::string& named =
        entry.directory_name.empty() ? entry.name : entry.directory_name;
    directory += "PK\x01\x02" + Little(20, 2) + common +
                 Little(named.size(), 2) + Little(0, 2) +
                 Little(entry.comment.size(), 2) + Little(0, 4) +
                 Little(entry.external, 4) + Little(zip.size(), 4) + named +
                 entry.comment;
    zip += "PK\x03\x04" + common + Little(entry.name.size(), 2) +
           Little(entry.extra.size(), 2) + entry.name + entry.extra + packed +
           entry.behind;
  }
  const std::size_t at = zip.size();
  return zip + directory + "PK\x05\x06" + Little(0, 4) +
         Little(entries.size(), 2) + Little(entries.size(), 2) +
         Little(directory.size(), 4) + Little(at, 4) +
         Little(comment.size(), 2) + comment;
}

}  // namespace assay::testing
