#include "verifier/engine/recheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "rules/fields.h"
#include "verifier/base/digest.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/product.h"

namespace assay::engine {
namespace {

using Fetched = std::map<std::string, std::optional<FetchedArtifact>>;

// The metadata that evidence may name: a kind of fact, a role on the ledger's
// structure axis, or a field of the artifact as rules know them.
bool HasMetadata(const FetchedArtifact& fetched, const Evidence& evidence) {
  const Artifact& artifact = fetched.artifact;
  if (FindFactKind(evidence.field) != nullptr) {
    return std::any_of(fetched.seen.facts.begin(), fetched.seen.facts.end(),
                       [&](const Fact& fact) {
                         return fact.kind == evidence.field &&
                                fact.value == evidence.value;
                       });
  }
  if (evidence.field == "structure") {
    return std::any_of(artifact.structure.begin(), artifact.structure.end(),
                       [&](const StructureRange& part) {
                         return NameOf(part.role) == evidence.value;
                       });
  }
  return rules::FieldOf(&artifact, artifact, evidence.field) == evidence.value;
}

RecheckedLine Line(std::string what, bool holds, std::string why) {
  return {std::move(what), holds, std::move(why)};
}

RecheckedLine CheckEvidence(const Evidence& evidence, std::string what,
                            const Fetched& fetched) {
  const auto found = fetched.find(evidence.path);
  const bool there = found != fetched.end() && found->second.has_value();
  if (evidence.kind == Evidence::Kind::kAbsence) {
    return Line(std::move(what), !there,
                there ? evidence.path + " is there" : "");
  }
  if (!there) {
    return Line(std::move(what), false, evidence.path + " is not there");
  }
  const Artifact& artifact = found->second->artifact;
  if (artifact.sha256() != evidence.sha256) {
    return Line(std::move(what), false,
                fmt::format("{} has SHA-256 {}, the report says {}",
                            evidence.path, artifact.sha256(), evidence.sha256));
  }
  if (evidence.place) {
    const auto bytes = Slice(found->second->content.bytes(),
                             evidence.place->offset, evidence.place->length);
    // A relation names a place without a digest: the artifact's own holds it.
    if (!bytes ||
        (!evidence.digest.empty() && Sha256Hex(*bytes) != evidence.digest)) {
      return Line(std::move(what), false,
                  fmt::format("the bytes at {}+{} of {} are others",
                              evidence.place->offset, evidence.place->length,
                              evidence.path));
    }
  }
  if (evidence.kind == Evidence::Kind::kMetadata &&
      !HasMetadata(*found->second, evidence)) {
    return Line(std::move(what), false,
                fmt::format("{} of {} is not \"{}\"", evidence.field,
                            evidence.path, evidence.value));
  }
  return Line(std::move(what), true, "");
}

void CheckFinding(const Finding& finding, const rules::RuleSet& rule_set,
                  const Fetched& fetched, Recheck& recheck) {
  const std::string name = fmt::format("finding {}", finding.id);
  if (finding.rule.ends_with(kRedacted)) {
    ++recheck.redacted_findings;
    return;
  }
  if (!finding.redacted && FindingId(finding) != finding.id) {
    recheck.lines.push_back(
        Line(name, false, "its id does not fit rule, version and evidence"));
  }
  const auto rule =
      std::find_if(rule_set.rules.begin(), rule_set.rules.end(),
                   [&](const auto& known) { return known.id == finding.rule; });
  if (rule == rule_set.rules.end() ||
      fmt::format("{}", rule->version) != finding.rule_version) {
    recheck.lines.push_back(
        Line(name, false,
             fmt::format("rule {} version {} is not among the rules",
                         finding.rule, finding.rule_version)));
  }
  std::size_t number = 0;
  for (const Evidence& evidence : finding.evidence) {
    ++number;
    if (evidence.redacted) {
      ++recheck.redacted_evidence;
      continue;
    }
    recheck.lines.push_back(CheckEvidence(
        evidence, fmt::format("{} evidence {}", name, number), fetched));
  }
}

// The tree's digests as the report lists them; decoding them all would be a
// full verification, so only those that evidence leans on are compared.
void CheckPaths(const Report& report, const Fetched& fetched,
                Recheck& recheck) {
  for (const Artifact& artifact : report.artifacts) {
    const auto found = fetched.find(artifact.path);
    if (found != fetched.end() && found->second &&
        found->second->artifact.sha256() != artifact.sha256()) {
      recheck.lines.push_back(
          Line("artifact " + artifact.path, false, "its SHA-256 is another"));
    }
  }
}

Result<std::pair<std::string, std::uint64_t>> DigestOfProduct(
    const unpack::Product& product) {
  std::string list;
  std::uint64_t size = 0;
  for (const unpack::ProductFile& file : product.files) {
    if (file.meta.type != FileType::kRegular) {
      continue;
    }
    const auto content = file.open();
    if (!content) {
      return Fail(content.error());
    }
    size += content->size();
    const std::string hex = Sha256Hex(content->bytes());
    if (!product.directory) {
      return std::pair(hex, size);
    }
    list += fmt::format("{}  {}\n", hex, PathOfProductFile(file.name));
  }
  return std::pair(Sha256Hex(AsBytes(list)), size);
}

}  // namespace

bool Recheck::holds() const {
  return std::all_of(lines.begin(), lines.end(),
                     [](const RecheckedLine& line) { return line.holds; });
}

Result<Recheck> RecheckReport(const Report& report,
                              const std::string& product_path,
                              const std::vector<std::string>& rules,
                              bool unsafe_no_sandbox, const Secrets& secrets) {
  const auto product = OpenProduct(product_path);
  if (!product) {
    return Fail(product.error());
  }
  const auto rule_set = LoadCatalogue(rules);
  if (!rule_set) {
    return Fail(rule_set.error());
  }
  const auto digest = DigestOfProduct(*product);
  if (!digest) {
    return Fail(digest.error());
  }
  Recheck recheck;
  recheck.lines.push_back(
      Line("product",
           digest->first == report.product_sha256 &&
               digest->second == report.product_size,
           fmt::format("SHA-256 {}, {} bytes; the report speaks of {}, {}",
                       digest->first, digest->second, report.product_sha256,
                       report.product_size)));
  recheck.lines.push_back(
      Line("rules", rule_set->sha256 == report.rules_sha256,
           fmt::format("SHA-256 {}; the report was made with {}",
                       rule_set->sha256, report.rules_sha256)));
  if (report.keys + report.passwords > 0) {
    recheck.lines.push_back(
        Line("secrets",
             secrets.keys.size() == report.keys &&
                 secrets.passwords.size() == report.passwords,
             fmt::format("{} keys and {} passwords; the report was made with "
                         "{} and {}",
                         secrets.keys.size(), secrets.passwords.size(),
                         report.keys, report.passwords)));
  }
  std::vector<std::string> paths;
  for (const Finding& finding : report.findings) {
    for (const Evidence& evidence : finding.evidence) {
      if (!evidence.redacted) {
        paths.push_back(evidence.path);
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  auto artifacts =
      Fetch(*product, paths,
            {.limits = report.limits,
             .secrets = secrets,
             .confinement = unsafe_no_sandbox ? Confinement::kUnsafe
                                              : Confinement::kProcess});
  if (!artifacts) {
    return Fail(artifacts.error());
  }
  Fetched fetched;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    fetched[paths[i]] = std::move((*artifacts)[i]);
  }
  for (const Finding& finding : report.findings) {
    CheckFinding(finding, *rule_set, fetched, recheck);
  }
  CheckPaths(report, fetched, recheck);
  return recheck;
}

}  // namespace assay::engine
