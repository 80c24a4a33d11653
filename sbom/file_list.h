// Lists of the files that a package owns, in the shapes that package databases
// keep them. Each gives evidence of type kFileListType.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/component.h"

namespace assay::sbom {

// Linux's PATH_MAX. Longer paths are not kept: lists that give files and their
// folder apart could multiply them.
inline constexpr std::size_t kMaxPath = 4096;

// A path inside a file system, split where the root that a package database
// speaks of begins: "rootfs/var/lib/dpkg/status" is "rootfs" and the rest.
struct Rooted {
  std::string_view root = {};  // "" or without a slash at its end
  std::string_view rest = {};
};

// `inner_path` if one of its folders is `folder` ("var/lib/dpkg"); `rest` is
// then what follows the folder.
[[nodiscard]] std::optional<Rooted> Below(std::string_view inner_path,
                                          std::string_view folder);

// `path` as the list has it, moved under `root`, normalised. Steps ".." are
// resolved; "" when they leave the file system or the path is past kMaxPath.
[[nodiscard]] std::string UnderRoot(std::string_view root,
                                    std::string_view path);

// The same for a file of a folder that is given apart.
[[nodiscard]] std::string UnderRoot(std::string_view root,
                                    std::string_view folder,
                                    std::string_view name);

// "name[:arch].suffix" -> name; nothing when the file has another suffix.
[[nodiscard]] std::optional<std::string> ListedPackage(
    std::string_view file_name, std::string_view suffix);

// dpkg's and opkg's *.list: one path a line; opkg adds tab-separated columns.
[[nodiscard]] ComponentEvidence ReadPathList(std::string_view text,
                                             std::string_view root);

// md5sums(5): "HEX  path". Lines of another shape are skipped.
[[nodiscard]] ComponentEvidence ReadMd5Sums(std::string_view text,
                                            std::string_view root);

// dpkg's diversions, dpkg-divert(1): three lines each, the path, where it is
// diverted to, and the package (":" for the administrator). One evidence of
// type kDiversionType each.
[[nodiscard]] std::vector<ComponentEvidence> ReadDiversions(
    std::string_view text, std::string_view root);

}  // namespace assay::sbom
