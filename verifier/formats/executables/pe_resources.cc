#include "verifier/formats/executables/pe_resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

struct DirectoryHeader {
  Le32 characteristics, time;
  Le16 major, minor, names, ids;
};
static_assert(sizeof(DirectoryHeader) == 16 && FileStruct<DirectoryHeader>);

struct Entry {
  Le32 name, target;
};

struct DataEntry {
  Le32 address, size, code_page, reserved;
};

constexpr std::uint32_t kHighBit = 1U << 31U;
constexpr std::size_t kMostLevels = 8;  // Windows makes three
constexpr std::size_t kMostProblems = 16;

// Names of the predefined types (winuser.h, RT_*).
constexpr auto kTypes = std::to_array<std::pair<std::uint32_t, const char*>>(
    {{1, "CURSOR"},      {2, "BITMAP"},        {3, "ICON"},
     {4, "MENU"},        {5, "DIALOG"},        {6, "STRING"},
     {7, "FONTDIR"},     {8, "FONT"},          {9, "ACCELERATOR"},
     {10, "RCDATA"},     {11, "MESSAGETABLE"}, {12, "GROUP_CURSOR"},
     {14, "GROUP_ICON"}, {16, "VERSION"},      {17, "DLGINCLUDE"},
     {19, "PLUGPLAY"},   {20, "VXD"},          {21, "ANICURSOR"},
     {22, "ANIICON"},    {23, "HTML"},         {24, "MANIFEST"}});

std::string NameOfId(std::uint32_t id, std::size_t level) {
  const auto* const type =
      std::find_if(kTypes.begin(), kTypes.end(),
                   [&](const auto& known) { return known.first == id; });
  return level == 0 && type != kTypes.end() ? type->second
                                            : fmt::format("{}", id);
}

class TreeReader {
 public:
  TreeReader(const PeView& view, std::uint64_t base)
      : view_(view), base_(base) {
    tree_ = view.bytes.subspan(static_cast<std::size_t>(base));
    entries_left_ = tree_.size() / sizeof(Entry);
  }

  PeResources Read() {
    pending_.push_back({0, "", 0});
    while (!pending_.empty()) {
      const Step step = std::move(pending_.back());
      pending_.pop_back();
      ReadDirectory(step);
    }
    return std::move(found_);
  }

 private:
  struct Step {
    std::uint64_t offset = 0;  // in the tree
    std::string path = {};
    std::size_t level = 0;
  };

  void Complain(std::string_view what, std::uint64_t offset) {
    if (found_.problems.size() < kMostProblems) {
      found_.problems.push_back(
          fmt::format("{} at {} of the resources", what, offset));
    }
  }

  void ReadDirectory(const Step& step) {
    const auto header = ReadAt<DirectoryHeader>(tree_, step.offset);
    const std::uint64_t count =
        header ? std::uint64_t{header->names} + header->ids : 0;
    const std::uint64_t length =
        sizeof(DirectoryHeader) + count * sizeof(Entry);
    if (!header || !Slice(tree_, step.offset, length) ||
        count > entries_left_ || !visited_.insert(step.offset).second) {
      Complain("a directory that does not fit, or stands twice,", step.offset);
      return;
    }
    entries_left_ -= count;
    found_.tables.push_back({base_ + step.offset, length});
    // From the last to the first, as the list of steps is read from its end.
    for (std::uint64_t i = count; i-- > 0;) {
      const auto entry = ReadAt<Entry>(
          tree_, step.offset + sizeof(DirectoryHeader) + i * sizeof(Entry));
      ReadEntry(*entry, step);
    }
  }

  void ReadEntry(const Entry& entry, const Step& parent) {
    std::string path = parent.path;
    path += parent.level > 0 ? "/" : "";
    path += (entry.name & kHighBit) != 0 ? NameAt(entry.name & ~kHighBit)
                                         : NameOfId(entry.name, parent.level);
    const std::uint32_t target = entry.target & ~kHighBit;
    if ((entry.target & kHighBit) == 0) {
      ReadData(target, std::move(path));
    } else if (parent.level + 1 < kMostLevels) {
      pending_.push_back({target, std::move(path), parent.level + 1});
    } else {
      Complain("too many levels of directories", target);
    }
  }

  // A length and as many UTF-16 characters.
  std::string NameAt(std::uint64_t offset) {
    const auto length = ReadAt<Le16>(tree_, offset);
    const auto raw = Slice(tree_, offset + sizeof(Le16),
                           length ? std::uint64_t{*length} * 2 : 0);
    if (!length || !raw || *length > entries_left_ * 4) {
      Complain("a name that does not fit", offset);
      return "?";
    }
    if (named_.insert(offset).second) {
      found_.tables.push_back({base_ + offset, sizeof(Le16) + raw->size()});
    }
    return TextOfUtf16(*raw);
  }

  void ReadData(std::uint64_t offset, std::string path) {
    const auto entry = ReadAt<DataEntry>(tree_, offset);
    if (!entry || !visited_.insert(offset).second) {
      Complain("a data entry that does not fit, or stands twice,", offset);
      return;
    }
    found_.tables.push_back({base_ + offset, sizeof(DataEntry)});
    const auto at = view_.OffsetOf(entry->address);
    if (!at) {
      Complain("data outside of the file, named", offset);
      return;
    }
    found_.resources.push_back({std::move(path), {*at, entry->size}});
  }

  const PeView& view_;
  std::uint64_t base_;
  ByteView tree_;
  std::uint64_t entries_left_ = 0;
  std::vector<Step> pending_;
  std::unordered_set<std::uint64_t> visited_;
  std::unordered_set<std::uint64_t> named_;
  PeResources found_;
};

}  // namespace

PeResources PeResources::Of(const PeView& view) {
  if (view.directories.size() <= pe::kResources ||
      view.directories[pe::kResources].length == 0) {
    return {};
  }
  const auto base = view.OffsetOf(view.directories[pe::kResources].offset);
  if (!base) {
    PeResources none;
    none.problems.emplace_back("the resources lie outside of the file");
    return none;
  }
  return TreeReader(view, *base).Read();
}

}  // namespace assay::formats
