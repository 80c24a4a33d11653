#include "verifier/facts/pe_resource_facts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/formats/executables/pe_resources.h"
#include "verifier/formats/utf16_text.h"

namespace assay::facts {
namespace {

using formats::PeResource;
using formats::PeResources;
using formats::PeView;

constexpr std::string_view kVersion = "VERSION/";
constexpr std::size_t kMostRecords = 64;  // one for each language
constexpr std::size_t kMostElsewhere = 64;
// VS_VERSIONINFO, StringFileInfo, StringTable, String
constexpr std::size_t kDepth = 3;

// A node of a version record (Microsoft, "VS_VERSIONINFO" and its kin): three
// numbers, a name in UTF-16 with its NUL, padding to 4 bytes, a value, padding
// again, and further nodes.
struct NodeHeader {
  Le16 length, value_length, type;
};
static_assert(sizeof(NodeHeader) == 6 && FileStruct<NodeHeader>);

struct VersionNode {
  Range range = {};  // of the whole node in the record
  std::size_t depth = 0;
  std::string name = {};
  Range value = {};  // to the end of the node where that is nearer
};

std::uint64_t Aligned(std::uint64_t at) {
  return (at + 3) / 4 * 4;
}

// The node at `at` of a record whose parent ends at `end`.
std::optional<VersionNode> NodeAt(ByteView record, std::uint64_t at,
                                  std::uint64_t end, std::size_t depth) {
  const auto header = ReadAt<NodeHeader>(record, at);
  if (!header || header->length <= sizeof(NodeHeader) ||
      header->length > end - at) {
    return std::nullopt;
  }
  VersionNode node{.range = {at, header->length}, .depth = depth};
  const std::uint64_t name = at + sizeof(NodeHeader);
  std::uint64_t rest = name;
  while (rest + sizeof(Le16) <= node.range.end() &&
         *ReadAt<Le16>(record, rest) != 0) {
    rest += sizeof(Le16);
  }
  node.name = formats::TextOfUtf16(*Slice(record, name, rest - name));
  const std::uint64_t value =
      std::min(Aligned(rest + sizeof(Le16)), node.range.end());
  // Of texts the length is counted in characters.
  const std::uint64_t length =
      std::uint64_t{header->value_length} * (header->type == 1 ? 2U : 1U);
  node.value = {value, std::min(length, node.range.end() - value)};
  return node;
}

class VersionReader {
 public:
  VersionReader(ByteView record, std::uint64_t start, FactWriter& facts)
      : record_(record), start_(start), facts_(facts) {}

  // Nodes lie inside of their parents, and levels are few: no byte is passed
  // more than kDepth + 1 times.
  void Read() {
    if (auto root = NodeAt(record_, 0, record_.size(), 0)) {
      pending_.push_back(std::move(*root));
    }
    while (!pending_.empty()) {
      const VersionNode node = std::move(pending_.back());
      pending_.pop_back();
      if (node.depth == kDepth) {
        AddText(node);
      } else if (node.depth != 1 || node.name == "StringFileInfo") {
        AddChildren(node);
      }
    }
  }

 private:
  void AddChildren(const VersionNode& parent) {
    std::vector<VersionNode> children;
    std::uint64_t at = Aligned(parent.value.end());
    while (at < parent.range.end()) {
      auto child = NodeAt(record_, at, parent.range.end(), parent.depth + 1);
      if (!child) {
        break;
      }
      at = Aligned(child->range.end());
      children.push_back(std::move(*child));
    }
    // From the last to the first, as the list is read from its end.
    std::move(children.rbegin(), children.rend(), std::back_inserter(pending_));
  }

  void AddText(const VersionNode& node) {
    const auto raw = Slice(record_, node.value.offset, node.value.length);
    std::string text = raw ? formats::TextOfUtf16UntilNul(*raw) : "";
    if (!text.empty()) {
      facts_.Add(
          {.kind = "pe.version",
           .value = std::move(text),
           .attributes = {{"key", node.name}},
           .place = Range{start_ + node.value.offset, node.value.length}});
    }
  }

  ByteView record_;
  std::uint64_t start_;
  FactWriter& facts_;
  std::vector<VersionNode> pending_;
};

// The section that holds the byte at `offset`; "" behind all of them.
std::string SectionAt(const PeView& view, std::uint64_t offset) {
  for (const formats::PeSection& section : view.sections) {
    if (offset >= section.raw.offset &&
        offset - section.raw.offset < section.raw.length) {
      return section.name;
    }
  }
  return {};
}

// By the first bytes alone: each is examined as an artifact of its own.
std::string_view ProgramIn(ByteView data) {
  const auto magic = ReadAt<Be32>(data, 0);
  if (magic && *magic == 0x7f454c46) {
    return "elf";
  }
  const auto headers = ReadAt<Le32>(data, 0x3c);
  const auto signature = headers ? ReadAt<Be32>(data, *headers) : std::nullopt;
  return magic && *magic >> 16U == 0x4d5a && signature &&
                 *signature == 0x50450000
             ? "pe"
             : "";
}

// Programs in the middle of other data.
void AddElsewhere(const PeView& view, const std::set<std::uint64_t>& told,
                  FactWriter& facts) {
  const std::string_view text = AsText(view.bytes);
  std::size_t found = 0;
  for (std::size_t at = text.find("MZ", 1);
       at != std::string_view::npos && found < kMostElsewhere;
       at = text.find("MZ", at + 1)) {
    if (told.count(at) == 0 && ProgramIn(view.bytes.subspan(at)) == "pe") {
      ++found;
      facts.Add({.kind = "pe.carried",
                 .value = SectionAt(view, at),
                 .attributes = {{"format", "pe"}},
                 .place = Range{at, sizeof(Be16)}});
    }
  }
}

}  // namespace

void AddResourceFacts(const PeView& view, FactWriter& facts) {
  std::size_t records = 0;
  std::set<std::uint64_t> told;
  for (const PeResource& resource : PeResources::Of(view).resources) {
    const auto data =
        Slice(view.bytes, resource.data.offset, resource.data.length);
    if (!data) {
      continue;
    }
    if (resource.path.substr(0, kVersion.size()) == kVersion) {
      if (++records <= kMostRecords) {
        VersionReader(*data, resource.data.offset, facts).Read();
      }
    } else if (const auto format = ProgramIn(*data); !format.empty()) {
      told.insert(resource.data.offset);
      facts.Add({.kind = "pe.carried",
                 .value = resource.path,
                 .attributes = {{"format", std::string(format)}},
                 .place = resource.data});
    }
  }
  AddElsewhere(view, told, facts);
}

}  // namespace assay::facts
