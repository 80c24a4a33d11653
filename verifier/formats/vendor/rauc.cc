// RAUC update bundles: a SquashFS image, in the formats "verity" and "crypt" a
// dm-verity tree over it, a CMS signature, and its size in 8 bytes at the end.
// Layout: RAUC Reference, "Bundle Formats"; src/bundle.c.
//
// In a plain bundle the signature is detached and covers the whole payload; in
// the others it carries the manifest, whose "verity-hash" covers the payload.
// The tree is recomputed here: a bundle whose payload was changed afterwards
// is said, whoever signed it.

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"
#include "verifier/formats/vendor/cms_content.h"
#include "verifier/formats/vendor/verity_tree.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kMaxSignature = 64U << 10U;  // RAUC reads no longer one

struct Bundle {
  std::uint64_t payload = 0;  // with the tree
  Range signature = {};
  CmsMessage cms = {};
};

std::optional<Bundle> BundleOf(ByteView bytes) {
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
  return Bundle{signature.offset, signature, *cms};
}

bool MatchesEnd(ByteView bytes) {
  return BundleOf(bytes).has_value();
}

// What the [bundle] section of a manifest (a GLib key file) says.
struct Manifest {
  std::string format = {};
  std::string hash = {};
  std::string salt = {};
  std::string size = {};
};

Manifest ManifestOf(std::string_view text) {
  Manifest manifest;
  bool bundle = false;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    if (!line.empty() && line.front() == '[') {
      bundle = line == "[bundle]";
    }
    const std::size_t equals = line.find('=');
    if (!bundle || equals == std::string_view::npos) {
      continue;
    }
    const std::string_view key = Trim(line.substr(0, equals));
    const std::string value(Trim(line.substr(equals + 1)));
    if (key == "format") {
      manifest.format = value;
    } else if (key == "verity-hash") {
      manifest.hash = value;
    } else if (key == "verity-salt") {
      manifest.salt = value;
    } else if (key == "verity-size") {
      manifest.size = value;
    }
  }
  return manifest;
}

// Checks the tree that the manifest describes; returns its size.
std::uint64_t CheckTree(const Manifest& manifest, ByteView payload,
                        PartLayout& layout) {
  const Range whole{0, payload.size()};
  const auto tree = NumberOf(manifest.size);
  const auto salt = BytesFromHex(manifest.salt);
  const auto result = tree && salt ? CheckVerity(payload, *tree, *salt)
                                   : std::optional<VerityResult>();
  if (!result) {
    layout.Report("tree-size-mismatch", whole,
                  fmt::format("a tree of \"{}\" bytes does not fit a payload "
                              "of {} bytes",
                              Escaped(manifest.size), payload.size()));
    return 0;
  }
  if (result->wrong > 0) {
    layout.Report(
        "tree-checksum-mismatch", whole,
        fmt::format("{} blocks of 4096 bytes do not have the hash that the "
                    "verity tree states, the first is {}",
                    result->wrong, result->first_wrong));
  }
  if (const std::string root = HexOf(result->root); root != manifest.hash) {
    layout.Report("root-checksum-mismatch", whole,
                  fmt::format("the manifest's verity-hash is \"{}\", the tree "
                              "gives {}",
                              Escaped(manifest.hash), root));
  }
  return *tree;
}

Result<void> AddPayload(const Bundle& bundle, const Manifest& manifest,
                        ByteView bytes, PartLayout& layout) {
  std::uint64_t size = bundle.payload;
  if (!bundle.cms.signed_data) {
    return layout.AddOpaque("payload", {0, size},
                            "encrypted; its manifest is enveloped");
  }
  if (manifest.format == "verity" || manifest.format == "crypt") {
    size -= CheckTree(manifest,
                      bytes.first(static_cast<std::size_t>(bundle.payload)),
                      layout);
  }
  return manifest.format == "crypt"
             ? layout.AddOpaque("payload", {0, size}, "encrypted (dm-crypt)")
             : layout.Add("payload", {0, size});
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto bundle = BundleOf(source.bytes());
  if (!bundle) {
    return Fail(ErrorCode::kMalformed, "rauc: no CMS message at the end");
  }
  PartLayout layout(input, "rauc", sink);
  Manifest manifest;
  std::optional<ByteSource> text;
  if (bundle->cms.content) {
    text =
        *source.Slice({bundle->signature.offset + bundle->cms.content->offset,
                       bundle->cms.content->length});
    manifest = ManifestOf(AsText(text->bytes()));
  }
  if (auto ok = AddPayload(*bundle, manifest, source.bytes(), layout); !ok) {
    return ok;
  }
  if (auto ok = layout.Add("signature.cms", bundle->signature); !ok) {
    return ok;
  }
  // Its bytes lie in the signature, which has them already.
  if (text) {
    if (auto ok = sink.Add({.name = "manifest.raucm"}, *text); !ok) {
      return ok;
    }
  }
  layout.Metadata({0, source.size()});  // what is left: tree and size
  return layout.Finish(source.size());
}

}  // namespace

extern const Format kRauc;
const Format kRauc = {
    .name = "rauc",
    .title = "RAUC update bundle",
    .reference = "RAUC Reference, \"Bundle Formats\"",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
