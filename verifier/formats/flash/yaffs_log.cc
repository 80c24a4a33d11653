#include "verifier/formats/flash/yaffs_log.h"

#include <algorithm>
#include <array>
#include <set>

#include "verifier/formats/coverage.h"

namespace assay::formats::yaffs {
namespace {

constexpr std::uint64_t kInbandTags = 16;
constexpr std::array<std::uint64_t, 5> kPages = {512, 1024, 2048, 4096, 8192};
// Powers of two, and what chips with stronger codes have.
constexpr std::array<std::uint64_t, 11> kSpares = {16,  32,  64,  112, 128, 218,
                                                   224, 256, 448, 512, 640};

// Whether the tags of a header's page are those of a header, and of this one.
bool Agree(const Tags& tags, const Header& header) {
  return tags.chunk == 0 &&
         (!tags.has_extra ||
          (tags.extra.parent == header.parent &&
           tags.extra.type == static_cast<unsigned>(header.type)));
}

// Of the first eight pages, how many have tags that hold.
struct Count {
  unsigned pages = 0;
  unsigned exact = 0;  // without a corrected bit
  unsigned wrong = 0;  // the others
};

bool IsGood(const Geometry& geometry, ByteView whole, bool first,
            const std::optional<Tags>& tags) {
  if (!tags || tags->chunk > 0 || tags->object == kCheckpoint ||
      tags->object == kSummary) {
    return tags.has_value();
  }
  const auto header = ReadHeader(geometry, whole);
  return header && (!first || Agree(*tags, *header));
}

// Nothing unless those of the very first do.
Count CountPages(ByteView head, const Geometry& geometry) {
  constexpr std::uint64_t kPagesToSee = 8;
  Count count;
  for (std::uint64_t i = 0; i < kPagesToSee; ++i) {
    const auto whole = Slice(head, i * geometry.stride(), geometry.stride());
    if (!whole) {
      break;
    }
    const auto tags = ReadTags(geometry, whole->subspan(geometry.page));
    if (IsGood(geometry, *whole, i == 0, tags)) {
      ++count.pages;
      count.exact += tags->corrected ? 0U : 1U;
    } else if (i == 0 || IsErased(*whole)) {
      break;
    } else {
      ++count.wrong;
    }
  }
  return count;
}

class Search {
 public:
  explicit Search(ByteView head) : head_(head) {}

  // `least`: how many tags have to hold. Those with a long code need no
  // neighbour to be believed.
  void Try(const Geometry& geometry, unsigned least) {
    const Count count = CountPages(head_, geometry);
    const bool alone = count.pages == 1 && count.wrong > 0;
    if (count.pages < least || (least > 1 && count.exact < least) ||
        (alone && !geometry.ecc)) {
      return;
    }
    const unsigned score =
        count.pages * 4 + count.exact * 2 + (geometry.ecc ? 1 : 0);
    if (score > score_) {
      best_ = geometry;
      score_ = score;
      // A long code does not hold by chance; but of pages twice as large, every
      // second one's would.
      settled_ = geometry.ecc && count.exact > 0;
    }
  }

  void TryOrders(Geometry geometry, unsigned least) {
    for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
      geometry.order = order;
      Try(geometry, least);
    }
  }

  [[nodiscard]] const std::optional<Geometry>& best() const { return best_; }
  // Whether larger pages need not be tried.
  [[nodiscard]] bool settled() const { return settled_; }

