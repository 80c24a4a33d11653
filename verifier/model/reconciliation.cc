#include "verifier/model/reconciliation.h"

#include <algorithm>
#include <array>

namespace assay {
namespace {

struct Row {
  DiscrepancyKind kind;
  std::string_view name;
  std::string_view code;
  std::string_view recheck;
};

constexpr std::array<Row, 18> kRows = {{
    {DiscrepancyKind::kUndeclared, "undeclared", "D01",
     "Read the record at that place and search the SBOM for its name."},
    {DiscrepancyKind::kPhantom, "phantom", "D02",
     "Search the unpacked product for the component's name and files."},
    {DiscrepancyKind::kVersionMismatch, "version-mismatch", "D03",
     "Read the version at that place and compare it with the claim."},
    {DiscrepancyKind::kDigestMismatch, "digest-mismatch", "D04",
     "Unpack the file, digest it and compare it with the claim."},
    {DiscrepancyKind::kProducerMismatch, "producer-mismatch", "D05",
     "Read the maintainer in the record at that place."},
    {DiscrepancyKind::kLicenceMismatch, "licence-mismatch", "D06",
     "Read the licence in the record at that place."},
    {DiscrepancyKind::kUnexplainedFile, "unexplained-file", "D07",
     "Search the SBOM and the package lists for the path and its digest."},
    {DiscrepancyKind::kMissingFile, "missing-file", "D09",
     "Unpack the product and look for the path."},
    {DiscrepancyKind::kRecordMismatch, "record-mismatch", "D10",
     "Unpack the file, digest it and compare it with the package's list."},
    {DiscrepancyKind::kHiddenPackage, "hidden-package", "D11",
     "Look at the trace and search the package database for the name."},
    {DiscrepancyKind::kEdgeMismatch, "edge-mismatch", "D12",
     "List the libraries the program needs (readelf -d) and compare them with "
     "the SBOM's dependencies."},
    {DiscrepancyKind::kSelfContradiction, "self-contradiction", "D13",
     "Read the identifiers at that pointer side by side."},
    {DiscrepancyKind::kWrongSubject, "wrong-subject", "D14",
     "Compare name, version, digest and date of the SBOM's subject with the "
     "product."},
    {DiscrepancyKind::kDocumentMismatch, "document-mismatch", "D15",
     "Compare both documents, for example with assay sbom diff."},
    {DiscrepancyKind::kOpaqueRegion, "opaque-region", "D16",
     "Unpack the artifact and try to decode it."},
    {DiscrepancyKind::kImplausibleContext, "implausible-context", "D17",
     "Read the document's lifecycle and look for digests of files in it."},
    {DiscrepancyKind::kModifiedBuild, "modified-build", "D18",
     "Unpack the reference package and compare the file with the product's."},
    {DiscrepancyKind::kMalformed, "malformed", "D13",
     "Check the document against its format, for example with assay sbom "
     "check."},
}};

const Row& RowOf(DiscrepancyKind kind) {
  const auto found =
      std::find_if(kRows.begin(), kRows.end(),
                   [kind](const Row& row) { return row.kind == kind; });
  return found == kRows.end() ? kRows.front() : *found;
}

}  // namespace

std::string_view CategoryOf(Provenance provenance) {
  constexpr std::array<std::string_view, 3> kNames = {"sbom", "package-record",
                                                      "unexplained"};
  return kNames.at(static_cast<std::size_t>(provenance));
}

std::string_view NameOf(DiscrepancyKind kind) {
  return RowOf(kind).name;
}

std::string_view CodeOf(DiscrepancyKind kind) {
  return RowOf(kind).code;
}

std::string_view RecheckOf(DiscrepancyKind kind) {
  return RowOf(kind).recheck;
}

std::optional<DiscrepancyKind> DiscrepancyKindOf(std::string_view wanted) {
  for (const Row& row : kRows) {
    if (row.name == wanted) {
      return row.kind;
    }
  }
  return std::nullopt;
}

}  // namespace assay
