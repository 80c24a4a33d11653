// Specification: SPDX 2.3, clauses 6 to 10.

#include "sbom/spdx_tags.h"

#include <algorithm>
#include <array>
#include <utility>

namespace assay::sbom {
namespace {

using Part = SpdxPart;
using Form = SpdxForm;

constexpr std::array<SpdxTag, 59> kTags = {{
    {Part::kDocument, "SPDXVersion", "spdxVersion"},
    {Part::kDocument, "DataLicense", "dataLicense"},
    {Part::kDocument, "SPDXID", "SPDXID"},
    {Part::kDocument, "DocumentName", "name"},
    {Part::kDocument, "DocumentNamespace", "documentNamespace"},
    {Part::kDocument, "DocumentComment", "comment"},
    {Part::kPackage, "PackageName", "name"},
    {Part::kPackage, "SPDXID", "SPDXID"},
    {Part::kPackage, "PackageVersion", "versionInfo"},
    {Part::kPackage, "PackageFileName", "packageFileName"},
    {Part::kPackage, "PackageSupplier", "supplier"},
    {Part::kPackage, "PackageOriginator", "originator"},
    {Part::kPackage, "PackageDownloadLocation", "downloadLocation"},
    {Part::kPackage, "FilesAnalyzed", "filesAnalyzed", Form::kFlag},
    {Part::kPackage, "PackageVerificationCode", "packageVerificationCode",
     Form::kCode},
    {Part::kPackage, "PackageChecksum", "checksums", Form::kChecksums},
    {Part::kPackage, "PackageHomePage", "homepage"},
    {Part::kPackage, "PackageSourceInfo", "sourceInfo"},
    {Part::kPackage, "PackageLicenseConcluded", "licenseConcluded"},
    {Part::kPackage, "PackageLicenseInfoFromFiles", "licenseInfoFromFiles",
     Form::kTexts},
    {Part::kPackage, "PackageLicenseDeclared", "licenseDeclared"},
    {Part::kPackage, "PackageLicenseComments", "licenseComments"},
    {Part::kPackage, "PackageCopyrightText", "copyrightText"},
    {Part::kPackage, "PackageSummary", "summary"},
    {Part::kPackage, "PackageDescription", "description"},
    {Part::kPackage, "PackageComment", "comment"},
    {Part::kPackage, "PackageAttributionText", "attributionTexts",
     Form::kTexts},
    {Part::kPackage, "ExternalRef", "externalRefs", Form::kReferences},
    {Part::kPackage, "PrimaryPackagePurpose", "primaryPackagePurpose"},
    {Part::kPackage, "BuiltDate", "builtDate"},
    {Part::kPackage, "ReleaseDate", "releaseDate"},
    {Part::kPackage, "ValidUntilDate", "validUntilDate"},
    {Part::kFile, "FileName", "fileName"},
    {Part::kFile, "SPDXID", "SPDXID"},
    {Part::kFile, "FileType", "fileTypes", Form::kTexts},
    {Part::kFile, "FileChecksum", "checksums", Form::kChecksums},
    {Part::kFile, "LicenseConcluded", "licenseConcluded"},
    {Part::kFile, "LicenseInfoInFile", "licenseInfoInFiles", Form::kTexts},
    {Part::kFile, "LicenseComments", "licenseComments"},
    {Part::kFile, "FileCopyrightText", "copyrightText"},
    {Part::kFile, "FileComment", "comment"},
    {Part::kFile, "FileDependency", "fileDependencies", Form::kTexts},
    {Part::kFile, "FileNotice", "noticeText"},
    {Part::kFile, "FileContributor", "fileContributors", Form::kTexts},
    {Part::kFile, "FileAttributionText", "attributionTexts", Form::kTexts},
    {Part::kSnippet, "SnippetSPDXID", "SPDXID"},
    {Part::kSnippet, "SnippetFromFileSPDXID", "snippetFromFile"},
    {Part::kSnippet, "SnippetName", "name"},
    {Part::kSnippet, "SnippetLicenseConcluded", "licenseConcluded"},
    {Part::kSnippet, "SnippetLicenseComments", "licenseComments"},
    {Part::kSnippet, "LicenseInfoInSnippet", "licenseInfoInSnippets",
     Form::kTexts},
    {Part::kSnippet, "SnippetAttributionText", "attributionTexts",
     Form::kTexts},
    {Part::kSnippet, "SnippetCopyrightText", "copyrightText"},
    {Part::kSnippet, "SnippetComment", "comment"},
    {Part::kLicence, "LicenseID", "licenseId"},
    {Part::kLicence, "ExtractedText", "extractedText"},
    {Part::kLicence, "LicenseName", "name"},
    {Part::kLicence, "LicenseCrossReference", "seeAlsos", Form::kTexts},
    {Part::kLicence, "LicenseComment", "comment"},
}};

}  // namespace

const SpdxTag* FindSpdxTag(SpdxPart part, std::string_view tag) {
  for (const SpdxTag& each : kTags) {
    if (each.part == part && each.tag == tag) {
      return &each;
    }
  }
  return nullptr;
}

bool IsSpdxRemark(std::string_view tag) {
  constexpr std::array<std::string_view, 16> kRemarks = {
      "AnnotationComment",
      "AnnotationDate",
      "AnnotationType",
      "Annotator",
      "ArtifactOfProjectHomePage",
      "ArtifactOfProjectName",
      "ArtifactOfProjectURI",
      "CreatorComment",
      "ExternalRefComment",
      "RelationshipComment",
      "ReviewComment",
      "ReviewDate",
      "Reviewer",
      "SPDXREF",
      "SnippetByteRange",
      "SnippetLineRange"};
  return std::find(kRemarks.begin(), kRemarks.end(), tag) != kRemarks.end();
}

std::optional<SpdxPart> OpenedBySpdxTag(std::string_view tag) {
  constexpr std::array<std::pair<std::string_view, Part>, 4> kOpeners = {
      {{"PackageName", Part::kPackage},
       {"FileName", Part::kFile},
       {"SnippetSPDXID", Part::kSnippet},
       {"LicenseID", Part::kLicence}}};
  for (const auto& [opener, part] : kOpeners) {
    if (opener == tag) {
      return part;
    }
  }
  return std::nullopt;
}

}  // namespace assay::sbom
