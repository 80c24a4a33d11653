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
#include "verifier/formats/vendor/rauc_bundle.h"
#include "verifier/formats/vendor/verity_tree.h"

namespace assay::formats {
namespace {

bool MatchesEnd(ByteView bytes) {
  return RaucBundleOf(bytes).has_value();
}

// Checks the tree that the manifest describes; returns its size.
std::uint64_t CheckTree(const RaucManifest& manifest, ByteView payload,
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

Result<void> AddPayload(const RaucBundle& bundle, const RaucManifest& manifest,
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
  const auto bundle = RaucBundleOf(source.bytes());
  if (!bundle) {
    return Fail(ErrorCode::kMalformed, "rauc: no CMS message at the end");
  }
  PartLayout layout(input, "rauc", sink);
  RaucManifest manifest;
  std::optional<ByteSource> text;
  if (bundle->cms.content) {
    text =
        *source.Slice({bundle->signature.offset + bundle->cms.content->offset,
                       bundle->cms.content->length});
    manifest = RaucManifestOf(AsText(text->bytes()));
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
