#include "verifier/formats/filesystems/file_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace assay::formats {
namespace {

bool LiesWithin(Range range, std::uint64_t size) {
  return range.offset <= size && range.length <= size - range.offset;
}

}  // namespace

bool IsOddName(std::string_view name) {
  return name.empty() || name == "." || name == ".." ||
         name.find_first_of(std::string_view("/\0", 2)) !=
             std::string_view::npos;
}

Result<void> TreeWalk::Run(std::uint64_t root) {
  if (auto ok = Visit(".", {.inode = root}); !ok) {
    return ok;
  }
  return Drain();
}

Result<void> TreeWalk::RunUnlisted(std::uint64_t inode, std::string name) {
  if (auto ok = Visit(std::move(name), {.inode = inode}); !ok) {
    return ok;
  }
  return Drain();
}

Result<void> TreeWalk::Drain() {
  while (!open_.empty()) {
    Directory& directory = open_.back();
    if (directory.next == directory.entries.size()) {
      open_.pop_back();
      continue;
    }
    const TreeEntry entry = std::move(directory.entries[directory.next++]);
    std::string path =
        directory.path == "." ? entry.name : directory.path + "/" + entry.name;
    if (IsOddName(entry.name)) {
      Report("odd-name",
             fmt::format("a name in {} is a path or empty", directory.path));
    }
    if (auto ok = Visit(std::move(path), entry); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> TreeWalk::Visit(std::string path, const TreeEntry& entry) {
  if (++entries_ > sink_.limits().entries ||
      path.size() > sink_.limits().name) {
    return Fail(
        ErrorCode::kLimit,
        fmt::format("{}: too many entries or too long a path", format_));
  }
  Member member{.name = std::move(path)};
  if (const auto known = files_.find(entry.inode); known != files_.end()) {
    ++known->second.found;
    member.meta = known->second.meta;
    return sink_.AddEmpty(std::move(member));
  }
  auto node = tree_.Load(entry.inode);
  if (!node) {
    Note(node.error());
    return sink_.AddOpaque(std::move(member), node.error().what);
  }
  member.meta = std::move(node->meta);
  const FileType type = member.meta.type;
  if (entry.type && *entry.type != type) {
    Report("type-mismatch",
           fmt::format("{}: its entry and inode {} differ in type", member.name,
                       entry.inode));
  }
  return type == FileType::kDirectory
             ? VisitDirectory(std::move(member), entry.inode)
             : VisitFile(std::move(member), entry.inode, node->links);
}

Result<void> TreeWalk::VisitFile(Member member, std::uint64_t inode,
                                 std::uint64_t links) {
  Names& names = files_[inode];
  names.found = 1;
  names.stated = links;
  if (links != 1) {
    names.meta = member.meta;
    // Names are cheap to repeat; large attributes are not.
    constexpr std::size_t kMostRepeated = 256;
    std::size_t bytes = 0;
    for (const auto& [name, value] : names.meta.xattrs) {
      bytes += name.size() + value.size();
    }
    if (bytes > kMostRepeated) {
      names.meta.xattrs.clear();
    }
  }
  names.meta.type = FileType::kHardLink;
  names.meta.link_target = member.name;
  return member.meta.type == FileType::kRegular
             ? tree_.AddFile(inode, std::move(member))
             : sink_.AddEmpty(std::move(member));
}

Result<void> TreeWalk::VisitDirectory(Member member, std::uint64_t inode) {
  if (!directories_.insert(inode).second) {
    Report("directory-again",
           member.name + " is a directory that was met before");
    return sink_.AddEmpty(std::move(member));
  }
  Directory directory{.path = member.name};
  const std::uint64_t most = sink_.limits().entries - listed_;
  if (const auto listed = tree_.List(inode, most, directory.entries); !listed) {
    if (listed.error().code == ErrorCode::kLimit) {
      return listed;
    }
    Note(listed.error());
    Report("bad-directory", member.name + ": " + listed.error().what);
  }
  listed_ += std::min<std::uint64_t>(most, directory.entries.size());
  std::sort(directory.entries.begin(), directory.entries.end(),
            [](const auto& a, const auto& b) {
              return std::tie(a.name, a.inode) < std::tie(b.name, b.inode);
            });
  const auto twice = std::adjacent_find(
      directory.entries.begin(), directory.entries.end(),
      [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != directory.entries.end()) {
    Report("ambiguous-name",
           fmt::format("{} has two entries \"{}\"", member.name, twice->name));
  }
  auto added = sink_.AddEmpty(std::move(member));
  open_.push_back(std::move(directory));
  return added;
}

void TreeWalk::CompareLinks() {
  for (const auto& [inode, names] : files_) {
    if (names.found != names.stated) {
      Report("link-count",
             fmt::format("{} (inode {}) states {} names, {} were found",
                         names.meta.link_target, inode, names.stated,
                         names.found));
    }
  }
}

void TreeWalk::Report(std::string_view what, std::string detail) {
  sink_.Report(
      {.id = fmt::format("{}.{}", format_, what), .detail = std::move(detail)});
}

Result<std::size_t> ExtentStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !extents_.empty()) {
    const Range range = extents_.front().range;
    std::uint64_t left = range.length - passed_;
    ByteView rest;
    if (!extents_.front().hole) {
      const std::uint64_t size = source_.size();
      rest = source_.From(std::min(size, range.offset)).bytes();
      if (passed_ >= rest.size()) {
        if (filled > 0) {
          return filled;  // the next call says why
        }
        return Fail(ErrorCode::kTruncated,
                    fmt::format("content at offset {} ends past the input",
                                range.offset));
      }
      left = std::min<std::uint64_t>(left, rest.size() - passed_);
    }
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(into.size() - filled, left));
    const auto out = into.subspan(filled, count);
    if (extents_.front().hole) {
      std::fill(out.begin(), out.end(), std::uint8_t{0});
    } else {
      const auto piece = *Slice(rest, passed_, count);
      std::copy(piece.begin(), piece.end(), out.begin());
    }
    filled += count;
    passed_ += count;
    if (passed_ == range.length) {
      extents_ = extents_.subspan(1);
      passed_ = 0;
    }
  }
  return filled;
}

void AppendExtent(std::vector<Extent>& extents, Extent extent) {
  if (extent.range.length == 0) {
    return;
  }
  if (!extents.empty() && extents.back().hole == extent.hole &&
      (extent.hole || extents.back().range.end() == extent.range.offset)) {
    extents.back().range.length += extent.range.length;
  } else {
    extents.push_back(extent);
  }
}

void FitExtents(std::vector<Extent>& extents, std::uint64_t size) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i].range.length >= size - total) {
      extents[i].range.length = size - total;
      extents.resize(extents[i].range.length == 0 ? i : i + 1);
      return;
    }
    total += extents[i].range.length;
  }
  AppendExtent(extents, {.range = {0, size - total}, .hole = true});
}

