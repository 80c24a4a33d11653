#include "verifier/formats/disks/guest_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats::disks {
namespace {

// A hole is handed out in pieces of this size.
constexpr std::uint64_t kStep = 64ULL << 10U;

}  // namespace

// The pieces one after the other. A piece that does not decode ends it.
class GuestDisk::Stream : public ByteStream {
 public:
  Stream(const GuestDisk& disk, const Decode& decode, const Watch& watch)
      : disk_(disk), decode_(decode), watch_(watch) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !error_) {
      if (passed_ == block_.size() && !NextBlock()) {
        break;
      }
      const std::size_t count =
          std::min(into.size() - filled, block_.size() - passed_);
      const ByteView part = block_.subspan(passed_, count);
      std::copy(part.begin(), part.end(), into.subspan(filled).begin());
      if (watch_) {
        watch_(part);
      }
      filled += count;
      passed_ += count;
    }
    if (filled == 0 && error_) {
      return Fail(*error_);
    }
    return filled;
  }

 private:
  // Makes `block_` the next bytes; false at the end or at damage.
  bool NextBlock() {
    passed_ = 0;
    block_ = {};
    while (next_ < disk_.pieces_.size() && inside_ == current().length) {
      ++next_;
      inside_ = 0;
    }
    if (next_ == disk_.pieces_.size()) {
      return false;
    }
    const Piece& piece = current();
    const Range range = piece.range;
    switch (piece.kind) {
      case Kind::kPacked:
        return Unpack(piece);
      case Kind::kStored:
        block_ = *Slice(disk_.image_.bytes(), range.offset, range.length);
        break;
      case Kind::kHole:
        buffer_.assign(static_cast<std::size_t>(Step(piece)), 0);
        block_ = buffer_;
        break;
      case Kind::kFill:
        Repeat(*Slice(disk_.image_.bytes(), range.offset, range.length),
               static_cast<std::size_t>(Step(piece)));
        block_ = buffer_;
        break;
    }
    inside_ += block_.size();
    return true;
  }

  [[nodiscard]] std::uint64_t Step(const Piece& piece) const {
    return std::min(kStep, piece.length - inside_);
  }

  void Repeat(ByteView pattern, std::size_t length) {
    buffer_.resize(length);
    for (std::size_t i = 0; i < length; ++i) {
      buffer_[i] = pattern[i % pattern.size()];
    }
  }

  bool Unpack(const Piece& piece) {
    const bool known = !unpacked_.empty() && unpacked_range_ == piece.range &&
                       unpacked_method_ == piece.method &&
                       unpacked_.size() == piece.decoded;
    const auto packed =
        Slice(disk_.image_.bytes(), piece.range.offset, piece.range.length);
    if (!known) {
      unpacked_.assign(static_cast<std::size_t>(piece.decoded), 0);
      unpacked_range_ = piece.range;
      unpacked_method_ = piece.method;
    }
    if (!packed || (!known && !decode_(piece.method, *packed, unpacked_))) {
      error_ = {ErrorCode::kMalformed,
                fmt::format("{}: the compressed block at {} is damaged",
                            disk_.format_, piece.range.offset)};
      return false;
    }
    block_ =
        ByteView(unpacked_).subspan(static_cast<std::size_t>(piece.from),
                                    static_cast<std::size_t>(piece.length));
    inside_ = piece.length;
    return true;
  }

  [[nodiscard]] const Piece& current() const { return disk_.pieces_[next_]; }

  const GuestDisk& disk_;
  const Decode& decode_;
  const Watch& watch_;
  std::size_t next_ = 0;
  std::uint64_t inside_ = 0;  // bytes of the current piece that are through
  Bytes buffer_ = {};
  Bytes unpacked_ = {};  // the last packed piece, and where it lies
  Range unpacked_range_ = {};
  unsigned unpacked_method_ = 0;
  ByteView block_ = {};
  std::size_t passed_ = 0;
  std::optional<Error> error_ = {};
};

std::uint64_t GuestDisk::Left(std::uint64_t length) const {
  return std::min(length, size_ - length_);
}

