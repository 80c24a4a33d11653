// pax extended headers: "<length> <key>=<value>\n" records.
// Layout: POSIX.1-2017 pax(1), "pax Extended Header"; GNU tar manual,
// "Storing Sparse Files"; SCHILY.xattr: star(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/result.h"

namespace assay::formats {

// A piece of a sparse file that is stored; what lies between is zeros.
struct SparsePiece {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// What the extended headers before a member say about it.
struct PaxAttributes {
  std::optional<std::string> path = {};
  std::optional<std::string> link_path = {};
  std::optional<std::uint64_t> size = {};
  std::optional<std::uint64_t> uid = {};
  std::optional<std::uint64_t> gid = {};
  std::optional<std::string> owner = {};
  std::optional<std::string> group = {};
  std::optional<std::int64_t> mtime = {};
  std::vector<std::pair<std::string, std::string>> xattrs = {};
  // GNU.sparse.*: formats 0.0 and 0.1 give the pieces here, 1.0 gives only
  // its version and keeps them before the content.
  std::optional<std::string> sparse_path = {};
  std::optional<std::uint64_t> sparse_size = {};
  bool sparse = false;
  bool sparse_map_in_content = false;
  std::vector<std::uint64_t> sparse_numbers = {};  // offset, length, ...
};

// Reads the records of one extended header over what is in `into`. Returns
// one line for each flaw: a record that does not parse (which ends the
// reading), a value that is no number, a key that is given twice with
// different values; at most 16 lines.
[[nodiscard]] std::vector<std::string> ReadPaxRecords(std::string_view records,
                                                      PaxAttributes& into);

}  // namespace assay::formats
