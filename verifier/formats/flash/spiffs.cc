// SPIFFS with 16-bit ids, little-endian, as ESP8266 and ESP32 have it, with
// magics that state the number of blocks or do not. Layout: spiffs
// src/spiffs_nucleus.h.
//
// Nothing states the sizes of pages and blocks, nor how long names may be:
// they are what makes lookup tables, page headers and index tables agree.
//
// Claims: lookup tables, page headers and index pages of files are metadata,
// their pages' content is theirs. Pages that were deleted, or that no file has,
// are slack, and where they hold what no file shows, an anomaly says so.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/spiffs_volume.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

using spiffs::Geometry;
using spiffs::Page;
using spiffs::Pages;
using spiffs::State;

constexpr std::uint32_t kUndefined = 0xffffffff;  // a size

struct File {
  std::uint16_t object = 0;
  std::uint64_t page = 0;  // of its header, in the image
  std::uint32_t size = 0;
  unsigned type = 0;
};

class Reader {
 public:
  Reader(const ByteSource& source, const Geometry& geometry, ArtifactSink& sink)
      : source_(source),
        bytes_(source.bytes()),
        geometry_(geometry),
        sink_(sink),
        pages_(spiffs::ReadPages(bytes_, geometry)),
        table_(spiffs::FindTable(bytes_, geometry, pages_)) {}

  Result<void> Run() {
    ClaimTables();
    std::uint64_t count = 0;
    for (const auto& [key, number] : pages_.index) {
      if (key.second != 0) {
        continue;
      }
      if (++count > sink_.limits().entries) {
        return Fail(ErrorCode::kLimit, "spiffs: too many files");
      }
      if (auto ok = Give(key.first, number); !ok) {
        return ok;
      }
    }
    ReportPages();
    ReportHidden();
    coverage_.ClaimGaps(bytes_, sink_);
    return {};
  }

 private:
  [[nodiscard]] Range RangeOf(std::uint64_t number) const {
    return {number * geometry_.page, geometry_.page};
  }
  [[nodiscard]] ByteView ContentOf(std::uint64_t number) const {
    return *Slice(bytes_, RangeOf(number).offset + spiffs::kHeaderSize,
                  geometry_.content());
  }
  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("spiffs.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }
  // How far the first table is from its page's begin, at least.
  [[nodiscard]] std::uint64_t FirstTable() const {
    constexpr std::uint64_t kUsualName = 32;
    return table_.value_or(
        std::min(spiffs::kNameStart + kUsualName, geometry_.page));
  }

  void ClaimTables() {
    for (std::uint64_t at = 0; at < bytes_.size(); at += geometry_.block) {
      coverage_.ClaimFree({at, geometry_.lookups() * geometry_.page},
                          RegionUse::kMetadata, sink_);
    }
  }

  Result<void> Give(std::uint16_t object, std::uint64_t number) {
    constexpr unsigned kFile = 1;
    const Range place = RangeOf(number);
    const ByteView raw = *Slice(bytes_, place.offset, place.length);
    const File file{
        .object = object,
        .page = place.offset,
        .size = ReadAt<Le32>(raw, spiffs::kIndexStart).value_or(Le32{}),
        .type = raw[spiffs::kNameStart - 1]};
    Member member;
    member.name = UntilNul(
        raw.subspan(spiffs::kNameStart, FirstTable() - spiffs::kNameStart));
    coverage_.ClaimFree({place.offset, FirstTable()}, RegionUse::kMetadata,
                        sink_);
    if (member.name.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit, "spiffs: too long a name");
    }
    CheckName(member.name, place);
    if (file.type != kFile) {
      Report("odd-type", place,
             fmt::format("object {} is of type {}", object, file.type));
    }
    std::vector<Extent> extents;
    if (const auto mapped = Map(file, extents); !mapped) {
      Report("missing-page", place, member.name + ": " + mapped.error().what);
      return sink_.AddOpaque(std::move(member), mapped.error().what);
    }
    return extents.empty()
               ? sink_.Add(std::move(member), ByteSource())
               : AddExtents(source_, extents, std::move(member), "spiffs",
                            Sharing::kAnomalous, coverage_, sink_);
  }

  // Names are paths of their own; folders are none of the format's.
  void CheckName(const std::string& name, Range place) {
    if (name.empty()) {
      Report("odd-name", place, "a file has no name");
    } else if (!names_.insert(name).second) {
      Report("ambiguous-name", place,
             fmt::format("two files are called \"{}\"", name));
    }
  }

