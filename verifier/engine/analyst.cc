#include "verifier/engine/analyst.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "rules/pattern_scanner.h"
#include "rules/yara_rules.h"
#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/facts/extractors.h"

namespace assay::engine {
namespace {

// Bytes of higher entropy are compressed or encrypted.
constexpr double kOpaqueEntropy = 7.95;
constexpr std::uint64_t kSmallestOpaque = 4096;
constexpr std::size_t kExcerpt = 64;

// Whether some of the artifact's bytes are its own: not handed on to a child.
bool HasOwnBytes(const Artifact& artifact) {
  return std::any_of(artifact.structure.begin(), artifact.structure.end(),
                     [](const StructureRange& part) {
                       return part.role == Structure::kContent ||
                              part.role == Structure::kSlack ||
                              part.role == Structure::kUnknown;
                     });
}

// The extractor of entropy has measured it.
std::optional<double> EntropyIn(const Observations& seen) {
  for (const Fact& fact : seen.facts) {
    double bits = 0;
    const char* end = fact.value.data() + fact.value.size();
    if (fact.kind == "file.entropy" &&
        std::from_chars(fact.value.data(), end, bits).ec == std::errc()) {
      return bits;
    }
  }
  return std::nullopt;
}

// The structure is a partition, in order.
bool IsInMember(const Artifact& artifact, const PatternHit& hit) {
  const auto after =
      std::upper_bound(artifact.structure.begin(), artifact.structure.end(),
                       hit.offset, [](std::uint64_t at, const auto& part) {
                         return at < part.range.offset;
                       });
  if (after == artifact.structure.begin()) {
    return false;
  }
  const StructureRange& part = *std::prev(after);
  return part.role == Structure::kMember &&
         hit.offset + hit.length <= part.range.end();
}

// Drops what matches in nothing but the bytes of members: those say so
// themselves. The hits of a pattern stand together.
void LeaveToMembers(const Artifact& artifact, std::vector<PatternHit>& hits) {
  std::vector<PatternHit> own;
  for (auto begin = hits.begin(); begin != hits.end();) {
    const auto end = std::find_if(begin, hits.end(), [&](const auto& hit) {
      return hit.pattern != begin->pattern;
    });
    if (!std::all_of(begin, end, [&](const PatternHit& hit) {
          return IsInMember(artifact, hit);
        })) {
      own.insert(own.end(), begin, end);
    }
    begin = end;
  }
  hits = std::move(own);
}

class Analyst : public unpack::Examiner {
 public:
  explicit Analyst(const ExaminePlan& plan) : plan_(plan) {
    const bool everything = plan.scope == Scope::kEverything;
    if (everything || plan.scope == Scope::kComponents) {
      for (const Analysis* extractor : facts::AllExtractors()) {
        if (everything || extractor == &facts::kElf) {
          analyses_.push_back(extractor);
        }
      }
      const auto& cataloguers = sbom::AllCataloguers();
      analyses_.insert(analyses_.end(), cataloguers.begin(), cataloguers.end());
    }
    if (everything || plan.scope == Scope::kSignatures) {
      schemes_ = signatures::AllSchemes();
    }
  }

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    const bool own = artifact.has_content && HasOwnBytes(artifact);
    const ByteView bytes = own ? content.bytes() : ByteView();
    const bool understood = plan_.scope != Scope::kTree &&
                            Analyse(artifact, bytes, content.bytes(), into);
    artifact.entropy = EntropyIn(into);
    if (artifact.examination == Examination::kOpaque) {
      return;
    }
    const bool known = !artifact.format.empty() && artifact.format != "text";
    if (understood || known) {
      artifact.examination = Examination::kParsed;
    } else if (artifact.size >= kSmallestOpaque &&
               artifact.entropy.value_or(0) > kOpaqueEntropy) {
      artifact.examination = Examination::kOpaque;
      artifact.opaque_reason =
          "high entropy and no format that is read: compressed, encrypted or "
          "random";
    }
  }

