#include "verifier/report/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "verifier/base/json_lists.h"
#include "verifier/base/text.h"
#include "verifier/report/read_parts.h"
#include "verifier/report/schema.h"

namespace assay::report {
namespace {

// "KIND VALUE", the value escaped.
void ReadTraits(Fields& artifact, ArtifactId id, Report& report) {
  if (!artifact.Has("traits")) {
    return;
  }
  for (const std::string& text : artifact.RawTexts("traits")) {
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) {
      artifact.Refuse("traits", "not KIND and VALUE");
      break;
    }
    report.traits.push_back({.artifact = id,
                             .kind = text.substr(0, space),
                             .value = text.substr(space + 1)});
  }
}

// The number that the id of a finding is.
std::uint64_t NumberOfId(std::string_view id) {
  constexpr std::size_t kPrefix = 2;  // "f-"
  std::uint64_t number = 0;
  (void)std::from_chars(id.data() + std::min(kPrefix, id.size()),
                        id.data() + id.size(), number, 16);
  return number;
}

// The two long lists, read while the document is parsed. Their problems are
// told where the lists' turn comes.
class Lists {
 public:
  explicit Lists(Report& report) : report_(report) {}

  [[nodiscard]] std::vector<JsonList> All() {
    return {{"findings",
             [this](const Json& value, std::size_t index) {
               if (!in_findings_) {
                 AddFinding(Fields(value, fmt::format("/findings/{}", index),
                                   in_findings_));
               }
             }},
            {"artifacts", [this](const Json& value, std::size_t index) {
               if (!in_artifacts_) {
                 AddArtifact(Fields(value, fmt::format("/artifacts/{}", index),
                                    in_artifacts_));
               }
             }}};
  }

  // The list itself has to be there.
  void End(Fields& fields, std::string_view key, FirstProblem& problem) {
    fields.Each(key, [](const Fields& /*element*/) {});
    const FirstProblem& found =
        key == "findings" ? in_findings_ : in_artifacts_;
    problem = problem ? problem : found;
  }

  // Who owns the artifacts, which stands with them in JSON.
  [[nodiscard]] std::vector<Owner> ReleaseOwners() {
    return std::move(owners_);
  }

 private:
  // What shows the first ones of many shows the heaviest.
  void AddFinding(Fields fields) {
    Finding read = FindingFrom(fields);
    if (!report_.findings.empty() &&
        read.severity > report_.findings.back().severity) {
      fields.Refuse("severity", "heavier than the finding before it");
    }
    if (!ids_.insert(NumberOfId(read.id)).second) {
      fields.Refuse("id", "stands twice");
    }
    fields.End();
    report_.findings.push_back(std::move(read));
  }

  void AddArtifact(Fields artifact) {
    const std::size_t index = report_.artifacts.size();
    const auto id = static_cast<ArtifactId>(index);
    Artifact read = ArtifactFrom(artifact, index);
    if (read.parent < index) {
      read.depth = report_.artifacts[read.parent].depth + 1;
    }
    if (artifact.Has("component")) {
      owners_.push_back({.artifact = id,
                         .provenance = Provenance::kRecord,
                         .component = artifact.Text("component")});
    }
    ReadTraits(artifact, id, report_);
    artifact.End();
    report_.artifacts.push_back(std::move(read));
  }

