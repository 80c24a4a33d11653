#include "verifier/model/finding.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "verifier/base/digest.h"

namespace assay {
namespace {

constexpr std::array<std::pair<Severity, std::string_view>, 5> kSeverities = {{
    {Severity::kInfo, "info"},
    {Severity::kLow, "low"},
    {Severity::kMedium, "medium"},
    {Severity::kHigh, "high"},
    {Severity::kCritical, "critical"},
}};

constexpr std::array<std::pair<Confidence, std::string_view>, 3> kConfidences =
    {{
        {Confidence::kLow, "low"},
        {Confidence::kMedium, "medium"},
        {Confidence::kHigh, "high"},
    }};

constexpr std::array<std::pair<Evidence::Kind, std::string_view>, 4> kKinds = {{
    {Evidence::Kind::kBytes, "bytes"},
    {Evidence::Kind::kMetadata, "metadata"},
    {Evidence::Kind::kAbsence, "absence"},
    {Evidence::Kind::kRelation, "relation"},
}};

template <typename Table, typename Key>
std::string_view NameIn(const Table& table, Key wanted) {
  for (const auto& [key, name] : table) {
    if (key == wanted) {
      return name;
    }
  }
  return "";
}

template <typename Table>
auto KeyIn(const Table& table, std::string_view wanted)
    -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [key, name] : table) {
    if (name == wanted) {
      return key;
    }
  }
  return std::nullopt;
}

// Length before text: no two field lists give the same bytes.
void Append(std::string& to, std::string_view field) {
  to += fmt::format("{}:{};", field.size(), field);
}

}  // namespace

std::string_view NameOf(Severity severity) {
  return NameIn(kSeverities, severity);
}
std::string_view NameOf(Confidence confidence) {
  return NameIn(kConfidences, confidence);
}
std::string_view NameOf(Evidence::Kind kind) {
  return NameIn(kKinds, kind);
}

std::optional<Severity> SeverityOf(std::string_view name) {
  return KeyIn(kSeverities, name);
}
std::optional<Confidence> ConfidenceOf(std::string_view name) {
  return KeyIn(kConfidences, name);
}
std::optional<Evidence::Kind> EvidenceKindOf(std::string_view name) {
  return KeyIn(kKinds, name);
}

std::string FindingId(const Finding& finding) {
  std::string text;
  Append(text, finding.rule);
  Append(text, finding.rule_version);
  Append(text, finding.subject);
  for (const Evidence& evidence : finding.evidence) {
    Append(text, NameOf(evidence.kind));
    Append(text, evidence.path);
    Append(text, evidence.sha256);
    Append(text, evidence.place ? fmt::format("{}+{}", evidence.place->offset,
                                              evidence.place->length)
                                : "");
    Append(text, evidence.digest);
    Append(text, evidence.field);
    Append(text, evidence.value);
  }
  return "f-" + Sha256Hex(AsBytes(text)).substr(0, 16);
}

}  // namespace assay
