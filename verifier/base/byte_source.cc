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

namespace assay {
namespace {

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

 private:
  int number_;
};

Result<ByteSource> Map(int descriptor, std::uint64_t size,
                       const std::string& name) {
  if (size == 0) {
    return ByteSource();
  }
  const auto length = static_cast<std::size_t>(size);
  void* address =
      ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: cannot be mapped: {}", name, Reason()));
  }
  ::madvise(address, length, MADV_SEQUENTIAL);
  std::shared_ptr<const void> owner(address, [length](const void* mapped) {
    ::munmap(const_cast<void*>(mapped), length);  // NOLINT: munmap's type
  });
  return ByteSource::Share(
      ByteView(static_cast<const std::uint8_t*>(address), length),
      std::move(owner));
}

}  // namespace

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
  const FileDescriptor file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!file.ok() || ::fstat(file.number(), &status) != 0) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: cannot be read: {}", path, Reason()));
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: not a regular file", path));
  }
  return Map(file.number(), static_cast<std::uint64_t>(status.st_size), path);
}

Result<ByteSource> ByteSource::Slice(Range range) const {
  const auto view = assay::Slice(view_, range.offset, range.length);
  if (!view) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("range {}+{} lies outside of {} bytes",
                            range.offset, range.length, size()));
  }
  return Share(*view, owner_);
}

ByteSource ByteSource::From(std::uint64_t offset) const {
  const auto start = static_cast<std::size_t>(std::min(offset, size()));
  return Share(view_.subspan(start), owner_);
}

struct Spool::State {
  std::uint64_t memory = 0;
  std::uint64_t ceiling = 0;
  std::uint64_t size = 0;
  Bytes buffer;
  std::unique_ptr<FileDescriptor> file;

  Result<void> Spill(ByteView bytes) {
    if (!file) {
      const char* folder = std::getenv("TMPDIR");  // NOLINT(concurrency-*)
      file = std::make_unique<FileDescriptor>(
          ::open(folder != nullptr ? folder : "/tmp",
                 O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
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

Result<ByteSource> Spool::Finish() {
  if (state_->file) {
    return Map(state_->file->number(), state_->size, "spill file");
  }
  state_->buffer.shrink_to_fit();
  return ByteSource::Own(std::exchange(state_->buffer, {}));
}

}  // namespace assay
