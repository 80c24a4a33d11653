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

constexpr std::string_view kImage = "[image.";

bool IsImage(std::string_view section) {
  return section.starts_with(kImage) && section.ends_with(']');
}

// The section that begins here; "" for an image that is one too many.
std::string_view Enter(std::string_view section, RaucManifest& manifest) {
  if (!IsImage(section)) {
    return section;
  }
  if (manifest.images.size() >= kMaxImages) {
    return "";
  }
  manifest.images.push_back(
      {.slot = std::string(
           section.substr(kImage.size(), section.size() - kImage.size() - 1))});
  return section;
}

// Null for what is not kept.
std::string* FieldOf(RaucManifest& manifest, std::string_view section,
                     std::string_view key) {
  if (IsImage(section)) {
    return ImageField(manifest.images.back(), key);
  }
  if (section == "[bundle]") {
    return BundleField(manifest, key);
  }
  return section == "[update]" && key == "version" ? &manifest.version
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
  RaucManifest manifest;
  std::string_view section;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    if (!line.empty() && line.front() == '[') {
      section = Enter(line, manifest);
    }
    const std::size_t equals = line.find('=');
    std::string* field =
        equals == std::string_view::npos
            ? nullptr
            : FieldOf(manifest, section, Trim(line.substr(0, equals)));
    if (field != nullptr) {
      *field = Trim(line.substr(equals + 1));
    }
  }
  return manifest;
}

}  // namespace assay::formats
