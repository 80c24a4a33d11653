#include "rules/fields.h"

#include <fmt/format.h>

#include <set>

namespace assay::rules {
namespace {

constexpr std::string_view kArtifactFields[] = {  // NOLINT: a table
    "path",    "name",  "address",     "format",        "size",
    "mode",    "type",  "uid",         "gid",           "link_target",
    "entropy", "depth", "examination", "opaque_reason", "provenance"};
constexpr std::string_view kFactFields[] = {  // NOLINT: a table
    "value", "path", "name", "address"};
constexpr std::string_view kCheckFields[] = {  // NOLINT: a table
    "scheme", "indication", "sub_indication", "signer",   "key",
    "anchor", "holder",     "target",         "coverage", "detail"};
constexpr std::string_view kDiscrepancyFields[] = {  // NOLINT: a table
    "kind",    "component", "purl", "claimed", "found", "document",
    "pointer", "weight",    "code", "path",    "name"};
constexpr std::string_view kAnomalyFields[] = {  // NOLINT: a table
    "id", "detail", "path", "name"};
constexpr std::string_view kRegionFields[] = {  // NOLINT: a table
    "role", "size", "path", "name"};

std::string Octal(const std::optional<std::uint32_t>& mode) {
  return mode ? fmt::format("{:o}", *mode) : std::string();
}

template <typename T>
std::string Number(const std::optional<T>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

std::string Get(const Artifact& artifact, std::string_view field) {
  if (field == "format") {
    return artifact.format;
  }
  if (field == "size") {
    return fmt::format("{}", artifact.size);
  }
  if (field == "mode") {
    return Octal(artifact.meta.mode);
  }
  if (field == "type") {
    return std::string(NameOf(artifact.meta.type));
  }
  if (field == "uid") {
    return Number(artifact.meta.uid);
  }
  if (field == "gid") {
    return Number(artifact.meta.gid);
  }
  if (field == "link_target") {
    return artifact.meta.link_target;
  }
  if (field == "entropy") {
    return artifact.entropy ? fmt::format("{:.3f}", *artifact.entropy) : "";
  }
  if (field == "depth") {
    return fmt::format("{}", artifact.depth);
  }
  if (field == "examination") {
    return std::string(NameOf(artifact.examination));
  }
  return field == "opaque_reason" ? artifact.opaque_reason : "";
}

std::string Get(const Fact& fact, std::string_view field) {
  // "id" is what an anomaly calls its value.
  return field == "value" || field == "id" ? fact.value
                                           : std::string(fact.Attribute(field));
}

std::string Get(const HitRecord& hit, std::string_view field) {
  return field == "value" ? hit.excerpt : "";
}

// Each way in which the check's signature reaches bytes, once.
std::string Coverages(const SignatureCheck& check) {
  std::set<std::string_view> names;
  for (const CoveredRange& covered : check.covers) {
    names.insert(NameOf(covered.coverage));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

std::string Get(const SignatureCheck& check, std::string_view field) {
  if (field == "scheme") {
    return check.scheme;
  }
  if (field == "indication") {
    return std::string(NameOf(check.indication));
  }
  if (field == "sub_indication") {
    return check.sub_indication;
  }
  if (field == "signer") {
    return check.signer;
  }
  if (field == "key") {
    return check.key;
  }
  if (field == "anchor") {
    return check.anchor;
  }
  if (field == "holder") {
    return check.holder;
  }
  if (field == "target") {
    return check.target;
  }
  if (field == "coverage") {
    return Coverages(check);
  }
  return field == "detail" ? check.detail : "";
}

std::string Get(const Discrepancy& discrepancy, std::string_view field) {
  if (field == "kind") {
    return std::string(NameOf(discrepancy.kind));
  }
  if (field == "component") {
    return discrepancy.component;
  }
  if (field == "purl") {
    return discrepancy.purl;
  }
  if (field == "claimed") {
    return discrepancy.claimed;
  }
  if (field == "found") {
    return discrepancy.found;
  }
  if (field == "document") {
    return discrepancy.document;
  }
  if (field == "weight") {
    return std::to_string(discrepancy.weight);
  }
  if (field == "code") {
    return std::string(discrepancy.code);
  }
  return field == "pointer" ? discrepancy.pointer : "";
}

std::string Get(const AnomalyRecord& anomaly, std::string_view field) {
  if (field == "id") {
    return anomaly.id;
  }
  return field == "detail" ? anomaly.detail : "";
}

std::string Get(const StructureRange& region, std::string_view field) {
  if (field == "role") {
    return std::string(NameOf(region.role));
  }
  return field == "size" ? fmt::format("{}", region.range.length) : "";
}

}  // namespace

std::span<const std::string_view> FieldsOf(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::kArtifact:
      return kArtifactFields;
    case Condition::Kind::kFact:
      return kFactFields;
    case Condition::Kind::kSignature:
      return kCheckFields;
    case Condition::Kind::kSbom:
      return kDiscrepancyFields;
    case Condition::Kind::kAnomaly:
      return kAnomalyFields;
    case Condition::Kind::kRegion:
      return kRegionFields;
    default:
      return {};
  }
}

std::string FieldOf(const Thing& thing, const Artifact& artifact,
                    std::string_view field) {
  if (field == "path") {
    return artifact.inner_path;
  }
  if (field == "address") {
    return artifact.path;
  }
  if (field == "name") {
    return artifact.name;
  }
  return std::visit([&](const auto* it) { return Get(*it, field); }, thing);
}

std::string_view NameOf(Provenance provenance) {
  switch (provenance) {
    case Provenance::kSbom:
      return "sbom";
    case Provenance::kRecord:
      return "record";
    case Provenance::kUnexplained:
      return "unexplained";
  }
  return "";
}

}  // namespace assay::rules
