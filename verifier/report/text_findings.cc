#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "verifier/report/text_sections.h"

namespace assay::report {
namespace {

constexpr std::size_t kFindingsInFull = 20;
constexpr std::size_t kEvidenceShown = 3;
constexpr std::size_t kNotesShown = 12;

// Findings that do not weigh on the verdict are told in one line each.
bool IsNote(const Finding& finding) {
  return finding.severity == Severity::kInfo || !finding.explained_by.empty() ||
         !finding.waiver.empty() || !finding.baseline.empty();
}

Colour ColourOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
    case Severity::kHigh:
      return Colour::kRed;
    case Severity::kMedium:
      return Colour::kYellow;
    case Severity::kLow:
      return Colour::kCyan;
    case Severity::kInfo:
      return Colour::kDim;
  }
  return Colour::kDim;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return upper;
}

// "2 critical, 1 medium, 4 notes"
std::string Summary(const std::vector<const Finding*>& loud,
                    std::size_t notes) {
  std::string text;
  constexpr std::array kOrder = {Severity::kCritical, Severity::kHigh,
                                 Severity::kMedium, Severity::kLow};
  for (const Severity severity : kOrder) {
    const auto count = std::count_if(loud.begin(), loud.end(),
                                     [severity](const Finding* finding) {
                                       return finding->severity == severity;
                                     });
    if (count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                          NameOf(severity));
    }
  }
  if (notes > 0) {
    text +=
        fmt::format("{}{}", text.empty() ? "" : ", ", CountText(notes, "note"));
  }
  return text;
}

std::string EvidenceText(const Evidence& evidence, const Finding& finding) {
  std::string text;
  if (evidence.path != finding.subject && !evidence.path.empty()) {
    text = evidence.path + ": ";
  }
  if (evidence.redacted) {
    return text.append(kRedacted);
  }
  switch (evidence.kind) {
    case Evidence::Kind::kBytes:
      text += evidence.place ? PlaceText(*evidence.place) : "the whole of it";
      break;
    case Evidence::Kind::kMetadata:
      text += fmt::format("{} is {}", evidence.field, evidence.value);
      break;
    case Evidence::Kind::kAbsence:
      text += "is not there";
      break;
    case Evidence::Kind::kRelation:
      text += evidence.value;
      break;
  }
  if (!evidence.excerpt.empty()) {
    text += fmt::format(": \"{}\"", evidence.excerpt);
  }
  return text;
}

void PutFinding(Layout& layout, const Finding& finding) {
  layout.Line();
  const std::string severity = Upper(NameOf(finding.severity));
  // The label is as wide without its colour as Prose must believe it is, so
  // the colour goes onto the line of its own.
  layout.Line(fmt::format(
      "  {}  {}", layout.Paint(ColourOf(finding.severity), severity),
      layout.Paint(Colour::kDim,
                   fmt::format("{} {}, {} confidence", finding.rule, finding.id,
                               NameOf(finding.confidence)))));
  layout.Prose(4, "", finding.title);
  if (!finding.subject.empty()) {
    layout.Prose(4, "in   ", finding.subject);
  }
  const std::size_t shown =
      layout.Shown(finding.evidence.size(), kEvidenceShown);
  for (std::size_t i = 0; i < shown; ++i) {
    layout.Prose(4, "     ", EvidenceText(finding.evidence[i], finding));
  }
  layout.Omitted(9, finding.evidence.size() - shown);
  if (!finding.explanation.empty()) {
    layout.Prose(4, "why  ", finding.explanation);
  }
  if (!finding.fix.empty()) {
    layout.Prose(4, "fix  ", finding.fix);
  }
}

std::string NoteText(const Finding& finding) {
  std::string text = finding.title;
  if (!finding.subject.empty()) {
    text += fmt::format(" ({})", finding.subject);
  }
  if (!finding.waiver.empty()) {
    text += fmt::format(", accepted by waiver {}", finding.waiver);
  } else if (!finding.explained_by.empty()) {
    text += fmt::format(", explained by {}", finding.explained_by);
  } else if (!finding.baseline.empty()) {
    text += fmt::format(", known from {}", finding.baseline);
  }
  return text;
}

}  // namespace

void PutFindings(Layout& layout, const Report& report) {
  std::vector<const Finding*> loud;
  std::vector<const Finding*> notes;
  for (const Finding& finding : report.findings) {
    (IsNote(finding) ? notes : loud).push_back(&finding);
  }
  if (report.findings.empty()) {
    layout.Heading("Findings: none");
    return;
  }
  layout.Heading("Findings: " + Summary(loud, notes.size()));
  const std::size_t shown = layout.Shown(loud.size(), kFindingsInFull);
  for (std::size_t i = 0; i < shown; ++i) {
    PutFinding(layout, *loud[i]);
  }
  layout.Omitted(2, loud.size() - shown);
  if (!notes.empty()) {
    layout.Line();
    layout.Line("  Noted, without weight on the verdict:");
  }
  const std::size_t noted = layout.Shown(notes.size(), kNotesShown);
  for (std::size_t i = 0; i < noted; ++i) {
    layout.Prose(4, "- ", NoteText(*notes[i]));
  }
  layout.Omitted(4, notes.size() - noted);
}

}  // namespace assay::report
