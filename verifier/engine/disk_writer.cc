#include "verifier/engine/disk_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr int kFlags = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM |
                       ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                       ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                       ARCHIVE_EXTRACT_NO_OVERWRITE;

using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

// The address as a path: a ".." of a hostile name is spelt out, so that it is
// a name like any other.
std::string PathOf(const Artifact& artifact) {
  std::string path;
  for (const std::string_view step : Split(artifact.path, '/')) {
    if (!path.empty()) {
      path.push_back('/');
    }
    path.append(step == ".." ? std::string_view("\\x2e\\x2e") : step);
  }
  return path;
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
         error == EACCES || error == EIO;
}

}  // namespace

struct DiskWriter::State {
  std::string folder;
  archive* disk = nullptr;
  std::vector<std::string> notes;
  std::string failure;  // the disk itself refused

  void Write(const Artifact& artifact, ByteView content, unsigned type) {
    const std::string path = folder + "/" + PathOf(artifact);
    Entry entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_pathname(entry.get(), path.c_str());
    const bool folder_entry = type == AE_IFDIR;
    const unsigned mode =
        artifact.meta.mode.value_or(folder_entry ? 0755U : 0644U) & 0777U;
    archive_entry_set_mode(entry.get(),
                           type | mode | (folder_entry ? 0700U : 0600U));
    archive_entry_set_size(entry.get(),
                           static_cast<la_int64_t>(content.size()));
    if (artifact.meta.mtime) {
      archive_entry_set_mtime(entry.get(), *artifact.meta.mtime, 0);
    }
    if (artifact.meta.type == FileType::kSymlink) {
      archive_entry_set_symlink(entry.get(), artifact.meta.link_target.c_str());
    }
    if (artifact.meta.type == FileType::kHardLink) {
      const std::string target = folder + "/" + ContainerOf(artifact) +
                                 Escaped(NormalPath(artifact.meta.link_target));
      archive_entry_set_hardlink(entry.get(), target.c_str());
    }
    if (archive_write_header(disk, entry.get()) < ARCHIVE_WARN ||
        !WriteContent(content) ||
        archive_write_finish_entry(disk) < ARCHIVE_WARN) {
      Refused(artifact);
    }
  }

  bool WriteContent(ByteView content) {
    return content.empty() ||
           archive_write_data(disk, content.data(), content.size()) >= 0;
  }

  void Refused(const Artifact& artifact) {
    const char* why = archive_error_string(disk);
    const std::string line =
        fmt::format("{}: not written: {}", artifact.path,
                    why != nullptr ? Escaped(why) : "refused");
    if (IsFull(archive_errno(disk)) && failure.empty()) {
      failure = line;
    }
    notes.push_back(line);
  }
};

DiskWriter::DiskWriter(const std::string& folder)
    : state_(std::make_unique<State>()) {
  // Without links and "..": the guards below refuse both.
  state_->folder = std::filesystem::canonical(folder).string();
  state_->disk = archive_write_disk_new();
  archive_write_disk_set_options(state_->disk, kFlags);
}

DiskWriter::~DiskWriter() {
  archive_write_free(state_->disk);
}

void DiskWriter::Examine(Artifact& artifact, const ByteSource& content,
                         Observations& /*into*/) const {
  const auto skip = [&](std::string_view why) {
    state_->notes.push_back(fmt::format("{}: {}", artifact.path, why));
  };
  const bool root = artifact.depth == 0 && !artifact.format.empty() &&
                    artifact.format != "text";
  switch (artifact.meta.type) {
    case FileType::kRegular:
      if (!artifact.has_content) {
        skip(artifact.opaque_reason.empty() ? "no content"
                                            : artifact.opaque_reason);
      } else if (content.size() == artifact.size && !root) {
        // A container that passed as a stream was never held; its members
        // are all there is to write.
        state_->Write(artifact, content.bytes(), AE_IFREG);
      }
      return;
    case FileType::kDirectory:
      if (!artifact.inner_path.empty()) {
        state_->Write(artifact, {}, AE_IFDIR);
      }
      return;
    case FileType::kSymlink:
      if (LeadsOut(artifact)) {
        skip("a link that leads out of its container: " +
             Escaped(artifact.meta.link_target));
      } else {
        state_->Write(artifact, {}, AE_IFLNK);
      }
      return;
    case FileType::kHardLink:
      state_->Write(artifact, {}, AE_IFREG);
      return;
    case FileType::kCharDevice:
    case FileType::kBlockDevice:
      skip("a device node");
      return;
    case FileType::kFifo:
    case FileType::kSocket:
      skip("a FIFO or socket");
      return;
  }
}

Result<std::vector<std::string>> DiskWriter::Finish() {
  if (archive_write_close(state_->disk) < ARCHIVE_WARN &&
      state_->failure.empty()) {
    state_->failure = "the folders' times could not be set";
  }
  if (!state_->failure.empty()) {
    return Fail(ErrorCode::kUnwritable, state_->failure);
  }
  return std::move(state_->notes);
}

}  // namespace assay::engine
