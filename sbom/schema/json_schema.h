// JSON Schema, drafts 07 and 2020-12 as far as the official SBOM schemas use
// them; a keyword that is not known here stops the compilation instead of being
// passed over. Own code: the library in Debian asserts no formats, ignores
// unevaluatedProperties, has no bound on work, and its speed and memory do not
// fit documents of 65,000 components.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/tree.h"
#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

struct SchemaNode;

class JsonSchema {
 public:
  struct Part {
    std::string_view name;  // the file name that a $ref uses
    std::string_view text;  // borrowed until Compile returns
  };
  // The first part is the schema, the others what it refers to. kInternal says
  // what is not understood, and where.
  [[nodiscard]] static Result<JsonSchema> Compile(
      const std::vector<Part>& parts);
  ~JsonSchema();
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) = delete;
  JsonSchema(const JsonSchema&) = delete;
  JsonSchema& operator=(const JsonSchema&) = delete;

  // Problems past this many are not looked for.
  static constexpr std::size_t kMaxProblems = 1000;
  // Steps per value of the document before validation gives up with
  // "sbom.schema-limit"; honest documents need fewer than ten.
  static constexpr std::size_t kWorkPerValue = 200;

  // What the document breaks: rule "sbom.schema", with the place and, as the
  // reference, the part of the schema. Empty when it conforms. May be used by
  // many threads at once.
  [[nodiscard]] std::vector<SbomProblem> Validate(const Tree& document) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  JsonSchema() = default;

  std::string name_;
  std::vector<std::unique_ptr<SchemaNode>> nodes_;
  const SchemaNode* root_ = nullptr;
};

}  // namespace assay::sbom
