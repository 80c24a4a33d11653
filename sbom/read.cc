#include "sbom/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// What a document that no reader knows looks like.
std::string SelfDescription(const SbomSource& source) {
  if (source.LooksLikeXml()) {
    const XmlRoot& root = source.xml_root();
    if (root.name.empty()) {
      return "XML that is damaged before its root, or has a DOCTYPE, which is "
             "never read";
    }
    return fmt::format("XML, but no SBOM format that is read: <{}> of \"{}\"",
                       Escaped(root.name), Escaped(root.name_space));
  }
  const Value json = source.json_tree().root();
  const std::string what = json["specFormat"].is_string()
                               ? "CycloneDX 2 (not read)"
                               : std::string(NameOf(json.kind()));
  return fmt::format("JSON, but no SBOM format that is read: {}", what);
}

Result<const SbomReader*> FindReader(const SbomSource& source) {
  if (source.bytes().size() > kMaxSbomBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("an SBOM of {} bytes is over the limit of {}",
                            source.bytes().size(), kMaxSbomBytes));
  }
  for (const SbomReader* reader : AllReaders()) {
    if (reader->identify(source)) {
      return reader;
    }
  }
  if (!source.LooksLikeXml()) {
    if (const Error* error = source.json_error(); error != nullptr) {
      return Fail(*error);
    }
  }
  return Fail(ErrorCode::kUnsupported, SelfDescription(source));
}

bool IsViolation(const SbomProblem& problem) {
  return problem.violation;
}

}  // namespace

bool SbomValidation::Conforms() const {
  const auto good = [](const std::vector<SbomProblem>& problems) {
    return std::none_of(problems.begin(), problems.end(), IsViolation);
  };
  return good(schema.problems) && good(document.problems);
}

Result<SbomDocument> ReadSbom(ByteView bytes) {
  const SbomSource source(bytes);
  const auto reader = FindReader(source);
  return reader ? (*reader)->read(source)
                : Result<SbomDocument>(Fail(reader.error()));
}

Result<SbomValidation> ValidateSbom(ByteView bytes) {
  const SbomSource source(bytes);
  const auto reader = FindReader(source);
  if (!reader) {
    return Fail(reader.error());
  }
  auto document = (*reader)->read(source);
  if (!document) {
    return Fail(document.error());
  }
  SbomValidation validation;
  validation.document = std::move(*document);
  if ((*reader)->validate != nullptr) {
    validation.schema = (*reader)->validate(source);
  }
  return validation;
}

}  // namespace assay::sbom
