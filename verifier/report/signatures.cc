#include "verifier/report/signatures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/base/text.h"
#include "verifier/report/json_check.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/schema.h"
#include "verifier/report/text_sections.h"

namespace assay::report {
namespace {

constexpr std::string_view kAuthenticity = "authenticity";

const LedgerAxis* AuthenticityOf(const Report& report) {
  const auto& axes = report.ledger.headline;
  const auto found = std::find_if(
      axes.begin(), axes.end(),
      [](const LedgerAxis& axis) { return axis.name == kAuthenticity; });
  return found == axes.end() ? nullptr : &*found;
}

}  // namespace

std::string WriteSignatures(const Report& report, const Style& style) {
  Layout layout(style);
  layout.Line(fmt::format("{}  {} ({} bytes), sha256 {}",
                          layout.Paint(Colour::kBold, Escaped(report.product)),
                          SizeText(report.product_size), report.product_size,
                          report.product_sha256));
  layout.Prose(
      0, "",
      fmt::format("at {}, policy {}", TimeText(report.at),
                  report.policy_name.empty() ? "none: nobody is trusted"
                                             : report.policy_name));
  PutSignatures(layout, report);
  if (!report.reasons.empty()) {
    layout.Heading("What was not examined");
  }
  for (const std::string& reason : report.reasons) {
    layout.Prose(2, "- ", reason);
  }
  layout.Heading("Who vouches for the bytes");
  if (const LedgerAxis* axis = AuthenticityOf(report)) {
    for (const LedgerEntry& entry : axis->entries) {
      layout.Line(fmt::format(
          "  {:<22} {:>8} {:>14} bytes", entry.category,
          PercentText(entry.bytes, report.ledger.leaf_bytes), entry.bytes));
    }
  }
  return layout.Finish();
}

std::string WriteSignaturesJson(const Report& report) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", kSignaturesSchema);
  json.Text("product", report.product);
  json.Text("product_sha256", report.product_sha256);
  json.Text("at", TimeText(report.at));
  json.TextIf("policy", report.policy_name);
  json.TextIf("policy_sha256", report.policy_sha256);
  json.Texts("incomplete", report.reasons);
  json.OpenArray("checks");
  for (const SignatureCheck& check : report.checks) {
    PutCheck(json, check);
  }
  json.Close();
  json.OpenObject(kAuthenticity);
  if (const LedgerAxis* axis = AuthenticityOf(report)) {
    for (const LedgerEntry& entry : axis->entries) {
      json.Number(entry.category, entry.bytes);
    }
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace assay::report
