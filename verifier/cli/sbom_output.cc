#include "verifier/cli/sbom_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/scores.h"

namespace assay::cli {
namespace {

using report::Colour;
using report::JsonText;
using report::Layout;

std::string_view StateOf(const sbom::FieldTally& tally) {
  if (tally.Met()) {
    return tally.unknown == 0 ? "present" : "declared unknown";
  }
  return tally.silent == 0 ? "unknown" : "silent";
}

void PutField(Layout& layout, const sbom::FieldTally& tally) {
  const bool met = tally.Met();
  const Colour colour = met                 ? Colour::kGreen
                        : tally.field->must ? Colour::kRed
                                            : Colour::kYellow;
  std::string line =
      fmt::format("{} ({})", tally.field->title, tally.field->section);
  if (!tally.of_document) {
    line += fmt::format(": {} present, {} declared unknown, {} silent",
                        tally.present, tally.unknown, tally.silent);
  }
  if (!tally.field->must) {
    line += "; recommended";
  }
  layout.Prose(2, fmt::format("{:<17}", layout.Paint(colour, StateOf(tally))),
               line);
  if (!met && !tally.of_document) {
    constexpr std::size_t kShown = 5;
    const std::size_t shown = std::min(kShown, tally.examples.size());
    layout.Prose(6, "",
                 fmt::format("{}{}",
                             fmt::join(tally.examples.begin(),
                                       tally.examples.begin() +
                                           static_cast<std::ptrdiff_t>(shown),
                                       ", "),
                             shown < tally.examples.size() ? " ..." : ""));
  }
}

void PutProblems(Layout& layout, const SbomCheck& check) {
  for (const SbomProblem& problem : check.document.problems) {
    const std::string place =
        problem.line == 0 ? problem.pointer
                          : fmt::format("line {}:{} {}", problem.line,
                                        problem.column, problem.pointer);
    layout.Prose(2, problem.violation ? "violation " : "advice ",
                 fmt::format("{}: {}: {}{}", place.empty() ? "/" : place,
                             problem.rule, problem.detail,
                             problem.reference.empty()
                                 ? ""
                                 : fmt::format(" [{}]", problem.reference)));
  }
}

// "digest-mismatch 3"
std::vector<std::pair<std::string_view, std::size_t>> CountsOf(
    const std::vector<Discrepancy>& list) {
  std::vector<std::pair<std::string_view, std::size_t>> counts;
  for (const Discrepancy& one : list) {
    const std::string_view name = NameOf(one.kind);
    const auto found =
        std::find_if(counts.begin(), counts.end(),
                     [&](const auto& count) { return count.first == name; });
    if (found == counts.end()) {
      counts.emplace_back(name, 1);
    } else {
      ++found->second;
    }
  }
  return counts;
}

// "D03 -8"; what is for information costs nothing.
std::string CostOf(const Discrepancy& one) {
  return one.weight == 0 ? fmt::format("{} info", one.code)
                         : fmt::format("{} -{}", one.code, one.weight);
}

std::string PathOf(const engine::SbomComparison& comparison, ArtifactId id) {
  return id == kNoArtifact ? "" : comparison.survey.At(id).path;
}

void PutDiscrepancy(Layout& layout, const engine::SbomComparison& comparison,
                    const Discrepancy& one) {
  std::string line = one.component;
  if (!one.claimed.empty()) {
    line += fmt::format(": claimed {}", one.claimed);
  }
  if (!one.found.empty()) {
    line += fmt::format("; found {}", one.found);
  }
  if (one.artifact != kNoArtifact) {
    line += fmt::format("; in {}", PathOf(comparison, one.artifact));
  }
  if (one.place.length != 0) {
    line += fmt::format(" at {}+{}", one.place.offset, one.place.length);
  }
  if (!one.document.empty()) {
    line += fmt::format("; see {} {}", one.document, one.pointer);
  }
  layout.Prose(2, fmt::format("{:<9}", CostOf(one)), line);
}

std::string HeadlineOf(const Layout& layout, Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return layout.Paint(Colour::kGreen, "AGREES");
    case Verdict::kFail:
      return layout.Paint(Colour::kRed, "DIFFERS");
    case Verdict::kInconclusive:
      break;
  }
  return layout.Paint(Colour::kYellow, "INCONCLUSIVE");
}

}  // namespace

bool SbomCheck::Passes() const {
  return conforms &&
         std::all_of(profiles.begin(), profiles.end(),
                     [](const auto& one) { return one.Conforms(); });
}

std::string CheckText(const SbomCheck& check, const report::Style& style) {
  Layout layout(style);
  layout.Line(fmt::format(
      "{}  {}: {} {}, {}",
      check.Passes() ? layout.Paint(Colour::kGreen, "CONFORMS")
                     : layout.Paint(Colour::kRed, "DOES NOT CONFORM"),
      Escaped(check.name), Escaped(check.document.format),
      Escaped(check.document.spec_version),
      report::CountText(check.document.components.size(), "component")));
  if (!check.document.problems.empty()) {
    layout.Heading("The format's own rules");
    PutProblems(layout, check);
  }
  for (const sbom::ProfileCheck& profile : check.profiles) {
    layout.Heading(fmt::format("{}, {}: {}", profile.profile->title,
                               profile.profile->edition,
                               profile.Conforms() ? "met" : "not met"));
    if (!profile.format_accepted) {
      layout.Prose(2, "", "the standard does not accept this format");
    }
    if (!profile.has_components) {
      layout.Prose(2, "", "there is no component to ask");
    }
    for (const sbom::FieldTally& tally : profile.tallies) {
      PutField(layout, tally);
    }
  }
  return layout.Finish();
}

