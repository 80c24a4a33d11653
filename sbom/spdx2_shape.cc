// Specification: SPDX 2.3, clauses 6 to 12, and where it is looser, 2.2.

#include "sbom/spdx2_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "sbom/document_builder.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

enum class Need { kMay, kMust, kMustUntil22 };

// One member. `type` is "text", "texts", "flag", "number", a class of objects,
// or a class with "*" behind it for an array of them.
struct Member {
  std::string_view owner;
  std::string_view key;
  std::string_view type;
  Need need = Need::kMay;
};

constexpr std::array kMembers = {
    Member{"document", "SPDXID", "text", Need::kMust},
    Member{"document", "spdxVersion", "text", Need::kMust},
    Member{"document", "dataLicense", "text", Need::kMust},
    Member{"document", "name", "text", Need::kMust},
    Member{"document", "documentNamespace", "text", Need::kMust},
    Member{"document", "creationInfo", "creation", Need::kMust},
    Member{"document", "$schema", "text"},
    Member{"document", "comment", "text"},
    Member{"document", "annotations", "annotation*"},
    Member{"document", "documentDescribes", "texts"},
    Member{"document", "externalDocumentRefs", "external-document*"},
    Member{"document", "hasExtractedLicensingInfos", "licence*"},
    Member{"document", "revieweds", "review*"},
    Member{"document", "packages", "package*"},
    Member{"document", "files", "file*"},
    Member{"document", "snippets", "snippet*"},
    Member{"document", "relationships", "relationship*"},
    Member{"creation", "created", "text", Need::kMust},
    Member{"creation", "creators", "texts", Need::kMust},
    Member{"creation", "comment", "text"},
    Member{"creation", "licenseListVersion", "text"},
    Member{"annotation", "annotationDate", "text", Need::kMust},
    Member{"annotation", "annotationType", "text", Need::kMust},
    Member{"annotation", "annotator", "text", Need::kMust},
    Member{"annotation", "comment", "text", Need::kMust},
    Member{"external-document", "checksum", "checksum", Need::kMust},
    Member{"external-document", "externalDocumentId", "text", Need::kMust},
    Member{"external-document", "spdxDocument", "text", Need::kMust},
    Member{"checksum", "algorithm", "text", Need::kMust},
    Member{"checksum", "checksumValue", "text", Need::kMust},
    Member{"licence", "extractedText", "text", Need::kMust},
    Member{"licence", "licenseId", "text", Need::kMust},
    Member{"licence", "name", "text"},
    Member{"licence", "comment", "text"},
    Member{"licence", "crossRefs", "cross-reference*"},
    Member{"licence", "seeAlsos", "texts"},
    Member{"cross-reference", "url", "text", Need::kMust},
    Member{"cross-reference", "isLive", "flag"},
    Member{"cross-reference", "isValid", "flag"},
    Member{"cross-reference", "isWayBackLink", "flag"},
    Member{"cross-reference", "match", "text"},
    Member{"cross-reference", "order", "number"},
    Member{"cross-reference", "timestamp", "text"},
    Member{"review", "reviewDate", "text", Need::kMust},
    Member{"review", "reviewer", "text"},
    Member{"review", "comment", "text"},
    Member{"package", "SPDXID", "text", Need::kMust},
    Member{"package", "name", "text", Need::kMust},
    Member{"package", "downloadLocation", "text", Need::kMust},
    Member{"package", "licenseConcluded", "text", Need::kMustUntil22},
    Member{"package", "licenseDeclared", "text", Need::kMustUntil22},
    Member{"package", "copyrightText", "text", Need::kMustUntil22},
    Member{"package", "annotations", "annotation*"},
    Member{"package", "attributionTexts", "texts"},
    Member{"package", "builtDate", "text"},
    Member{"package", "checksums", "checksum*"},
    Member{"package", "comment", "text"},
    Member{"package", "description", "text"},
    Member{"package", "externalRefs", "external-ref*"},
    Member{"package", "filesAnalyzed", "flag"},
    Member{"package", "hasFiles", "texts"},
    Member{"package", "homepage", "text"},
    Member{"package", "licenseComments", "text"},
    Member{"package", "licenseInfoFromFiles", "texts"},
    Member{"package", "originator", "text"},
    Member{"package", "packageFileName", "text"},
    Member{"package", "packageVerificationCode", "code"},
    Member{"package", "primaryPackagePurpose", "text"},
    Member{"package", "releaseDate", "text"},
    Member{"package", "sourceInfo", "text"},
    Member{"package", "summary", "text"},
    Member{"package", "supplier", "text"},
    Member{"package", "validUntilDate", "text"},
    Member{"package", "versionInfo", "text"},
    Member{"external-ref", "referenceCategory", "text", Need::kMust},
    Member{"external-ref", "referenceLocator", "text", Need::kMust},
    Member{"external-ref", "referenceType", "text", Need::kMust},
    Member{"external-ref", "comment", "text"},
    Member{"code", "packageVerificationCodeValue", "text", Need::kMust},
    Member{"code", "packageVerificationCodeExcludedFiles", "texts"},
    Member{"file", "SPDXID", "text", Need::kMust},
    Member{"file", "fileName", "text", Need::kMust},
    Member{"file", "checksums", "checksum*", Need::kMust},
    Member{"file", "licenseConcluded", "text", Need::kMustUntil22},
    Member{"file", "copyrightText", "text", Need::kMustUntil22},
    Member{"file", "annotations", "annotation*"},
    Member{"file", "artifactOfs", "any"},
    Member{"file", "attributionTexts", "texts"},
    Member{"file", "comment", "text"},
    Member{"file", "fileContributors", "texts"},
    Member{"file", "fileDependencies", "texts"},
    Member{"file", "fileTypes", "texts"},
    Member{"file", "licenseComments", "text"},
    Member{"file", "licenseInfoInFiles", "texts"},
    Member{"file", "noticeText", "text"},
    Member{"snippet", "SPDXID", "text", Need::kMust},
    Member{"snippet", "snippetFromFile", "text", Need::kMust},
    Member{"snippet", "ranges", "any"},
    Member{"snippet", "annotations", "annotation*"},
    Member{"snippet", "attributionTexts", "texts"},
    Member{"snippet", "comment", "text"},
    Member{"snippet", "copyrightText", "text"},
    Member{"snippet", "licenseComments", "text"},
    Member{"snippet", "licenseConcluded", "text"},
    Member{"snippet", "licenseInfoInSnippets", "texts"},
    Member{"snippet", "name", "text"},
    Member{"relationship", "spdxElementId", "text", Need::kMust},
    Member{"relationship", "relatedSpdxElement", "text", Need::kMust},
    Member{"relationship", "relationshipType", "text", Need::kMust},
    Member{"relationship", "comment", "text"},
};