Result<void> AddExtents(const ByteSource& source,
                        std::span<const Extent> extents, Member member,
                        std::string_view format, Sharing sharing,
                        Coverage& coverage, ArtifactSink& sink) {
  const std::uint64_t size = source.size();
  std::uint64_t holes = 0;
  bool whole = true;
  bool shared = false;
  for (const Extent& extent : extents) {
    if (extent.hole) {
      holes += std::min(extent.range.length, sink.limits().member);
      whole = whole && holes <= sink.limits().ratio_floor;
      continue;
    }
    if (!LiesWithin(extent.range, size)) {
      whole = false;
    }
    shared = shared || coverage.Touches(extent.range);
  }
  if (shared && sharing == Sharing::kAnomalous) {
    sink.Report({.id = fmt::format("{}.overlapping-blocks", format),
                 .detail = member.name + " has blocks of something else"});
  }
  if (whole && !shared && extents.size() == 1 && !extents.front().hole) {
    const Range range = extents.front().range;
    coverage.Add(range);
    member.origin = range;
    member.stored = true;
    return sink.Add(std::move(member), *source.Slice(range));
  }
  for (const Extent& extent : extents) {
    Range range = extent.range;
    if (extent.hole || range.offset >= size) {
      continue;
    }
    range.length = std::min(range.length, size - range.offset);
    // Within itself, a file may also name a block twice.
    shared = shared || coverage.Touches(range);
    coverage.ClaimFree(range, RegionUse::kMember, sink);
  }
  if (whole && !shared) {
    if (auto content = source.Gather(extents, sink.limits().memory_per_member,
                                     sink.limits().member)) {
      return sink.Add(std::move(member), std::move(*content));
    }
  }
  ExtentStream content(source, extents);
  return sink.AddStream(std::move(member), content);
}

void ClaimRecords(ByteView bytes, Range table, std::uint64_t size,
                  const std::function<bool(std::uint64_t)>& in_use,
                  Coverage& coverage, ArtifactSink& sink) {
  Range run{table.offset, 0};
  RegionUse run_use = RegionUse::kMetadata;
  for (std::uint64_t i = 0; i < table.length / size; ++i) {
    const std::uint64_t at = table.offset + i * size;
    const auto record = Slice(bytes, at, size);
    if (!record) {
      break;
    }
    const RegionUse use = in_use(i)         ? RegionUse::kMetadata
                          : IsZero(*record) ? RegionUse::kPadding
                                            : RegionUse::kSlack;
    if (use != run_use) {
      coverage.ClaimFree(run, run_use, sink);
      run = {at, 0};
      run_use = use;
    }
    run.length += size;
  }
  coverage.ClaimFree(run, run_use, sink);
}

void SetOldDevice(std::uint32_t number, FileMetadata& meta) {
  meta.device_major = number >> 8U & 0xffU;
  meta.device_minor = number & 0xffU;
}

void SetNewDevice(std::uint32_t number, FileMetadata& meta) {
  // The minor number lies on both sides of the major one.
  meta.device_major = number >> 8U & 0xfffU;
  meta.device_minor = (number & 0xffU) | (number >> 12U & 0xfff00U);
}

}  // namespace assay::formats
