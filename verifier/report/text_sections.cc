#include "verifier/report/text_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/names.h"
#include "verifier/report/scores.h"

namespace assay::report {
namespace {

constexpr std::size_t kListShown = 10;
constexpr std::size_t kBarWidth = 40;

std::string DiscrepancyText(const Discrepancy& discrepancy) {
  std::string text = discrepancy.component;
  if (!discrepancy.claimed.empty()) {
    text.append(", claimed ").append(discrepancy.claimed);
  }
  if (!discrepancy.found.empty()) {
    text.append(", found ").append(discrepancy.found);
  }
  return WithShortDigests(text);
}

void PutDiscrepancies(Layout& layout, const std::vector<Discrepancy>& all,
                      DiscrepancyKind kind) {
  std::vector<const Discrepancy*> some;
  for (const Discrepancy& discrepancy : all) {
    if (discrepancy.kind == kind) {
      some.push_back(&discrepancy);
    }
  }
  if (some.empty()) {
    return;
  }
  layout.Line(fmt::format("  {}: {}", HeadingOf(kind), some.size()));
  const std::size_t shown = layout.Shown(some.size(), kListShown);
  for (std::size_t i = 0; i < shown; ++i) {
    layout.Prose(4, "- ", DiscrepancyText(*some[i]));
  }
  layout.Omitted(4, some.size() - shown);
}

// Glyphs for the categories of an axis, in the axis' own order.
std::string_view GlyphOf(std::size_t category, bool unicode) {
  constexpr std::array<std::string_view, 6> kBlocks = {"█", "▓", "▒",
                                                       "░", "·", "◦"};
  constexpr std::array<std::string_view, 6> kAscii = {"#", "=", "+",
                                                      "-", ".", ","};
  const std::size_t at = std::min<std::size_t>(category, kBlocks.size() - 1);
  return unicode ? kBlocks.at(at) : kAscii.at(at);
}

// Every category that has bytes gets at least one column, so that a small
// share still shows; the largest one pays for it.
std::vector<std::size_t> Columns(const LedgerAxis& axis, std::uint64_t whole) {
  std::vector<std::size_t> columns;
  std::size_t used = 0;
  std::size_t largest = 0;
  for (std::size_t i = 0; i < axis.entries.size(); ++i) {
    const std::uint64_t bytes = axis.entries[i].bytes;
    const double share =
        static_cast<double>(bytes) / static_cast<double>(whole);
    auto width = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) *
                                          static_cast<double>(kBarWidth));
    width = bytes > 0 ? std::max<std::size_t>(width, 1) : 0;
    columns.push_back(width);
    used += width;
    largest = bytes > axis.entries[largest].bytes ? i : largest;
  }
  if (!columns.empty()) {
    const std::size_t others = used - columns[largest];
    columns[largest] = others < kBarWidth ? kBarWidth - others : 1;
  }
  return columns;
}

void PutAxis(Layout& layout, const LedgerAxis& axis, std::uint64_t whole) {
  const bool unicode = layout.style().unicode;
  const std::vector<std::size_t> columns = Columns(axis, whole);
  std::string bar;
  std::string legend;
  for (std::size_t i = 0; i < axis.entries.size(); ++i) {
    const LedgerEntry& entry = axis.entries[i];
    if (entry.bytes == 0) {
      continue;
    }
    for (std::size_t k = 0; k < columns[i]; ++k) {
      bar += GlyphOf(i, unicode);
    }
    legend += fmt::format("{}{} {} {}", legend.empty() ? "" : ", ",
                          GlyphOf(i, unicode), entry.category,
                          PercentText(entry.bytes, whole));
  }
  layout.Line(fmt::format("  {:<13} {}", Printable(axis.name),
                          layout.Paint(Colour::kCyan, bar)));
  layout.Prose(16, "", legend);
}

}  // namespace

void PutSbom(Layout& layout, const Report& report) {
  const Reconciliation& sbom = report.reconciliation;
  layout.Heading(sbom.documents.empty() ? "SBOM: none given or found"
                                        : "SBOM against content");
  for (const HeldDocument& held : sbom.documents) {
    layout.Prose(
        2, "",
        fmt::format("{}: {} {}, {}{}", Printable(held.holder),
                    held.document.format, held.document.spec_version,
                    CountText(held.document.components.size(), "component"),
                    held.embedded ? ", inside the product" : ""));
  }
  const auto found = std::count_if(
      sbom.inventory.begin(), sbom.inventory.end(), [](const auto& item) {
        return item.evidence.component.type != kFileListType;
      });
  layout.Line(
      fmt::format("  {} in our own inventory, {} confirmed",
                  CountText(static_cast<std::uint64_t>(found), "component"),
                  CountText(sbom.confirmed, "claim")));
  if (sbom.scores) {
    PutScores(layout, *sbom.scores);
  }
  constexpr std::array kOrder = {
      DiscrepancyKind::kWrongSubject,     DiscrepancyKind::kDigestMismatch,
      DiscrepancyKind::kRecordMismatch,   DiscrepancyKind::kHiddenPackage,
      DiscrepancyKind::kModifiedBuild,    DiscrepancyKind::kDocumentMismatch,
      DiscrepancyKind::kUndeclared,       DiscrepancyKind::kPhantom,
      DiscrepancyKind::kVersionMismatch,  DiscrepancyKind::kUnexplainedFile,
      DiscrepancyKind::kMissingFile,      DiscrepancyKind::kSelfContradiction,
      DiscrepancyKind::kProducerMismatch, DiscrepancyKind::kEdgeMismatch,
      DiscrepancyKind::kLicenceMismatch,  DiscrepancyKind::kImplausibleContext,
      DiscrepancyKind::kOpaqueRegion,     DiscrepancyKind::kMalformed,
  };
  for (const DiscrepancyKind kind : kOrder) {
    PutDiscrepancies(layout, sbom.discrepancies, kind);
  }
}

void PutLedger(Layout& layout, const Report& report) {
  const std::uint64_t whole = report.ledger.leaf_bytes;
  layout.Heading(fmt::format("Every byte accounted for: {} ({} bytes)",
                             SizeText(whole), whole));
  if (whole == 0) {
    return;
  }
  for (const LedgerAxis& axis : report.ledger.headline) {
    PutAxis(layout, axis, whole);
  }
}

void PutNotExamined(Layout& layout, const Report& report) {
  if (report.not_examined.empty()) {
    layout.Heading("Not examined: nothing was left out");
    return;
  }
  layout.Heading(fmt::format("Not examined: {}",
                             CountText(report.not_examined.size(), "part")));
  const std::size_t shown =
      layout.Shown(report.not_examined.size(), kListShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const NotExamined& part = report.not_examined[i];
    layout.Prose(2, "- ",
                 fmt::format("{} {}: {}", part.path, PlaceText(part.range),
                             part.reason));
  }
  layout.Omitted(2, report.not_examined.size() - shown);
}

}  // namespace assay::report
