#include "verifier/formats/filesystems/ntfs_data.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats::ntfs {
namespace {

constexpr std::size_t kChunk = 4096;

// One chunk's tokens: eight flags, then as many literals or pairs. A pair's 16
// bits are split by how far into the chunk it stands.
std::optional<std::size_t> DecodeChunk(ByteView in,
                                       std::span<std::uint8_t> out) {
  ByteReader reader(in);
  std::size_t at = 0;
  while (const auto flags = reader.TakeBytes(1)) {
    for (unsigned bit = 0; bit < 8 && reader.remaining() > 0; ++bit) {
      if ((flags->front() >> bit & 1U) == 0) {
        if (at == out.size()) {
          return std::nullopt;
        }
        out[at++] = reader.TakeBytes(1)->front();
        continue;
      }
      const auto pair = reader.Take<Le16>();
      if (!pair || at == 0) {
        return std::nullopt;
      }
      unsigned length_bits = 12;
      for (std::size_t reach = at - 1; reach >= 0x10; reach >>= 1U) {
        --length_bits;
      }
      const std::size_t back = (*pair >> length_bits) + 1U;
      const std::size_t length =
          (*pair & ((1U << length_bits) - 1)) + std::size_t{3};
      if (back > at || length > out.size() - at) {
        return std::nullopt;
      }
      for (std::size_t i = 0; i < length; ++i, ++at) {
        out[at] = out[at - back];
      }
    }
  }
  return at;
}

}  // namespace

std::optional<std::size_t> DecodeLznt1(ByteView in,
                                       std::span<std::uint8_t> out) {
  ByteReader reader(in);
  std::size_t at = 0;
  while (at < out.size()) {
    const auto header = reader.Take<Le16>();
    if (!header || *header == 0) {
      break;
    }
    const auto chunk = reader.TakeBytes((*header & 0x0FFFU) + 1U);
    const auto into = out.subspan(at, std::min(kChunk, out.size() - at));
    if (!chunk) {
      return std::nullopt;
    }
    if ((*header & 0x8000U) == 0) {
      if (chunk->size() > into.size()) {
        return std::nullopt;
      }
      std::copy(chunk->begin(), chunk->end(), into.begin());
    } else if (!DecodeChunk(*chunk, into)) {
      return std::nullopt;
    }
    at += into.size();  // a short chunk ends in zeros
  }
  return at;
}

std::optional<std::vector<Extent>> ExtentsOf(const Attribute& attribute,
                                             const Volume& volume,
                                             std::uint64_t available,
                                             std::uint64_t& short_of) {
  std::vector<Extent> extents;
  const std::uint64_t valid = std::min(attribute.size, attribute.initialized);
  std::uint64_t at = 0;
  for (const Run& run : attribute.runs) {
    if (at >= valid) {
      break;
    }
    const std::uint64_t most =
        (valid - at + volume.cluster - 1) / volume.cluster;
    const std::uint64_t length =
        std::min(std::min(run.count, most) * volume.cluster, valid - at);
    if (!run.hole && (run.lcn >= available / volume.cluster ||
                      length > available - run.lcn * volume.cluster)) {
      return std::nullopt;
    }
    extents.push_back(
        {.range = {run.hole ? 0 : run.lcn * volume.cluster, length},
         .hole = run.hole});
    at += length;
  }
  short_of = valid - at;
  if (attribute.size > at) {
    extents.push_back({.range = {0, attribute.size - at}, .hole = true});
  }
  return extents;
}

CompressedStream::CompressedStream(const ByteSource& source,
                                   const Volume& volume,
                                   const Attribute& attribute)
    : source_(source),
      volume_(volume),
      attribute_(attribute),
      unit_clusters_(1ULL << attribute.unit_shift) {}

// Gathers the clusters that the unit has. All of them: it is stored. None: it
// is a hole. Some: they are packed.
bool CompressedStream::NextUnit() {
  const std::uint64_t size = unit_clusters_ * volume_.cluster;
  const std::uint64_t want = std::min(size, attribute_.size - done_);
  Bytes stored;
  std::uint64_t clusters = 0;
  const std::uint64_t end = vcn_ + unit_clusters_;
  while (vcn_ < end && run_ < attribute_.runs.size()) {
    const Run& run = attribute_.runs[run_];
    const std::uint64_t into = vcn_ - run.vcn;
    if (into >= run.count) {
      ++run_;
      continue;
    }
    const std::uint64_t count = std::min(run.count - into, end - vcn_);
    if (!run.hole) {
      const auto part =
          run.lcn > source_.size() / volume_.cluster
              ? std::nullopt
              : Slice(source_.bytes(), (run.lcn + into) * volume_.cluster,
                      count * volume_.cluster);
      if (!part) {
        error_ = {ErrorCode::kTruncated, "ntfs: a run leaves the volume"};
        return false;
      }
      stored.insert(stored.end(), part->begin(), part->end());
      clusters += count;
    }
    vcn_ += count;
  }
  vcn_ = end;
  if (clusters == unit_clusters_) {
    unit_ = std::move(stored);
  } else {
    unit_.assign(static_cast<std::size_t>(size), 0);
    if (clusters > 0 && !DecodeLznt1(stored, unit_)) {
      error_ = {
          ErrorCode::kMalformed,
          fmt::format("ntfs: the compressed unit at {} is damaged", done_)};
      return false;
    }
  }
  unit_.resize(static_cast<std::size_t>(want));
  if (attribute_.initialized < done_ + want) {
    const std::uint64_t valid =
        attribute_.initialized > done_ ? attribute_.initialized - done_ : 0;
    std::fill(unit_.begin() + static_cast<std::ptrdiff_t>(valid), unit_.end(),
              std::uint8_t{0});
  }
  done_ += want;
  passed_ = 0;
  return true;
}

Result<std::size_t> CompressedStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !error_) {
    if (passed_ == unit_.size()) {
      if (done_ == attribute_.size || !NextUnit()) {
        break;
      }
    }
    const std::size_t count =
        std::min(into.size() - filled, unit_.size() - passed_);
    std::copy_n(unit_.begin() + static_cast<std::ptrdiff_t>(passed_), count,
                into.subspan(filled).begin());
    filled += count;
    passed_ += count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

}  // namespace assay::formats::ntfs
