#include "rules/evidence.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

constexpr std::size_t kMaxExcerpt = 200;

std::string Excerpt(std::string_view raw) {
  return Escaped(raw.substr(0, kMaxExcerpt));
}

std::string Described(const Fact& fact) {
  std::string text = fmt::format("{} \"{}\"", fact.kind, fact.value);
  for (const auto& [name, value] : fact.attributes) {
    if (!value.empty()) {
      text += fmt::format(" {}={}", name, value);
    }
  }
  return text;
}

class Prover {
 public:
  Prover(const Witness& witness, const Index& index, bool redact)
      : witness_(witness),
        artifact_(index.At(witness.artifact).artifact),
        written_(index.WrittenFrom(witness.artifact)),
        redact_(redact) {}

  std::vector<Evidence> operator()(const Fact* fact) const {
    Evidence evidence = Start();
    if (!redact_) {
      evidence.excerpt = Excerpt(Described(*fact));
    }
    if (fact->place && artifact_.has_content) {
      evidence.place = fact->place;
      evidence.digest = HexOf(fact->place_digest);
      return {std::move(evidence)};
    }
    // What another file or another input says, the artifact cannot repeat.
    if (fact->kind == "exception.void" || fact->kind == "waiver.void" ||
        fact->kind == "new" || fact->kind == "started" ||
        fact->kind == "web.unlinked") {
      evidence.kind = Evidence::Kind::kRelation;
      evidence.value = Described(*fact);
      return {std::move(evidence)};
    }
    const std::string_view mode = fact->Attribute("mode");
    evidence.kind = Evidence::Kind::kMetadata;
    evidence.field = mode.empty() ? std::string(fact->kind) : "mode";
    evidence.value = mode.empty() ? fact->value : std::string(mode);
    return {std::move(evidence)};
  }

  std::vector<Evidence> operator()(const HitRecord* record) const {
    Evidence evidence = Start();
    evidence.place = Range{record->hit.offset, record->hit.length};
    evidence.digest = HexOf(record->digest);
    if (!redact_) {
      evidence.excerpt = Excerpt(record->excerpt);
    }
    return {std::move(evidence)};
  }

  std::vector<Evidence> operator()(const Artifact* artifact) const {
    if (written_) {
      // The script has another name than what it makes.
      Evidence evidence = Start();
      evidence.kind = Evidence::Kind::kRelation;
      evidence.value = "writes " + artifact->inner_path;
      evidence.place = written_;
      return {std::move(evidence)};
    }
    std::vector<Evidence> all;
    for (const FieldTest& test : witness_.leaf->tests) {
      Evidence evidence = Start();
      evidence.kind = Evidence::Kind::kMetadata;
      evidence.field = test.field;
      evidence.value = FieldOf(artifact, artifact_, test.field);
      all.push_back(std::move(evidence));
    }
    return all;
  }

  std::vector<Evidence> operator()(const AnomalyRecord* anomaly) const {
    Evidence evidence = Start();
    evidence.kind = Evidence::Kind::kMetadata;
    evidence.field = "anomaly";
    evidence.value = anomaly->id;
    evidence.excerpt = Excerpt(anomaly->detail);
    // What was not decoded has no bytes of its own to point at.
    if (anomaly->range.length != 0 && artifact_.has_content) {
      evidence.place = anomaly->range;
    }
    return {std::move(evidence)};
  }

  std::vector<Evidence> operator()(const StructureRange* region) const {
    Evidence evidence = Start();
    evidence.kind = Evidence::Kind::kMetadata;
    evidence.field = "structure";
    evidence.value = NameOf(region->role);
    evidence.place = region->range;
    return {std::move(evidence)};
  }

  std::vector<Evidence> operator()(const SignatureCheck* check) const {
    Evidence evidence = Start();
    evidence.kind = Evidence::Kind::kRelation;
    evidence.value = fmt::format("{} signature in {}: {}{}{}", check->scheme,
                                 check->holder, NameOf(check->indication),
                                 check->sub_indication.empty() ? "" : " ",
                                 check->sub_indication);
    evidence.excerpt = Excerpt(check->detail);
    return {std::move(evidence)};
  }

  std::vector<Evidence> operator()(const Discrepancy* one) const {
    Evidence evidence = Start();
    evidence.kind = Evidence::Kind::kRelation;
    evidence.value = fmt::format("{}: {}", NameOf(one->kind), one->component);
    if (!one->claimed.empty() || !one->found.empty()) {
      evidence.value +=
          fmt::format(" (claimed {}, found {})",
                      one->claimed.empty() ? "nothing" : one->claimed,
                      one->found.empty() ? "nothing" : one->found);
    }
    if (one->place.length != 0) {
      evidence.place = one->place;
    }
    if (!one->document.empty()) {
      evidence.excerpt =
          Excerpt(fmt::format("{} {}", one->document, one->pointer));
    }
    return {std::move(evidence)};
  }

 private:
  [[nodiscard]] Evidence Start() const {
    return {.path = artifact_.path, .sha256 = artifact_.sha256()};
  }

  const Witness& witness_;
  const Artifact& artifact_;
  std::optional<Range> written_;  // of a file that a script makes
  bool redact_;
};

}  // namespace

std::vector<Evidence> EvidenceOf(const Witness& witness, const Index& index,
                                 bool redact) {
  return std::visit(Prover(witness, index, redact), witness.thing);
}

}  // namespace assay::rules
