// SQLite's file format, as much of it as rpm's table "Packages" needs: the
// schema, the b-tree of one table, and overflow pages.
// Reference: sqlite.org, "Database File Format", sections 1.3, 1.6, 2.1, 2.6.
//
// A write-ahead log beside the file is not merged in.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "sbom/rpm_rows.h"

namespace assay::sbom {
namespace {

constexpr std::uint64_t kHeaderSize = 100;
constexpr std::uint64_t kPageSizeAt = 16;
constexpr std::uint64_t kReservedAt = 20;
constexpr std::uint8_t kInteriorTable = 0x05;
constexpr std::uint8_t kLeafTable = 0x0d;
constexpr std::uint64_t kLeafHeader = 8;
constexpr std::uint64_t kInteriorHeader = 12;
constexpr std::uint64_t kSmallestUsable = 480;
constexpr std::size_t kMostColumns = 16;

// A variable-length integer, section 1.6: big-endian, seven bits a byte, at
// most nine bytes, of which the last counts whole.
std::optional<std::uint64_t> TakeVarint(ByteReader& reader) {
  std::uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    const auto byte = reader.Take<std::uint8_t>();
    if (!byte) {
      return std::nullopt;
    }
    if (i == 8) {
      return (value << 8U) | *byte;
    }
    value = (value << 7U) | (*byte & 0x7fU);
    if ((*byte & 0x80U) == 0) {
      return value;
    }
  }
  return value;
}

// Bytes of a value by its serial type, section 2.1.
std::uint64_t SizeOfType(std::uint64_t type) {
  constexpr std::array<std::uint64_t, 12> kSizes = {0, 1, 2, 3, 4, 6,
                                                    8, 8, 0, 0, 0, 0};
  return type < kSizes.size() ? kSizes.at(type) : (type - 12) / 2;
}

// The columns of a record, as bytes; fewer when it does not hold what its
// header says.
std::vector<ByteView> ColumnsOf(ByteView record) {
  ByteReader header(record);
  const auto header_size = TakeVarint(header);
  std::vector<ByteView> columns;
  if (!header_size || *header_size > record.size()) {
    return columns;
  }
  ByteReader body(record);
  (void)body.Seek(*header_size);
  while (header.consumed() < *header_size && columns.size() < kMostColumns) {
    const auto type = TakeVarint(header);
    const auto value = type ? body.TakeBytes(SizeOfType(*type)) : std::nullopt;
    if (!value) {
      break;
    }
    columns.push_back(*value);
  }
  return columns;
}

class Reader {
 public:
  explicit Reader(ByteView database) : database_(database) {}

  std::vector<RpmDamage> Run(const RpmRowVisitor& visit) {
    const auto size = ReadAt<Be16>(database_, kPageSizeAt);
    page_size_ = size ? std::uint64_t{*size} : 0;
    page_size_ = page_size_ == 1 ? 65536 : page_size_;
    const std::uint64_t reserved =
        database_.size() > kReservedAt ? database_[kReservedAt] : 0;
    if (page_size_ < 512 || page_size_ - reserved < kSmallestUsable ||
        page_size_ > database_.size()) {
      Damaged("a page size that no database has, or no page", {kPageSizeAt, 2});
      return std::move(damage_);
    }
    usable_ = page_size_ - reserved;
    used_.assign(database_.size() / page_size_ + 1, false);
    std::uint64_t root = 0;
    // sqlite_schema(type, name, tbl_name, rootpage, sql)
    Walk(1, [&root](ByteView record, Range) {
      const auto columns = ColumnsOf(record);
      if (columns.size() >= 4 && AsText(columns[0]) == "table" &&
          AsText(columns[1]) == "Packages" && columns[3].size() <= 4) {
        root = 0;
        for (const std::uint8_t byte : columns[3]) {
          root = (root << 8U) | byte;
        }
      }
    });
    if (root > 1) {
      // Packages(hnum INTEGER PRIMARY KEY, blob BLOB)
      Walk(root, [&visit](ByteView record, Range place) {
        const auto columns = ColumnsOf(record);
        if (columns.size() >= 2) {
          visit({columns[1], place});
        }
      });
    }
    return std::move(damage_);
  }

 private:
  template <typename Visit>
  void Walk(std::uint64_t root, const Visit& visit) {
    std::vector<std::uint64_t> todo = {root};
    while (!todo.empty()) {
      const std::uint64_t page = todo.back();
      todo.pop_back();
      const auto bytes = TakePage(page);
      if (!bytes) {
        Damaged(fmt::format("page {} is missing or used twice", page),
                {At(std::max<std::uint64_t>(page, 1)), 0});
        continue;
      }
      ReadNode(page, *bytes, todo, visit);
    }
  }

