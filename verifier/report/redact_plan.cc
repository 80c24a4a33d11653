#include "verifier/report/redact_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

constexpr std::string_view kInside = "!/";
// Shorter names and values are too common as words to be swept everywhere.
constexpr std::size_t kShortestName = 4;
// What of a path is looked for: its last steps. Of all there would be as many
// as the square of its depth.
constexpr std::ptrdiff_t kMostSteps = 8;

bool IsShort(std::string_view text) {
  return text.size() < kShortestName;
}

// Whether this path or one that it lies below answers to a glob.
class PathChoice {
 public:
  explicit PathChoice(const std::vector<std::string>& globs)
      : globs_(globs), met_(globs.size(), false) {}

  bool Takes(std::string_view path) {
    for (std::size_t end = 0; end < path.size();) {
      end = std::min(path.find('/', end + 1), path.size());
      std::string_view step = path.substr(0, end);
      if (step.ends_with('!') && end < path.size()) {
        step.remove_suffix(1);
      }
      if (Matches(step)) {
        return true;
      }
    }
    return false;
  }
  // A glob that met nothing.
  [[nodiscard]] std::optional<std::string> Idle() const {
    const auto idle = std::find(met_.begin(), met_.end(), false);
    return idle == met_.end()
               ? std::nullopt
               : std::optional(
                     globs_[static_cast<std::size_t>(idle - met_.begin())]);
  }

 private:
  bool Matches(std::string_view path) {
    const auto [known, is_new] = known_.emplace(path, false);
    for (std::size_t i = 0; is_new && i < globs_.size(); ++i) {
      if (GlobMatches(globs_[i], path)) {
        met_[i] = true;
        known->second = true;
      }
    }
    return known->second;
  }

  const std::vector<std::string>& globs_;
  std::vector<bool> met_;
  std::unordered_map<std::string, bool> known_;
};

// Every path that the report speaks of, artifacts first; some twice.
std::vector<std::string_view> PathsOf(const Report& report) {
  std::vector<std::string_view> paths;
  for (const Artifact& artifact : report.artifacts) {
    paths.emplace_back(artifact.path);
  }
  for (const Finding& finding : report.findings) {
    paths.emplace_back(finding.subject);
    for (const Evidence& evidence : finding.evidence) {
      paths.emplace_back(evidence.path);
    }
  }
  for (const NotExamined& part : report.not_examined) {
    paths.emplace_back(part.path);
  }
  if (report.delta) {
    for (const ChangedFile& file : report.delta->files) {
      paths.emplace_back(file.path);
    }
    for (const NewTrait& trait : report.delta->traits) {
      paths.emplace_back(trait.path);
    }
  }
  return paths;
}

// "etc/passwd" of "router.bin!/etc/passwd".
std::string_view InnerOf(std::string_view path) {
  const std::size_t at = path.rfind(kInside);
  return at == std::string_view::npos ? path : path.substr(at + kInside.size());
}

// Calls use(name) for the inner path, its last steps, and each step alone,
// without its ending too.
template <typename Use>
void EachName(std::string_view path, Use use) {
  const std::string_view inner = InnerOf(path);
  std::string_view rest = inner;
  for (auto left = std::count(rest.begin(), rest.end(), '/');; --left) {
    const std::size_t slash = rest.find('/');
    const std::string_view step = rest.substr(0, slash);
    const std::string_view stem = step.substr(0, step.rfind('.'));
    for (const std::string_view name : {step, stem}) {
      if (!IsShort(name)) {
        use(name);
      }
    }
    if (slash == std::string_view::npos) {
      return;
    }
    if (left < kMostSteps || rest == inner) {
      use(rest);
    }
    rest.remove_prefix(slash + 1);
  }
}

class Planner {
 public:
  Planner(const Report& report, const RedactWish& wish)
      : report_(report), wish_(wish) {
    plan_.findings.resize(report.findings.size());
  }

