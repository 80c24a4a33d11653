// Android verified boot metadata (a vbmeta partition, or what a footer leads
// to). Layout: AOSP external/avb, libavb/avb_vbmeta_image.h.
//
// Members, as they lie in the image: "signature", "public_key",
// "public_key_metadata", and of the descriptors "property/<key>",
// "cmdline/<number>", "hash/<partition>" and "hashtree/<partition>" (the
// digest) and "chain/<partition>" (the public key that may sign it). The
// signature itself is checked elsewhere; here only the hash that it signs.

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>

#include "verifier/formats/boot/stored_parts.h"
#include "verifier/formats/disks/avb_vbmeta.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using avb::Descriptor;
using avb::Tag;
using avb::Vbmeta;

constexpr std::uint32_t kHashTreeDisabled = 1;
constexpr std::uint32_t kVerificationDisabled = 2;

bool Matches(ByteView head) {
  return avb::HasHeader(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto vbmeta = Vbmeta::Read(bytes);
  if (!vbmeta) {
    return Fail(vbmeta.error());
  }
  return vbmeta->size();
}

std::string NameOf(const Descriptor& descriptor, std::size_t number) {
  switch (static_cast<Tag>(descriptor.tag)) {
    case Tag::kProperty:
      return "property/" + descriptor.name;
    case Tag::kHashTree:
      return "hashtree/" + descriptor.name;
    case Tag::kHash:
      return "hash/" + descriptor.name;
    case Tag::kCommandLine:
      return fmt::format("cmdline/{}", number);
    case Tag::kChain:
      return "chain/" + descriptor.name;
  }
  return fmt::format("unknown/{}", number);
}

void ReportHeader(const Vbmeta& vbmeta, ArtifactSink& sink) {
  const auto report = [&](const char* id, std::string detail) {
    sink.Report({.id = id,
                 .range = {0, sizeof(avb::Header)},
                 .detail = std::move(detail)});
  };
  const std::uint32_t flags = vbmeta.header().flags;
  if ((flags & kVerificationDisabled) != 0) {
    report("avb.verification-disabled",
           "the flags tell the boot loader to verify nothing");
  }
  if ((flags & kHashTreeDisabled) != 0) {
    report("avb.hashtree-disabled",
           "the flags tell the system not to use the hash trees");
  }
  if (vbmeta.header().algorithm == 0) {
    report("avb.unsigned", "the metadata have no signature");
  }
  if (!vbmeta.HashHolds()) {
    report("avb.checksum-mismatch",
           "the hash is not that of header and descriptors");
  }
  if (!vbmeta.damage().empty()) {
    report("avb.bad-descriptors", vbmeta.damage());
  }
}

Result<void> AddDescriptors(const Vbmeta& vbmeta, StoredParts& parts,
                            ArtifactSink& sink) {
  std::set<std::string> names;
  std::size_t number = 0;
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    const std::string name = NameOf(descriptor, number++);
    if (name.size() > sink.limits().name) {
      return Fail(ErrorCode::kLimit, "avb: a name is too long");
    }
    if (!names.insert(name).second) {
      sink.Report({.id = "avb.ambiguous-descriptor",
                   .range = descriptor.range,
                   .detail = name + " is described twice"});
    }
    if (auto ok = parts.Add(name, descriptor.value); !ok) {
      return ok;
    }
    parts.Metadata(descriptor.range);
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto vbmeta = Vbmeta::Read(source.bytes());
  if (!vbmeta) {
    return Fail(vbmeta.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : vbmeta.error().code,
                vbmeta.error().what);
  }
  ReportHeader(*vbmeta, sink);
  StoredParts parts(source, "avb", sink);
  parts.Metadata({0, sizeof(avb::Header)});
  if (vbmeta->header().algorithm != 0) {
    parts.Metadata(vbmeta->hash());
    if (auto ok = parts.Add("signature", vbmeta->signature()); !ok) {
      return ok;
    }
    if (auto ok = parts.Add("public_key", vbmeta->key()); !ok) {
      return ok;
    }
  }
  if (auto ok = parts.Add("public_key_metadata", vbmeta->key_metadata()); !ok) {
    return ok;
  }
  if (auto ok = AddDescriptors(*vbmeta, parts, sink); !ok) {
    return ok;
  }
  parts.Rest(vbmeta->size());
  return input.Skip(vbmeta->size());
}

constexpr Magic kMagics[] = {{"AVB0", 0}};  // NOLINT: a table

}  // namespace

extern const Format kAvb;
const Format kAvb = {
    .name = "avb",
    .title = "Android verified boot metadata (vbmeta)",
    .reference = "AOSP external/avb/libavb/avb_vbmeta_image.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