  template <typename Visit>
  void ReadNode(std::uint64_t page, ByteView bytes,
                std::vector<std::uint64_t>& todo, const Visit& visit) {
    const std::uint64_t head = page == 1 ? kHeaderSize : 0;
    const std::uint8_t type = bytes[head];
    const std::uint64_t cells = ReadAt<Be16>(bytes, head + 3).value_or(Be16{});
    const bool leaf = type == kLeafTable;
    if (!leaf && type != kInteriorTable) {
      Damaged(fmt::format("page {} is none of a table", page),
              {At(page), page_size_});
      return;
    }
    const std::uint64_t index = head + (leaf ? kLeafHeader : kInteriorHeader);
    if (!leaf) {
      // Last of all: what lies to the right of the cells.
      todo.push_back(ReadAt<Be32>(bytes, head + 8).value_or(Be32{}));
    }
    std::vector<std::uint64_t> children;
    for (std::uint64_t i = 0; i < cells; ++i) {
      const auto at = ReadAt<Be16>(bytes, index + i * 2);
      if (!at) {
        Damaged(fmt::format("page {} has more cells than room", page),
                {At(page), page_size_});
        break;
      }
      if (!leaf) {
        children.push_back(ReadAt<Be32>(bytes, *at).value_or(Be32{}));
      } else if (!ReadCell(bytes, *at, At(page), visit)) {
        Damaged(
            fmt::format("cell {} of page {} does not hold together", i, page),
            {At(page), page_size_});
      }
    }
    todo.insert(todo.end(), children.rbegin(), children.rend());
  }

  // A cell of a leaf: payload's size, row's number, payload, overflow page.
  template <typename Visit>
  bool ReadCell(ByteView page, std::uint64_t at, std::uint64_t page_at,
                const Visit& visit) {
    ByteReader reader(page.first(usable_));
    if (!reader.Seek(at)) {
      return false;
    }
    const auto size = TakeVarint(reader);
    if (!size || !TakeVarint(reader) || *size > database_.size() - read_) {
      return false;
    }
    const auto local = reader.TakeBytes(LocalSize(*size));
    if (!local) {
      return false;
    }
    read_ += *size;
    const Range place{page_at + at, reader.consumed() - at};
    if (local->size() == *size) {
      visit(*local, place);
      return true;
    }
    const auto next = reader.Take<Be32>();
    Bytes whole = CopyOf(*local);
    if (!next || !Gather(*next, *size, whole)) {
      return false;
    }
    visit(whole, place);
    return true;
  }

  // How much of a payload stays on a leaf, section 1.6, "the amount of payload
  // that spills onto overflow pages".
  [[nodiscard]] std::uint64_t LocalSize(std::uint64_t size) const {
    const std::uint64_t most = usable_ - 35;
    if (size <= most) {
      return size;
    }
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t fitting = least + (size - least) % (usable_ - 4);
    return fitting <= most ? fitting : least;
  }

  bool Gather(std::uint64_t page, std::uint64_t size, Bytes& whole) {
    while (whole.size() < size) {
      const auto bytes = TakePage(page);
      if (!bytes) {
        return false;
      }
      const std::uint64_t take =
          std::min<std::uint64_t>(usable_ - 4, size - whole.size());
      const ByteView part = bytes->subspan(4, take);
      whole.insert(whole.end(), part.begin(), part.end());
      page = ReadAt<Be32>(*bytes, 0).value_or(Be32{});
    }
    return true;
  }

  [[nodiscard]] std::uint64_t At(std::uint64_t page) const {
    return (page - 1) * page_size_;
  }

  // A page by its number, from 1; each is given out once.
  std::optional<ByteView> TakePage(std::uint64_t page) {
    if (page == 0 || page >= used_.size() || used_[page]) {
      return std::nullopt;
    }
    used_[page] = true;
    return Slice(database_, At(page), page_size_);
  }

  void Damaged(std::string what, Range place) {
    if (damage_.size() < kMostDamage) {
      damage_.push_back({std::move(what), place});
    }
  }

  ByteView database_;
  std::uint64_t page_size_ = 0;
  std::uint64_t usable_ = 0;
  std::uint64_t read_ = 0;  // bytes of payloads
  std::vector<bool> used_;
  std::vector<RpmDamage> damage_;
};

}  // namespace

std::vector<RpmDamage> ReadRpmSqlite(ByteView database,
                                     const RpmRowVisitor& visit) {
  return Reader(database).Run(visit);
}

}  // namespace assay::sbom