  Result<void> Map(const File& file, std::vector<Extent>& extents) {
    if (file.size == 0 || file.size == kUndefined) {
      return {};
    }
    const std::uint64_t content = geometry_.content();
    const std::uint64_t spans = (file.size + content - 1) / content;
    if (spans > pages_.data.size()) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("spiffs: {} bytes are stated, which is more than "
                              "all pages hold",
                              file.size));
    }
    for (std::uint64_t span = 0; span < spans; ++span) {
      const auto number = PageOf(file, static_cast<std::uint16_t>(span));
      if (!number) {
        return Fail(
            ErrorCode::kMalformed,
            fmt::format("spiffs: page {} of the file is not there", span));
      }
      const std::uint64_t start = RangeOf(*number).offset;
      coverage_.ClaimFree({start, spiffs::kHeaderSize}, RegionUse::kMetadata,
                          sink_);
      extents.push_back(
          {.range = {start + spiffs::kHeaderSize,
                     std::min(content, file.size - span * content)}});
      used_.insert(*number);
    }
    return {};
  }

  // Where the index says that a page of a file is; where the pages say it, if
  // it does not.
  std::optional<std::uint32_t> PageOf(const File& file, std::uint16_t span) {
    const auto known = pages_.data.find({file.object, span});
    if (known == pages_.data.end()) {
      return std::nullopt;
    }
    const std::uint64_t first = (geometry_.page - FirstTable()) / sizeof(Le16);
    const std::uint64_t more =
        (geometry_.page - spiffs::kIndexStart) / sizeof(Le16);
    std::uint64_t at = file.page + FirstTable() + span * sizeof(Le16);
    if (span >= first) {
      const auto index = pages_.index.find(
          {file.object, static_cast<std::uint16_t>(1 + (span - first) / more)});
      if (index == pages_.index.end()) {
        NoteIndex(file, span);
        return known->second;
      }
      const std::uint64_t start = RangeOf(index->second).offset;
      coverage_.ClaimFree({start, spiffs::kIndexStart}, RegionUse::kMetadata,
                          sink_);
      at = start + spiffs::kIndexStart + (span - first) % more * sizeof(Le16);
    }
    coverage_.ClaimFree({at, sizeof(Le16)}, RegionUse::kMetadata, sink_);
    const auto stated = ReadAt<Le16>(bytes_, at);
    if (!stated || *stated != known->second) {
      return Stated(file, span, stated.value_or(Le16{}), known->second);
    }
    return known->second;
  }

  // The index counts where it leads to another live page with that number.
  std::uint32_t Stated(const File& file, std::uint16_t span,
                       std::uint32_t stated, std::uint32_t known) {
    const auto other =
        std::lower_bound(pages_.all.begin(), pages_.all.end(), stated,
                         [](const Page& page, std::uint32_t number) {
                           return page.number < number;
                         });
    if (other != pages_.all.end() && other->number == stated &&
        other->state == State::kLive && !other->index &&
        other->object == file.object && other->span == span) {
      return stated;
    }
    NoteIndex(file, span);
    return known;
  }

  void NoteIndex(const File& file, std::uint16_t span) {
    if (bad_.insert(file.object).second) {
      Report("bad-index", {file.page, geometry_.page},
             fmt::format("the index of object {} has not its page {}",
                         file.object, span));
    }
  }

  void ReportPages() {
    if (pages_.odd > 0) {
      Report("page-mismatch", pages_.first_odd,
             fmt::format("{} pages differ from what the lookup table says",
                         pages_.odd));
    }
    if (pages_.twice > 0) {
      Report("ambiguous-page", pages_.first_twice,
             fmt::format("{} pages are the same part of the same file as "
                         "another",
                         pages_.twice));
    }
  }

  // Content that no file shows in its place.
  void ReportHidden() {
    std::uint64_t hidden = 0;
    Range first;
    for (const Page& page : pages_.all) {
      if (page.index || used_.count(page.number) != 0) {
        continue;
      }
      const ByteView old = ContentOf(page.number);
      const auto now = pages_.data.find({page.object, page.span});
      const bool shown =
          now != pages_.data.end() && used_.count(now->second) != 0 &&
          std::equal(old.begin(), old.end(), ContentOf(now->second).begin());
      if (!shown && !IsErased(old) && !IsZero(old) && hidden++ == 0) {
        first = RangeOf(page.number);
      }
    }
    if (hidden > 0) {
      Report("hidden-pages", first,
             fmt::format("{} pages hold what no file shows", hidden));
    }
  }

  const ByteSource& source_;
  ByteView bytes_;
  Geometry geometry_;
  ArtifactSink& sink_;
  Coverage coverage_;
  Pages pages_;
  std::optional<std::uint64_t> table_;
  std::set<std::string> names_;
  std::set<std::uint16_t> bad_;   // objects with a bad index
  std::set<std::uint32_t> used_;  // pages with content of a file
};

bool Matches(ByteView head) {
  return spiffs::Recognize(head).has_value();
}

std::optional<Geometry> Open(ByteView bytes) {
  return spiffs::Recognize(
      bytes.first(std::min(bytes.size(), Input::kPeekLimit)));
}

std::uint64_t SizeOf(ByteView bytes, const Geometry& geometry) {
  return geometry.blocks == 0 ? spiffs::EndOf(bytes, geometry)
                              : geometry.blocks * geometry.block;
}

tl::unexpected<Error> Truncated(std::uint64_t stated, std::uint64_t there) {
  return Fail(
      ErrorCode::kTruncated,
      fmt::format("spiffs: {} bytes are stated, {} are there", stated, there));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto geometry = Open(bytes);
  if (!geometry) {
    return Fail(ErrorCode::kNotThisFormat, "spiffs: blocks do not agree");
  }
  const std::uint64_t size = SizeOf(bytes, *geometry);
  if (size > bytes.size() || size == 0) {
    return Truncated(size, bytes.size());
  }
  return size;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto geometry = Open(input.source().bytes());
  if (!geometry) {
    return Fail(ErrorCode::kMalformed, "spiffs: blocks do not agree");
  }
  const std::uint64_t stated = SizeOf(input.source().bytes(), *geometry);
  const std::uint64_t size = std::min(stated, input.source().size());
  // Of a block that is cut off, nothing can be said.
  const auto source =
      input.source().Slice({0, size / geometry->block * geometry->block});
  if (!source) {
    return Fail(source.error());
  }
  if (auto ok = Reader(*source, *geometry, sink).Run(); !ok) {
    return ok;
  }
  if (stated > size || stated == 0) {
    return Truncated(stated, size);
  }
  return input.Skip(size);
}

}  // namespace

extern const Format kSpiffs;
const Format kSpiffs = {
    .name = "spiffs",
    .title = "SPIFFS file system",
    .reference = "spiffs src/spiffs_nucleus.h",
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
