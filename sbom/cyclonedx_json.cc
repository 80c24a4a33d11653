// CycloneDX as JSON. Specification: CycloneDX 1.6 (ECMA-424, first edition),
// schema/bom-1.6.schema.json; older and newer versions differ in fields that
// are not read here.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/cyclonedx_component.h"
#include "sbom/document_builder.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::string_view, 3> kRead = {"1.4", "1.5", "1.6"};

bool Identify(const Json& document) {
  if (TextAt(document, "bomFormat") == "CycloneDX") {
    return true;
  }
  // Without its name tag, only by the field no other format has.
  return TextAt(document, "specVersion").substr(0, 2) == "1.";
}

// Walks every value of a document, without recursion, and can say where it is.
class Walk {
 public:
  explicit Walk(const Json& root) { Enter(root); }

  // Moves to the next value; false at the end.
  bool Next() {
    if (descend_ != nullptr) {
      Enter(*descend_);
      descend_ = nullptr;
    }
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.started) {
        ++frame.at;
      }
      frame.started = true;
      if (frame.at != frame.node->end()) {
        const Json& value = *frame.at;
        descend_ = value.is_structured() ? &value : nullptr;
        return true;
      }
      frames_.pop_back();
    }
    return false;
  }

  void SkipContent() { descend_ = nullptr; }

  [[nodiscard]] const Json& value() const { return *frames_.back().at; }
  // "" inside an array.
  [[nodiscard]] std::string_view key() const {
    const Frame& frame = frames_.back();
    return frame.node->is_object() ? std::string_view(frame.at.key()) : "";
  }
  [[nodiscard]] std::string Pointer() const {
    std::string pointer;
    for (const Frame& frame : frames_) {
      pointer =
          frame.node->is_object()
              ? Join(pointer, frame.at.key())
              : Join(pointer,
                     static_cast<std::size_t>(frame.at - frame.node->begin()));
    }
    return pointer;
  }

 private:
  struct Frame {
    const Json* node;
    Json::const_iterator at;
    bool started;
  };
  void Enter(const Json& node) {
    frames_.push_back({&node, node.begin(), false});
  }

  std::vector<Frame> frames_;
  const Json* descend_ = nullptr;
};

// "bom-ref" must be unique within the document, whatever it names. Formulas are
// left out: they repeat a workspace, with its name, wherever a task uses it.
void DeclareReferences(const Json& document, DocumentBuilder& builder) {
  for (Walk walk(document); walk.Next();) {
    if (walk.key() == "formulation") {
      walk.SkipContent();
    }
    if (walk.key() != "bom-ref" || !walk.value().is_string()) {
      continue;
    }
    const auto& ref = walk.value().get_ref<const std::string&>();
    if (ref.empty()) {
      builder.Report(walk.Pointer(), "sbom.reference-empty",
                     "an empty bom-ref");
    } else {
      builder.Declare(ref, walk.Pointer());
    }
  }
}

// References to other documents (BOM-Link) are not followed.
bool IsElsewhere(std::string_view ref) {
  return ref.substr(0, 8) == "urn:cdx:";
}

void ResolveAll(const Json& list, std::string_view pointer,
                DocumentBuilder& builder) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_string()) {
      builder.Report(Join(pointer, i), "sbom.type-wrong",
                     "a reference is a string");
    } else if (!IsElsewhere(list[i].get<std::string>())) {
      (void)builder.Resolve(list[i].get<std::string>(), Join(pointer, i));
    }
  }
}

void ReadDependencies(const Json& document, DocumentBuilder& builder) {
  const Json& list = builder.Array(document, "dependencies", "");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join("/dependencies", i);
    if (!builder.IsObject(list[i], at)) {
      continue;
    }
    const std::string from = builder.Text(list[i], "ref", at);
    if (!IsElsewhere(from)) {
      (void)builder.Resolve(from, Join(at, "ref"));
    }
    const Json& targets = builder.Array(list[i], "dependsOn", at);
    ResolveAll(targets, Join(at, "dependsOn"), builder);
    for (const Json& to : targets) {
      if (to.is_string()) {
        builder.document.dependencies.push_back({from, to.get<std::string>()});
      }
    }
  }
}

void CheckCompositions(const Json& document, DocumentBuilder& builder) {
  const Json& list = builder.Array(document, "compositions", "");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join("/compositions", i);
    for (const std::string_view key : {"assemblies", "dependencies"}) {
      ResolveAll(builder.Array(list[i], key, at), Join(at, key), builder);
    }
  }
}

std::string NameAndVersion(const Json& object, std::string_view pointer,
                           DocumentBuilder& builder) {
  const std::string name = builder.Text(object, "name", pointer);
  const std::string version = builder.Text(object, "version", pointer);
  return version.empty() ? name : fmt::format("{} {}", name, version);
}

