#include "verifier/engine/examine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sbom/packages.h"
#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/engine/product.h"
#include "verifier/engine/started.h"
#include "verifier/facts/address_context.h"
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
    if (plan.analyse && !plan.only_signatures) {
      analyses_ = facts::AllExtractors();
      const auto& cataloguers = sbom::AllCataloguers();
      analyses_.insert(analyses_.end(), cataloguers.begin(), cataloguers.end());
    }
  }

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    const bool own = artifact.has_content && HasOwnBytes(artifact);
    const ByteView bytes = own ? content.bytes() : ByteView();
    const bool understood =
        plan_.analyse && Analyse(artifact, bytes, content.bytes(), into);
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
    for (const signatures::SignatureScheme* scheme : signatures::AllSchemes()) {
      understood = (!all.empty() && scheme->find(whole, into)) || understood;
    }
    FindPatterns(own, into);
    for (const AnomalyRecord& anomaly : artifact.anomalies) {
      into.facts.push_back({.kind = "anomaly",
                            .value = anomaly.id,
                            .attributes = {{"detail", anomaly.detail}}});
    }
    for (Fact& fact : into.facts) {
      const auto place =
          fact.place ? Slice(own, fact.place->offset, fact.place->length)
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

using Addresses = std::unordered_set<std::string>;

// Sees nothing.
class Onlooker : public unpack::Examiner {
 public:
  void Examine(Artifact& /*artifact*/, const ByteSource& /*content*/,
               Observations& /*into*/) const override {}
};

// Analyses the wanted artifacts only.
class Picker : public unpack::Examiner {
 public:
  Picker(const Addresses& wanted, const ExaminePlan& plan)
      : wanted_(wanted), analyst_(plan) {}

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    if (wanted_.count(artifact.path) != 0) {
      analyst_.Examine(artifact, content, into);
    }
  }

 private:
  const Addresses& wanted_;
  Analyst analyst_;
};

// Keeps the wanted artifacts with their bytes.
class Collector : public confine::Receiver {
 public:
  Collector(const Addresses& wanted, const Limits& limits)
      : wanted_(wanted), limits_(limits) {}

  void Begin(const Node& node, bool /*content*/) override {
    const std::string& path = node.artifact.path;
    keep_ = wanted_.count(path) != 0;
    if (keep_) {
      path_ = path;
      found_[path] = {node.artifact, {}, node.seen};
      spool_.emplace(limits_.memory_per_member,
                     std::max(limits_.member, limits_.unpacked));
    }
  }

  void Append(ByteView piece) override {
    if (keep_ && !problem_) {
      if (auto kept = spool_->Append(piece); !kept) {
        problem_ = kept.error();
      }
    }
  }

  void End() override {
    if (!keep_) {
      return;
    }
    auto content = spool_->Finish();
    if (!content) {
      problem_ = content.error();
      return;
    }
    found_[path_].content = std::move(*content);
  }

  void Drop() override { found_.erase(path_); }

  // Why not everything could be kept: the disk is full.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

  [[nodiscard]] std::map<std::string, FetchedArtifact>& found() {
    return found_;
  }

 private:
  const Addresses& wanted_;
  const Limits& limits_;
  std::map<std::string, FetchedArtifact> found_;
  std::string path_;
  std::optional<Spool> spool_;
  std::optional<Error> problem_;
  bool keep_ = false;
};

template <typename List>
std::vector<std::string_view> NamesOf(const List& list) {
  std::vector<std::string_view> names;
  for (const auto* entry : list) {
    names.push_back(entry->name);
  }
  return names;
}

