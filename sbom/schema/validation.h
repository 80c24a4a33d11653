// One validation of a document by a compiled schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/schema/schema_node.h"
#include "sbom/tree.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Each check says whether the value passes; with a list of problems it names
// all that is wrong, without one it stops at the first.
class Validation {
 public:
  using Problems = std::vector<SbomProblem>;

  explicit Validation(const Tree& tree);

  bool Check(const SchemaNode& schema, Value value, Problems* problems);
  [[nodiscard]] bool gave_up() const { return work_ == 0; }

 private:
  using Nodes = std::vector<const SchemaNode*>;
  using Members = std::set<std::uint32_t>;  // by Value::index()

  bool Complain(const SchemaNode& node, Value value, std::string_view keyword,
                std::string detail, Problems* problems) const;
  bool CheckScalar(const SchemaNode& node, Value value, Problems* problems);
  bool CheckText(const SchemaNode& node, Value value, Problems* problems);
  bool CheckNumber(const SchemaNode& node, Value value, Problems* problems);
  bool CheckObject(const SchemaNode& node, Value value, Problems* problems);
  bool CheckArray(const SchemaNode& node, Value value, Problems* problems);
  bool CheckCondition(const SchemaNode& node, Value value, Problems* problems);

  // In alternatives.cc.
  bool CheckCombined(const SchemaNode& node, Value value, Problems* problems);
  bool CheckOneOf(const SchemaNode& node, Value value, std::string_view keyword,
                  Problems* problems);
  bool IsMeantFor(const SchemaNode& alternative, Value value);
  bool ExplainNearest(const SchemaNode& node, const Nodes& branches,
                      Value value, std::string_view keyword,
                      Problems* problems);
  bool CheckUnevaluated(const SchemaNode& node, Value value,
                        Problems* problems);
  void Evaluate(const SchemaNode& node, Value value, Members& evaluated);
  void EvaluateInner(const SchemaNode& schema, Value value, Members& evaluated);

  const Tree& tree_;
  std::size_t work_;
};

// What messages say of a text of the document.
[[nodiscard]] std::string Quoted(std::string_view text);

[[nodiscard]] bool HasType(const SchemaNode& node, Value value);

}  // namespace assay::sbom