struct Vocabulary {
  std::string_view key;
  std::string_view words;  // each between blanks
};
constexpr std::array kVocabularies = {
    Vocabulary{"annotationType", " OTHER REVIEW "},
    Vocabulary{"referenceCategory",
               " OTHER SECURITY PERSISTENT-ID PERSISTENT_ID PACKAGE-MANAGER "
               "PACKAGE_MANAGER "},
    Vocabulary{"primaryPackagePurpose",
               " APPLICATION ARCHIVE CONTAINER DEVICE FILE FIRMWARE FRAMEWORK "
               "INSTALL LIBRARY OPERATING-SYSTEM OPERATING_SYSTEM OTHER "
               "SOURCE "},
    Vocabulary{"algorithm",
               " ADLER32 BLAKE2b-256 BLAKE2b-384 BLAKE2b-512 BLAKE3 MD2 MD4 "
               "MD5 MD6 SHA1 SHA224 SHA256 SHA384 SHA3-256 SHA3-384 SHA3-512 "
               "SHA512 "},
    Vocabulary{
        "relationshipType",
        " AMENDS ANCESTOR_OF BUILD_DEPENDENCY_OF BUILD_TOOL_OF CONTAINED_BY "
        "CONTAINS COPY_OF DATA_FILE_OF DEPENDENCY_MANIFEST_OF DEPENDENCY_OF "
        "DEPENDS_ON DESCENDANT_OF DESCRIBED_BY DESCRIBES DEV_DEPENDENCY_OF "
        "DEV_TOOL_OF DISTRIBUTION_ARTIFACT DOCUMENTATION_OF DYNAMIC_LINK "
        "EXAMPLE_OF EXPANDED_FROM_ARCHIVE FILE_ADDED FILE_DELETED "
        "FILE_MODIFIED GENERATED_FROM GENERATES HAS_PREREQUISITE METAFILE_OF "
        "OPTIONAL_COMPONENT_OF OPTIONAL_DEPENDENCY_OF OTHER PACKAGE_OF "
        "PATCH_APPLIED PATCH_FOR PREREQUISITE_FOR PROVIDED_DEPENDENCY_OF "
        "REQUIREMENT_DESCRIPTION_FOR RUNTIME_DEPENDENCY_OF SPECIFICATION_FOR "
        "STATIC_LINK TEST_CASE_OF TEST_DEPENDENCY_OF TEST_OF TEST_TOOL_OF "
        "VARIANT_OF "},
};

