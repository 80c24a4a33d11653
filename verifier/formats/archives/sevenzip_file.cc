#include "verifier/formats/archives/sevenzip_file.h"

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::uint32_t kUnixExtension = 0x8000;
constexpr std::uint32_t kDirectoryAttribute = 0x10;

}  // namespace

FileMetadata MetadataOf(const File& file) {
  FileMetadata meta;
  meta.mtime = file.mtime;
  const std::uint32_t attributes = file.attributes.value_or(0);
  const bool directory =
      file.directory ||
      (!file.has_stream && (attributes & kDirectoryAttribute) != 0);
  meta.type = directory ? FileType::kDirectory : FileType::kRegular;
  if ((attributes & kUnixExtension) != 0) {
    const std::uint32_t mode = attributes >> 16U;
    meta.mode = mode & 07777U;
    if (!directory) {
      meta.type = TypeOfMode(mode);
    }
  }
  return meta;
}

}  // namespace assay::formats::sevenzip
