#include "tests/support/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cstdlib>
#include <iostream>
#include <memory>

namespace assay::testing {
namespace {

void Demand(bool ok, archive* writer) {
  if (!ok) {
    std::cerr << "libarchive: " << archive_error_string(writer) << '\n';
    std::abort();
  }
}

la_ssize_t Append(archive* /*writer*/, void* bytes, const void* piece,
                  std::size_t size) {
  const auto* start = static_cast<const std::uint8_t*>(piece);
  auto& all = *static_cast<Bytes*>(bytes);
  all.insert(all.end(), start, start + size);
  return static_cast<la_ssize_t>(size);
}

unsigned FileTypeBits(FileType type) {
  switch (type) {
    case FileType::kDirectory:
      return S_IFDIR;
    case FileType::kSymlink:
      return S_IFLNK;
    case FileType::kCharDevice:
      return S_IFCHR;
    case FileType::kBlockDevice:
      return S_IFBLK;
    case FileType::kFifo:
      return S_IFIFO;
    default:
      return S_IFREG;
  }
}

void Describe(const ArchivedFile& file, archive_entry* entry) {
  const FileMetadata& meta = file.meta;
  archive_entry_set_pathname(entry, file.name.c_str());
  archive_entry_set_mode(entry,
                         FileTypeBits(meta.type) | meta.mode.value_or(0));
  archive_entry_set_uid(entry, static_cast<la_int64_t>(meta.uid.value_or(0)));
  archive_entry_set_gid(entry, static_cast<la_int64_t>(meta.gid.value_or(0)));
  archive_entry_set_uname(entry, meta.owner.c_str());
  archive_entry_set_gname(entry, meta.group.c_str());
  archive_entry_set_mtime(entry, meta.mtime.value_or(0), 0);
  archive_entry_set_size(entry, static_cast<la_int64_t>(file.content.size()));
  archive_entry_set_nlink(entry, 1);
  if (meta.type == FileType::kSymlink) {
    archive_entry_set_symlink(entry, meta.link_target.c_str());
  }
  if (meta.type == FileType::kHardLink) {
    archive_entry_set_hardlink(entry, meta.link_target.c_str());
  }
  archive_entry_set_rdevmajor(entry, meta.device_major);
  archive_entry_set_rdevminor(entry, meta.device_minor);
  for (const auto& [key, value] : meta.xattrs) {
    archive_entry_xattr_add_entry(entry, key.c_str(), value.data(),
                                  value.size());
  }
}

}  // namespace

Bytes WriteArchive(const std::string& format,
                   const std::vector<ArchivedFile>& files,
                   const std::string& options) {
  Bytes bytes;
  const std::unique_ptr<archive, decltype(&archive_write_free)> writer(
      archive_write_new(), archive_write_free);
  archive* const w = writer.get();
  Demand(archive_write_set_format_by_name(w, format.c_str()) == ARCHIVE_OK, w);
  Demand(archive_write_set_options(w, options.c_str()) == ARCHIVE_OK, w);
  // No zeros behind the archive's own end.
  Demand(archive_write_set_bytes_in_last_block(w, 1) == ARCHIVE_OK, w);
  Demand(archive_write_open2(w, &bytes, nullptr, Append, nullptr, nullptr) ==
             ARCHIVE_OK,
         w);
  for (const ArchivedFile& file : files) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
        archive_entry_new(), archive_entry_free);
    Describe(file, entry.get());
    Demand(archive_write_header(w, entry.get()) == ARCHIVE_OK, w);
    Demand(archive_write_data(w, file.content.data(), file.content.size()) ==
               static_cast<la_ssize_t>(file.content.size()),
           w);
  }
  Demand(archive_write_close(w) == ARCHIVE_OK, w);
  return bytes;
}

std::vector<ArchivedFile> SomeFiles(bool links) {
  const auto meta = [](FileType type, std::uint32_t mode) {
    return FileMetadata{.type = type,
                        .mode = mode,
                        .uid = 1000,
                        .gid = 100,
                        .owner = "builder",
                        .group = "users",
                        .mtime = 1'700'000'000};
  };
  const std::string middle(60, 'm');
  std::vector<ArchivedFile> files = {
      {"dir/", meta(FileType::kDirectory, 02755), ""},
      {"empty", meta(FileType::kRegular, 0600), ""},
      {"dir/one", meta(FileType::kRegular, 0644), "1"},
      {"suid", meta(FileType::kRegular, 04755), std::string(512, 's')},
      {middle + "/" + middle + "/file", meta(FileType::kRegular, 0640),
       std::string(1025, 'x')},
  };
  if (links) {
    FileMetadata symlink = meta(FileType::kSymlink, 0777);
    symlink.link_target = "../../etc/passwd";
    FileMetadata hard_link = meta(FileType::kHardLink, 0644);
    hard_link.link_target = "dir/one";
    FileMetadata device = meta(FileType::kCharDevice, 0666);
    device.device_major = 1;
    device.device_minor = 3;
    files.push_back({"symlink", symlink, ""});
    files.push_back({"hard", hard_link, ""});
    files.push_back({"null", device, ""});
    files.push_back({"fifo", meta(FileType::kFifo, 0600), ""});
  }
  return files;
}

}  // namespace assay::testing