 private:
  // `own` are the bytes that no child has; a scheme sees all of them, for a
  // container may be signed as a whole.
  bool Analyse(const Artifact& artifact, ByteView own, ByteView all,
               Observations& into) const {
    const Subject subject{artifact, own, plan_.limits};
    const Subject whole{artifact, all, plan_.limits};
    bool understood = false;
    for (const Analysis* analysis : analyses_) {
      understood = analysis->examine(analysis->whole ? whole : subject, into) ||
                   understood;
    }
    for (const signatures::SignatureScheme* scheme : schemes_) {
      understood = (!all.empty() && scheme->find(whole, into)) || understood;
    }
    FindPatterns(artifact, own, into);
    FindImported(artifact, all, into);
    for (const AnomalyRecord& anomaly : artifact.anomalies) {
      into.facts.push_back({.kind = "anomaly",
                            .value = anomaly.id,
                            .attributes = {{"detail", anomaly.detail}}});
    }
    ProvePlaces(own, into.facts);
    for (WrittenText& written : into.written) {
      ProvePlaces(own, written.facts);
      FindPatternsIn(artifact, own, written);
    }
    return understood;
  }

  static void ProvePlaces(ByteView own, std::vector<Fact>& facts) {
    for (Fact& fact : facts) {
      const auto place =
          fact.place ? Slice(own, fact.place->offset, fact.place->length)
                     : std::nullopt;
      if (place) {
        fact.place_digest = Sha256Raw(*place);
      } else {
        fact.place.reset();
      }
    }
  }

  // What a script writes has the patterns of the file that it makes. A hit is
  // proven by the piece of the script that it comes out of.
  void FindPatternsIn(const Artifact& script, ByteView own,
                      WrittenText& written) const {
    const std::string text = std::exchange(written.text, {});
    if (plan_.rules == nullptr || plan_.rules->scanner == nullptr) {
      return;
    }
    Artifact file = script;
    file.inner_path = written.path;
    for (PatternHit hit :
         plan_.rules->scanner->Scan(file, written.facts, AsBytes(text))) {
      const Range piece = written.PlaceOf(hit.offset);
      const auto place = Slice(own, piece.offset, piece.length);
      if (!place || hit.offset > text.size()) {
        continue;
      }
      std::string shown = text.substr(
          hit.offset, std::min<std::uint64_t>(hit.length, kExcerpt));
      hit.offset = piece.offset;
      hit.length = piece.length;
      written.hits.push_back({hit, Sha256Raw(*place), std::move(shown)});
    }
  }

  void FindPatterns(const Artifact& artifact, ByteView bytes,
                    Observations& into) const {
    if (plan_.rules != nullptr && plan_.rules->scanner != nullptr) {
      AddHits(plan_.rules->scanner->Scan(artifact, into.facts, bytes), bytes,
              into);
    }
  }

  // A YARA rule is about a file as a whole, a container's too.
  void FindImported(const Artifact& artifact, ByteView bytes,
                    Observations& into) const {
    if (plan_.rules == nullptr || plan_.rules->yara == nullptr ||
        !artifact.has_content) {
      return;
    }
    std::vector<std::string> undecided;
    auto hits = rules::ScanYara(
        *plan_.rules->yara, bytes,
        static_cast<std::uint32_t>(plan_.rules->patterns.size()), undecided);
    LeaveToMembers(artifact, hits);
    AddHits(hits, bytes, into);
    for (std::string& rule : undecided) {
      into.facts.push_back({.kind = "anomaly",
                            .value = "yara.limit",
                            .attributes = {{"detail", std::move(rule)}}});
    }
  }

  static void AddHits(const std::vector<PatternHit>& hits, ByteView bytes,
                      Observations& into) {
    // Every imported rule without strings shows all of the content.
    std::optional<decltype(HitRecord::digest)> of_all;
    for (const PatternHit& hit : hits) {
      const auto place = Slice(bytes, hit.offset, hit.length);
      if (!place) {
        continue;
      }
      const bool all = place->size() == bytes.size();
      const auto digest = all && of_all ? *of_all : Sha256Raw(*place);
      if (all) {
        of_all = digest;
      }
      into.hits.push_back({hit, digest,
                           std::string(AsText(place->first(
                               std::min(place->size(), kExcerpt))))});
    }
  }

  const ExaminePlan& plan_;
  std::vector<const Analysis*> analyses_;
  std::vector<const signatures::SignatureScheme*> schemes_;
};

}  // namespace

std::unique_ptr<unpack::Examiner> MakeAnalyst(const ExaminePlan& plan) {
  return std::make_unique<Analyst>(plan);
}

}  // namespace assay::engine
