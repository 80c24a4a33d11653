#include "sbom/spdx2_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sbom/spdx2_relations.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::sbom {

// "Organization: Example (mail@example.org)" -> "Example (mail@example.org)"
std::string WithoutSpdx2Role(std::string_view text) {
  for (const std::string_view role : {"Organization:", "Person:", "Tool:"}) {
    if (text.substr(0, role.size()) == role) {
      return std::string(Trim(text.substr(role.size())));
    }
  }
  return IsStatedInSpdx2(text) ? std::string(text) : std::string();
}

void AddSpdx2Licences(Value object, Component& component,
                      DocumentBuilder& builder) {
  for (const std::string_view key : {"licenseConcluded", "licenseDeclared"}) {
    std::string text = builder.Text(object, key);
    auto& list = key == "licenseConcluded" ? component.licences_concluded
                                           : component.licences_declared;
    if (text == "NOASSERTION") {
      list.push_back(text);  // unknown, and said to be
    }
    if (!IsStatedInSpdx2(text)) {
      continue;
    }
    list.push_back(text);
    if (component.licences.empty() || component.licences.back() != text) {
      component.licences.push_back(std::move(text));
    }
  }
  if (std::string text = builder.Text(object, "copyrightText");
      IsStatedInSpdx2(text)) {
    component.copyright = std::move(text);
  }
}

// Clause 8.6: what the file itself says.
void AddSpdx2LicencesInFile(Value object, Component& component,
                            DocumentBuilder& builder) {
  auto& licences = component.licences;
  for (const Value each : builder.Array(object, "licenseInfoInFiles")) {
    std::string text(each.text());
    if (text == "NOASSERTION") {
      component.licences_declared.push_back(text);
    } else if (IsStatedInSpdx2(text) &&
               std::find(licences.begin(), licences.end(), text) ==
                   licences.end()) {
      licences.push_back(std::move(text));
    }
  }
}

// Clauses 7.8 and 7.9.
void CheckSpdx2VerificationCode(Value package, DocumentBuilder& builder) {
  const Value code = builder.Object(package, "packageVerificationCode");
  const bool analysed = package["filesAnalyzed"].kind() != Value::Kind::kFalse;
  if (!code.exists()) {
    const bool lists_files = package["hasFiles"].size() > 0;
    if (analysed && lists_files) {
      builder.Report(package, "packageVerificationCode",
                     "sbom.verification-code-missing",
                     "files are listed without their verification code");
    }
    return;
  }
  const std::string value = builder.Text(code, "packageVerificationCodeValue");
  const auto bytes = BytesFromHex(value);
  if (!bytes || bytes->size() != SizeOf(DigestAlgorithm::kSha1)) {
    builder.Report(code, "packageVerificationCodeValue",
                   "sbom.verification-code-malformed",
                   fmt::format("\"{}\" is no SHA-1 digest", Escaped(value)));
  }
}

}  // namespace assay::sbom
