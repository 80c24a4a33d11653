// The disk inside a virtual disk image: pieces of the image, compressed or
// not, and holes.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats::disks {

class GuestDisk {
 public:
  // Decodes one packed piece, in the way `method` names; fills `out` wholly
  // (it holds zeros), or returns false.
  using Decode = std::function<bool(unsigned method, ByteView packed,
                                    std::span<std::uint8_t> out)>;
  // Is told of all content, in order, as far as the sink takes it.
  using Watch = std::function<void(ByteView)>;

  // The disk holds exactly `size` bytes; what is added past it is dropped.
  // `format` is a literal, for messages.
  GuestDisk(ByteSource image, std::string_view format, std::uint64_t size)
      : image_(std::move(image)), format_(format), size_(size) {}

  // The next bytes of the disk.
  void AddHole(std::uint64_t length);
  // As they lie in the image; what lies past its end becomes a hole and is
  // remembered as damage.
  void AddStored(Range range);
  // `length` bytes when decoded. The range is cut at the image's end.
  void AddPacked(Range range, std::uint64_t length, unsigned method = 0) {
    AddPackedPart(range, length, {0, length}, method);
  }
  // The same where only `part` of what the range decodes to belongs here.
  // Parts of one range are decoded once when they follow each other.
  void AddPackedPart(Range range, std::uint64_t decoded, Range part,
                     unsigned method = 0);
  // The bytes of `pattern`, again and again.
  void AddFill(Range pattern, std::uint64_t length);
  // The next bytes cannot be known: a hole, and damage.
  void AddUnknown(std::uint64_t length, std::string why);

  // The first damage met.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }
  [[nodiscard]] std::uint64_t length() const { return length_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // All bytes of the disk, through `take`; false when a piece does not decode
  // or `take` does.
  [[nodiscard]] bool ForEach(const Decode& decode,
                             const std::function<bool(ByteView)>& take) const;

  // Gives the disk to the sink, filled up with a hole, and claims its pieces.
  // Damage is reported as "<format>.unknown-blocks".
  [[nodiscard]] Result<void> Emit(Member member, const Decode& decode,
                                  Coverage& coverage, ArtifactSink& sink,
                                  const Watch& watch = {});

 private:
  enum class Kind : std::uint8_t { kHole, kStored, kPacked, kFill };
  struct Piece {
    Kind kind = Kind::kHole;
    Range range = {};           // in the image
    std::uint64_t length = 0;   // in the disk
    std::uint64_t decoded = 0;  // bytes of a packed piece when decoded
    std::uint64_t from = 0;     // where in them the piece begins
    unsigned method = 0;
  };
  class Stream;

  [[nodiscard]] std::uint64_t Left(std::uint64_t length) const;
  void Append(Piece piece);
  ByteSource image_;
  std::string_view format_;
  std::uint64_t size_;
  std::uint64_t length_ = 0;
  std::vector<Piece> pieces_ = {};
  bool plain_ = true;  // stored pieces and holes only
  std::optional<Error> damage_ = {};
};

}  // namespace assay::formats::disks