const Member* FindMember(std::string_view owner, std::string_view key) {
  for (const Member& member : kMembers) {
    if (member.owner == owner && member.key == key) {
      return &member;
    }
  }
  return nullptr;
}

class Check {
 public:
  explicit Check(const Tree& tree)
      : builder_(tree),
        until_22_(tree.root()["spdxVersion"].text() != "SPDX-2.3") {}

  SchemaCheck Run() {
    Object(builder_.root(), "document");
    if (!IsId(builder_.root()["SPDXID"].text())) {
      builder_.Report(builder_.root(), "SPDXID", "sbom.value-unknown",
                      "no \"SPDXRef-\" and letters, digits, '.' or '-'");
    }
    return {.schema = "SPDX 2, own tables",
            .problems = builder_.Finish().problems};
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): the classes nest four deep.
  void Object(Value object, std::string_view owner) {
    if (!builder_.IsObject(object)) {
      return;
    }
    for (const Value value : object) {
      if (const Member* member = FindMember(owner, value.key())) {
        Typed(value, member->type);
        Word(value);
      } else {
        builder_.Report(
            value, "sbom.field-unknown",
            fmt::format("\"{}\" of a {}", Escaped(value.key()), owner));
      }
    }
    for (const Member& member : kMembers) {
      const bool must = member.need == Need::kMust ||
                        (member.need == Need::kMustUntil22 && until_22_);
      if (member.owner == owner && must && !object[member.key].exists()) {
        builder_.Report(object, member.key, "sbom.required-missing",
                        fmt::format("a {} needs {}", owner, member.key));
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): the classes nest four deep.
  void Typed(Value value, std::string_view type) {
    if (type == "any") {
      return;
    }
    if (type == "text") {
      (void)builder_.IsString(value);
    } else if (type == "texts" || type.back() == '*') {
      Elements(value, type);
    } else if (type == "flag" || type == "number") {
      const bool good =
          type == "number"
              ? value.is_number()
              : value.is_true() || value.kind() == Value::Kind::kFalse;
      if (!good) {
        builder_.Report(
            value, "sbom.type-wrong",
            fmt::format("{} where a {} belongs", NameOf(value.kind()), type));
      }
    } else {
      Object(value, type);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): the classes nest four deep.
  void Elements(Value array, std::string_view type) {
    if (!array.is_array()) {
      builder_.Report(
          array, "sbom.type-wrong",
          fmt::format("{} where an array belongs", NameOf(array.kind())));
    }
    for (const Value element : array.is_array() ? array : Value()) {
      if (type == "texts") {
        (void)builder_.IsString(element);
      } else {
        Object(element, type.substr(0, type.size() - 1));
      }
    }
  }

  void Word(Value value) {
    for (const Vocabulary& each : kVocabularies) {
      if (each.key == value.key() &&
          each.words.find(fmt::format(" {} ", value.text())) ==
              std::string_view::npos) {
        builder_.Report(value, "sbom.value-unknown",
                        fmt::format("\"{}\"", Escaped(value.text())));
      }
    }
  }

  // Clause 7.2: "SPDXRef-" and an id string.
  static bool IsId(std::string_view text) {
    constexpr std::string_view kBegin = "SPDXRef-";
    return text.size() > kBegin.size() &&
           text.substr(0, kBegin.size()) == kBegin &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '.' || c == '-';
           });
  }

  DocumentBuilder builder_;
  bool until_22_;
};

}  // namespace

SchemaCheck CheckSpdx2(const Tree& tree) {
  return Check(tree).Run();
}

}  // namespace assay::sbom
