#include "verifier/engine/disk_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "verifier/base/text.h"

namespace assay::engine {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }
  void Close() {
    if (number_ >= 0) {
      ::close(std::exchange(number_, -1));
    }
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool ok() const { return number_ >= 0; }

 private:
  int number_;
};

// A folder and a single step in it.
struct Spot {
  Descriptor folder = Descriptor();
  std::string name = {};
};

// The address as steps: a ".." of a hostile name is spelt out, so that it is a
// name like any other.
std::vector<std::string> StepsOf(std::string_view path) {
  std::vector<std::string> steps;
  for (const std::string_view step : Split(path, '/')) {
    if (step == "." || step == "..") {
      steps.emplace_back(step == "." ? "\\x2e" : "\\x2e\\x2e");
    } else if (!step.empty()) {
      steps.emplace_back(step);
    }
  }
  return steps;
}

// Whether a relative link climbs above the root of its own container.
bool LeadsOut(const Artifact& artifact) {
  const std::string& target = artifact.meta.link_target;
  if (target.empty() || target.front() == '/') {
    return false;
  }
  int depth = static_cast<int>(
      std::count(artifact.inner_path.begin(), artifact.inner_path.end(), '/'));
  for (const std::string_view step : Split(target, '/')) {
    if (step == "..") {
      --depth;
    } else if (!step.empty() && step != ".") {
      ++depth;
    }
    if (depth < 0) {
      return true;
    }
  }
  return false;
}

// "a!/b!/" of "a!/b!/c/d": where a hard link's target is looked up.
std::string ContainerOf(const Artifact& artifact) {
  const auto at = artifact.path.rfind("!/");
  return at == std::string::npos ? "" : artifact.path.substr(0, at + 2);
}

bool IsFull(int error) {
  return error == ENOSPC || error == EDQUOT || error == EROFS ||
         error == EACCES || error == EIO || error == ENOSYS;
}

std::array<timespec, 2> TimesOf(std::int64_t mtime) {
  return {{{0, UTIME_OMIT}, {mtime, 0}}};
}

bool IsZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

struct DiskWriter::State {
  // A folder whose time is set when nothing more is written into it.
  struct FolderTime {
    std::string path = {};
    std::int64_t mtime = 0;
  };

  Descriptor root;
  std::vector<std::string> notes;
  std::string failure;  // the disk itself refused
  std::vector<FolderTime> folders;

  // What is being written.
  Artifact artifact;
  Descriptor file;

