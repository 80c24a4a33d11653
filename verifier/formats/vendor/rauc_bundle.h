// Where the parts of a RAUC bundle lie, and what its manifest says.
// Layout: RAUC Reference, "Bundle Formats" and "Manifest"; src/bundle.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/vendor/cms_content.h"

namespace assay::formats {

struct RaucBundle {
  std::uint64_t payload = 0;  // from the start of the file, with its tree
  Range signature = {};
  CmsMessage cms = {};
};
// By its end: a CMS message, and its size in 8 bytes.
[[nodiscard]] std::optional<RaucBundle> RaucBundleOf(ByteView bytes);

// A section [image.<slot class>].
struct RaucImage {
  std::string slot = {};
  std::string filename = {};
  std::string size = {};
  std::string sha256 = {};
};

// As the text has it; "" where it says nothing.
struct RaucManifest {
  std::string version = {};  // of section [update]
  std::string format = {};
  std::string hash = {};  // verity-hash and the like, of section [bundle]
  std::string salt = {};
  std::string size = {};
  std::vector<RaucImage> images = {};
};
[[nodiscard]] RaucManifest RaucManifestOf(std::string_view text);

}  // namespace assay::formats
