// SARIF 2.1.0 of a comparison: one result per change. The older product is the
// baseline (section 3.27.24): what came is "new", what went is "absent", a file
// with other bytes or at another place is "updated".

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/report/comparison.h"
#include "verifier/report/comparison_words.h"
#include "verifier/report/exchange.h"
#include "verifier/report/layout.h"
#include "verifier/report/sarif_parts.h"

namespace assay::report {
namespace {

constexpr std::uint32_t kError = 8;    // weights from here on
constexpr std::uint32_t kWarning = 5;  // and from here on

std::string_view LevelOf(std::uint32_t weight) {
  return weight >= kError ? "error" : weight >= kWarning ? "warning" : "note";
}

std::string_view StateOf(FileChange change) {
  switch (change) {
    case FileChange::kAdded:
      return "new";
    case FileChange::kRemoved:
      return "absent";
    case FileChange::kChanged:
    case FileChange::kRebuilt:
    case FileChange::kMoved:
      break;
  }
  return "updated";
}

std::string RuleOf(std::string_view kind) {
  return fmt::format("change/{}", kind);
}

class Writer {
 public:
  explicit Writer(const Comparison& comparison) : comparison_(comparison) {
    std::set<std::string> kinds;
    const auto collect = [&](const std::vector<Change>& changes) {
      for (const Change& change : changes) {
        kinds.insert(change.kind);
      }
    };
    collect(comparison.product);
    for (const ChangedPlace& place : comparison.places) {
      collect(place.changes);
      if (place.file) {
        kinds.emplace(kFileKind);
      }
    }
    for (const std::string& kind : kinds) {
      rules_.emplace(kind, rules_.size());
    }
  }

  std::string Write() {
    json_.OpenObject();
    PutSarifHead(json_);
    json_.OpenArray("runs");
    json_.OpenObject();
    PutDriver();
    PutInvocation();
    json_.OpenObject("automationDetails");
    json_.Text("id",
               fmt::format("assay-diff/{}/", Escaped(comparison_.now.product)));
    json_.Close();
    PutArtifacts();
    json_.OpenArray("results");
    for (const Change& change : comparison_.product) {
      PutChange(change, nullptr, 0);
    }
    for (std::size_t i = 0; i < comparison_.places.size(); ++i) {
      PutPlace(comparison_.places[i], i);
    }
    json_.Close();
    PutProperties();
    json_.Close();
    json_.Close();
    json_.Close();
    return json_.Finish();
  }

 private:
  void PutDriver() {
    json_.OpenObject("tool");
    json_.OpenObject("driver");
    json_.Text("name", "Assay");
    json_.Text("version", Printable(comparison_.now.tool_version));
    json_.OpenArray("rules");
    for (const auto& [kind, place] : rules_) {
      json_.OpenObject();
      json_.Text("id", Printable(RuleOf(kind)));
      PutMessage(json_, "shortDescription", TitleOfKind(kind));
      json_.Close();
    }
    json_.Close();
    json_.Close();
    json_.Close();
  }

  void PutInvocation() {
    json_.OpenArray("invocations");
    json_.OpenObject();
    json_.Flag("executionSuccessful", true);
    json_.OpenArray("toolExecutionNotifications");
    for (const std::string& why : comparison_.incomplete) {
      json_.OpenObject();
      PutMessage(json_, "message", "not compared: " + why);
      json_.Text("level", "warning");
      json_.Close();
    }
    json_.Close();
    json_.Close();
    json_.Close();
  }

  // In the order of the places, so that a place has the number of its artifact.
  void PutArtifacts() {
    json_.OpenArray("artifacts");
    for (const ChangedPlace& place : comparison_.places) {
      json_.OpenObject();
      json_.OpenObject("location");
      json_.Text("uri", UriOf(place.path));
      json_.Close();
      const std::string& sha256 =
          place.new_sha256.empty() ? place.old_sha256 : place.new_sha256;
      if (!sha256.empty()) {
        json_.OpenObject("hashes");
        json_.Text("sha-256", Printable(sha256));
        json_.Close();
      }
      json_.OpenObject("properties");
      json_.Text("path", Printable(place.path));
      json_.TextIf("oldPath", Printable(place.old_path));
      json_.TextIf("oldSha256", Printable(place.old_sha256));
      json_.Close();
      json_.Close();
    }
    json_.Close();
  }

