#include "verifier/formats/flash/spiffs_volume.h"

#include <algorithm>

#include "verifier/formats/coverage.h"

namespace assay::formats::spiffs {
namespace {

constexpr std::uint16_t kIndexFlag = 0x8000;
constexpr std::uint16_t kDeletedId = 0;
constexpr std::uint16_t kFreeId = 0xffff;
constexpr std::uint16_t kMagic = 0x0529;  // and the page's size
constexpr std::uint64_t kMostPages = 0x10000;

// Bits are written as zeros.
constexpr unsigned kUsed = 0x01, kFinal = 0x02, kIsIndex = 0x04;
constexpr unsigned kBeingDeleted = 0x40, kIsDeleted = 0x80;

struct PageHeader {
  Le16 object, span;
  std::uint8_t flags;
};
static_assert(sizeof(PageHeader) == kHeaderSize);

std::optional<std::uint16_t> Short(ByteView bytes, std::uint64_t at) {
  const auto value = ReadAt<Le16>(bytes, at);
  return value ? std::optional<std::uint16_t>(*value) : std::nullopt;
}

// What the magic of a block leaves when its constant part is taken out.
std::optional<std::uint16_t> MagicOf(ByteView bytes, const Geometry& geometry,
                                     std::uint64_t block) {
  constexpr std::uint64_t kFromEnd = 4;  // the erase count lies behind it
  const auto stored =
      Short(bytes, block * geometry.block + geometry.lookups() * geometry.page -
                       kFromEnd);
  return stored ? std::optional<std::uint16_t>(static_cast<std::uint16_t>(
                      *stored ^ kMagic ^ geometry.page))
                : std::nullopt;
}

bool HasMagic(ByteView bytes, const Geometry& geometry, std::uint64_t block) {
  const std::uint64_t expected =
      geometry.blocks == 0 ? 0 : geometry.blocks - block;
  const auto magic = MagicOf(bytes, geometry, block);
  return magic && *magic == static_cast<std::uint16_t>(expected);
}

// A page as its block's table and its own header tell; nothing when it lies
// outside.
std::optional<Page> PageAt(ByteView bytes, const Geometry& geometry,
                           std::uint64_t number) {
  const std::uint64_t block = number / geometry.pages();
  const std::uint64_t entry = number % geometry.pages() - geometry.lookups();
  const auto id = Short(bytes, block * geometry.block + entry * sizeof(Le16));
  const auto header = ReadAt<PageHeader>(bytes, number * geometry.page);
  if (!id || !header) {
    return std::nullopt;
  }
  const unsigned flags = header->flags;
  Page page{.number = static_cast<std::uint32_t>(number),
            .object = static_cast<std::uint16_t>(header->object & ~kIndexFlag),
            .span = header->span,
            .index = (flags & kIsIndex) == 0};
  if (*id == kFreeId) {
    const bool erased = IsErased(BytesOf(*header));
    page.state = erased ? State::kFree : State::kOdd;
  } else if (*id == kDeletedId) {
    const bool gone = (flags & kIsDeleted) == 0 ||
                      (flags & kBeingDeleted) == 0 || (flags & kUsed) != 0;
    page.state = gone ? State::kDeleted : State::kOdd;
  } else {
    const bool good = header->object == *id && (flags & kUsed) == 0 &&
                      (flags & kFinal) == 0 && (flags & kIsDeleted) != 0 &&
                      page.index == ((*id & kIndexFlag) != 0);
    page.state = good ? State::kLive : State::kOdd;
    if (good && page.index && (flags & kBeingDeleted) == 0) {
      page.state = State::kDeleted;
    }
  }
  return page;
}

// How much speaks for a geometry, in bits, roughly; 0: something against it.
std::uint64_t ScoreOf(ByteView head, const Geometry& geometry) {
  constexpr std::uint64_t kMostBlocks = 32;
  constexpr std::uint64_t kOfMagic = 16, kOfPage = 20;
  const std::uint64_t whole = head.size() / geometry.block;
  std::uint64_t seen = std::clamp<std::uint64_t>(whole, 1, kMostBlocks);
  // Without a stated length, others may follow in the head.
  seen = std::min(seen, geometry.blocks == 0
                            ? std::max<std::uint64_t>(
                                  1, EndOf(head, geometry) / geometry.block)
                            : geometry.blocks);
  std::uint64_t magics = 0, live = 0, odd = 0;
  for (std::uint64_t block = 0; block < seen; ++block) {
    magics += HasMagic(head, geometry, block) ? 1U : 0U;
  }
  if (magics + (seen > 1 ? 1U : 0U) < seen) {
    return 0;
  }
  const std::uint64_t pages =
      std::min(seen * geometry.pages(), head.size() / geometry.page);
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (i % geometry.pages() >= geometry.lookups()) {
      const auto page = PageAt(head, geometry, i);
      live += page && page->state == State::kLive ? 1U : 0U;
      odd += page && page->state == State::kOdd ? 1U : 0U;
    }
  }
  if (odd * 4 > live) {
    return 0;
  }
  // A stated length makes the first magic mean whatever it is.
  const std::uint64_t free = geometry.blocks == 0 ? 0 : 1;
  return (magics - std::min(magics, free)) * kOfMagic + live * kOfPage;
}

class Search {
 public:
  explicit Search(ByteView head) : head_(head) {}

