#include "verifier/engine/compare_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "sbom/conffiles.h"

namespace assay::engine {
namespace {

constexpr std::uint32_t kLostSignature = 8;
constexpr std::uint32_t kOpaque = 5;
constexpr std::uint32_t kComponent = 2;

std::uint32_t WeightOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return 10;
    case Severity::kHigh:
      return 9;
    case Severity::kMedium:
      return 7;
    case Severity::kLow:
      return 4;
    case Severity::kInfo:
      break;
  }
  return kPlainChange;
}

std::string RightsOf(const FileMetadata& meta) {
  return meta.mode ? fmt::format("mode {:04o}, owner {}:{}", *meta.mode,
                                 meta.uid.value_or(0), meta.gid.value_or(0))
                   : std::string();
}

// A file that everybody may write is nearly everybody's.
std::uint32_t WeightOfRights(const FileMetadata& meta) {
  constexpr std::uint32_t kEverybodyWrites = 02;
  return meta.type == FileType::kRegular &&
                 (meta.mode.value_or(0) & kEverybodyWrites) != 0
             ? 6
             : kPlainChange;
}

// What is gone helps an attacker less than what came, signatures excepted.
Change ChangeFrom(const Marks::value_type& mark, bool gained) {
  const auto& [kind, value] = mark.first;
  const std::uint32_t weight = mark.second.weight;
  const bool guard = kind == "signature" || kind == "signer";
  Change change{.gained = gained,
                .weight = gained || guard ? weight : (weight + 1) / 2,
                .kind = kind,
                .value = value,
                .tilt = static_cast<std::int32_t>(weight)};
  if (gained == guard) {
    change.tilt = -change.tilt;
  }
  if (const Finding* finding = mark.second.finding) {
    const auto kept = std::min(finding->evidence.size(), kProofsKept);
    change.evidence.assign(
        finding->evidence.begin(),
        finding->evidence.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  if (mark.second.check != nullptr) {
    change.detail = mark.second.check->detail;
  }
  return change;
}

}  // namespace

Places::Places(const Report& report) : marks_(report.artifacts.size()) {
  for (const Artifact& artifact : report.artifacts) {
    ids_.emplace(artifact.path, artifact.id);
  }
  for (const Trait& trait : report.traits) {
    Add(trait.artifact, trait.kind, trait.value,
        {.weight = assay::WeightOf(trait.kind, trait.value)});
  }
  for (const Finding& finding : report.findings) {
    AddFinding(finding);
  }
  for (const SignatureCheck& check : report.checks) {
    AddCheck(check);
  }
  for (const Artifact& artifact : report.artifacts) {
    AddState(artifact);
  }
  for (const InventoryItem& item : report.reconciliation.inventory) {
    AddComponent(item.evidence.component);
  }
}

std::vector<Marks::key_type> Places::TraitsAt(ArtifactId id) const {
  std::vector<Marks::key_type> traits;
  for (const auto& [key, mark] : At(id)) {
    if (assay::WeightOf(key.first, key.second) > 0) {
      traits.push_back(key);
    }
  }
  return traits;
}

void Places::Add(ArtifactId id, std::string kind, std::string value,
                 Mark mark) {
  Marks& marks = id < marks_.size() ? marks_[id] : all_;
  marks.emplace(std::pair(std::move(kind), std::move(value)), mark);
}

// Of the whole product when no artifact has that path.
ArtifactId Places::IdOf(const std::string& path) const {
  const auto found = ids_.find(path);
  return found == ids_.end() ? kNoArtifact : found->second;
}

// Titles may name versions and places, which differ between releases.
void Places::AddFinding(const Finding& finding) {
  Add(IdOf(finding.subject), "finding",
      fmt::format("{} {} {}: {}", NameOf(finding.severity), finding.family,
                  finding.rule, finding.title),
      {.weight = WeightOf(finding.severity), .finding = &finding});
}

void Places::AddCheck(const SignatureCheck& check) {
  const bool holds = check.indication == Indication::kTotalPassed;
  Add(IdOf(check.target), "signature",
      fmt::format("{} {}", check.scheme, NameOf(check.indication)),
      {.weight = holds ? kLostSignature : kPlainChange, .check = &check});
  for (const GoodKey& good : check.good_keys) {
    Add(kNoArtifact, "signer",
        fmt::format("{} {}{}", check.scheme,
                    good.signer.empty() ? good.key : good.signer,
                    good.anchor.empty() ? "" : ", anchor " + good.anchor),
        {.weight = kLostSignature});
  }
}

void Places::AddState(const Artifact& artifact) {
  std::string rights = RightsOf(artifact.meta);
  if (!rights.empty()) {
    Add(artifact.id, "rights", std::move(rights),
        {.weight = WeightOfRights(artifact.meta)});
  }
  if (artifact.examination == Examination::kOpaque) {
    Add(artifact.id, "opaque", artifact.opaque_reason, {.weight = kOpaque});
  }
}

void Places::AddComponent(const Component& component) {
  if (component.type == kFileListType || component.type == kDiversionType ||
      component.type == kLicenceRecordType ||
      component.type == sbom::kSettingsListType || component.name.empty()) {
    return;
  }
  Add(kNoArtifact, "component",
      component.version.empty() ? component.name
                                : component.name + " " + component.version,
      {.weight = kComponent});
}

std::vector<Change> ChangesOf(const Marks& before, const Marks& now) {
  std::vector<Change> changes;
  for (const auto& mark : now) {
    if (before.count(mark.first) == 0) {
      changes.push_back(ChangeFrom(mark, true));
    }
  }
  for (const auto& mark : before) {
    if (now.count(mark.first) == 0) {
      changes.push_back(ChangeFrom(mark, false));
    }
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) {
              return std::tie(b.weight, b.gained, a.kind, a.value) <
                     std::tie(a.weight, a.gained, b.kind, b.value);
            });
  return changes;
}

}  // namespace assay::engine
