#include "sbom/cyclonedx_xml_shape.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace assay::sbom {
namespace {

constexpr std::string_view kSignature =
    "{http://www.w3.org/2000/09/xmldsig#}Signature";

// Before 1.2, dependencies were an extension.
constexpr std::string_view kDependencyGraph =
    "{http://cyclonedx.org/schema/ext/dependency-graph/1.0}";

// Elements that hold nothing but the elements of a list.
constexpr std::array<std::string_view, 16> kLists = {
    "assemblies",   "authors",    "citations",    "components",
    "compositions", "contacts",   "dependencies", "externalReferences",
    "hashes",       "licenses",   "lifecycles",   "methods",
    "occurrences",  "patentRefs", "properties",   "services"};

// Elements of which an object of JSON holds an array.
constexpr std::array<std::string_view, 2> kRepeated = {"contact", "identity"};

template <typename List>
bool Holds(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view NameOfElement(Value element) {
  const std::string_view key = element.key();
  return key.substr(0, kDependencyGraph.size()) == kDependencyGraph
             ? key.substr(kDependencyGraph.size())
             : key;
}

bool IsAttribute(Value value) {
  return value.key().substr(0, 1) == "@";
}
bool IsText(Value value) {
  return value.key() == "#text";
}
bool IsElement(Value value) {
  return !IsAttribute(value) && !IsText(value);
}

std::vector<Value> ElementsOf(Value value) {
  std::vector<Value> elements;
  for (const Value child : value) {
    if (IsElement(child) && NameOfElement(child).substr(0, 1) != "{") {
      elements.push_back(child);
    }
  }
  return elements;
}

// All text of an element, which comments and CDATA may have cut.
std::string TextOf(Value element) {
  std::string text;
  for (const Value child : element) {
    text += IsText(child) ? child.text() : std::string_view();
  }
  return text;
}

class Shaper {
 public:
  explicit Shaper(const Tree& xml)
      : xml_(xml), builder_(TreeBuilder::ForLines()) {}

  Result<Tree> Shape(std::string_view version) {
    const Value bom = *xml_.root().begin();
    builder_.OpenObject(Line(bom));
    Text("bomFormat", "CycloneDX", bom);
    Text("specVersion", version, bom);
    PutAttributes(bom);
    if (bom[kSignature].exists()) {
      builder_.Key("signature");
      builder_.OpenObject(Line(bom[kSignature]));
      builder_.Close();
    }
    PutMembers(ElementsOf(bom));
    builder_.Close();
    if (!builder_.ok()) {
      return Fail(ErrorCode::kMalformed, builder_.problem());
    }
    return builder_.Finish();
  }

 private:
  [[nodiscard]] std::uint32_t Line(Value value) const {
    return xml_.PlaceOf(value).line;
  }

  void Text(std::string_view key, std::string_view text, Value at) {
    builder_.Key(key);
    builder_.String(text, Line(at));
  }

  void PutAttributes(Value element) {
    for (const Value each : element) {
      const std::string_view name = each.key().substr(1);
      if (!IsAttribute(each) || name.substr(0, 1) == "{") {
        continue;
      }
      builder_.Key(name);
      if (name == "isExternal") {
        builder_.Bool(each.text() == "true" || each.text() == "1", Line(each));
      } else {
        builder_.String(each.text(), Line(each));
      }
    }
  }

  // Elements of one name become one member.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void PutMembers(const std::vector<Value>& elements) {
    std::map<std::string_view, std::vector<Value>> by_name;
    for (const Value each : elements) {
      by_name[NameOfElement(each)].push_back(each);
    }
    for (const auto& [name, members] : by_name) {
      builder_.Key(name);
      if (members.size() == 1 && !Holds(kRepeated, name)) {
        Put(members.front());
        continue;
      }
      builder_.OpenArray(Line(members.front()));
      for (const Value member : members) {
        Put(member);
      }
      builder_.Close();
    }
  }

  // An element as a value; its name is the caller's business.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void Put(Value element) {
    const std::string_view name = NameOfElement(element);
    const std::vector<Value> elements = ElementsOf(element);
    if (Holds(kLists, name) || IsListOfTools(name, elements)) {
      PutList(elements);
      return;
    }
    if (name == "hash" || name == "property") {
      PutPair(element, name == "hash" ? "content" : "value");
      return;
    }
    const std::string text = TextOf(element);
    if (elements.empty() && (!text.empty() || element.size() == 0)) {
      builder_.String(text, Line(element));
      return;
    }
    builder_.OpenObject(Line(element));
    PutAttributes(element);
    PutMembers(elements);
    builder_.Close();
  }

  // Since 1.5 <tools> may hold components and services instead.
  static bool IsListOfTools(std::string_view name,
                            const std::vector<Value>& elements) {
    return name == "tools" &&
           (elements.empty() || elements.front().key() == "tool");
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void PutList(const std::vector<Value>& elements) {
    builder_.OpenArray(elements.empty() ? 0 : Line(elements.front()));
    for (const Value each : elements) {
      const std::string_view name = NameOfElement(each);
      if (name == "composition") {
        in_composition_ = true;
        Put(each);
        in_composition_ = false;
      } else if (name == "license") {
        builder_.OpenObject(Line(each));
        builder_.Key("license");
        Put(each);
        builder_.Close();
      } else if (name == "expression") {
        PutPair(each, "expression");
      } else if (name == "assembly") {
        builder_.String(each["@ref"].text(), Line(each));
      } else if (name == "dependency") {
        PutDependency(each);
      } else {
        Put(each);
      }
    }
    builder_.Close();
  }

  // Attributes and text: <hash alg="MD5">..</hash>
  void PutPair(Value element, std::string_view key) {
    builder_.OpenObject(Line(element));
    PutAttributes(element);
    if (!element[std::string("@").append(key)].exists()) {
      Text(key, TextOf(element), element);
    }
    builder_.Close();
  }

  // In a list of dependencies an object, with one more behind it for each that
  // it nests and that has some itself, as JSON knows one level only; in a
  // composition, which nests none, a reference.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void PutDependency(Value element) {
    if (in_composition_) {
      builder_.String(element["@ref"].text(), Line(element));
      return;
    }
    builder_.OpenObject(Line(element));
    PutAttributes(element);
    builder_.Key("dependsOn");
    builder_.OpenArray(Line(element));
    const std::vector<Value> nested = DependenciesOf(element);
    for (const Value each : nested) {
      builder_.String(each["@ref"].text(), Line(each));
    }
    builder_.Close();
    builder_.Close();
    for (const Value each : nested) {
      if (!DependenciesOf(each).empty()) {
        PutDependency(each);
      }
    }
  }

  static std::vector<Value> DependenciesOf(Value element) {
    std::vector<Value> nested;
    for (const Value each : ElementsOf(element)) {
      if (NameOfElement(each) == "dependency") {
        nested.push_back(each);
      }
    }
    return nested;
  }

  const Tree& xml_;
  TreeBuilder builder_;
  bool in_composition_ = false;
};

}  // namespace

Result<Tree> CycloneDxShape(const Tree& xml, std::string_view version) {
  return Shaper(xml).Shape(version);
}

}  // namespace assay::sbom
