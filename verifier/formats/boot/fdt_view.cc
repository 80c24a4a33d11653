#include "verifier/formats/boot/fdt_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats {
namespace {

// Section 5.2.
struct Header {
  Be32 magic, totalsize, off_dt_struct, off_dt_strings, off_mem_rsvmap;
  Be32 version, last_comp_version, boot_cpuid_phys;
  Be32 size_dt_strings, size_dt_struct;
};
static_assert(sizeof(Header) == 40 && FileStruct<Header>);

// Section 5.3.2.
struct Reservation {
  Be64 address, size;
};

// Section 5.4.1.
enum Token : std::uint32_t {
  kBeginNode = 1,
  kEndNode = 2,
  kProp = 3,
  kNop = 4,
  kEnd = 9,
};
struct PropertyHeader {
  Be32 length, name_offset;
};

constexpr std::uint32_t kMagic = 0xd00dfeed;
constexpr std::uint32_t kVersion = 17;
constexpr std::size_t kMostDepth = 64;
constexpr std::size_t kMostEntries = 1UL << 20U;  // nodes, and properties

bool IsSane(const Header& header) {
  const std::uint32_t size = header.totalsize;
  const auto lies_inside = [&](std::uint32_t offset, std::uint32_t length) {
    return offset >= sizeof(Header) && offset <= size &&
           length <= size - offset;
  };
  return header.magic == kMagic && header.version >= kVersion &&
         header.last_comp_version <= kVersion &&
         header.off_dt_struct % 4 == 0 && header.size_dt_struct % 4 == 0 &&
         header.off_mem_rsvmap % 8 == 0 &&
         lies_inside(header.off_dt_struct, header.size_dt_struct) &&
         lies_inside(header.off_dt_strings, header.size_dt_strings) &&
         lies_inside(header.off_mem_rsvmap, sizeof(Reservation));
}

// Walks the structure block into a view.
class Walker {
 public:
  Walker(FdtView& view, const Header& header)
      : view_(view),
        block_(view.bytes.subspan(header.off_dt_struct, header.size_dt_struct)),
        start_(header.off_dt_struct),
        reader_(block_) {}

  void Walk() {
    while (!view_.damage) {
      token_ = start_ + reader_.consumed();
      const auto token = reader_.Take<Be32>();
      if (!token) {
        Damage("does not end");
      } else if (!Step(*token)) {
        break;
      }
    }
    // The specification puts properties in front of child nodes; a tree that
    // does not keep to it is read all the same.
    std::stable_sort(view_.properties.begin(), view_.properties.end(),
                     [](const FdtProperty& a, const FdtProperty& b) {
                       return a.node < b.node;
                     });
    view_.structure = {start_, reader_.consumed()};
  }

 private:
  // Returns whether the block goes on.
  bool Step(std::uint32_t token) {
    switch (token) {
      case kBeginNode:
        BeginNode();
        return true;
      case kEndNode:
        if (path_.empty()) {
          Damage("closes a node that is not open");
        } else {
          view_.nodes[path_.back()].end = Token();
          path_.pop_back();
        }
        return true;
      case kProp:
        Property();
        return true;
      case kNop:
        if (!path_.empty() && view_.nops.size() < kMostEntries) {
          view_.nops.push_back({path_.back(), Token()});
        }
        return true;
      case kEnd:
        if (!path_.empty() || view_.nodes.empty()) {
          Damage("ends inside of a node");
        }
        view_.end = Token();
        return false;
      default:
        Damage(fmt::format("holds the unknown token {:#x}", token));
        return true;
    }
  }

  void BeginNode() {
    const std::string_view rest = AsText(block_.subspan(reader_.consumed()));
    const std::size_t length = rest.find('\0');
    if (length == std::string_view::npos || !reader_.Skip(length + 1) ||
        !reader_.Align(4)) {
      Damage("cuts a node's name short");
    } else if (path_.empty() && !view_.nodes.empty()) {
      Damage("has a second root");
    } else if (path_.size() >= kMostDepth ||
               view_.nodes.size() >= kMostEntries) {
      Damage("nests or holds too many nodes", ErrorCode::kLimit);
    } else {
      const std::size_t index = view_.nodes.size();
      view_.nodes.push_back({.name = rest.substr(0, length),
                             .parent = path_.empty() ? index : path_.back(),
                             .depth = path_.size(),
                             .begin = Token()});
      path_.push_back(index);
    }
  }