  void PutPlace(const ChangedPlace& place, std::size_t index) {
    if (place.file) {
      PutHead(kFileKind, place.changes.empty() ? place.weight : kPlainChange,
              StateOf(*place.file),
              fmt::format("{}: {}", NameOf(*place.file), place.path));
      PutEnd({}, &place, index, NameOf(*place.file));
    }
    for (const Change& change : place.changes) {
      PutChange(change, &place, index);
    }
  }

  void PutChange(const Change& change, const ChangedPlace* place,
                 std::size_t index) {
    PutHead(change.kind, change.weight, change.gained ? "new" : "absent",
            fmt::format("{} {}{}", change.gained ? "gained" : "lost",
                        WordsOf(change),
                        change.detail.empty() ? "" : ": " + change.detail));
    PutEnd(change.evidence, place, index, change.value);
  }

  void PutHead(std::string_view kind, std::uint32_t weight,
               std::string_view state, const std::string& message) {
    json_.OpenObject();
    json_.Text("ruleId", Printable(RuleOf(kind)));
    json_.Number("ruleIndex", rules_.find(kind)->second);
    json_.Text("level", LevelOf(weight));
    PutMessage(json_, "message", message);
    json_.Text("baselineState", state);
    json_.OpenObject("properties");
    json_.Text("kind", Printable(kind));
    json_.Number("weight", weight);
    json_.Close();
    print_ = fmt::format("{}\n{}", kind, state);
  }

  void PutEnd(const std::vector<Evidence>& evidence, const ChangedPlace* place,
              std::size_t index, std::string_view value) {
    json_.OpenArray("locations");
    if (place != nullptr) {
      json_.OpenObject();
      PutLocation(place->path, index, nullptr);
      json_.Close();
    }
    json_.Close();
    if (!evidence.empty()) {
      json_.OpenArray("relatedLocations");
      for (std::size_t i = 0; i < evidence.size(); ++i) {
        json_.OpenObject();
        json_.Number("id", i + 1);
        const bool own = evidence[i].path.empty() && place != nullptr;
        PutLocation(own ? place->path : evidence[i].path, kNoIndex,
                    &evidence[i]);
        PutMessage(json_, "message", WordsOfEvidence(evidence[i]));
        json_.Close();
      }
      json_.Close();
    }
    json_.OpenObject("partialFingerprints");
    const std::string print =
        fmt::format("{}\n{}\n{}", print_, value,
                    place == nullptr ? std::string() : place->path);
    json_.Text("changeAndPlace/v1", Sha256Hex(AsBytes(print)));
    json_.Close();
    json_.Close();
  }

  void PutLocation(std::string_view path, std::size_t index,
                   const Evidence* evidence) {
    json_.OpenObject("physicalLocation");
    json_.OpenObject("artifactLocation");
    json_.Text("uri", UriOf(path));
    if (index != kNoIndex) {
      json_.Number("index", index);
    }
    json_.Close();
    if (evidence != nullptr && evidence->place) {
      PutRegion(json_, *evidence->place, evidence->excerpt);
    }
    json_.Close();
    PutLogicalLocation(json_, path);
  }

  void PutProperties() {
    json_.OpenObject("properties");
    json_.Text("tlp", NameOf(comparison_.tlp));
    json_.Text("riskier", NameOf(BalanceOf(comparison_).riskier));
    json_.Text("why", Printable(RiskSentence(comparison_)));
    PutSide("before", comparison_.before);
    PutSide("now", comparison_.now);
    json_.Number("filesTheSame", comparison_.same);
    json_.Close();
  }

  void PutSide(std::string_view key, const ComparedProduct& side) {
    json_.OpenObject(key);
    json_.Text("product", Escaped(side.product));
    json_.Text("sha256", Printable(side.sha256));
    json_.Text("verdict", NameOf(side.verdict));
    json_.Close();
  }

  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

  const Comparison& comparison_;
  std::map<std::string, std::size_t, std::less<>> rules_;  // by kind
  std::string print_;  // what the open result's fingerprint begins with
  JsonText json_;
};

}  // namespace

std::string ComparisonSarif(const Comparison& comparison,
                            const Style& /*style*/) {
  return Writer(comparison).Write();
}

}  // namespace assay::report
