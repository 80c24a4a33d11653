#include "verifier/report/names.h"

#include <fmt/format.h>

namespace assay::report {

std::string_view NameOf(Strength strength) {
  switch (strength) {
    case Strength::kClaim:
      return "claim";
    case Strength::kUnverified:
      return "unverified";
    case Strength::kWeak:
      return "weak";
    case Strength::kVerifiedRow:
      return "verified-record";
    case Strength::kBuildRecord:
      return "build-record";
    case Strength::kDigest:
      return "digest";
  }
  return "";
}

std::string_view HeadingOf(DiscrepancyKind kind) {
  switch (kind) {
    case DiscrepancyKind::kUndeclared:
      return "In the product, not in the SBOM";
    case DiscrepancyKind::kPhantom:
      return "Claimed, not in the product";
    case DiscrepancyKind::kVersionMismatch:
      return "Other version than the claim says";
    case DiscrepancyKind::kDigestMismatch:
      return "Other bytes than the SBOM says";
    case DiscrepancyKind::kProducerMismatch:
      return "Other maker than the package's record says";
    case DiscrepancyKind::kLicenceMismatch:
      return "Other licence than the package's record says";
    case DiscrepancyKind::kUnexplainedFile:
      return "Files that no component and no package owns";
    case DiscrepancyKind::kMissingFile:
      return "Listed files that are not there";
    case DiscrepancyKind::kRecordMismatch:
      return "Files that differ from their package's own record";
    case DiscrepancyKind::kHiddenPackage:
      return "Packages whose record is gone";
    case DiscrepancyKind::kEdgeMismatch:
      return "Dependencies that a complete list leaves out";
    case DiscrepancyKind::kSelfContradiction:
      return "Claims that contradict themselves";
    case DiscrepancyKind::kWrongSubject:
      return "The SBOM describes something else";
    case DiscrepancyKind::kDocumentMismatch:
      return "The SBOM inside differs from the one beside";
    case DiscrepancyKind::kOpaqueRegion:
      return "Content that could not be looked into";
    case DiscrepancyKind::kImplausibleContext:
      return "SBOMs that were not made as they say";
    case DiscrepancyKind::kModifiedBuild:
      return "Programs that differ from the reference package";
    case DiscrepancyKind::kMalformed:
      return "Faults of the document itself";
  }
  return "";
}

std::string TimeText(UnixTime time) {
  constexpr UnixTime kFirst = -62'167'219'200;  // 0000-01-01T00:00:00Z
  constexpr UnixTime kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  return time < kFirst || time > kLast ? fmt::format("@{}", time)
                                       : FormatTime(time);
}

}  // namespace assay::report
