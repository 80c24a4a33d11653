// Immutable bytes that can be read at any offset, and who keeps them alive.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay {

// A piece of content that lies scattered: bytes of a source, or zeros that lie
// nowhere (a hole).
struct Extent {
  Range range = {};
  bool hole = false;  // then only range.length counts
};

// A window on a mapped file, a buffer or a spill file. Copying shares the
// storage; a slice keeps its whole storage alive.
class ByteSource {
 public:
  ByteSource() = default;

  // Takes the buffer.
  [[nodiscard]] static ByteSource Own(Bytes bytes);
  // The caller keeps `bytes` alive for as long as any copy or slice lives.
  [[nodiscard]] static ByteSource Borrow(ByteView bytes);
  // Shares storage that somebody else owns.
  [[nodiscard]] static ByteSource Share(ByteView bytes,
                                        std::shared_ptr<const void> owner);
  // Maps a regular file read-only; kUnreadable names the file and the reason.
  [[nodiscard]] static Result<ByteSource> MapFile(const std::string& path);
  // Maps `size` bytes of a file that somebody else opened; takes the
  // descriptor. `name` is for the message.
  [[nodiscard]] static Result<ByteSource> MapDescriptor(
      int descriptor, std::uint64_t size, const std::string& name);

  [[nodiscard]] std::uint64_t size() const { return view_.size(); }
  [[nodiscard]] ByteView bytes() const { return view_; }
  // Whether the bytes are pages of a file, which cost no memory of our own.
  [[nodiscard]] bool mapped() const { return mapping_ != nullptr; }
  // The open file whose whole content this is; -1 when it is anything else.
  [[nodiscard]] int descriptor() const;
  // Says that the bytes are not needed for now: mapped pages give their memory
  // back, and come again from the file when they are read.
  void Release() const;
  // kTruncated when the range is not wholly inside.
  [[nodiscard]] Result<ByteSource> Slice(Range range) const;
  [[nodiscard]] ByteSource From(std::uint64_t offset) const;
  // The extents one after the other, as content of its own: a window where
  // they lie in one piece, a second mapping of the same file where they keep
  // to pages, and a copy (beyond `memory` bytes in a spill file, holes not
  // written) where they do not. kTruncated when an extent is not wholly
  // inside, kLimit past `ceiling` bytes.
  [[nodiscard]] Result<ByteSource> Gather(std::span<const Extent> extents,
                                          std::uint64_t memory,
                                          std::uint64_t ceiling) const;

 private:
  struct Mapping;  // the file behind a mapped source
  [[nodiscard]] static Result<ByteSource> Map(std::shared_ptr<Mapping> mapping,
                                              const std::string& name);
  [[nodiscard]] std::uint64_t PlaceInMapping() const;
  [[nodiscard]] std::optional<ByteSource> Remap(std::span<const Extent> extents,
                                                std::uint64_t size) const;
  friend class Spool;

  std::shared_ptr<const void> owner_;
  std::shared_ptr<const Mapping> mapping_;
  ByteView view_;
};

// Who opens spill files: an unlinked file of this process's own in TMPDIR, as
// long as nobody says otherwise. The descriptor, or -1 with errno set. To be
// called before any thread spills.
using SpillOpener = int (*)();
[[nodiscard]] int OpenSpillFile();
void SetSpillOpener(SpillOpener opener);

// Collects a stream whose length is unknown: in memory at first, and past
// `memory` bytes in an unlinked file that is mapped at the end. Never holds
// more than `ceiling` bytes.
class Spool {
 public:
  Spool(std::uint64_t memory, std::uint64_t ceiling);
  ~Spool();
  Spool(Spool&&) noexcept;
  Spool& operator=(Spool&&) noexcept;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // kLimit past the ceiling, kUnwritable when the spill file cannot grow.
  [[nodiscard]] Result<void> Append(ByteView bytes);
  [[nodiscard]] Result<void> AppendZeros(std::uint64_t count);
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] Result<ByteSource> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
