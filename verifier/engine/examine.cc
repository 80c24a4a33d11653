#include "verifier/engine/examine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <utility>

#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
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

class Analyst : public unpack::Examiner {
 public:
  explicit Analyst(const ExaminePlan& plan) : plan_(plan) {
    if (plan.analyse) {
      analyses_ = facts::AllExtractors();
      const auto& cataloguers = sbom::AllCataloguers();
      analyses_.insert(analyses_.end(), cataloguers.begin(), cataloguers.end());
    }
  }

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    const bool own = artifact.has_content && HasOwnBytes(artifact);
    const ByteView bytes = own ? content.bytes() : ByteView();
    const bool understood = plan_.analyse && Analyse(artifact, bytes, into);
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
  bool Analyse(const Artifact& artifact, ByteView bytes,
               Observations& into) const {
    const Subject subject{artifact, bytes, plan_.limits};
    bool understood = false;
    for (const Analysis* analysis : analyses_) {
      understood = analysis->examine(subject, into) || understood;
    }
    if (!bytes.empty()) {
      for (const signatures::SignatureScheme* scheme :
           signatures::AllSchemes()) {
        understood = scheme->find(subject, into) || understood;
      }
      FindPatterns(bytes, into);
    }
    for (const AnomalyRecord& anomaly : artifact.anomalies) {
      into.facts.push_back({.kind = "anomaly",
                            .value = anomaly.id,
                            .attributes = {{"detail", anomaly.detail}}});
    }
    for (Fact& fact : into.facts) {
      const auto place =
          fact.place ? Slice(bytes, fact.place->offset, fact.place->length)
                     : std::nullopt;
      if (place) {
        fact.place_digest = Sha256Raw(*place);
      } else {
        fact.place.reset();
      }
    }
    return understood;
  }

  void FindPatterns(ByteView bytes, Observations& into) const {
    if (plan_.patterns == nullptr) {
      return;
    }
    for (const PatternHit& hit : plan_.patterns->Scan(bytes)) {
      if (const auto place = Slice(bytes, hit.offset, hit.length)) {
        into.hits.push_back({hit, Sha256Raw(*place),
                             std::string(AsText(place->first(
                                 std::min(place->size(), kExcerpt))))});
      }
    }
  }

  const ExaminePlan& plan_;
  std::vector<const Analysis*> analyses_;
};

// Keeps the bytes of the wanted artifacts, and what is seen in them.
class Collector : public unpack::Examiner {
 public:
  Collector(const std::vector<std::string>& wanted, const ExaminePlan& plan)
      : wanted_(wanted), analyst_(plan) {}

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    if (std::find(wanted_.begin(), wanted_.end(), artifact.path) !=
        wanted_.end()) {
      analyst_.Examine(artifact, content, into);
      const std::lock_guard lock(mutex_);
      found_[artifact.path] = {artifact, content, into};
    }
  }

  [[nodiscard]] std::map<std::string, FetchedArtifact>& found() const {
    return found_;
  }

 private:
  const std::vector<std::string>& wanted_;
  Analyst analyst_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, FetchedArtifact> found_;
};

}  // namespace

Survey ExamineProduct(const unpack::Product& product, const ExaminePlan& plan) {
  const Analyst analyst(plan);
  unpack::WalkOptions options;
  options.limits = plan.limits;
  options.limits.decoder_threads = plan.jobs;
  options.jobs = plan.jobs;
  options.digests = plan.digests;
  options.interrupted = plan.interrupted;
  options.progress = plan.progress;
  options.plan = [](std::string_view member, DigestSet& digests) {
    // A .deb lists MD5 digests of its files in the member after this one.
    if (member == "debian-binary" || member == "./debian-binary") {
      digests.Insert(DigestAlgorithm::kMd5);
    }
  };
  return unpack::Walk(product, analyst, options);
}

std::vector<std::optional<FetchedArtifact>> Fetch(
    const unpack::Product& product, const std::vector<std::string>& paths,
    const Limits& limits, bool analyse) {
  const ExaminePlan plan{.limits = limits, .analyse = analyse};
  const Collector collector(paths, plan);
  unpack::WalkOptions options;
  options.limits = limits;
  options.only = &paths;
  // The tree is not kept: only what the collector saw.
  (void)unpack::Walk(product, collector, options);
  std::vector<std::optional<FetchedArtifact>> fetched;
  for (const std::string& path : paths) {
    const auto found = collector.found().find(path);
    fetched.push_back(found == collector.found().end()
                          ? std::nullopt
                          : std::optional(found->second));
  }
  return fetched;
}

}  // namespace assay::engine