// Up to 1.4 an array of tools; since 1.5 an object of components and services.
void ReadTools(const Json& metadata, DocumentBuilder& builder) {
  const auto read = [&](const Json& list, std::string_view pointer) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      builder.document.tools.push_back(
          NameAndVersion(list[i], Join(pointer, i), builder));
    }
  };
  const Json& tools = At(metadata, "tools");
  if (tools.is_array()) {
    read(tools, "/metadata/tools");
    return;
  }
  (void)builder.Object(metadata, "tools", "/metadata");
  for (const std::string_view key : {"components", "services"}) {
    read(builder.Array(tools, key, "/metadata/tools"),
         Join("/metadata/tools", key));
  }
}

void ReadAuthors(const Json& metadata, DocumentBuilder& builder) {
  const Json& authors = builder.Array(metadata, "authors", "/metadata");
  for (std::size_t i = 0; i < authors.size(); ++i) {
    const std::string at = Join("/metadata/authors", i);
    std::string name = builder.Text(authors[i], "name", at);
    if (name.empty()) {
      name = builder.Text(authors[i], "email", at);
    }
    builder.document.authors.push_back(std::move(name));
  }
  for (const std::string_view key : {"manufacturer", "manufacture"}) {
    std::string name = builder.Text(builder.Object(metadata, key, "/metadata"),
                                    "name", Join("/metadata", key));
    if (builder.document.authors.empty() && !name.empty()) {
      builder.document.authors.push_back(std::move(name));
    }
  }
}

void ReadMetadata(const Json& document, DocumentBuilder& builder) {
  const Json& metadata = builder.Object(document, "metadata", "");
  std::string& timestamp = builder.document.timestamp;
  timestamp = builder.Text(metadata, "timestamp", "/metadata");
  if (!timestamp.empty()) {
    builder.CheckTimestamp(timestamp, "/metadata/timestamp");
  }
  ReadTools(metadata, builder);
  ReadAuthors(metadata, builder);
  const Json& subject = builder.Object(metadata, "component", "/metadata");
  if (!subject.is_object()) {
    builder.Report("/metadata/component", "sbom.subject-missing",
                   "the document does not say what it describes");
    return;
  }
  constexpr std::string_view kAt = "/metadata/component";
  Component component = ReadCycloneDxComponent(subject, kAt, builder);
  const std::string self =
      component.ref.empty() ? std::string(kAt) : component.ref;
  builder.document.subject = std::move(component);
  ReadCycloneDxComponents(builder.Array(subject, "components", kAt),
                          Join(kAt, "components"), self, builder);
}

// RFC 4122 section 3, as the schema's pattern asks for it.
bool IsUuidUrn(std::string_view text) {
  constexpr std::string_view kShape =
      "urn:uuid:hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(),
                    [](char c, char shape) {
                      const bool hex = (c >= '0' && c <= '9') ||
                                       (c >= 'a' && c <= 'f') ||
                                       (c >= 'A' && c <= 'F');
                      return shape == 'h' ? hex : c == shape;
                    });
}

void ReadHead(const Json& document, DocumentBuilder& builder) {
  if (builder.Text(document, "bomFormat", "") != "CycloneDX") {
    builder.Report("/bomFormat", "sbom.format-missing",
                   "does not say \"CycloneDX\"");
  }
  std::string& version = builder.document.spec_version;
  version = builder.Text(document, "specVersion", "");
  if (version.empty()) {
    builder.Report("/specVersion", "sbom.spec-version-missing",
                   "version read as 1.6");
  } else if (std::find(kRead.begin(), kRead.end(), version) == kRead.end()) {
    builder.Report("/specVersion", "sbom.spec-version-unsupported",
                   fmt::format("version {} read as 1.6", Escaped(version)));
  }
  std::string& serial = builder.document.serial;
  serial = builder.Text(document, "serialNumber", "");
  if (!serial.empty() && !IsUuidUrn(serial)) {
    builder.Report("/serialNumber", "sbom.serial-malformed",
                   fmt::format("\"{}\" is no urn:uuid", Escaped(serial)));
  }
}

Result<SbomDocument> Read(const Json& document) {
  DocumentBuilder builder;
  builder.document.format = "CycloneDX JSON";
  ReadHead(document, builder);
  DeclareReferences(document, builder);
  ReadMetadata(document, builder);
  ReadCycloneDxComponents(builder.Array(document, "components", ""),
                          "/components", "", builder);
  ReadDependencies(document, builder);
  CheckCompositions(document, builder);
  return builder.Finish();
}

}  // namespace

const SbomReader kCyclonedxJson = {
    .name = "cyclonedx-json",
    .title = "CycloneDX 1.4-1.6, JSON",
    .reference = "CycloneDX 1.6 (ECMA-424), schema/bom-1.6.schema.json",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
