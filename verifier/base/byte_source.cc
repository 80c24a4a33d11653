#include "verifier/base/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace assay {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
SpillOpener g_spill_opener = &OpenSpillFile;

std::string Reason() {
  return std::strerror(errno);
}  // NOLINT(concurrency-mt-unsafe)

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool ok() const { return number_ >= 0; }
  [[nodiscard]] int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// The pages a mapping or a file offset must keep to.
std::uint64_t PageSize() {
  static const auto kSize = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return kSize;
}

// Read-only pages of zeros, which take no memory until they are replaced.
std::shared_ptr<void> ReserveZeros(std::uint64_t size) {
  const auto length = static_cast<std::size_t>(size);
  void* address = ::mmap(nullptr, length, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) {
    return nullptr;
  }
  return {address, [length](void* mapped) { ::munmap(mapped, length); }};
}

// Neighbours in one piece, empty ones dropped.
std::vector<Extent> Joined(std::span<const Extent> extents) {
  std::vector<Extent> joined;
  for (const Extent& extent : extents) {
    if (extent.range.length == 0) {
      continue;
    }
    if (!joined.empty() && joined.back().hole == extent.hole &&
        (extent.hole || joined.back().range.end() == extent.range.offset)) {
      joined.back().range.length += extent.range.length;
    } else {
      joined.push_back(extent);
    }
  }
  return joined;
}

// Their length together; nothing when one is not wholly in `available` bytes.
// The ceiling is met in front of any overflow.
Result<std::uint64_t> LengthOf(std::span<const Extent> extents,
                               std::uint64_t available, std::uint64_t ceiling) {
  std::uint64_t total = 0;
  for (const Extent& extent : extents) {
    const Range range = extent.range;
    if (!extent.hole &&
        (range.offset > available || range.length > available - range.offset)) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("extent {}+{} lies outside of {} bytes",
                              range.offset, range.length, available));
    }
    if (range.length > ceiling - total) {
      return Fail(ErrorCode::kLimit,
                  fmt::format("content of more than {} bytes", ceiling));
    }
    total += range.length;
  }
  return total;
}

}  // namespace

// A file and where a stretch of it is mapped.
struct ByteSource::Mapping {
  Mapping(int descriptor, std::uint64_t bytes)
      : file(descriptor), size(static_cast<std::size_t>(bytes)) {}
  ~Mapping() {
    if (address != nullptr) {
      ::munmap(address, size);
    }
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] ByteView view() const {
    return {static_cast<const std::uint8_t*>(address), size};
  }

  FileDescriptor file;
  std::size_t size;
  void* address = nullptr;
};

Result<ByteSource> ByteSource::Map(std::shared_ptr<Mapping> mapping,
                                   const std::string& name) {
  if (mapping->size == 0) {
    return ByteSource();
  }
  void* address = ::mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE,
                         mapping->file.number(), 0);
  if (address == MAP_FAILED) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: cannot be mapped: {}", name, Reason()));
  }
  ::madvise(address, mapping->size, MADV_SEQUENTIAL);
  mapping->address = address;
  ByteSource source = Share(mapping->view(), mapping);
  source.mapping_ = std::move(mapping);
  return source;
}

ByteSource ByteSource::Own(Bytes bytes) {
  auto owner = std::make_shared<const Bytes>(std::move(bytes));
  const ByteView view(*owner);
  return Share(view, std::move(owner));
}

ByteSource ByteSource::Borrow(ByteView bytes) {
  return Share(bytes, nullptr);
}

ByteSource ByteSource::Share(ByteView bytes,
                             std::shared_ptr<const void> owner) {
  ByteSource source;
  source.view_ = bytes;
  source.owner_ = std::move(owner);
  return source;
}

Result<ByteSource> ByteSource::MapFile(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not hang; it is refused just below.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!file.ok() || ::fstat(file.number(), &status) != 0) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: cannot be read: {}", path, Reason()));
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: not a regular file", path));
  }
  return Map(std::make_shared<Mapping>(
                 file.Release(), static_cast<std::uint64_t>(status.st_size)),
             path);
}

