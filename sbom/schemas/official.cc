#include "sbom/schemas/official.h"

#include <fmt/format.h>
#include <zstd.h>

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sbom/schemas/official_data.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

std::string Unpacked(const PackedSchema& schema) {
  std::string text(schema.size, '\0');
  const std::size_t size = ZSTD_decompress(
      text.data(), text.size(), schema.packed.data(), schema.packed.size());
  return size == text.size() ? text : std::string();
}

// Values made once for each name, by `make`, whoever asks first.
template <typename T>
class Kept {
 public:
  template <typename Make>
  const T& Get(std::string_view name, Make make) {
    const std::lock_guard lock(mutex_);
    const auto found = made_.find(name);
    if (found != made_.end()) {
      return found->second;
    }
    return made_.emplace(name, make()).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, T, std::less<>> made_;
};

std::string JsonName(std::string_view version) {
  // Until 1.3 the plain schema lets unknown fields pass; what it says to be
  // forbidden is in the strict one.
  const bool strict = version == "1.2" || version == "1.3";
  return fmt::format("bom-{}{}.SNAPSHOT.schema.json", version,
                     strict ? "-strict" : "");
}

// Of the schema in the first file, which refers to the others.
std::unique_ptr<JsonSchema> CompileJson(
    const std::vector<std::string_view>& files) {
  std::vector<JsonSchema::Part> parts;
  for (const std::string_view file : files) {
    parts.push_back({file, OfficialSchema(file)});
  }
  if (parts.front().text.empty()) {
    return nullptr;
  }
  auto schema = JsonSchema::Compile(parts);
  if (!schema) {  // the build embedded what this version does not understand
    throw std::logic_error(schema.error().what);
  }
  return std::make_unique<JsonSchema>(std::move(*schema));
}

std::unique_ptr<XmlSchema> CompileXml(std::string_view version) {
  constexpr std::string_view kLicences = "spdx.SNAPSHOT.xsd";
  const std::string name = fmt::format("bom-{}.SNAPSHOT.xsd", version);
  const std::string_view text = OfficialSchema(name);
  if (text.empty()) {
    return nullptr;
  }
  auto schema = XmlSchema::Compile({name, text},
                                   {{kLicences, OfficialSchema(kLicences)}});
  return schema ? std::move(*schema) : nullptr;
}

}  // namespace

std::string_view OfficialSchema(std::string_view name) {
  static Kept<std::string> kept;
  for (const PackedSchema& schema : PackedSchemas()) {
    if (schema.name == name) {
      return kept.Get(name, [&] { return Unpacked(schema); });
    }
  }
  return "";
}

const JsonSchema* CycloneDxJsonSchema(std::string_view version) {
  static Kept<std::unique_ptr<JsonSchema>> kept;
  const auto make = [&] {
    const std::string name = JsonName(version);
    return CompileJson({name, "spdx.SNAPSHOT.schema.json",
                        "jsf-0.82.SNAPSHOT.schema.json",
                        "cryptography-defs.SNAPSHOT.schema.json"});
  };
  return kept.Get(version, make).get();
}

const XmlSchema* CycloneDxXmlSchema(std::string_view version) {
  static Kept<std::unique_ptr<XmlSchema>> kept;
  return kept.Get(version, [&] { return CompileXml(version); }).get();
}

const JsonSchema* Spdx3JsonSchema(std::string_view version) {
  static const std::unique_ptr<JsonSchema> kSchema =
      CompileJson({"spdx-export.schema.json"});
  return version == "3.0.1" ? kSchema.get() : nullptr;
}

SbomProblem SchemaMissing(std::string_view format, std::string_view version) {
  SbomProblem problem{.rule = "sbom.schema-missing",
                      .detail = fmt::format("{} {}", format, Escaped(version))};
  return problem;
}

}  // namespace assay::sbom
