#include "verifier/report/scores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "verifier/report/names.h"

namespace assay::report {
namespace {

std::string PercentOf(const Share& share) {
  return share.whole == 0 ? "of nothing" : PercentText(share.part, share.whole);
}

void PutShare(JsonText& json, std::string_view name, const Share& share) {
  json.OpenObject(name);
  json.Number("part", share.part);
  json.Number("whole", share.whole);
  json.Close();
}

}  // namespace

void PutScores(Layout& layout, const Scores& scores) {
  const std::string cap =
      scores.capped_by.empty()
          ? ""
          : fmt::format(" (at most {} because of {})", scores.cap,
                        fmt::join(scores.capped_by, ", "));
  layout.Prose(2, "", fmt::format("index {} of 100{}", scores.index, cap));
  layout.Prose(2, "",
               fmt::format("precision {}: {} of {} claims confirmed",
                           PercentOf(scores.precision), scores.precision.part,
                           scores.precision.whole));
  layout.Prose(
      2, "",
      fmt::format("recall {}: {} of {} programs explained, {} of their bytes",
                  PercentOf(scores.recall), scores.recall.part,
                  scores.recall.whole, PercentOf(scores.recall_bytes)));
  layout.Prose(2, "",
               fmt::format("fidelity {}: compared attributes that agree",
                           PercentOf(scores.fidelity)));
  layout.Prose(2, "",
               fmt::format("coverage {}: bytes that could be identified",
                           PercentOf(scores.coverage)));
}

void PutScores(JsonText& json, const Scores& scores) {
  json.OpenObject("scores");
  PutShare(json, "precision", scores.precision);
  PutShare(json, "recall", scores.recall);
  PutShare(json, "recall_bytes", scores.recall_bytes);
  PutShare(json, "fidelity", scores.fidelity);
  PutShare(json, "coverage", scores.coverage);
  json.Number("index", scores.index);
  json.Number("cap", scores.cap);
  json.Texts("capped_by", scores.capped_by);
  json.Close();
}

}  // namespace assay::report
