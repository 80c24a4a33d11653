#include "verifier/confine/node_checks.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "verifier/base/text.h"

namespace assay::confine {
namespace {

bool IsRange(Range range) {
  return range.length <=
         std::numeric_limits<std::uint64_t>::max() - range.offset;
}

bool IsInside(Range range, std::uint64_t size) {
  return range.offset <= size && range.length <= size - range.offset;
}

template <typename List, typename T>
bool Holds(const List& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// "" stands for a digest that a list does not give.
bool IsDigest(const Digest& digest, bool may_be_empty) {
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  };
  return (may_be_empty && digest.hex.empty()) ||
         (digest.hex.size() == 2 * SizeOf(digest.algorithm) &&
          std::all_of(digest.hex.begin(), digest.hex.end(), is_hex));
}

// What may stand on a terminal as it is.
bool IsShown(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return !controls && IsValidUtf8(text);
}

// In order, without a gap, to the very end; or nothing at all, when reading
// the artifact ended before anybody could say.
bool IsPartition(const std::vector<StructureRange>& parts, std::uint64_t size) {
  std::uint64_t end = 0;
  for (const StructureRange& part : parts) {
    if (part.range.offset != end || !IsInside(part.range, size)) {
      return false;
    }
    end = part.range.end();
  }
  return parts.empty() || end == size;
}

bool IsSound(const Fact& fact, std::uint64_t size) {
  const FactKind* kind = FindFactKind(fact.kind);
  return kind != nullptr && (!fact.place || IsInside(*fact.place, size)) &&
         std::all_of(fact.attributes.begin(), fact.attributes.end(),
                     [&](const auto& attribute) {
                       return Holds(kind->attributes, attribute.first);
                     });
}

bool IsSound(const HitRecord& record, std::uint64_t size,
             const Expectations& expected) {
  return record.hit.pattern < expected.patterns &&
         IsInside({record.hit.offset, record.hit.length}, size);
}

bool IsSound(const WrittenText& written, std::uint64_t size,
             const Expectations& expected) {
  return !written.path.empty() && !written.pieces.empty() &&
         std::all_of(written.pieces.begin(), written.pieces.end(),
                     [&](const WrittenText::Piece& piece) {
                       return IsInside(piece.place, size);
                     }) &&
         std::all_of(written.facts.begin(), written.facts.end(),
                     [&](const Fact& fact) { return IsSound(fact, size); }) &&
         std::all_of(written.hits.begin(), written.hits.end(),
                     [&](const HitRecord& record) {
                       return IsSound(record, size, expected);
                     });
}

}  // namespace

bool IsSound(const Artifact& artifact) {
  const auto& digests = artifact.digests;
  return !artifact.path.empty() && IsShown(artifact.path) &&
         IsShown(artifact.format) &&
         (!artifact.origin || IsRange(*artifact.origin)) &&
         IsPartition(artifact.structure, artifact.size) &&
         (digests.empty() ||
          digests.front().algorithm == DigestAlgorithm::kSha256) &&
         std::all_of(digests.begin(), digests.end(),
                     [](const Digest& one) { return IsDigest(one, false); }) &&
         std::all_of(artifact.anomalies.begin(), artifact.anomalies.end(),
                     [](const AnomalyRecord& anomaly) {
                       return IsShown(anomaly.id) && IsRange(anomaly.range);
                     }) &&
         (!artifact.entropy ||
          (*artifact.entropy >= 0 && *artifact.entropy <= 8));
}

bool IsSound(const Observations& seen, std::uint64_t size,
             const Expectations& expected) {
  const auto all = [](const auto& list, const auto& sound) {
    return std::all_of(list.begin(), list.end(), sound);
  };
  return all(seen.facts,
             [&](const Fact& fact) { return IsSound(fact, size); }) &&
         all(seen.hits,
             [&](const HitRecord& record) {
               return IsSound(record, size, expected);
             }) &&
         all(seen.written,
             [&](const WrittenText& written) {
               return IsSound(written, size, expected);
             }) &&
         all(seen.candidates,
             [&](const SignatureCandidate& candidate) {
               const std::string_view stated = candidate.age.scheme;
               return Holds(expected.schemes, candidate.scheme) &&
                      (stated.empty() || Holds(expected.schemes, stated)) &&
                      IsRange(candidate.place) &&
                      all(candidate.message_digests,
                          [](const Digest& digest) {
                            return IsDigest(digest, false);
                          }) &&
                      all(candidate.ranges, [&](const ClaimedRange& claim) {
                        return IsInside(claim.range, size);
                      });
             }) &&
         all(seen.keys,
             [&](const EmbeddedKey& key) {
               return Holds(expected.schemes, key.scheme) &&
                      IsShown(key.what) && IsInside(key.place, size);
             }) &&
         all(seen.components, [&](const ComponentEvidence& evidence) {
           return Holds(expected.cataloguers, evidence.cataloguer) &&
                  IsRange(evidence.place) &&
                  all(evidence.file_digests, [](const Digest& digest) {
                    return IsDigest(digest, true);
                  });
         });
}

}  // namespace assay::confine