Result<ByteSource> ByteSource::MapDescriptor(int descriptor, std::uint64_t size,
                                             const std::string& name) {
  return Map(std::make_shared<Mapping>(descriptor, size), name);
}

std::uint64_t ByteSource::PlaceInMapping() const {
  return static_cast<std::uint64_t>(view_.data() - mapping_->view().data());
}

int ByteSource::descriptor() const {
  const bool whole = mapping_ && view_.data() == mapping_->view().data() &&
                     view_.size() == mapping_->view().size();
  return whole ? mapping_->file.number() : -1;
}

// Of pages that are shared with a neighbour nothing is given back.
void ByteSource::Release() const {
  if (!mapping_ || view_.empty()) {
    return;
  }
  const std::uint64_t start = PlaceInMapping();
  const std::uint64_t page = PageSize();
  const std::uint64_t from = (start + page - 1) / page * page;
  const std::uint64_t end = start + view_.size() == mapping_->size
                                ? mapping_->size
                                : (start + view_.size()) / page * page;
  if (from < end) {
    ::madvise(static_cast<std::uint8_t*>(mapping_->address) + from,
              static_cast<std::size_t>(end - from), MADV_DONTNEED);
  }
}

Result<ByteSource> ByteSource::Slice(Range range) const {
  const auto view = assay::Slice(view_, range.offset, range.length);
  if (!view) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("range {}+{} lies outside of {} bytes",
                            range.offset, range.length, size()));
  }
  ByteSource slice = *this;
  slice.view_ = *view;
  return slice;
}

ByteSource ByteSource::From(std::uint64_t offset) const {
  const auto start = static_cast<std::size_t>(std::min(offset, size()));
  ByteSource rest = *this;
  rest.view_ = view_.subspan(start);
  return rest;
}

// Possible when every extent begins and ends at a page of the file and of the
// new content alike; the last one may end anywhere.
std::optional<ByteSource> ByteSource::Remap(std::span<const Extent> extents,
                                            std::uint64_t size) const {
  constexpr std::size_t kMostPieces = 1024;  // the kernel counts mappings
  if (!mapping_ || extents.size() > kMostPieces) {
    return std::nullopt;
  }
  const std::uint64_t start = PlaceInMapping();
  std::uint64_t at = 0;
  for (const Extent& extent : extents) {
    const std::uint64_t place = extent.hole ? 0 : start + extent.range.offset;
    if (at % PageSize() != 0 || place % PageSize() != 0) {
      return std::nullopt;
    }
    at += extent.range.length;
  }
  const std::shared_ptr<void> pages = ReserveZeros(size);
  at = 0;
  for (const Extent& extent : extents) {
    if (!pages) {
      return std::nullopt;
    }
    const auto length = static_cast<std::size_t>(extent.range.length);
    if (!extent.hole &&
        ::mmap(static_cast<std::uint8_t*>(pages.get()) + at, length, PROT_READ,
               MAP_PRIVATE | MAP_FIXED, mapping_->file.number(),
               static_cast<off_t>(start + extent.range.offset)) == MAP_FAILED) {
      return std::nullopt;
    }
    at += length;
  }
  return Share(ByteView(static_cast<const std::uint8_t*>(pages.get()),
                        static_cast<std::size_t>(size)),
               pages);
}

