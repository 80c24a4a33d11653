#include "verifier/formats/archives/wim_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/archives/wim_resource.h"

namespace assay::formats::wim {
namespace {

// Passes a stream on and computes its SHA-1.
class DigestingStream : public ByteStream {
 public:
  explicit DigestingStream(ByteStream& inner) : inner_(inner) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = inner_.Read(into);
    if (count) {
      hasher_.Update(ByteView(into).first(*count));
      ended_ = *count == 0 && !into.empty();
    }
    return count;
  }
  // Nothing unless all of it was read.
  [[nodiscard]] std::string Finish() {
    return ended_ ? hasher_.Finish().front().hex : std::string();
  }

 private:
  ByteStream& inner_;
  Hasher hasher_{{DigestAlgorithm::kSha1}};
  bool ended_ = false;
};

}  // namespace

bool IsNone(const Sha1& digest) {
  return std::all_of(digest.begin(), digest.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

const Resource* Streams::Find(const Sha1& digest) const {
  const auto found = tables_.by_digest.find(digest);
  return found == tables_.by_digest.end() ? nullptr
                                          : &tables_.resources[found->second];
}

void Streams::ClaimStructure(const Sha1& digest) {
  const auto found = tables_.by_digest.find(digest);
  if (found == tables_.by_digest.end()) {
    return;
  }
  Note(found->second);
  const Resource& resource = tables_.resources[found->second];
  if (!resource.solid && !resource.elsewhere && source_.Slice(resource.place)) {
    coverage_.ClaimFree(resource.place, RegionUse::kMetadata, sink_);
  }
}

void Streams::CompareDigest(const Resource& resource, std::string_view hex,
                            const std::string& name) {
  const std::string stated = HexOf(resource.digest);
  if (!hex.empty() && hex != stated) {
    sink_.Report({.id = "wim.digest-mismatch",
                  .range = resource.place,
                  .detail = fmt::format("{}: SHA-1 {} is stated, it is {}",
                                        name, stated, hex)});
  }
}

Result<void> Streams::Give(const Sha1& digest, Member member) {
  if (IsNone(digest)) {
    member.stored = true;
    return sink_.Add(std::move(member), {});
  }
  const auto found = tables_.by_digest.find(digest);
  if (found == tables_.by_digest.end()) {
    sink_.Report({.id = "wim.missing-stream",
                  .detail = member.name + ": there is no such stream"});
    return sink_.AddOpaque(std::move(member), "its stream is missing");
  }
  return Give(found->second, std::move(member));
}

Result<ByteSource> Streams::DecodeSolid(std::size_t index) {
  const SolidResource& solid = tables_.solids[index];
  const Limits& limits = sink_.limits();
  const std::uint64_t most =
      std::min(limits.member,
               std::max(limits.ratio_floor, solid.place.length * limits.ratio));
  if (solid.size > most) {
    return Fail(ErrorCode::kLimit,
                fmt::format("wim: a solid resource of {} bytes", solid.size));
  }
  const Resource whole{.size = solid.size, .solid = index};
  ResourceStream stream(source_, tables_, whole);
  Spool spool(limits.memory_per_member, most);
  constexpr std::size_t kStep = 64UL << 10U;
  Bytes buffer(kStep);
  while (true) {
    const auto count = stream.Read(buffer);
    if (!count) {
      return Fail(count.error());
    }
    if (*count == 0) {
      return spool.Finish();
    }
    if (auto ok = spool.Append(ByteView(buffer).first(*count)); !ok) {
      return Fail(ok.error());
    }
  }
}

Result<ByteSource> Streams::SliceOfSolid(const Resource& resource) {
  const std::size_t index = *resource.solid;
  if (index >= tables_.solids.size()) {
    return Malformed("a stream in no solid resource");
  }
  auto known = solids_.find(index);
  if (known == solids_.end()) {
    known = solids_.emplace(index, DecodeSolid(index)).first;
  }
  return known->second ? known->second->Slice({resource.within, resource.size})
                       : known->second;
}

Result<void> Streams::GiveSolid(const Resource& resource, bool first,
                                Member member) {
  auto content = SliceOfSolid(resource);
  if (!content) {
    return sink_.AddOpaque(std::move(member), content.error().what);
  }
  if (first) {
    CompareDigest(resource,
                  DigestOf(DigestAlgorithm::kSha1, content->bytes()).hex,
                  member.name);
  }
  return sink_.Add(std::move(member), std::move(*content));
}

Result<void> Streams::Give(std::size_t index, Member member) {
  const Resource& resource = tables_.resources[index];
  const bool first = Note(index);
  if (std::string why = OpaqueReason(tables_, resource); !why.empty()) {
    if (!resource.elsewhere && !resource.solid &&
        !coverage_.Touches(resource.place)) {
      coverage_.Add(resource.place);
      member.origin = resource.place;
    }
    return sink_.AddOpaque(std::move(member), std::move(why));
  }
  if (resource.solid) {
    return GiveSolid(resource, first, std::move(member));
  }
  const auto bytes = source_.Slice(resource.place);
  if (bytes && !coverage_.Touches(resource.place)) {
    coverage_.Add(resource.place);
    member.origin = resource.place;
  }
  const std::string name = member.name;
  if (!resource.compressed && bytes && resource.size == bytes->size()) {
    member.stored = member.origin.has_value();
    if (first) {
      CompareDigest(resource,
                    DigestOf(DigestAlgorithm::kSha1, bytes->bytes()).hex, name);
    }
    return sink_.Add(std::move(member), *bytes);
  }
  ResourceStream stream(source_, tables_, resource);
  DigestingStream digesting(stream);
  auto added = sink_.AddStream(std::move(member), digesting);
  if (first) {
    CompareDigest(resource, digesting.Finish(), name);
  }
  return added;
}

Result<Bytes> Streams::ReadWhole(const Resource& resource, std::uint64_t most) {
  if (std::string why = OpaqueReason(tables_, resource); !why.empty()) {
    return Fail(ErrorCode::kUnsupported, "wim: " + why);
  }
  if (resource.size > most) {
    return Fail(ErrorCode::kLimit,
                fmt::format("wim: a resource of {} bytes", resource.size));
  }
  if (resource.solid) {
    const auto content = SliceOfSolid(resource);
    return content ? Result<Bytes>(CopyOf(content->bytes()))
                   : Fail(content.error());
  }
  ResourceStream stream(source_, tables_, resource);
  auto bytes = ReadAll(stream, most);
  if (bytes) {
    CompareDigest(resource, DigestOf(DigestAlgorithm::kSha1, *bytes).hex,
                  "the structure");
  }
  return bytes;
}

}  // namespace assay::formats::wim
