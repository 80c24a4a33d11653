#include "verifier/engine/examine.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sbom/packages.h"
#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/engine/analyst.h"
#include "verifier/engine/product.h"
#include "verifier/engine/started.h"
#include "verifier/engine/web_graph.h"
#include "verifier/facts/address_context.h"

namespace assay::engine {
namespace {

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
      : wanted_(wanted), analyst_(MakeAnalyst(plan)) {}

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    if (wanted_.count(artifact.path) != 0) {
      analyst_->Examine(artifact, content, into);
    }
  }

 private:
  const Addresses& wanted_;
  std::unique_ptr<unpack::Examiner> analyst_;
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
      .patterns = plan.rules != nullptr ? plan.rules->PatternCount() : 0,
      .limits = plan.limits};
  return task;
}

// Everything beside the product that decides what a walk gives.
std::string KeyOf(std::string_view purpose, const confine::Task& task,
                  const ExaminePlan& plan) {
  const Limits& limits = plan.limits;
  std::string key =
      fmt::format("{}\n{} {} {} {} {} {} {} {} {}\n{} {}\n", purpose,
                  limits.depth, limits.entries, limits.unpacked, limits.member,
                  limits.ratio, limits.ratio_floor, limits.name, limits.facts,
                  limits.memory_per_member, static_cast<int>(plan.scope),
                  plan.rules != nullptr ? plan.rules->sha256 : "");
  constexpr auto kLastAlgorithm = DigestAlgorithm::kBlake2b512;
  for (unsigned i = 0; i <= static_cast<unsigned>(kLastAlgorithm); ++i) {
    const auto algorithm = static_cast<DigestAlgorithm>(i);
    key += task.options.digests.Contains(algorithm) ? '1' : '0';
  }
  for (const std::string& password : plan.secrets.passwords) {
    key += "\np " + Sha256Hex(AsBytes(password));
  }
  for (const Bytes& secret : plan.secrets.keys) {
    key += "\nk " + Sha256Hex(secret);
  }
  if (task.options.only != nullptr) {
    for (const std::string& path : *task.options.only) {
      key += "\n@ " + path;
    }
  }
  return key;
}

Result<Survey> Perform(std::string_view purpose, confine::Task& task,
                       const ExaminePlan& plan) {
  if (plan.confinement == Confinement::kUnsafe) {
    return confine::WalkUnsafe(task);
  }
  const auto transcript =
      plan.cache != nullptr
          ? plan.cache->TranscriptOf(task.product, KeyOf(purpose, task, plan))
          : nullptr;
  task.transcript = transcript.get();
  auto survey = confine::WalkConfined(task);
  if (transcript != nullptr && survey && !survey->wall_clock &&
      plan.cache->IsUnchanged(task.product)) {
    transcript->Keep();
  }
  task.transcript = nullptr;
  return survey;
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

// By which digests the package databases of a folder speak.
DigestSet RecordedDigests(const unpack::Product& product) {
  DigestSet digests;
  for (const unpack::ProductFile& file : product.files) {
    if (std::string_view(file.name).ends_with("lib/dpkg/status")) {
      digests.Insert(DigestAlgorithm::kMd5);
    } else if (std::string_view(file.name).ends_with("lib/apk/db/installed")) {
      digests.Insert(DigestAlgorithm::kSha1);
    }
  }
  return digests;
}

}  // namespace

Result<Survey> ExamineProduct(const unpack::Product& product,
                              const ExaminePlan& plan) {
  const auto analyst = MakeAnalyst(plan);
  confine::Task task = TaskFor(product, *analyst, plan);
  if (plan.scope != Scope::kSignatures) {
    task.options.digests.Insert(RecordedDigests(product));
    task.options.plan = [](std::string_view member, DigestSet& digests) {
      // A .deb lists MD5 digests of its files in the member after this one.
      if (member == "debian-binary" || member == "./debian-binary") {
        digests.Insert(DigestAlgorithm::kMd5);
      }
    };
  }
  auto survey = Perform("examine", task, plan);
  if (!survey || plan.scope == Scope::kSignatures) {
    return survey;
  }
  // Of a system inside an image nobody knows before the walk by which digests
  // its package database speaks.
  const DigestSet missing = sbom::MissingDigests(*survey);
  if (missing != DigestSet()) {
    task.options.digests.Insert(missing);
    survey = Perform("examine", task, plan);
  }
  if (survey && plan.scope == Scope::kEverything) {
    AddStarted(*survey);
    AddUnlinked(*survey);
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
  if (const auto walked = Perform("fetch", task, alone); !walked) {
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
  return Perform("extract", task, plan);
}

}  // namespace assay::engine