Result<ByteSource> ByteSource::Gather(std::span<const Extent> extents,
                                      std::uint64_t memory,
                                      std::uint64_t ceiling) const {
  const auto length = LengthOf(extents, size(), ceiling);
  if (!length) {
    return Fail(length.error());
  }
  const std::vector<Extent> pieces = Joined(extents);
  if (pieces.empty()) {
    return ByteSource();
  }
  if (pieces.size() == 1 && !pieces.front().hole) {
    return Slice(pieces.front().range);
  }
  if (pieces.size() == 1) {
    if (auto zeros = ReserveZeros(*length)) {
      const ByteView view(static_cast<const std::uint8_t*>(zeros.get()),
                          static_cast<std::size_t>(*length));
      return Share(view, std::move(zeros));
    }
  }
  if (auto mapped = Remap(pieces, *length)) {
    return *mapped;
  }
  Spool spool(memory, ceiling);
  for (const Extent& piece : pieces) {
    const auto added =
        piece.hole ? spool.AppendZeros(piece.range.length)
                   : spool.Append(*assay::Slice(view_, piece.range.offset,
                                                piece.range.length));
    if (!added) {
      return Fail(added.error());
    }
  }
  return spool.Finish();
}

int OpenSpillFile() {
  const char* folder = std::getenv("TMPDIR");  // NOLINT(concurrency-*)
  return ::open(folder != nullptr ? folder : "/tmp",
                O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

void SetSpillOpener(SpillOpener opener) {
  g_spill_opener = opener;
}

struct Spool::State {
  std::uint64_t memory = 0;
  std::uint64_t ceiling = 0;
  std::uint64_t size = 0;
  Bytes buffer;
  std::unique_ptr<FileDescriptor> file;

  Result<void> Spill(ByteView bytes) {
    if (!file) {
      file = std::make_unique<FileDescriptor>(g_spill_opener());
      if (!file->ok()) {
        return Fail(ErrorCode::kUnwritable,
                    "no spill file for a large member: " + Reason());
      }
      const Bytes start = std::exchange(buffer, {});
      if (const auto ok = Write(start); !ok) {
        return ok;
      }
    }
    return Write(bytes);
  }

  // A hole of the spill file; the next write or Finish ends it.
  Result<void> Skip(std::uint64_t count) const {
    const off_t end =
        ::lseek(file->number(), static_cast<off_t>(count), SEEK_CUR);
    if (end < 0 || ::ftruncate(file->number(), end) != 0) {
      return Fail(ErrorCode::kUnwritable,
                  "a spill file cannot grow: " + Reason());
    }
    return {};
  }

  Result<void> Write(ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file->number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        return Fail(ErrorCode::kUnwritable,
                    "a spill file cannot grow: " + Reason());
      }
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }
};

Spool::Spool(std::uint64_t memory, std::uint64_t ceiling)
    : state_(std::make_unique<State>()) {
  state_->memory = memory;
  state_->ceiling = ceiling;
}

Spool::~Spool() = default;
Spool::Spool(Spool&&) noexcept = default;
Spool& Spool::operator=(Spool&&) noexcept = default;

std::uint64_t Spool::size() const {
  return state_->size;
}

Result<void> Spool::Append(ByteView bytes) {
  if (bytes.size() > state_->ceiling - state_->size) {
    return Fail(ErrorCode::kLimit,
                fmt::format("more than {} decoded bytes", state_->ceiling));
  }
  state_->size += bytes.size();
  if (state_->file || state_->size > state_->memory) {
    return state_->Spill(bytes);
  }
  state_->buffer.insert(state_->buffer.end(), bytes.begin(), bytes.end());
  return {};
}

Result<void> Spool::AppendZeros(std::uint64_t count) {
  if (count > state_->ceiling - state_->size) {
    return Fail(ErrorCode::kLimit,
                fmt::format("more than {} decoded bytes", state_->ceiling));
  }
  state_->size += count;
  if (!state_->file && state_->size <= state_->memory) {
    state_->buffer.resize(static_cast<std::size_t>(state_->size));
    return {};
  }
  if (auto ok = state_->Spill({}); !ok) {
    return ok;
  }
  return state_->Skip(count);
}

Result<ByteSource> Spool::Finish() {
  if (state_->file) {
    return ByteSource::Map(std::make_shared<ByteSource::Mapping>(
                               state_->file->Release(), state_->size),
                           "spill file");
  }
  state_->buffer.shrink_to_fit();
  return ByteSource::Own(std::exchange(state_->buffer, {}));
}

}  // namespace assay
