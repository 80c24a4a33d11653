#include "verifier/engine/walk_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/engine/version.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongestWalk = 4ULL << 30U;  // bytes
constexpr std::uint64_t kMostKept = 8ULL << 30U;     // bytes in the folder
constexpr std::string_view kSuffix = ".walk";

// Texts one after the other, so that no two lists of them look alike.
class Listing {
 public:
  void Add(std::string_view text) {
    hasher_.Update(AsBytes(fmt::format("{}:", text.size())));
    hasher_.Update(AsBytes(text));
  }
  void Add(std::uint64_t number) { Add(fmt::format("{}", number)); }
  [[nodiscard]] std::string Digest() { return hasher_.Finish().front().hex; }

 private:
  Hasher hasher_;
};

void AddMetadata(const FileMetadata& meta, Listing& listing) {
  listing.Add(static_cast<std::uint64_t>(meta.type));
  listing.Add(meta.mode ? fmt::format("{:o}", *meta.mode) : "");
  listing.Add(meta.link_target);
  listing.Add(meta.device_major);
  listing.Add(meta.device_minor);
}

// The program with the libraries that read products for it.
Result<std::string> DigestOfProgram() {
  std::vector<std::string> files = {"/proc/self/exe"};
  (void)::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t /*size*/, void* into) {
        const std::string_view name = info->dlpi_name;
        if (name.starts_with('/')) {
          static_cast<std::vector<std::string>*>(into)->emplace_back(name);
        }
        return 0;
      },
      &files);
  Listing listing;
  for (const std::string& path : files) {
    const auto file = ByteSource::MapFile(path);
    if (!file) {
      return Fail(file.error());
    }
    listing.Add(Sha256Hex(file->bytes()));
  }
  return listing.Digest();
}

// The time of change cannot be set by whoever writes to the file.
void AddStamp(const ByteSource& content, Listing& listing) {
  struct stat status = {};
  if (content.descriptor() < 0 || ::fstat(content.descriptor(), &status) != 0) {
    listing.Add(content.size());
    return;
  }
  listing.Add(fmt::format("{} {} {} {}.{}", status.st_dev, status.st_ino,
                          status.st_size, status.st_ctim.tv_sec,
                          status.st_ctim.tv_nsec));
}

std::shared_ptr<const int> OpenFolder(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return descriptor < 0 ? nullptr
                        : std::shared_ptr<const int>(new int(descriptor),
                                                     [](const int* open) {
                                                       ::close(*open);
                                                       delete open;
                                                     });
}

bool IsOwn(int folder) {
  struct stat status = {};
  return ::fstat(folder, &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

Result<std::optional<WalkCache>> WalkCache::Open(const std::string& folder) {
  if (folder.empty()) {
    return std::nullopt;
  }
  std::error_code error;
  if (fs::create_directories(folder, error); error) {
    return Fail(ErrorCode::kUnwritable,
                fmt::format("{}: {}", folder, error.message()));
  }
  // One that is not there yet is made for its user alone.
  const std::string walks = (fs::path(folder) / "walks").string();
  const bool made = ::mkdir(walks.c_str(), 0700) == 0 || errno == EEXIST;
  auto opened = made ? OpenFolder(walks) : nullptr;
  if (opened == nullptr && errno != ENOTDIR && errno != ELOOP) {
    return Fail(
        ErrorCode::kUnwritable,
        fmt::format("{}: {}", walks, std::generic_category().message(errno)));
  }
  if (opened == nullptr || !IsOwn(*opened)) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}: a cache is a folder of its user's own that "
                            "nobody else can write to",
                            walks));
  }
  auto program = DigestOfProgram();
  if (!program) {
    return Fail(program.error());
  }
  return std::optional(WalkCache(std::move(opened), std::move(*program)));
}

const WalkCache::Known* WalkCache::Digested(const unpack::Product& product) {
  if (const auto found = known_.find(&product); found != known_.end()) {
    return &found->second;
  }
  Listing whole;
  Listing stamp;
  whole.Add(product.name);
  whole.Add(product.directory ? 1 : 0);
  for (const unpack::ProductFile& file : product.files) {
    whole.Add(file.name);
    AddMetadata(file.meta, whole);
    if (file.meta.type == FileType::kRegular) {
      const auto content = file.open();
      if (!content) {
        return nullptr;
      }
      whole.Add(Sha256Hex(content->bytes()));
      AddStamp(*content, stamp);
    }
  }
  return &known_.emplace(&product, Known{whole.Digest(), stamp.Digest()})
              .first->second;
}

bool WalkCache::IsUnchanged(const unpack::Product& product) const {
  Listing stamp;
  for (const unpack::ProductFile& file : product.files) {
    if (file.meta.type == FileType::kRegular) {
      const auto content = file.open();
      if (!content) {
        return false;
      }
      AddStamp(*content, stamp);
    }
  }
  const auto found = known_.find(&product);
  return found != known_.end() && found->second.stamp == stamp.Digest();
}

std::unique_ptr<confine::Transcript> WalkCache::TranscriptOf(
    const unpack::Product& product, std::string_view task) {
  const Known* known = Digested(product);
  if (known == nullptr) {
    return nullptr;
  }
  Listing key;
  key.Add(Version());
  key.Add(program_);
  key.Add(known->digest);
  key.Add(task);
  return std::make_unique<confine::Transcript>(
      (fs::path(folder_) / (key.Digest() + std::string(kSuffix))).string(),
      kLongestWalk);
}

void WalkCache::Tidy() const {
  struct Entry {
    fs::file_time_type used = {};
    fs::path path = {};
    std::uint64_t size = 0;
  };
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error);
       !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error) &&
        at->path().string().find(kSuffix) != std::string::npos) {
      entries.push_back(
          {at->last_write_time(error), at->path(), at->file_size(error)});
      total += entries.back().size;
    }
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.used != b.used ? a.used < b.used : a.path < b.path;
  });
  for (const Entry& entry : entries) {
    if (total <= kMostKept) {
      break;
    }
    fs::remove(entry.path, error);
    total -= entry.size;
  }
}

}  // namespace assay::engine