  void Property() {
    const auto header = reader_.Take<PropertyHeader>();
    const std::uint64_t at = start_ + reader_.consumed();
    if (!header || !reader_.Skip(header->length) || !reader_.Align(4)) {
      Damage("cuts a property short");
    } else if (path_.empty()) {
      Damage("has a property outside of a node");
    } else if (view_.properties.size() >= kMostEntries) {
      Damage("holds too many properties", ErrorCode::kLimit);
    } else {
      const std::string_view name = NameAt(header->name_offset);
      view_.properties.push_back(
          {.node = path_.back(),
           .name = name,
           .value = {at, header->length},
           .whole = Token(),
           .name_place = {view_.strings.offset + header->name_offset,
                          name.size() + 1}});
    }
  }

  // From the current token to where the reader stands.
  [[nodiscard]] Range Token() const {
    return {token_, start_ + reader_.consumed() - token_};
  }

  std::string_view NameAt(std::uint32_t offset) {
    constexpr std::size_t kMostName = 256;  // the specification says 31
    const ByteView strings =
        view_.bytes.subspan(static_cast<std::size_t>(view_.strings.offset),
                            static_cast<std::size_t>(view_.strings.length));
    if (offset >= strings.size()) {
      Damage("names a property outside of the strings block");
      return {};
    }
    const std::string_view text =
        AsText(strings.subspan(offset)).substr(0, kMostName);
    return text.substr(0, text.find('\0'));
  }

  void Damage(std::string_view what, ErrorCode code = ErrorCode::kMalformed) {
    view_.damage =
        Error{code, fmt::format("fdt: the structure block {} at offset {}",
                                what, start_ + reader_.consumed())};
  }

  FdtView& view_;
  ByteView block_;
  std::uint64_t start_;
  std::uint64_t token_ = 0;  // where the current one begins
  ByteReader reader_;
  std::vector<std::size_t> path_;  // open nodes
};

// The reservation block up to and with its terminating entry of zeros.
void ReadReservations(FdtView& view, std::uint32_t offset) {
  ByteReader reader(view.bytes.subspan(offset));
  auto entry = reader.Take<Reservation>();
  while (entry && (entry->address != 0U || entry->size != 0U)) {
    entry = reader.Take<Reservation>();
  }
  if (!entry) {
    view.damage = Error{ErrorCode::kMalformed,
                        "fdt: the memory reservation block does not end"};
  }
  view.reservations = {offset, reader.consumed()};
}

}  // namespace

bool FdtView::HasHeader(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && IsSane(*header);
}

Result<FdtView> FdtView::Parse(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || !IsSane(*header)) {
    return Fail(ErrorCode::kNotThisFormat, "no sane devicetree header");
  }
  if (header->totalsize > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("fdt: the header states {} bytes, {} are there",
                            std::uint32_t{header->totalsize}, bytes.size()));
  }
  FdtView view{.bytes = bytes.first(header->totalsize),
               .header = {0, sizeof(Header)},
               .strings = {header->off_dt_strings, header->size_dt_strings}};
  Walker(view, *header).Walk();
  ReadReservations(view, header->off_mem_rsvmap);
  return view;
}

std::optional<std::size_t> FdtView::Child(std::size_t parent,
                                          std::string_view name) const {
  for (std::size_t i = parent + 1; i < nodes.size(); ++i) {
    if (nodes[i].parent == parent && nodes[i].name == name) {
      return i;
    }
  }
  return std::nullopt;
}

const FdtProperty* FdtView::Find(std::size_t node,
                                 std::string_view name) const {
  auto at = std::lower_bound(
      properties.begin(), properties.end(), node,
      [](const FdtProperty& p, std::size_t wanted) { return p.node < wanted; });
  for (; at != properties.end() && at->node == node; ++at) {
    if (at->name == name) {
      return &*at;
    }
  }
  return nullptr;
}

std::optional<std::uint32_t> FdtView::Cell(std::size_t node,
                                           std::string_view name) const {
  const FdtProperty* property = Find(node, name);
  if (property == nullptr || property->value.length != sizeof(Be32)) {
    return std::nullopt;
  }
  return ReadAt<Be32>(bytes, property->value.offset);
}

ByteView FdtView::Value(const FdtProperty& property) const {
  return Slice(bytes, property.value.offset, property.value.length)
      .value_or(ByteView());
}

}  // namespace assay::formats