std::string CheckJson(const SbomCheck& check) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", "assay-sbom-check/1");
  json.Text("name", check.name);
  json.Text("format", check.document.format);
  json.Text("spec_version", check.document.spec_version);
  json.Number("components", check.document.components.size());
  json.Flag("conforms", check.Passes());
  json.OpenArray("problems");
  for (const SbomProblem& problem : check.document.problems) {
    json.OpenObject();
    json.Text("rule", problem.rule);
    json.Text("pointer", problem.pointer);
    if (problem.line != 0) {
      json.Number("line", problem.line);
      json.Number("column", problem.column);
    }
    json.Text("detail", problem.detail);
    json.TextIf("reference", problem.reference);
    json.Flag("violation", problem.violation);
    json.Close();
  }
  json.Close();
  json.OpenArray("profiles");
  for (const sbom::ProfileCheck& profile : check.profiles) {
    json.OpenObject();
    json.Text("name", profile.profile->name);
    json.Text("edition", profile.profile->edition);
    json.Flag("conforms", profile.Conforms());
    json.Flag("format_accepted", profile.format_accepted);
    json.Flag("has_components", profile.has_components);
    json.OpenArray("fields");
    for (const sbom::FieldTally& tally : profile.tallies) {
      json.OpenObject();
      json.Text("field", tally.field->field);
      json.Text("section", tally.field->section);
      json.Text("level", tally.field->must ? "must" : "should");
      json.Flag("met", tally.Met());
      json.Number("present", tally.present);
      json.Number("declared_unknown", tally.unknown);
      json.Number("silent", tally.silent);
      json.Texts("examples", tally.examples);
      json.Close();
    }
    json.Close();
    json.Close();
  }
  json.Close();
  json.Close();
  return json.Finish();
}

std::string ComparisonText(const engine::SbomComparison& comparison,
                           const report::Style& style) {
  Layout layout(style);
  const auto& list = comparison.reconciliation.discrepancies;
  layout.Line(fmt::format(
      "{}  {}: {} of its SBOM confirmed by the bytes",
      HeadlineOf(layout, comparison.verdict()),
      Escaped(comparison.survey.At(0).name),
      report::CountText(comparison.reconciliation.confirmed, "claim")));
  if (comparison.reconciliation.scores) {
    report::PutScores(layout, *comparison.reconciliation.scores);
  }
  if (!comparison.open.empty()) {
    layout.Heading("Not compared");
  }
  for (const std::string& reason : comparison.open) {
    layout.Prose(2, "", reason);
  }
  for (const auto& [name, count] : CountsOf(list)) {
    layout.Heading(fmt::format("{} ({})", name, count));
    layout.Prose(2, "", RecheckOf(*DiscrepancyKindOf(name)));
    for (const Discrepancy& one : list) {
      if (NameOf(one.kind) != name) {
        continue;
      }
      PutDiscrepancy(layout, comparison, one);
    }
  }
  return layout.Finish();
}

std::string ComparisonJson(const engine::SbomComparison& comparison) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", "assay-sbom-comparison/1");
  json.Text("product", comparison.survey.At(0).name);
  json.Text("verdict", NameOf(comparison.verdict()));
  json.Texts("open", comparison.open);
  json.Number("confirmed", comparison.reconciliation.confirmed);
  if (comparison.reconciliation.scores) {
    report::PutScores(json, *comparison.reconciliation.scores);
  }
  json.OpenArray("discrepancies");
  for (const Discrepancy& one : comparison.reconciliation.discrepancies) {
    json.OpenObject();
    json.Text("kind", NameOf(one.kind));
    json.Text("code", one.code);
    json.Number("weight", one.weight);
    json.Text("component", one.component);
    json.TextIf("purl", one.purl);
    json.TextIf("path", PathOf(comparison, one.artifact));
    if (one.place.length != 0) {
      json.Number("offset", one.place.offset);
      json.Number("length", one.place.length);
    }
    json.TextIf("claimed", one.claimed);
    json.TextIf("found", one.found);
    json.TextIf("document", one.document);
    json.TextIf("pointer", one.pointer);
    json.Text("recheck", RecheckOf(one.kind));
    json.Close();
  }
  json.Close();
  json.Close();
  return json.Finish();
}

std::string DiffText(const std::vector<sbom::SbomChange>& changes,
                     const report::Style& style) {
  Layout layout(style);
  for (const sbom::SbomChange& change : changes) {
    const Colour colour =
        change.kind == sbom::ChangeKind::kAdded     ? Colour::kGreen
        : change.kind == sbom::ChangeKind::kRemoved ? Colour::kRed
                                                    : Colour::kYellow;
    std::string line = fmt::format("{} ({})", change.component, change.type);
    if (change.kind == sbom::ChangeKind::kChanged) {
      line += fmt::format(": {} {} -> {}", change.field,
                          change.before.empty() ? "(none)" : change.before,
                          change.after.empty() ? "(none)" : change.after);
    } else {
      line += fmt::format(" {}{}", change.before, change.after);
    }
    layout.Prose(
        0, fmt::format("{:<8}", layout.Paint(colour, NameOf(change.kind))),
        line);
  }
  if (changes.empty()) {
    layout.Line("no difference");
  }
  return layout.Finish();
}

std::string DiffJson(const std::vector<sbom::SbomChange>& changes) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", "assay-sbom-diff/1");
  json.OpenArray("changes");
  for (const sbom::SbomChange& change : changes) {
    json.OpenObject();
    json.Text("kind", NameOf(change.kind));
    json.Text("component", change.component);
    json.Text("type", change.type);
    json.TextIf("field", change.field);
    json.TextIf("before", change.before);
    json.TextIf("after", change.after);
    json.Close();
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace assay::cli
