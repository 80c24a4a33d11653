// XML Schema 1.0, by libxml2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"

struct _xmlDoc;
struct _xmlSchema;

namespace assay::sbom {

// Sets libxml2 up, once: nothing that a document names is ever opened.
void WarmUpXml();

// A compiled schema; may be used by many threads at once.
class XmlSchema {
 public:
  struct Part {
    std::string_view name;
    std::string_view text;
  };
  // Imports are found by the schemaLocation that names them. Identity
  // constraints (xs:unique) are left out: libxml2 compares their keys pair by
  // pair, which takes minutes on large documents, and the readers check the
  // same in linear time ("sbom.reference-duplicate"). kInternal says why a
  // schema does not compile.
  [[nodiscard]] static Result<std::unique_ptr<XmlSchema>> Compile(
      const Part& main, const std::vector<Part>& imports);
  ~XmlSchema();
  XmlSchema(const XmlSchema&) = delete;
  XmlSchema& operator=(const XmlSchema&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] _xmlSchema* get() const { return schema_; }

 private:
  XmlSchema() = default;

  std::string name_;
  _xmlDoc* document_ = nullptr;
  _xmlSchema* schema_ = nullptr;
};

}  // namespace assay::sbom