 private:
  ByteView head_;
  unsigned score_ = 0;
  bool settled_ = false;
  std::optional<Geometry> best_;
};

void TryOld(Search& search, ByteOrder header_order, unsigned least) {
  for (const std::uint64_t tags : {kScattered, kTogether}) {
    search.TryOrders({.version = 1,
                      .page = 512,
                      .spare = 16,
                      .tags = tags,
                      .header_order = header_order},
                     least);
  }
}

// Every place in every spare area.
void TryAll(Search& search, ByteOrder header_order) {
  constexpr std::uint64_t kLastPlace = 64;
  for (const std::uint64_t page : kPages) {
    for (const std::uint64_t spare : kSpares) {
      if (spare > page / 8 || spare < page / 128) {
        continue;
      }
      for (const bool ecc : {true, false}) {
        Geometry geometry{.page = page,
                          .spare = spare,
                          .header_order = header_order,
                          .ecc = ecc};
        for (; TagsRange(geometry).end() <= spare && geometry.tags < kLastPlace;
             geometry.tags += geometry.tags < 8 ? 1 : 2) {
          search.TryOrders(geometry, 1);
        }
      }
    }
    search.TryOrders({.page = page - kInbandTags,
                      .spare = kInbandTags,
                      .header_order = header_order,
                      .inband = true},
                     1);
    if (search.settled()) {
      break;
    }
  }
}

// Where a dump begins with something else than a header, several codes have to
// hold.
void TryUsual(Search& search) {
  constexpr unsigned kLeast = 4;
  for (const ByteOrder header_order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    TryOld(search, header_order, kLeast);
    for (const std::uint64_t page : kPages) {
      for (const std::uint64_t tags : {0U, 2U}) {
        search.TryOrders({.page = page,
                          .spare = page / 32,
                          .tags = tags,
                          .header_order = header_order,
                          .ecc = true},
                         kLeast);
      }
    }
  }
}

// Reads page after page until too many of them are something else.
class Reader {
 public:
  Reader(ByteView bytes, const Geometry& geometry) : bytes_(bytes) {
    log_.geometry = geometry;
  }

  Log Run() {
    constexpr std::uint64_t kMostUnreadable = 128;  // in a row
    const std::uint64_t stride = log_.geometry.stride();
    bool erased = true;  // since the last chunk
    std::uint64_t passed = 0;
    for (std::uint64_t at = 0; passed <= kMostUnreadable; at += stride) {
      const auto whole = Slice(bytes_, at, stride);
      if (!whole) {
        break;
      }
      if (IsErased(*whole)) {
        log_.end = erased ? at + stride : log_.end;
        continue;
      }
      const auto tags =
          ReadTags(log_.geometry, whole->subspan(log_.geometry.page));
      if (!tags) {
        erased = false;
        pending_ = passed == 0 ? Range{at, stride} : pending_;
        ++passed;
        continue;
      }
      if (IsAnother(*tags)) {
        break;
      }
      KeepPassed(passed);
      Keep(*tags, {at, stride}, *whole);
      erased = true;
      passed = 0;
    }
    return std::move(log_);
  }

 private:
  // A builder writes one header an object: a second one with the same number
  // is the begin of the next image.
  bool IsAnother(const Tags& tags) {
    const bool built = log_.geometry.version == 1
                           ? !tags.deleted && tags.serial < 2
                           : tags.sequence == kLowestSequence;
    if (!built || tags.chunk != 0) {
      return false;
    }
    const std::uint64_t key = std::uint64_t{tags.object} << 2U | tags.serial;
    return !headers_.insert(key).second;
  }

  void KeepPassed(std::uint64_t passed) {
    if (passed > 0 && log_.unreadable == 0) {
      log_.first_unreadable = pending_;
    }
    log_.unreadable += passed;
  }

  void Keep(const Tags& tags, Range place, ByteView whole) {
    if (tags.corrected && log_.corrected++ == 0) {
      log_.first_corrected = place;
    }
    if (tags.chunk == 0 && tags.has_extra) {
      const auto header = ReadHeader(log_.geometry, whole);
      if (header && !Agree(tags, *header) && log_.contradictions++ == 0) {
        log_.first_contradiction = place;
      }
    }
    log_.chunks.push_back({.offset = place.offset,
                           .object = tags.object,
                           .number = tags.chunk,
                           .bytes = tags.bytes,
                           .sequence = tags.sequence,
                           .serial = static_cast<std::uint8_t>(tags.serial),
                           .deleted = tags.deleted});
    log_.end = place.end();
  }

  ByteView bytes_;
  Log log_;
  Range pending_ = {};
  std::set<std::uint64_t> headers_;
};

}  // namespace

std::optional<Geometry> Recognize(ByteView head) {
  Search search(head);
  bool begins = false;
  for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    if (BeginsWithHeader(head, order)) {
      begins = true;
      TryOld(search, order, 1);
      TryAll(search, order);
    }
  }
  if (!begins) {
    TryUsual(search);
  }
  return search.best();
}

Log ReadLog(ByteView bytes, const Geometry& geometry) {
  return Reader(bytes, geometry).Run();
}

}  // namespace assay::formats::yaffs
