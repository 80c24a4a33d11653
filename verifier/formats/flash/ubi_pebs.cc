#include "verifier/formats/flash/ubi_pebs.h"

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/coverage.h"

namespace assay::formats::ubi {
namespace {

constexpr std::uint32_t kEraseMagic = 0x55424923;   // "UBI#"
constexpr std::uint32_t kVolumeMagic = 0x55424921;  // "UBI!"

constexpr std::uint64_t kSmallestPeb = 1024;
constexpr std::uint64_t kLargestPeb = 64ULL << 20U;
// What may lie between two PEBs with an intact header.
constexpr std::uint64_t kMostErased = 4096;
constexpr std::uint64_t kMostBad = 4;

template <typename T>
bool HoldsCrc(const T& header) {
  const ByteView raw = BytesOf(header);
  return Crc32Raw(~0U, raw.first(raw.size() - 4)) == header.crc;
}

// Whether `header` belongs to the image that `first` begins.
bool SameImage(const EraseHeader& first, const EraseHeader& header) {
  return first.volume_header == header.volume_header &&
         first.data == header.data &&
         (first.image_sequence == header.image_sequence ||
          first.image_sequence == 0U || header.image_sequence == 0U);
}

bool IsErasedPeb(ByteView bytes, Range range) {
  const auto peb = Slice(bytes, range.offset,
                         std::min(range.length, bytes.size() - range.offset));
  return peb && IsErased(*peb);
}

struct Run {
  std::int64_t score = 0;  // headers less what should be headers
  std::uint64_t headers = 0;
  std::uint64_t erased = 0;
  std::uint64_t end = 0;
};

// How far PEBs of `size` bytes go.
Run RunOf(ByteView bytes, const EraseHeader& first, std::uint64_t size) {
  Run run;
  std::uint64_t erased = 0;
  std::uint64_t bad = 0;
  for (std::uint64_t at = 0;
       at < bytes.size() && erased <= kMostErased && bad <= kMostBad;
       at += size) {
    const auto header = EraseHeaderAt(bytes, at);
    if (header && !SameImage(first, *header)) {
      break;
    }
    if (header) {
      ++run.headers;
      run.erased += erased;
      run.score += 1 - static_cast<std::int64_t>(bad);
      run.end = std::min<std::uint64_t>(at + size, bytes.size());
      erased = bad = 0;
    } else if (IsErasedPeb(bytes, {at, size})) {
      ++erased;
    } else {
      ++bad;
    }
  }
  return run;
}

}  // namespace

std::optional<EraseHeader> EraseHeaderAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<EraseHeader>(bytes, at);
  if (!header || header->magic != kEraseMagic || header->version != 1 ||
      !HoldsCrc(*header) || header->volume_header < sizeof(EraseHeader) ||
      header->volume_header > kLargestPeb ||
      header->data < header->volume_header + sizeof(VolumeHeader) ||
      header->data >= kLargestPeb) {
    return std::nullopt;
  }
  return header;
}

std::optional<Geometry> FindGeometry(ByteView bytes) {
  const auto first = EraseHeaderAt(bytes, 0);
  if (!first) {
    return std::nullopt;
  }
  Run best;
  Geometry geometry{.volume_header = first->volume_header, .data = first->data};
  for (std::uint64_t size = kSmallestPeb; size <= kLargestPeb; size *= 2) {
    if (size <= first->data || size > bytes.size()) {
      continue;
    }
    const Run run = RunOf(bytes, *first, size);
    // Half the size finds content or erased flash where headers should be,
    // twice the size half of the headers.
    const bool better = run.score > best.score ||
                        (run.score == best.score && run.erased < best.erased);
    if (run.headers >= 2 && (best.headers == 0 || better)) {
      best = run;
      geometry.peb_size = size;
      geometry.end = run.end;
    }
  }
  return best.headers == 0 ? std::nullopt : std::optional(geometry);
}

std::vector<Peb> ReadPebs(ByteView bytes, const Geometry& geometry) {
  std::vector<Peb> pebs;
  for (std::uint64_t at = 0; at < geometry.end; at += geometry.peb_size) {
    const std::uint64_t size = std::min(geometry.peb_size, geometry.end - at);
    Peb peb{.range = {at, size}};
    peb.intact = EraseHeaderAt(bytes, at).has_value();
    peb.erased = !peb.intact && IsErasedPeb(bytes, peb.range);
    const auto volume =
        peb.intact && size == geometry.peb_size
            ? ReadAt<VolumeHeader>(bytes, at + geometry.volume_header)
            : std::nullopt;
    if (volume && volume->magic == kVolumeMagic) {
      peb.damaged_volume = volume->version != 1 || !HoldsCrc(*volume) ||
                           volume->data_pad > geometry.leb_size() ||
                           volume->data_size > geometry.leb_size();
      if (!peb.damaged_volume) {
        peb.volume = *volume;
      }
    } else if (peb.intact && size == geometry.peb_size) {
      const auto unused =
          Slice(bytes, at + geometry.volume_header, sizeof(VolumeHeader));
      peb.damaged_volume = unused && !IsErased(*unused);
    }
    pebs.push_back(peb);
  }
  return pebs;
}

}  // namespace assay::formats::ubi
