#include "tests/golden/repack.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstdlib>
#include <iostream>
#include <memory>

namespace assay::testing {
namespace {

void Require(bool ok, archive* of) {
  if (!ok) {
    std::cerr << "libarchive: " << archive_error_string(of) << '\n';
    std::abort();
  }
}

std::string ReadContent(archive* from, archive_entry* entry) {
  std::string content(static_cast<std::size_t>(archive_entry_size(entry)), 0);
  Require(content.empty() ||
              archive_read_data(from, content.data(), content.size()) >= 0,
          from);
  return content;
}

std::vector<PackedFile> ReadAll(ByteView bytes, bool ar) {
  archive* from = archive_read_new();
  if (ar) {
    archive_read_support_format_ar(from);
  } else {
    archive_read_support_format_tar(from);
    archive_read_support_filter_gzip(from);
    archive_read_support_filter_xz(from);
    archive_read_support_filter_zstd(from);
  }
  Require(
      archive_read_open_memory(from, bytes.data(), bytes.size()) == ARCHIVE_OK,
      from);
  std::vector<PackedFile> files;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(from, &entry) == ARCHIVE_OK) {
    PackedFile file{
        .name = archive_entry_pathname(entry),
        .mode = static_cast<std::uint32_t>(archive_entry_mode(entry))};
    if (archive_entry_filetype(entry) == AE_IFREG) {
      file.content = ReadContent(from, entry);
    }
    if (const char* link = archive_entry_symlink(entry)) {
      file.link = link;
    }
    files.push_back(std::move(file));
  }
  archive_read_free(from);
  return files;
}

la_ssize_t Append(archive* /*to*/, void* into, const void* data,
                  std::size_t size) {
  static_cast<std::string*>(into)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

std::string WriteAll(const std::vector<PackedFile>& files, bool ar) {
  std::string bytes;
  archive* to = archive_write_new();
  if (ar) {
    archive_write_set_format_ar_svr4(to);
    archive_write_set_bytes_in_last_block(to, 1);
  } else {
    archive_write_set_format_gnutar(to);
    archive_write_add_filter_gzip(to);
    archive_write_set_options(to, "gzip:compression-level=1,gzip:!timestamp");
  }
  Require(
      archive_write_open(to, &bytes, nullptr, Append, nullptr) == ARCHIVE_OK,
      to);
  for (const PackedFile& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_mode(entry, file.mode);
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.content.size()));
    if (!file.link.empty()) {
      archive_entry_set_symlink(entry, file.link.c_str());
    }
    Require(archive_write_header(to, entry) == ARCHIVE_OK, to);
    Require(
        file.content.empty() || archive_write_data(to, file.content.data(),
                                                   file.content.size()) >= 0,
        to);
    archive_entry_free(entry);
  }
  Require(archive_write_close(to) == ARCHIVE_OK, to);
  archive_write_free(to);
  return bytes;
}

}  // namespace

Bytes RepackDeb(ByteView deb, const Edit& edit_control, const Edit& edit_data) {
  std::vector<PackedFile> members = ReadAll(deb, true);
  for (PackedFile& member : members) {
    const bool control = member.name.rfind("control.tar", 0) == 0;
    const bool data = member.name.rfind("data.tar", 0) == 0;
    if (!control && !data) {
      continue;
    }
    std::vector<PackedFile> files = ReadAll(AsBytes(member.content), false);
    (control ? edit_control : edit_data)(files);
    member.name = control ? "control.tar.gz" : "data.tar.gz";
    member.content = WriteAll(files, false);
  }
  return CopyOf(AsBytes(WriteAll(members, true)));
}

}  // namespace assay::testing
