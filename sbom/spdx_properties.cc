#include "sbom/spdx_properties.h"

#include <fmt/format.h>

#include <algorithm>

#include "sbom/spdx_words.h"
#include "sbom/writer_support.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kTool = "Tool: ";

}  // namespace

std::vector<Property> WithVersion(const SbomDocument& document) {
  std::vector<Property> properties = document.properties;
  if (!document.version.empty()) {
    properties.push_back({std::string(kVersionProperty), document.version});
  }
  return properties;
}

void TakeVersion(SbomDocument& document) {
  const auto found = std::find_if(
      document.properties.begin(), document.properties.end(),
      [](const Property& one) { return one.name == kVersionProperty; });
  if (found != document.properties.end()) {
    document.version = found->value;
    document.properties.erase(found);
  }
}

void PutSpdx2Properties(const std::vector<Property>& properties,
                        const SbomDocument& document, Json& object) {
  const ToolName tool =
      ToolOf(document.tools.empty() ? "assay" : document.tools.front());
  for (const Property& property : properties) {
    object["annotations"].push_back(
        {{"annotationDate", document.timestamp},
         {"annotationType", "OTHER"},
         {"annotator",
          fmt::format("{}{}{}{}", kTool, tool.name,
                      tool.version.empty() ? "" : "-", tool.version)},
         {"comment", fmt::format("{}={}", property.name, property.value)}});
  }
}

std::vector<Property> Spdx2PropertiesOf(Value object) {
  std::vector<Property> properties;
  const Value annotations = object["annotations"];
  for (const Value each : annotations.is_array() ? annotations : Value()) {
    const std::string_view text = each["comment"].text();
    const std::string_view name = text.substr(0, text.find('='));
    // A namespace and no blank, as CycloneDX' taxonomy of names has it: prose
    // may hold a '=' as well.
    if (each["annotationType"].text() == "OTHER" &&
        each["annotator"].text().substr(0, kTool.size()) == kTool &&
        name.size() < text.size() && name.find(':') != std::string::npos &&
        name.find(' ') == std::string::npos) {
      properties.push_back(
          {std::string(name), std::string(text.substr(name.size() + 1))});
    }
  }
  return properties;
}

void PutSpdx3Properties(const std::vector<Property>& properties,
                        Json& element) {
  Json entries = Json::array();
  bool complete = false;
  for (const Property& property : properties) {
    if (const auto purpose = PurposeOfBsiProperty(property); !purpose.empty()) {
      element["software_additionalPurpose"].push_back(std::string(purpose));
      complete = complete || purpose == "container" || purpose == "firmware";
    }
  }
  for (const Property& property : properties) {
    // BsiPropertiesOf(): silence tells what a file is not only beside this.
    if (!IsBsiPurpose(property) ||
        (PurposeOfBsiProperty(property).empty() && !complete)) {
      entries.push_back({{"type", "extension_CdxPropertyEntry"},
                         {"extension_cdxPropName", property.name},
                         {"extension_cdxPropValue", property.value}});
    }
  }
  if (!entries.empty()) {
    element["extension"].push_back(
        {{"type", "extension_CdxPropertiesExtension"},
         {"extension_cdxProperty", std::move(entries)}});
  }
}

std::vector<Property> Spdx3PropertiesOf(Value element) {
  std::vector<std::string_view> purposes;
  const Value additional = element["software_additionalPurpose"];
  for (const Value each : additional.is_array() ? additional : Value()) {
    purposes.push_back(each.text());
  }
  std::vector<Property> properties = BsiPropertiesOf(purposes);
  const Value extensions = element["extension"];
  for (const Value each : extensions.is_array() ? extensions : Value()) {
    const Value entries = each["extension_cdxProperty"];
    for (const Value entry : entries.is_array() ? entries : Value()) {
      properties.push_back(
          {std::string(entry["extension_cdxPropName"].text()),
           std::string(entry["extension_cdxPropValue"].text())});
    }
  }
  return properties;
}

std::string Spdx3PartyOf(Value agent) {
  const std::string_view name = agent["name"].text();
  const Value identifiers = agent["externalIdentifier"];
  for (const Value each : identifiers.is_array() ? identifiers : Value()) {
    const std::string_view type = each["externalIdentifierType"].text();
    const std::string_view reached = each["identifier"].text();
    if ((type == "email" || type == "urlScheme") && !reached.empty()) {
      return name.empty() || name == reached
                 ? std::string(reached)
                 : fmt::format("{} <{}>", name, reached);
    }
  }
  return std::string(name);
}

}  // namespace assay::sbom