  [[nodiscard]] Descriptor OpenBelow(int folder, const std::string& path,
                                     unsigned flags, unsigned mode) const {
    struct open_how how = {};
    how.flags = flags | O_CLOEXEC | O_NOFOLLOW;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return Descriptor(static_cast<int>(
        ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how))));
  }

  // The folder that holds the last step; makes what is missing on the way.
  [[nodiscard]] std::optional<Spot> Reach(std::string_view path) const {
    std::vector<std::string> steps = StepsOf(path);
    if (steps.empty()) {
      errno = EINVAL;
      return std::nullopt;
    }
    Spot spot;
    spot.name = std::move(steps.back());
    steps.pop_back();
    spot.folder = OpenBelow(root.number(), ".", O_PATH | O_DIRECTORY, 0);
    for (const std::string& step : steps) {
      const int folder = spot.folder.number();
      Descriptor next = OpenBelow(folder, step, O_PATH | O_DIRECTORY, 0);
      if (!next.ok() && errno == ENOENT &&
          ::mkdirat(folder, step.c_str(), 0755) == 0) {
        next = OpenBelow(folder, step, O_PATH | O_DIRECTORY, 0);
      }
      if (!next.ok()) {
        return std::nullopt;
      }
      spot.folder = std::move(next);
    }
    return spot;
  }

  void Refused() {
    const int error = errno;
    file.Close();
    const std::string line =
        fmt::format("{}: not written: {}", artifact.path,
                    std::generic_category().message(error));
    if (IsFull(error) && failure.empty()) {
      failure = line;
    }
    notes.push_back(line);
  }

  void Skip(std::string_view why) {
    notes.push_back(fmt::format("{}: {}", artifact.path, why));
  }

  void OpenFile() {
    const auto spot = Reach(artifact.path);
    if (spot) {
      file = OpenBelow(spot->folder.number(), spot->name,
                       O_WRONLY | O_CREAT | O_EXCL, 0600);
    }
    if (!file.ok()) {
      Refused();
    }
  }

  // Runs of zeros are left out, and read as zeros.
  void Write(ByteView bytes) {
    if (!file.ok()) {
      return;
    }
    if (bytes.size() >= 4096 && IsZero(bytes)) {
      if (::lseek(file.number(), static_cast<off_t>(bytes.size()), SEEK_CUR) <
          0) {
        Refused();
      }
      return;
    }
    while (!bytes.empty()) {
      const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        Refused();
        return;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  void CloseFile() {
    if (!file.ok()) {
      return;
    }
    const unsigned mode = artifact.meta.mode.value_or(0644U) & 0777U;
    bool ok =
        ::ftruncate(file.number(), static_cast<off_t>(artifact.size)) == 0 &&
        ::fchmod(file.number(), mode | 0600U) == 0;
    if (artifact.meta.mtime) {
      const auto times = TimesOf(*artifact.meta.mtime);
      ok = ::futimens(file.number(), times.data()) == 0 && ok;
    }
    if (!ok) {
      Refused();
    }
    file.Close();
  }

  void MakeFolder() {
    const auto spot = Reach(artifact.path);
    const unsigned mode = artifact.meta.mode.value_or(0755U) & 0777U;
    if (!spot ||
        (::mkdirat(spot->folder.number(), spot->name.c_str(), 0700) != 0 &&
         errno != EEXIST)) {
      Refused();
      return;
    }
    const Descriptor folder =
        OpenBelow(spot->folder.number(), spot->name, O_RDONLY | O_DIRECTORY, 0);
    if (!folder.ok() || ::fchmod(folder.number(), mode | 0700U) != 0) {
      Refused();
    } else if (artifact.meta.mtime) {
      folders.push_back({artifact.path, *artifact.meta.mtime});
    }
  }

  void MakeSymlink() {
    const auto spot = Reach(artifact.path);
    if (!spot || ::symlinkat(artifact.meta.link_target.c_str(),
                             spot->folder.number(), spot->name.c_str()) != 0) {
      Refused();
    } else if (artifact.meta.mtime) {
      const auto times = TimesOf(*artifact.meta.mtime);
      (void)::utimensat(spot->folder.number(), spot->name.c_str(), times.data(),
                        AT_SYMLINK_NOFOLLOW);
    }
  }

  void MakeHardLink() {
    const auto target = Reach(ContainerOf(artifact) +
                              Escaped(NormalPath(artifact.meta.link_target)));
    const auto spot = Reach(artifact.path);
    if (!target || !spot ||
        ::linkat(target->folder.number(), target->name.c_str(),
                 spot->folder.number(), spot->name.c_str(), 0) != 0) {
      Refused();
    }
  }

  void Start(bool content);
};

void DiskWriter::State::Start(bool content) {
  const bool root_container = artifact.depth == 0 && !artifact.format.empty() &&
                              artifact.format != "text";
  switch (artifact.meta.type) {
    case FileType::kRegular:
      if (!artifact.has_content) {
        Skip(artifact.opaque_reason.empty() ? "no content"
                                            : artifact.opaque_reason);
      } else if ((content || artifact.size == 0) && !root_container) {
        // A container that passed as a stream was never held; its members
        // are all there is to write.
        OpenFile();
      }
      return;
    case FileType::kDirectory:
      if (!artifact.inner_path.empty()) {
        MakeFolder();
      }
      return;
    case FileType::kSymlink:
      if (LeadsOut(artifact)) {
        Skip("a link that leads out of its container: " +
             Escaped(artifact.meta.link_target));
      } else {
        MakeSymlink();
      }
      return;
    case FileType::kHardLink:
      MakeHardLink();
      return;
    case FileType::kCharDevice:
    case FileType::kBlockDevice:
      Skip("a device node");
      return;
    case FileType::kFifo:
    case FileType::kSocket:
      Skip("a FIFO or socket");
      return;
  }
}

DiskWriter::DiskWriter(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

DiskWriter::~DiskWriter() = default;

Result<std::unique_ptr<DiskWriter>> DiskWriter::Open(
    const std::string& folder) {
  auto state = std::make_unique<State>();
  state->root =
      Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!state->root.ok() ||
      !state->OpenBelow(state->root.number(), ".", O_PATH, 0).ok()) {
    return Fail(
        ErrorCode::kUnwritable,
        fmt::format("{}: {}", folder, std::generic_category().message(errno)));
  }
  return std::unique_ptr<DiskWriter>(new DiskWriter(std::move(state)));
}

void DiskWriter::Begin(const Node& node, bool content) {
  state_->artifact = node.artifact;
  state_->Start(content);
}

void DiskWriter::Append(ByteView piece) {
  state_->Write(piece);
}

void DiskWriter::End() {
  state_->CloseFile();
}

void DiskWriter::Drop() {
  if (!state_->file.ok()) {
    return;
  }
  state_->file.Close();
  if (const auto spot = state_->Reach(state_->artifact.path)) {
    (void)::unlinkat(spot->folder.number(), spot->name.c_str(), 0);
  }
}

Result<std::vector<std::string>> DiskWriter::Finish() {
  // The deepest first: setting a time changes none above.
  for (auto folder = state_->folders.rbegin(); folder != state_->folders.rend();
       ++folder) {
    const auto spot = state_->Reach(folder->path);
    const auto times = TimesOf(folder->mtime);
    if ((!spot || ::utimensat(spot->folder.number(), spot->name.c_str(),
                              times.data(), AT_SYMLINK_NOFOLLOW) != 0) &&
        state_->failure.empty()) {
      state_->failure = "the folders' times could not be set";
    }
  }
  if (!state_->failure.empty()) {
    return Fail(ErrorCode::kUnwritable, state_->failure);
  }
  return std::move(state_->notes);
}

}  // namespace assay::engine