void GuestDisk::Append(Piece piece) {
  if (piece.length == 0) {
    return;
  }
  length_ += piece.length;
  plain_ = plain_ && piece.kind <= Kind::kStored;
  if (!pieces_.empty() && pieces_.back().kind == piece.kind) {
    Piece& last = pieces_.back();
    const bool stored =
        piece.kind == Kind::kStored && last.range.end() == piece.range.offset;
    if (piece.kind == Kind::kHole || stored) {
      last.range.length += piece.range.length;
      last.length += piece.length;
      return;
    }
  }
  pieces_.push_back(piece);
}

void GuestDisk::AddHole(std::uint64_t length) {
  Append({.length = Left(length)});
}

void GuestDisk::AddStored(Range range) {
  const std::uint64_t count = Left(range.length);
  const std::uint64_t start = std::min(range.offset, image_.size());
  const std::uint64_t there = std::min(count, image_.size() - start);
  Append({.kind = Kind::kStored, .range = {start, there}, .length = there});
  if (there < count) {
    AddUnknown(count - there, fmt::format("{}: the block at {} lies past the "
                                          "end of the image",
                                          format_, range.offset));
  }
}

void GuestDisk::AddPackedPart(Range range, std::uint64_t decoded, Range part,
                              unsigned method) {
  const std::uint64_t start = std::min(range.offset, image_.size());
  const std::uint64_t there = std::min(range.length, image_.size() - start);
  const bool inside =
      part.offset <= decoded && part.length <= decoded - part.offset;
  if (there == 0 || !inside) {
    AddUnknown(part.length, fmt::format("{}: the block at {} lies past the end "
                                        "of the image",
                                        format_, range.offset));
  } else {
    Append({.kind = Kind::kPacked,
            .range = {start, there},
            .length = Left(part.length),
            .decoded = decoded,
            .from = part.offset,
            .method = method});
  }
}

void GuestDisk::AddFill(Range pattern, std::uint64_t length) {
  const auto bytes = Slice(image_.bytes(), pattern.offset, pattern.length);
  if (!bytes || bytes->empty()) {
    AddUnknown(length, fmt::format("{}: a fill pattern lies past the end of "
                                   "the image",
                                   format_));
  } else if (IsZero(*bytes)) {
    AddHole(length);
  } else {
    Append({.kind = Kind::kFill, .range = pattern, .length = Left(length)});
  }
}

void GuestDisk::AddUnknown(std::uint64_t length, std::string why) {
  if (!damage_) {
    damage_ = Error{ErrorCode::kTruncated, std::move(why)};
  }
  AddHole(length);
}

bool GuestDisk::ForEach(const Decode& decode,
                        const std::function<bool(ByteView)>& take) const {
  const Watch nobody;
  Stream content(*this, decode, nobody);
  Bytes buffer(kStep);
  while (true) {
    const auto count = content.Read(buffer);
    if (!count || *count == 0) {
      return count.has_value();
    }
    if (!take(ByteView(buffer).first(*count))) {
      return false;
    }
  }
}

Result<void> GuestDisk::Emit(Member member, const Decode& decode,
                             Coverage& coverage, ArtifactSink& sink,
                             const Watch& watch) {
  AddHole(size_ - length_);
  if (damage_) {
    sink.Report({.id = fmt::format("{}.unknown-blocks", format_),
                 .detail = damage_->what});
  }
  if (pieces_.size() == 1 && pieces_[0].kind == Kind::kStored &&
      !coverage.Touches(pieces_[0].range)) {
    member.origin = pieces_[0].range;
    member.stored = true;
    coverage.Add(*member.origin);
  }
  std::vector<Extent> extents;
  for (const Piece& piece : pieces_) {
    if (piece.kind != Kind::kHole) {
      coverage.ClaimFree(piece.range, RegionUse::kMember, sink);
    }
    if (plain_) {
      const bool hole = piece.kind == Kind::kHole;
      extents.push_back(
          {.range = hole ? Range{0, piece.length} : piece.range, .hole = hole});
    }
  }
  if (!plain_) {
    Stream content(*this, decode, watch);
    return sink.AddStream(std::move(member), content);
  }
  auto content = image_.Gather(extents, sink.limits().memory_per_member,
                               sink.limits().member);
  if (!content) {
    return sink.AddOpaque(std::move(member), content.error().what);
  }
  if (watch) {
    watch(content->bytes());
  }
  return sink.Add(std::move(member), std::move(*content));
}

}  // namespace assay::formats::disks