confine::Task TaskFor(const unpack::Product& product,
                      const unpack::Examiner& examiner,
                      const ExaminePlan& plan) {
  confine::Task task{.product = product, .examiner = examiner};
  task.options.limits = plan.limits;
  task.options.secrets = plan.secrets;
  task.options.context = facts::AddressContext;
  task.options.limits.decoder_threads = plan.jobs;
  task.options.jobs = plan.jobs;
  task.options.digests = plan.digests;
  task.options.interrupted = plan.interrupted;
  task.options.progress = plan.progress;
  task.expected = {
      .cataloguers = NamesOf(sbom::AllCataloguers()),
      .schemes = NamesOf(signatures::AllSchemes()),
      .patterns = plan.patterns != nullptr ? plan.patterns->size() : 0,
      .limits = plan.limits};
  return task;
}

Result<Survey> Perform(const confine::Task& task, const ExaminePlan& plan) {
  if (plan.confinement == Confinement::kUnsafe) {
    return confine::WalkUnsafe(task);
  }
  return confine::WalkConfined(task);
}

// The product's own files, by address: their bytes need not pass through
// anybody's hands.
std::unordered_map<std::string, const unpack::ProductFile*> OwnFiles(
    const unpack::Product& product) {
  std::unordered_map<std::string, const unpack::ProductFile*> files;
  for (const unpack::ProductFile& file : product.files) {
    if (file.meta.type == FileType::kRegular) {
      files.emplace(product.directory ? PathOfProductFile(file.name)
                                      : Escaped(product.name),
                    &file);
    }
  }
  return files;
}

}  // namespace

Result<Survey> ExamineProduct(const unpack::Product& product,
                              const ExaminePlan& plan) {
  const Analyst analyst(plan);
  confine::Task task = TaskFor(product, analyst, plan);
  task.options.plan = [](std::string_view member, DigestSet& digests) {
    // A .deb lists MD5 digests of its files in the member after this one.
    if (member == "debian-binary" || member == "./debian-binary") {
      digests.Insert(DigestAlgorithm::kMd5);
    }
  };
  auto survey = Perform(task, plan);
  if (!survey || plan.only_signatures) {
    return survey;
  }
  // Of an installed system nobody knows before the walk by which digests its
  // package database speaks.
  const DigestSet missing = sbom::MissingDigests(*survey);
  if (missing != DigestSet()) {
    task.options.digests.Insert(missing);
    survey = Perform(task, plan);
  }
  if (survey) {
    AddStarted(*survey);
  }
  return survey;
}

Result<std::vector<std::optional<FetchedArtifact>>> Fetch(
    const unpack::Product& product, const std::vector<std::string>& paths,
    const ExaminePlan& plan) {
  const Addresses wanted(paths.begin(), paths.end());
  const Picker picker(wanted, plan);
  Collector collector(wanted, plan.limits);
  ExaminePlan alone = plan;
  alone.jobs = 1;
  confine::Task task = TaskFor(product, picker, alone);
  task.options.only = &paths;
  task.receiver = &collector;
  const auto own = OwnFiles(product);
  task.wants = [&](const Artifact& artifact) {
    return own.count(artifact.path) == 0 && wanted.count(artifact.path) != 0;
  };
  task.keep_tree = false;
  if (const auto walked = Perform(task, alone); !walked) {
    return Fail(walked.error());
  }
  if (collector.problem()) {
    return Fail(*collector.problem());
  }
  std::vector<std::optional<FetchedArtifact>> fetched;
  for (const std::string& path : paths) {
    const auto found = collector.found().find(path);
    if (found == collector.found().end()) {
      fetched.emplace_back();
      continue;
    }
    fetched.emplace_back(found->second);
    if (const auto file = own.find(path); file != own.end()) {
      if (auto content = file->second->open()) {
        fetched.back()->content = std::move(*content);
      }
    }
  }
  return fetched;
}

Result<Survey> Extract(const unpack::Product& product,
                       confine::Receiver& receiver, const ExaminePlan& plan) {
  const Onlooker onlooker;
  confine::Task task = TaskFor(product, onlooker, plan);
  task.options.reuse = false;  // every copy is written
  task.receiver = &receiver;
  task.wants = [](const Artifact& artifact) { return artifact.has_content; };
  return Perform(task, plan);
}

}  // namespace assay::engine
