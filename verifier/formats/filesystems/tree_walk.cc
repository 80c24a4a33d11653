#include "verifier/formats/filesystems/tree_walk.h"

#include <fmt/format.h>

#include <utility>

namespace assay::formats {
inline namespace tree_walk {

bool IsOddName(std::string_view name) {
  return name.empty() || name == "." || name == ".." ||
         name.find_first_of(std::string_view("/\0", 2)) !=
             std::string_view::npos;
}

Result<void> TreeWalk::Run(std::uint64_t root) {
  if (auto ok = Visit(".", root); !ok) {
    return ok;
  }
  while (!open_.empty()) {
    Directory& directory = open_.back();
    if (directory.next == directory.entries.size()) {
      open_.pop_back();
      continue;
    }
    TreeEntry entry = std::move(directory.entries[directory.next++]);
    std::string path = directory.path == "."
                           ? std::move(entry.name)
                           : directory.path + "/" + entry.name;
    if (auto ok = Visit(std::move(path), entry.inode); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> TreeWalk::Visit(std::string path, std::uint64_t inode) {
  if (++entries_ > sink_.limits().entries ||
      path.size() > sink_.limits().name) {
    return Fail(
        ErrorCode::kLimit,
        fmt::format("{}: too many entries or too long a path", format_));
  }
  Member member{.name = std::move(path)};
  auto meta = reader_.Meta(inode);
  if (!meta) {
    return sink_.AddOpaque(std::move(member), meta.error().what);
  }
  member.meta = std::move(*meta);
  if (member.meta.type == FileType::kDirectory) {
    return VisitDirectory(std::move(member), inode);
  }
  const auto [first, is_new] = first_.emplace(inode, member.name);
  if (!is_new) {
    member.meta.type = FileType::kHardLink;
    member.meta.link_target = first->second;
    return sink_.AddEmpty(std::move(member));
  }
  return member.meta.type == FileType::kRegular
             ? reader_.AddFile(std::move(member), inode)
             : sink_.AddEmpty(std::move(member));
}

Result<void> TreeWalk::VisitDirectory(Member member, std::uint64_t inode) {
  if (!directories_.insert(inode).second) {
    Report("directory-again",
           member.name + " is a directory that was met before");
    return sink_.AddEmpty(std::move(member));
  }
  Directory directory{.path = member.name};
  if (const auto ok = reader_.List(inode, directory.entries); !ok) {
    Report("bad-directory", member.name + ": " + ok.error().what);
  }
  CheckNames(directory);
  auto added = sink_.AddEmpty(std::move(member));
  open_.push_back(std::move(directory));
  return added;
}

void TreeWalk::CheckNames(const Directory& directory) {
  std::set<std::string_view> names;
  for (const TreeEntry& entry : directory.entries) {
    if (IsOddName(entry.name)) {
      Report("odd-name",
             fmt::format("a name in {} is a path or empty", directory.path));
    }
    if (!names.insert(entry.name).second) {
      Report("ambiguous-name", fmt::format("{} has two entries \"{}\"",
                                           directory.path, entry.name));
    }
  }
}

void TreeWalk::Report(std::string_view what, std::string detail) {
  sink_.Report({.id = fmt::format("{}.{}", format_, what),
                .range = place_,
                .detail = std::move(detail)});
}

}  // namespace tree_walk
}  // namespace assay::formats
