#include <limits>
#include <utility>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

// JSON has of some lists only how long they are: as many empty entries are
// made, up to so many in one report.
struct Room {
  std::uint64_t claims = 1'000'000;
  std::uint64_t files = 16'000'000;
};

template <typename Entry>
void ReadCount(Fields& fields, std::string_view key, std::uint64_t& left,
               std::vector<Entry>& to) {
  const std::uint64_t count = fields.Number(key, left);
  left -= count;
  to.resize(static_cast<std::size_t>(count));
}

HeldDocument DocumentFrom(Fields fields, std::size_t artifacts, Room& room) {
  HeldDocument held;
  SbomDocument& document = held.document;
  held.holder = fields.Text("holder");
  held.artifact = ArtifactIf(fields, artifacts);
  held.embedded = fields.Flag("embedded");
  document.format = fields.Text("format");
  document.spec_version = fields.Text("spec_version");
  document.serial = fields.TextIf("serial");
  document.timestamp = fields.TextIf("timestamp");
  document.authors = fields.Texts("authors");
  document.tools = fields.Texts("tools");
  if (fields.Has("subject")) {
    Fields subject = fields.Object("subject");
    document.subject = Component{.name = subject.Text("name"),
                                 .version = subject.TextIf("version"),
                                 .purl = subject.TextIf("purl")};
    subject.End();
  }
  ReadCount(fields, "components", room.claims, document.components);
  ReadCount(fields, "dependencies", room.claims, document.dependencies);
  fields.Each("problems", [&document](Fields problem) {
    document.problems.push_back({.pointer = problem.Text("pointer"),
                                 .rule = problem.Text("rule"),
                                 .detail = problem.Text("detail")});
    problem.End();
  });
  fields.End();
  return held;
}

InventoryItem InventoryItemFrom(Fields fields, std::size_t artifacts,
                                Words& words, Room& room) {
  InventoryItem item;
  ComponentEvidence& evidence = item.evidence;
  Component& component = evidence.component;
  item.artifact = ArtifactAt(fields, artifacts);
  evidence.place = PlaceFrom(fields);
  evidence.cataloguer = *words.insert(fields.Text("cataloguer")).first;
  evidence.strength = fields.OneOf(
      "strength",
      {Strength::kClaim, Strength::kUnverified, Strength::kWeak,
       Strength::kVerifiedRow, Strength::kBuildRecord, Strength::kDigest},
      "not a strength");
  component.type = fields.TextIf("type");
  component.group = fields.TextIf("group");
  component.name = fields.Text("name");
  component.version = fields.TextIf("version");
  component.purl = fields.TextIf("purl");
  component.supplier = fields.TextIf("supplier");
  component.source_name = fields.TextIf("source_name");
  component.source_version = fields.TextIf("source_version");
  component.licences = fields.Texts("licences");
  ReadCount(fields, "files", room.files, component.files);
  fields.End();
  return item;
}

Discrepancy DiscrepancyFrom(Fields fields, std::size_t artifacts,
                            Words& words) {
  Discrepancy discrepancy;
  const auto kind = DiscrepancyKindOf(fields.Text("kind"));
  if (!kind) {
    fields.Refuse("kind", "not a kind of discrepancy");
  }
  discrepancy.kind = kind.value_or(DiscrepancyKind::kMalformed);
  discrepancy.code = *words.insert(fields.TextIf("code")).first;
  discrepancy.weight = static_cast<std::uint8_t>(fields.Number("weight", 10));
  discrepancy.minor = discrepancy.weight == 0;
  discrepancy.component = fields.Text("component");
  discrepancy.purl = fields.TextIf("purl");
  discrepancy.artifact = ArtifactIf(fields, artifacts);
  if (discrepancy.artifact != kNoArtifact) {
    discrepancy.place = PlaceIf(fields).value_or(Range{});
  }
  discrepancy.claimed = fields.TextIf("claimed");
  discrepancy.found = fields.TextIf("found");
  discrepancy.document = fields.TextIf("document");
  discrepancy.pointer = fields.TextIf("pointer");
  (void)fields.Text("recheck");  // what the kind says
  fields.End();
  return discrepancy;
}

Share ShareFrom(Fields fields) {
  const Share share{fields.Number("part"), fields.Number("whole")};
  fields.End();
  return share;
}

Scores ScoresFrom(Fields fields) {
  Scores scores;
  scores.precision = ShareFrom(fields.Object("precision"));
  scores.recall = ShareFrom(fields.Object("recall"));
  scores.recall_bytes = ShareFrom(fields.Object("recall_bytes"));
  scores.fidelity = ShareFrom(fields.Object("fidelity"));
  scores.coverage = ShareFrom(fields.Object("coverage"));
  scores.index = static_cast<std::uint32_t>(fields.Number("index", kMost32));
  scores.cap = static_cast<std::uint32_t>(fields.Number("cap", kMost32));
  scores.capped_by = fields.Texts("capped_by");
  fields.End();
  return scores;
}

}  // namespace

Reconciliation ReconciliationFrom(Fields fields, std::size_t artifacts,
                                  Words& words) {
  Reconciliation result;
  Room room;
  fields.Each("documents", [&](Fields document) {
    result.documents.push_back(
        DocumentFrom(std::move(document), artifacts, room));
  });
  fields.Each("components", [&](Fields item) {
    result.inventory.push_back(
        InventoryItemFrom(std::move(item), artifacts, words, room));
  });
  fields.Each("discrepancies", [&](Fields discrepancy) {
    result.discrepancies.push_back(
        DiscrepancyFrom(std::move(discrepancy), artifacts, words));
  });
  result.confirmed = fields.Number("confirmed");
  if (fields.Has("scores")) {
    result.scores = ScoresFrom(fields.Object("scores"));
  }
  fields.End();
  return result;
}

}  // namespace assay::report
