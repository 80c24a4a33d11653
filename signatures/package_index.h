// Packages and Sources: what an apt archive says about each file in its pool.
// Layout: https://wiki.debian.org/DebianRepository/Format. Pure parsing, for
// indexes of 50 MB: entries are views into the text.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace assay::signatures {

struct PoolFile {
  std::string_view directory = {};  // of Sources; "" for Packages
  std::string_view name = {};       // path below the archive, or name in it
  std::string_view sha256 = {};     // 64 hexadecimal digits
  std::uint64_t size = 0;
};

// Calls `visit` for each file with a SHA-256 that `text` lists, in order. The
// views live as long as `text`. MD5 and SHA-1 are never read.
void ForEachPoolFile(std::string_view text,
                     const std::function<void(const PoolFile&)>& visit);

}  // namespace assay::signatures
