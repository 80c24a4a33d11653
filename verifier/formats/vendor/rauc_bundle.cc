#include "verifier/formats/vendor/rauc_bundle.h"

#include "verifier/base/text.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kMaxSignature = 64U << 10U;  // RAUC reads no longer one
constexpr std::size_t kMaxImages = 4096;

std::string* BundleField(RaucManifest& manifest, std::string_view key) {
  return key == "format"        ? &manifest.format
         : key == "verity-hash" ? &manifest.hash
         : key == "verity-salt" ? &manifest.salt
         : key == "verity-size" ? &manifest.size
                                : nullptr;
}

std::string* ImageField(RaucImage& image, std::string_view key) {
  return key == "filename" ? &image.filename
         : key == "size"   ? &image.size
         : key == "sha256" ? &image.sha256
                           : nullptr;
}

}  // namespace

std::optional<RaucBundle> RaucBundleOf(ByteView bytes) {
  if (bytes.size() < sizeof(Be64)) {
    return std::nullopt;
  }
  const std::uint64_t end = bytes.size() - sizeof(Be64);
  const auto size = ReadAt<Be64>(bytes, end);
  if (!size || *size == 0 || *size > kMaxSignature || *size > end) {
    return std::nullopt;
  }
  const Range signature{end - *size, *size};
  const auto cms = ParseCms(*Slice(bytes, signature.offset, signature.length));
  if (!cms) {
    return std::nullopt;
  }
  return RaucBundle{signature.offset, signature, *cms};
}

// A GLib key file.
RaucManifest RaucManifestOf(std::string_view text) {
  constexpr std::string_view kImage = "[image.";
  RaucManifest manifest;
  bool bundle = false;
  bool image = false;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    if (!line.empty() && line.front() == '[') {
      bundle = line == "[bundle]";
      image = line.starts_with(kImage) && line.ends_with(']') &&
              manifest.images.size() < kMaxImages;
      if (image) {
        manifest.images.push_back(
            {.slot = std::string(
                 line.substr(kImage.size(), line.size() - kImage.size() - 1))});
      }
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      continue;
    }
    const std::string_view key = Trim(line.substr(0, equals));
    std::string* field = bundle  ? BundleField(manifest, key)
                         : image ? ImageField(manifest.images.back(), key)
                                 : nullptr;
    if (field != nullptr) {
      *field = Trim(line.substr(equals + 1));
    }
  }
  return manifest;
}

}  // namespace assay::formats