  Report& report_;
  FirstProblem in_findings_;
  FirstProblem in_artifacts_;
  std::unordered_set<std::uint64_t> ids_;  // of findings
  std::vector<Owner> owners_;
};

void ReadNotExamined(Fields& fields, Report& report) {
  fields.Each("not_examined", [&report](Fields part) {
    report.not_examined.push_back({.path = part.Text("path"),
                                   .range = PlaceFrom(part),
                                   .reason = part.Text("reason")});
    part.End();
  });
}

// Follows from the rest, and is written anew.
void CheckNorm(Fields& fields) {
  fields.Each("norm", [](Fields pack) {
    for (const std::string_view key :
         {"pack", "title", "asks", "paragraphs", "state"}) {
      static_cast<void>(pack.Text(key));
    }
    for (const std::string_view key :
         {"rules_evaluated", "rules_not_evaluated", "findings", "notes"}) {
      static_cast<void>(pack.Number(key));
    }
    static_cast<void>(pack.TextIf("why"));
    if (pack.Has("bytes_are")) {
      static_cast<void>(pack.Number("bytes"));
      static_cast<void>(pack.Text("bytes_are"));
    }
    pack.End();
  });
}

void ReadAll(Fields& fields, Lists& lists, Report& report,
             FirstProblem& problem) {
  const auto words = std::make_shared<Words>();
  report.words = words;
  ReadHead(fields, report);
  ReadConditions(fields, report);
  // First, because the other sections point into them.
  lists.End(fields, "artifacts", problem);
  const std::size_t artifacts = report.artifacts.size();
  lists.End(fields, "findings", problem);
  fields.Each("signatures", [&](Fields check) {
    report.checks.push_back(CheckFrom(std::move(check), artifacts, *words));
  });
  CheckNorm(fields);
  report.reconciliation =
      ReconciliationFrom(fields.Object("sbom"), artifacts, *words);
  report.reconciliation.owners = lists.ReleaseOwners();
  report.ledger = LedgerFrom(fields.Object("ledger"), artifacts);
  ReadNotExamined(fields, report);
}

std::string WhyNotRead(std::string_view schema) {
  constexpr std::string_view kFamily = "assay-report/";
  const bool another = schema.starts_with(kFamily) &&
                       NumberOf(schema.substr(kFamily.size())).has_value();
  return another ? fmt::format("not {}: another version of assay wrote {}",
                               kReportSchema, schema)
                 : fmt::format("not {}", kReportSchema);
}

std::vector<LedgerAxis> AxesFrom(Fields fields) {
  std::vector<LedgerAxis> axes;
  for (std::string& name : fields.Keys()) {
    Fields axis = fields.Object(name);
    std::vector<LedgerEntry> entries;
    for (std::string& category : axis.Keys()) {
      const std::uint64_t bytes = axis.Number(category);
      entries.push_back({std::move(category), bytes});
    }
    axes.push_back({std::move(name), std::move(entries)});
  }
  return axes;
}

}  // namespace

Range PlaceFrom(Fields& fields) {
  Range place;
  place.offset = fields.Number("offset");
  place.length = fields.Number(
      "length", std::numeric_limits<std::uint64_t>::max() - place.offset);
  return place;
}

std::optional<Range> PlaceIf(Fields& fields) {
  return fields.Has("offset") || fields.Has("length")
             ? std::optional(PlaceFrom(fields))
             : std::nullopt;
}

ArtifactId ArtifactAt(Fields& fields, std::size_t count) {
  if (count == 0) {
    fields.Refuse("artifact", "there are no artifacts");
  }
  return static_cast<ArtifactId>(
      fields.Number("artifact", count == 0 ? 0 : count - 1));
}

ArtifactId ArtifactIf(Fields& fields, std::size_t count) {
  return fields.Has("artifact") ? ArtifactAt(fields, count) : kNoArtifact;
}

Ledger LedgerFrom(Fields fields, std::size_t artifacts) {
  Ledger ledger;
  ledger.leaf_bytes = fields.Number("leaf_bytes");
  ledger.headline = AxesFrom(fields.Object("axes"));
  fields.Each("accounts", [&](Fields account) {
    ledger.accounts.push_back({.artifact = ArtifactAt(account, artifacts),
                               .axes = AxesFrom(account.Object("axes"))});
    account.End();
  });
  fields.End();
  return ledger;
}

Result<Report> ReadReport(std::string_view json) {
  Report report;
  Lists lists(report);
  const auto document = ParseJson(json, lists.All());
  if (!document) {
    return Fail(document.error());
  }
  FirstProblem problem;
  Fields fields(*document, "", problem);
  if (fields.Text("schema") != kReportSchema) {
    fields.Refuse("schema", WhyNotRead(fields.Text("schema")));
  }
  ReadAll(fields, lists, report, problem);
  fields.End();
  if (problem) {
    return Fail(*problem);
  }
  return report;
}

}  // namespace assay::report
