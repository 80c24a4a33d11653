#include "verifier/formats/archives/wim_resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/formats/codecs/microsoft_lz.h"

namespace assay::formats::wim {
namespace {

constexpr std::uint64_t kSolidHeader = 16;
constexpr std::uint64_t kMostChunk = 1ULL << 21U;
constexpr std::uint64_t kFourGigabytes = 1ULL << 32U;

bool DecodeChunk(Packing packing, std::uint64_t chunk_size, ByteView in,
                 std::span<std::uint8_t> out) {
  if (in.size() == out.size()) {  // stored
    std::copy(in.begin(), in.end(), out.begin());
    return true;
  }
  return packing == Packing::kXpress
             ? codecs::DecodeXpress(in, out)
             : packing == Packing::kLzx &&
                   codecs::DecodeLzx(
                       in, static_cast<unsigned>(std::countr_zero(chunk_size)),
                       out);
}

}  // namespace

std::string OpaqueReason(const Tables& tables, const Resource& resource) {
  if (resource.elsewhere) {
    return fmt::format("in part {} of {}", resource.part,
                       std::uint16_t{tables.header.parts});
  }
  Packing packing = resource.compressed ? tables.packing : Packing::kNone;
  std::uint64_t chunk = tables.chunk_size;
  if (resource.solid && *resource.solid < tables.solids.size()) {
    packing = tables.solids[*resource.solid].packing;
    chunk = tables.solids[*resource.solid].chunk_size;
  }
  if (packing == Packing::kLzms) {
    return "LZMS unsupported";
  }
  if (packing == Packing::kUnknown) {
    return "an unknown compression";
  }
  return packing != Packing::kNone && chunk > kMostChunk
             ? fmt::format("chunks of {} bytes", chunk)
             : std::string();
}

ResourceStream::ResourceStream(const ByteSource& source, const Tables& tables,
                               const Resource& resource)
    : source_(source),
      tables_(tables),
      resource_(resource),
      left_(resource.size) {}

Result<void> ResourceStream::OpenSolid(const SolidResource& solid) {
  const auto bytes =
      Slice(source_.bytes(), solid.place.offset, solid.place.length);
  if (!bytes || solid.place.length < kSolidHeader) {
    return Malformed("a solid resource that is not there");
  }
  packing_ = solid.packing;
  chunk_size_ = solid.chunk_size;
  whole_ = solid.size;
  sizes_ = true;
  packed_ = bytes->subspan(kSolidHeader);
  return {};
}

Result<void> ResourceStream::Open() {
  open_ = true;
  if (resource_.solid) {
    if (*resource_.solid >= tables_.solids.size()) {
      return Malformed("a stream in no solid resource");
    }
    if (auto ok = OpenSolid(tables_.solids[*resource_.solid]); !ok) {
      return ok;
    }
  } else if (auto ok = OpenPlain(); !ok) {
    return ok;
  }
  const bool whole = packing_ == Packing::kNone && !resource_.solid;
  return whole || whole_ == 0 ? Result<void>() : ReadTable();
}

Result<void> ResourceStream::OpenPlain() {
  const auto bytes =
      Slice(source_.bytes(), resource_.place.offset, resource_.place.length);
  if (!bytes) {
    return Malformed("a resource that is not there");
  }
  packed_ = *bytes;
  packing_ = resource_.compressed ? tables_.packing : Packing::kNone;
  chunk_size_ = tables_.chunk_size;
  whole_ = resource_.size;
  entry_size_ = whole_ > kFourGigabytes ? 8 : 4;
  return packing_ == Packing::kNone && whole_ != packed_.size()
             ? Malformed("a stored resource with two sizes")
             : Result<void>();
}

// Where the chunks lie.
Result<void> ResourceStream::ReadTable() {
  if (chunk_size_ == 0 || chunk_size_ > kMostChunk ||
      !std::has_single_bit(chunk_size_)) {
    return Malformed(fmt::format("chunks of {} bytes", chunk_size_));
  }
  const std::uint64_t chunks = (whole_ - 1) / chunk_size_ + 1;
  const std::uint64_t entries = sizes_ ? chunks : chunks - 1;
  if (entries > packed_.size() / entry_size_) {
    return Malformed("more chunks than the resource has room for");
  }
  const auto table = static_cast<std::size_t>(entries * entry_size_);
  table_ = packed_.first(table);
  packed_ = packed_.subspan(table);
  return {};
}

std::uint64_t ResourceStream::EntryAt(std::uint64_t index) const {
  return entry_size_ == 8
             ? std::uint64_t{ReadAt<Le64>(table_, index * 8).value_or(Le64{})}
             : std::uint64_t{ReadAt<Le32>(table_, index * 4).value_or(Le32{})};
}

Result<void> ResourceStream::NextChunk() {
  const std::uint64_t chunks = (whole_ - 1) / chunk_size_ + 1;
  std::uint64_t begin = 0;
  std::uint64_t end = packed_.size();
  if (sizes_) {
    begin = chunk_at_;
    const std::uint64_t size = EntryAt(chunk_);
    end = begin + size;
    chunk_at_ = end;
  } else {
    begin = chunk_ == 0 ? 0 : EntryAt(chunk_ - 1);
    end = chunk_ + 1 == chunks ? end : EntryAt(chunk_);
  }
  const std::uint64_t size =
      std::min(chunk_size_, whole_ - chunk_ * chunk_size_);
  const auto in =
      begin <= end ? Slice(packed_, begin, end - begin) : std::nullopt;
  buffer_.resize(static_cast<std::size_t>(size));
  used_ = 0;
  if (!in || !DecodeChunk(packing_, chunk_size_, *in, buffer_)) {
    buffer_.clear();
    return Malformed(
        fmt::format("chunk {} of a resource does not decode", chunk_));
  }
  ++chunk_;
  return {};
}

Result<void> ResourceStream::Step(std::span<std::uint8_t>& into) {
  if (!open_) {
    if (auto ok = Open(); !ok) {
      return ok;
    }
  }
  if (packing_ == Packing::kNone && !resource_.solid) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    const auto from = packed_.last(static_cast<std::size_t>(left_));
    std::copy_n(from.begin(), count, into.begin());
    left_ -= count;
    into = into.subspan(count);
    return {};
  }
  if (used_ >= buffer_.size()) {
    if (auto ok = NextChunk(); !ok) {
      return ok;
    }
  }
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>({into.size(), buffer_.size() - used_, left_}));
  std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(used_), count,
              into.begin());
  used_ += count;
  left_ -= count;
  into = into.subspan(count);
  return {};
}

Result<std::size_t> ResourceStream::Read(std::span<std::uint8_t> into) {
  const std::size_t wanted = into.size();
  while (!error_ && left_ > 0 && !into.empty()) {
    if (const auto ok = Step(into); !ok) {
      error_ = ok.error();
    }
  }
  const std::size_t count = wanted - into.size();
  return error_ && count == 0 ? Result<std::size_t>(Fail(*error_))
                              : Result<std::size_t>(count);
}

}  // namespace assay::formats::wim
