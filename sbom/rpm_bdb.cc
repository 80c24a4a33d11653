// Berkeley DB's hash access method, as rpm kept its "Packages" until 4.16.
// Reference: Berkeley DB 5.3, dbinc/db_page.h: DBMETA, PAGE, P_HASH, HOFFPAGE,
// P_OVERFLOW. In the byte order of the machine that wrote it.
//
// Chains of buckets need not be followed: rows lie on pages of type "hash"
// only, and freed pages are of another type.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "sbom/rpm_rows.h"

namespace assay::sbom {
namespace {

constexpr std::uint64_t kPageSizeAt = 20;
constexpr std::uint64_t kPageHeader = 26;
constexpr std::uint64_t kNextAt = 16;
constexpr std::uint64_t kEntriesAt = 20;
constexpr std::uint64_t kUsedAt = 22;  // of an overflow page
constexpr std::uint64_t kTypeAt = 25;
constexpr std::uint8_t kHashUnsorted = 2;
constexpr std::uint8_t kOverflow = 7;
constexpr std::uint8_t kHash = 13;
constexpr std::uint8_t kKeyData = 1;  // types of items
constexpr std::uint8_t kOffPage = 3;
constexpr std::uint64_t kOffPageSize = 12;
constexpr std::uint64_t kSmallestPage = 512;
constexpr std::uint64_t kLargestPage = 65536;
// A key is a package's number, and number 0 holds the next free one.
constexpr std::uint64_t kNumberSize = 4;

class Reader {
 public:
  Reader(ByteView database, const RpmRowVisitor& visit)
      : database_(database), visit_(visit) {}

  std::vector<RpmDamage> Run() {
    const auto magic = ReadAt<Le32>(database_, kBdbMagicAt);
    big_ = magic && *magic != kBdbHashMagic;
    page_size_ = Number<Le32, Be32>(kPageSizeAt).value_or(0);
    if (page_size_ < kSmallestPage || page_size_ > kLargestPage) {
      Damaged("a page size that no database has", {kPageSizeAt, 4});
      return std::move(damage_);
    }
    used_.assign(database_.size() / page_size_, false);
    for (std::uint64_t page = 1; page < used_.size(); ++page) {
      const std::uint8_t type = database_[At(page) + kTypeAt];
      if (type == kHash || type == kHashUnsorted) {
        ReadPage(page);
      }
    }
    if (database_.size() % page_size_ != 0) {
      Damaged("the file ends within a page", {At(used_.size()), 0});
    }
    return std::move(damage_);
  }

 private:
  [[nodiscard]] std::uint64_t At(std::uint64_t page) const {
    return page * page_size_;
  }

  template <typename Little, typename Big>
  [[nodiscard]] std::optional<std::uint32_t> Number(std::uint64_t at) const {
    if (big_) {
      const auto value = ReadAt<Big>(database_, at);
      return value ? std::optional<std::uint32_t>(*value) : std::nullopt;
    }
    const auto value = ReadAt<Little>(database_, at);
    return value ? std::optional<std::uint32_t>(*value) : std::nullopt;
  }

  void Damaged(std::string what, Range place) {
    if (damage_.size() < kMostDamage) {
      damage_.push_back({std::move(what), place});
    }
  }

  // Items come in pairs of key and datum; each begins where the index says and
  // ends where the one before it begins.
  void ReadPage(std::uint64_t page) {
    const std::uint64_t start = At(page);
    const std::uint64_t entries =
        Number<Le16, Be16>(start + kEntriesAt).value_or(0);
    if (kPageHeader + entries * 2 > page_size_) {
      Damaged("a page whose index is larger than the page",
              {start, page_size_});
      return;
    }
    std::uint64_t end = page_size_;
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t begin =
          Number<Le16, Be16>(start + kPageHeader + i * 2).value_or(0);
      if (begin >= end || begin < kPageHeader + entries * 2) {
        Damaged("an item outside of its page", {start, page_size_});
        return;
      }
      if (i % 2 == 1) {
        ReadDatum({start + begin, end - begin});
      }
      end = begin;
    }
  }

  void ReadDatum(Range item) {
    const std::uint8_t type = database_[item.offset];
    if (type == kKeyData) {
      if (item.length > 1 + kNumberSize) {
        visit_({database_.subspan(item.offset + 1, item.length - 1), item});
      }
      return;
    }
    if (type != kOffPage || item.length < kOffPageSize) {
      Damaged("an item of a type that rpm does not write", item);
      return;
    }
    const std::uint64_t first = Number<Le32, Be32>(item.offset + 4).value_or(0);
    const std::uint64_t size = Number<Le32, Be32>(item.offset + 8).value_or(0);
    Bytes blob;
    if (Gather(first, size, blob)) {
      visit_({blob, item});
    } else {
      Damaged(fmt::format("a chain of pages from {} that has no {} bytes",
                          first, size),
              item);
    }
  }

  bool Gather(std::uint64_t page, std::uint64_t size, Bytes& blob) {
    if (size > database_.size()) {
      return false;
    }
    while (blob.size() < size) {
      if (page == 0 || page >= used_.size() || used_[page] ||
          database_[At(page) + kTypeAt] != kOverflow) {
        return false;
      }
      used_[page] = true;
      const std::uint64_t room =
          Number<Le16, Be16>(At(page) + kUsedAt).value_or(0);
      const std::uint64_t take =
          std::min<std::uint64_t>(room, size - blob.size());
      if (take == 0 || take > page_size_ - kPageHeader) {
        return false;
      }
      const ByteView part = database_.subspan(At(page) + kPageHeader, take);
      blob.insert(blob.end(), part.begin(), part.end());
      page = Number<Le32, Be32>(At(page) + kNextAt).value_or(0);
    }
    return true;
  }

  ByteView database_;
  const RpmRowVisitor& visit_;
  bool big_ = false;
  std::uint64_t page_size_ = 0;
  std::vector<bool> used_;  // per page: part of a row already
  std::vector<RpmDamage> damage_;
};

}  // namespace

std::vector<RpmDamage> ReadRpmBdb(ByteView database,
                                  const RpmRowVisitor& visit) {
  return Reader(database, visit).Run();
}

}  // namespace assay::sbom