  void Try(const Geometry& geometry) {
    constexpr std::uint64_t kEnough = 60;
    const std::uint64_t score = ScoreOf(head_, geometry);
    if (score >= kEnough && score > score_) {
      score_ = score;
      best_ = geometry;
    }
  }

  // With and without the number of blocks in the magics; one of the first two
  // may be missing.
  void TryMagics(Geometry geometry) {
    Try(geometry);
    for (const std::uint64_t block : {0U, 1U}) {
      const auto magic = MagicOf(head_, geometry, block);
      const std::uint64_t blocks = magic ? *magic + block : 0;
      if (blocks > 0 && blocks * geometry.pages() <= kMostPages) {
        Geometry stated = geometry;
        stated.blocks = blocks;
        Try(stated);
      }
    }
  }

  [[nodiscard]] const std::optional<Geometry>& best() const { return best_; }

 private:
  ByteView head_;
  std::uint64_t score_ = 0;
  std::optional<Geometry> best_;
};

void Note(std::uint64_t& count, Range& first, Range place) {
  if (count++ == 0) {
    first = place;
  }
}

}  // namespace

std::optional<Geometry> Recognize(ByteView head) {
  constexpr std::uint64_t kLeastBlock = 1024, kMostBlock = 256ULL << 10U;
  Search search(head);
  for (std::uint64_t page = 64; page <= 4096; page *= 2) {
    for (std::uint64_t block = std::max(kLeastBlock, page * 8);
         block <= kMostBlock; block *= 2) {
      search.TryMagics({.page = page, .block = block});
    }
  }
  return search.best();
}

std::uint64_t EndOf(ByteView bytes, const Geometry& geometry) {
  std::uint64_t blocks = 0;
  const std::uint64_t whole =
      std::min(bytes.size() / geometry.block, kMostPages / geometry.pages());
  for (std::uint64_t block = 0, missing = 0; block < whole; ++block) {
    if (HasMagic(bytes, geometry, block)) {
      blocks = block + 1;
    } else if (++missing > 1) {
      break;
    }
  }
  return blocks * geometry.block;
}

Pages ReadPages(ByteView image, const Geometry& geometry) {
  Pages pages;
  const std::uint64_t count = image.size() / geometry.page;
  for (std::uint64_t number = 0; number < count; ++number) {
    if (number % geometry.pages() < geometry.lookups()) {
      continue;
    }
    const auto page = PageAt(image, geometry, number);
    if (!page || page->state == State::kFree) {
      continue;
    }
    const Range place{number * geometry.page, geometry.page};
    pages.all.push_back(*page);
    if (page->state == State::kOdd) {
      Note(pages.odd, pages.first_odd, place);
    } else if (page->state == State::kLive) {
      auto& into = page->index ? pages.index : pages.data;
      if (!into.emplace(Pages::Key{page->object, page->span}, page->number)
               .second) {
        Note(pages.twice, pages.first_twice, place);
      }
    }
  }
  return pages;
}

std::optional<std::uint64_t> FindTable(ByteView image, const Geometry& geometry,
                                       const Pages& pages) {
  std::map<std::uint64_t, std::uint64_t> votes;
  for (const auto& [key, number] : pages.index) {
    const auto first = pages.data.find({key.first, 0});
    if (key.second != 0 || first == pages.data.end()) {
      continue;
    }
    const std::uint64_t start = number * geometry.page;
    const auto second = pages.data.find({key.first, 1});
    for (std::uint64_t at = kNameStart; at + 2 <= geometry.page; ++at) {
      const bool more = second != pages.data.end() && at + 4 <= geometry.page;
      if (Short(image, start + at) == first->second &&
          (!more || Short(image, start + at + 2) == second->second)) {
        ++votes[at];
      }
    }
  }
  const auto most = std::max_element(
      votes.begin(), votes.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? std::nullopt
                             : std::optional<std::uint64_t>(most->first);
}

}  // namespace assay::formats::spiffs