  Result<RedactionPlan> Plan() {
    if (auto ok = ChoosePaths(); !ok) {
      return Fail(ok.error());
    }
    if (auto ok = ChooseFindings(); !ok) {
      return Fail(ok.error());
    }
    if (auto ok = ChooseEvidence(); !ok) {
      return Fail(ok.error());
    }
    NameFindings();
    NamePaths();
    NameDigests();
    NameTitles();
    for (const std::string& text : wish_.texts) {
      plan_.mentions.AddRaw(text, kRedacted);
      plan_.mentions.AddRaw(Escaped(text), kRedacted);
    }
    return std::move(plan_);
  }

 private:
  static tl::unexpected<Error> Nothing(std::string_view option,
                                       std::string_view wish) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{} {}: the report has no such thing, and a "
                            "mistake must not disclose it",
                            option, wish));
  }

  Result<void> ChoosePaths() {
    PathChoice choice(wish_.paths);
    for (const std::string_view path : PathsOf(report_)) {
      if (!path.empty() && choice.Takes(path)) {
        plan_.paths.emplace(path, "");
      } else {
        kept_.insert(path);
      }
    }
    if (!report_.artifacts.empty() &&
        plan_.Gone(report_.artifacts.front().path)) {
      return Fail(ErrorCode::kConfig,
                  "--path: the product itself would be gone");
    }
    if (const auto idle = choice.Idle()) {
      return Nothing("--path", *idle);
    }
    return {};
  }

  Result<void> ChooseFindings() {
    for (const std::string& wish : wish_.findings) {
      bool met = false;
      for (std::size_t i = 0; i < report_.findings.size(); ++i) {
        const Finding& finding = report_.findings[i];
        if (finding.id == wish || finding.rule == wish) {
          plan_.findings[i].gone = true;
          met = true;
        }
      }
      if (!met) {
        return Nothing("--finding", wish);
      }
    }
    return {};
  }

  Result<void> ChooseEvidence() {
    std::vector<bool> met(wish_.evidence.size(), false);
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      const Finding& finding = report_.findings[i];
      FindingPlan& plan = plan_.findings[i];
      for (const Evidence& evidence : finding.evidence) {
        bool asked = false;
        for (std::size_t k = 0; k < met.size(); ++k) {
          if (wish_.evidence[k] == finding.id ||
              GlobMatches(wish_.evidence[k], evidence.path)) {
            met[k] = true;
            asked = true;
          }
        }
        plan.unproven = plan.unproven || asked;
        plan.evidence.push_back(asked || plan.gone ||
                                plan_.Gone(evidence.path));
        if (plan.evidence.back()) {
          plan.untitled = true;
          plan_.silent.insert(evidence.path);
        }
      }
    }
    const auto idle = std::find(met.begin(), met.end(), false);
    return idle == met.end()
               ? Result<void>()
               : Nothing("--evidence", wish_.evidence[static_cast<std::size_t>(
                                           idle - met.begin())]);
  }

  // What tells of a finding that goes, or of its proof, unless what stays tells
  // the same.
  void NameFindings() {
    Mentions& mentions = plan_.mentions;
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      const Finding& finding = report_.findings[i];
      const FindingPlan& plan = plan_.findings[i];
      if (plan.gone) {
        mentions.Add(finding.id, kRedacted);
        mentions.AddUnlessSpared(finding.rule, kRedacted);
      }
      if (plan.gone || plan.untitled) {
        mentions.AddUnlessSpared(finding.title, kRedacted);
      }
      for (std::size_t k = 0; k < finding.evidence.size(); ++k) {
        if (plan.evidence[k]) {
          NameEvidence(finding.evidence[k], plan.unproven && !plan.gone);
        }
      }
    }
    SpareFindings();
  }

  void NameEvidence(const Evidence& evidence, bool everywhere) {
    if (!IsShort(evidence.value)) {
      plan_.mentions.AddUnlessSpared(evidence.value, kRedacted);
    }
    if (IsShort(evidence.excerpt)) {
      return;
    }
    if (everywhere) {
      plan_.mentions.Add(evidence.excerpt, kRedacted);
    } else {
      plan_.mentions.AddUnlessSpared(evidence.excerpt, kRedacted);
    }
  }

  void SpareFindings() {
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      const Finding& finding = report_.findings[i];
      const FindingPlan& plan = plan_.findings[i];
      if (plan.gone) {
        continue;
      }
      plan_.mentions.SpareText(finding.rule);
      if (!plan.untitled) {
        plan_.mentions.SpareText(finding.title);
      }
      for (std::size_t k = 0; k < finding.evidence.size(); ++k) {
        if (!plan.evidence[k]) {
          plan_.mentions.SpareText(finding.evidence[k].value);
          plan_.mentions.SpareText(finding.evidence[k].excerpt);
        }
      }
    }
  }

  // In the order of the report, so that the same wish gives the same numbers.
  void NamePaths() {
    std::vector<std::string_view> order;
    for (const std::string_view path : PathsOf(report_)) {
      const auto found = plan_.paths.find(std::string(path));
      if (found == plan_.paths.end() || !found->second.empty()) {
        continue;
      }
      const std::string mark = fmt::format("[redacted-{}]", order.size() + 1);
      found->second = PlaceFor(path, mark);
      plan_.mentions.Add(path, found->second);
      plan_.silent.emplace(path);
      order.push_back(path);
      EachName(path, [&](std::string_view name) {
        plan_.mentions.AddUnlessSpared(name, mark);
      });
    }
    for (const std::string_view path : kept_) {
      plan_.mentions.SparePath(path);
    }
    // Names that only begin like one that goes.
    for (const std::string_view path : kept_) {
      if (plan_.mentions.StandIn(path)) {
        plan_.mentions.Keep(path);
        EachName(path,
                 [&](std::string_view name) { plan_.mentions.Keep(name); });
      }
    }
  }

  // A file is told by its digest as well as by its name.
  void NameDigests() {
    EachDigest(true, [&](const std::string& digest) {
      plan_.mentions.AddUnlessSpared(digest, kRedacted);
    });
    EachDigest(false, [&](const std::string& digest) {
      plan_.mentions.SpareText(digest);
    });
  }

  // Of artifacts that go, or of those that stay.
  template <typename Use>
  void EachDigest(bool gone, Use use) const {
    for (const Artifact& artifact : report_.artifacts) {
      if (plan_.Gone(artifact.path) == gone) {
        for (const Digest& digest : artifact.digests) {
          use(digest.hex);
        }
      }
    }
  }

  // Most of a title are its rule's words: with a name taken out of them, that
  // name would be known. So all of it goes.
  void NameTitles() {
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      FindingPlan& plan = plan_.findings[i];
      const std::string& title = report_.findings[i].title;
      if (!plan.gone && !plan.untitled && plan_.mentions.StandIn(title)) {
        plan.untitled = true;
        plan_.mentions.Add(title, kRedacted);
      }
    }
  }

  // What stays of the path, and the mark.
  std::string PlaceFor(std::string_view path, const std::string& mark) const {
    const std::size_t at = path.rfind(kInside);
    if (at == std::string_view::npos) {
      return mark;
    }
    const std::string parent(path.substr(0, at));
    const auto gone = plan_.paths.find(parent);
    const std::string& shown =
        gone == plan_.paths.end() ? parent : gone->second;
    return shown + std::string(kInside) + mark;
  }

  const Report& report_;
  const RedactWish& wish_;
  std::set<std::string_view> kept_;
  RedactionPlan plan_;
};

}  // namespace

Result<RedactionPlan> PlanRedaction(const Report& report,
                                    const RedactWish& wish) {
  return Planner(report, wish).Plan();
}

}  // namespace assay::report
