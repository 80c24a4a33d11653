#include "verifier/formats/flash/jffs2_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace assay::formats::jffs2 {
namespace {

// enum of Linux include/uapi/linux/jffs2.h, and OpenWrt's LZMA.
constexpr std::uint8_t kNone = 0;
constexpr std::uint8_t kZero = 1;
constexpr std::uint8_t kRtime = 2;
constexpr std::uint8_t kZlib = 6;
constexpr std::uint8_t kLzo = 7;
constexpr std::uint8_t kLzma = 8;

// Linux writes a page at a time; a node that states more is no honest one.
constexpr std::uint32_t kMostDecoded = 1U << 20U;

// Linux fs/jffs2/compr_rtime.c: each byte is followed by how many bytes to
// repeat from after its last occurrence.
bool DecodeRtime(ByteView in, std::span<std::uint8_t> out) {
  std::array<std::size_t, 256> positions = {};
  std::size_t at = 0;
  for (std::size_t done = 0; done < out.size(); at += 2) {
    if (in.size() - at < 2) {
      return false;
    }
    const std::uint8_t value = in[at];
    std::size_t repeat = in[at + 1];
    out[done++] = value;
    std::size_t from = positions.at(value);
    positions.at(value) = done;
    if (repeat > out.size() - done) {
      return false;
    }
    for (; repeat > 0; --repeat) {
      out[done++] = out[from++];
    }
  }
  return at == in.size();
}

std::string_view NameOf(std::uint8_t compression) {
  constexpr std::array<std::string_view, 9> kNames = {
      "none",     "zero", "rtime", "rubinmips", "copy",
      "dynrubin", "zlib", "lzo",   "lzma"};
  return compression < kNames.size() ? kNames.at(compression) : "unknown";
}

}  // namespace

bool IsHole(const Node& node) {
  return node.compression == kZero;
}

bool IsPlain(const Node& node) {
  return node.compression == kNone && node.payload.length == node.length;
}

bool Decoder::Unpack(ByteView data, const Node& node) {
  std::optional<std::size_t> size;
  switch (node.compression) {
    case kRtime:
      return DecodeRtime(data, decoded_);
    case kZlib:
      // Linux does not look at the checksum behind the deflated data.
      size = zlib_.Decode(data, decoded_);
      if (!size && data.size() > 2) {
        size = deflate_.Decode(data.subspan(2), decoded_);
      }
      break;
    case kLzo:
      size = lzo_.Decode(data, decoded_);
      break;
    default:
      // OpenWrt: lc, lp and pb are 0, and there is no header at all.
      size = codecs::DecodeRawLzma(0, kMostDecoded, data, decoded_);
  }
  return size == decoded_.size();
}

Result<ByteView> Decoder::Decode(const Node& node) {
  const auto data = Slice(bytes_, node.payload.offset, node.payload.length);
  if (IsPlain(node) && data) {
    return *data;
  }
  if (current_ == node.range.offset) {
    return ByteView(decoded_);
  }
  if (node.compression != kRtime && node.compression != kZlib &&
      node.compression != kLzo && node.compression != kLzma) {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("jffs2: compression {} ({}) at offset {}", node.compression,
                    NameOf(node.compression), node.range.offset));
  }
  current_.reset();
  decoded_.assign(std::min(node.length, kMostDecoded), 0);
  work_ += decoded_.size();
  if (!data || node.length > kMostDecoded || !Unpack(*data, node)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("jffs2: the {} data at offset {} are damaged",
                            NameOf(node.compression), node.range.offset));
  }
  current_ = node.range.offset;
  return ByteView(decoded_);
}

FileMap::FileMap(const std::vector<const Node*>& nodes) {
  for (const Node* node : nodes) {
    Lay(*node);
  }
  size_ = nodes.empty() ? 0 : nodes.back()->size;
  CutFrom(size_, ~0ULL);
}

void FileMap::Lay(const Node& node) {
  const std::uint64_t start = node.offset;
  const std::uint64_t end = start + node.length;
  if (end > start) {
    CutFrom(start, end);
    pieces_.emplace(start, Piece{end, &node});
  }
}

void FileMap::CutFrom(std::uint64_t start, std::uint64_t end) {
  auto at = pieces_.lower_bound(start);
  if (at != pieces_.begin()) {
    Piece& before = std::prev(at)->second;
    if (before.end > end) {
      pieces_.emplace(end, before);
    }
    before.end = std::min(before.end, start);
  }
  while (at != pieces_.end() && at->first < end) {
    const Piece piece = at->second;
    at = pieces_.erase(at);
    if (piece.end > end) {
      pieces_.emplace(end, piece);
      return;
    }
  }
}

Result<std::size_t> FileStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && position_ < map_.size() && !error_) {
    const auto count = Step(into.subspan(filled));
    if (!count) {
      error_ = count.error();
      break;
    }
    filled += *count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<std::size_t> FileStream::Step(std::span<std::uint8_t> into) {
  const auto next = map_.pieces().upper_bound(position_);
  std::uint64_t end = next == map_.pieces().end() ? map_.size() : next->first;
  const FileMap::Piece* piece = nullptr;
  if (next != map_.pieces().begin() &&
      std::prev(next)->second.end > position_) {
    piece = &std::prev(next)->second;
    end = piece->end;
  }
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(end - position_, into.size()));
  if (piece == nullptr || IsHole(*piece->node)) {
    std::fill_n(into.begin(), count, std::uint8_t{0});
  } else {
    const auto decoded = decoder_.Decode(*piece->node);
    if (!decoded) {
      return Fail(decoded.error());
    }
    const auto part = Slice(*decoded, position_ - piece->node->offset, count);
    if (!part) {
      return Fail(ErrorCode::kMalformed, "jffs2: a node is too short");
    }
    std::copy(part->begin(), part->end(), into.begin());
  }
  position_ += count;
  return count;
}

}  // namespace assay::formats::jffs2
