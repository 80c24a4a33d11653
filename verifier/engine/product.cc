#include "verifier/engine/product.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/base/limits.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

FileType TypeOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return FileType::kDirectory;
    case S_IFLNK:
      return FileType::kSymlink;
    case S_IFCHR:
      return FileType::kCharDevice;
    case S_IFBLK:
      return FileType::kBlockDevice;
    case S_IFIFO:
      return FileType::kFifo;
    case S_IFSOCK:
      return FileType::kSocket;
    default:
      return FileType::kRegular;
  }
}

// Of a delivery on our own disk only what is part of the delivery: owner and
// times say who copied it here and when. The mode stays out for the same
// reason, but for the bits that give privilege.
FileMetadata MetadataOf(const fs::path& path, const struct stat& status) {
  FileMetadata meta;
  meta.type = TypeOf(status.st_mode);
  if (meta.type == FileType::kRegular &&
      (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    meta.mode = status.st_mode & 07777U;
  }
  if (meta.type == FileType::kSymlink) {
    std::error_code error;
    meta.link_target = fs::read_symlink(path, error).string();
  }
  if (meta.type == FileType::kCharDevice ||
      meta.type == FileType::kBlockDevice) {
    meta.device_major = gnu_dev_major(status.st_rdev);
    meta.device_minor = gnu_dev_minor(status.st_rdev);
  }
  return meta;
}

Result<ByteSource> ReadStandardInput() {
  Spool spool(Limits{}.memory_per_member, Limits{}.unpacked);
  std::array<std::uint8_t, 65536> buffer = {};
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return Fail(ErrorCode::kUnreadable,
                  fmt::format("standard input: {}",
                              std::generic_category().message(errno)));
    }
    if (count == 0) {
      return spool.Finish();
    }
    if (auto ok = spool.Append(
            ByteView(buffer).first(static_cast<std::size_t>(count)));
        !ok) {
      return Fail(ok.error());
    }
  }
}

unpack::ProductFile FileAt(const fs::path& path, std::string name,
                           const struct stat& status) {
  return {.name = std::move(name),
          .meta = MetadataOf(path, status),
          .open = [path = path.string()] { return ByteSource::MapFile(path); }};
}

Result<unpack::Product> OpenDirectory(const fs::path& root,
                                      unpack::Product product) {
  product.directory = true;
  std::error_code error;
  fs::recursive_directory_iterator at(
      root, fs::directory_options::skip_permission_denied, error);
  if (error) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: {}", root.string(), error.message()));
  }
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) {
      return Fail(ErrorCode::kUnreadable,
                  fmt::format("{}: {}", root.string(), error.message()));
    }
    struct stat status = {};
    if (::lstat(at->path().c_str(), &status) != 0) {
      continue;  // gone since it was listed
    }
    product.files.push_back(FileAt(
        at->path(), at->path().lexically_relative(root).string(), status));
  }
  std::sort(product.files.begin(), product.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return product;
}

}  // namespace

std::string PathOfProductFile(const std::string& name) {
  return Escaped(NormalPath(name));
}

Result<unpack::Product> OpenProduct(const std::string& path) {
  unpack::Product product;
  if (path == "-") {
    auto content = ReadStandardInput();
    if (!content) {
      return Fail(content.error());
    }
    product.name = "stdin";
    product.files.push_back(
        {.name = "stdin", .open = [source = *content] { return source; }});
    return product;
  }
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    return Fail(
        ErrorCode::kUnreadable,
        fmt::format("{}: {}", path, std::generic_category().message(errno)));
  }
  fs::path full = fs::path(path).lexically_normal();
  if (full.filename().empty() || full.filename() == "..") {
    std::error_code error;
    full = fs::canonical(path, error);
  }
  product.name = full.filename() == "." ? fs::current_path().filename().string()
                                        : full.filename().string();
  if (S_ISDIR(status.st_mode)) {
    return OpenDirectory(full, std::move(product));
  }
  // Opened at once: a single product that cannot be read is the user's error.
  auto content = ByteSource::MapFile(path);
  if (!content) {
    return Fail(content.error());
  }
  product.files.push_back(FileAt(full, product.name, status));
  product.files.front().open = [source = *content] { return source; };
  return product;
}

}  // namespace assay::engine
