#include "verifier/model/reconciliation.h"

#include <array>
#include <utility>

namespace assay {
namespace {

constexpr std::array<std::pair<DiscrepancyKind, std::string_view>, 7> kNames = {
    {
        {DiscrepancyKind::kUndeclared, "undeclared"},
        {DiscrepancyKind::kPhantom, "phantom"},
        {DiscrepancyKind::kVersionMismatch, "version-mismatch"},
        {DiscrepancyKind::kDigestMismatch, "digest-mismatch"},
        {DiscrepancyKind::kUnexplainedFile, "unexplained-file"},
        {DiscrepancyKind::kRecordMismatch, "record-mismatch"},
        {DiscrepancyKind::kMalformed, "malformed"},
    }};

}  // namespace

std::string_view NameOf(DiscrepancyKind kind) {
  for (const auto& [key, name] : kNames) {
    if (key == kind) {
      return name;
    }
  }
  return "";
}

std::optional<DiscrepancyKind> DiscrepancyKindOf(std::string_view wanted) {
  for (const auto& [key, name] : kNames) {
    if (name == wanted) {
      return key;
    }
  }
  return std::nullopt;
}

}  // namespace assay
