// XML into a tree. libxml2 parses; nothing of a document type is ever read: no
// entity is expanded, no other file opened.
#pragma once

#include <vector>

#include "sbom/source.h"
#include "sbom/tree.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

class XmlSchema;

// Each element becomes an object: attributes as strings named "@name", child
// elements by their names, in their order, and "#text" for its text (without
// what stands around child elements). Names are without prefix; an element of
// another namespace than the root's has its URI before it, and so has an
// attribute with a namespace: "{uri}name", "@{uri}name". The
// root is the only member of the tree's root object. Places are lines.
//
// kUnsupported for encodings other than UTF-8, UTF-16, ASCII and ISO 8859-1.
// kMalformed names the line; also for a document type declaration, which no
// SBOM format has and which is what entities need.
// With a schema, what it finds is appended to `problems` (at most 1000).
[[nodiscard]] Result<Tree> XmlTree(
    ByteView bytes, const XmlSchema* schema = nullptr,
    std::vector<SbomProblem>* problems = nullptr);

// The outermost element, without reading on.
[[nodiscard]] XmlRoot RootOfXml(ByteView bytes);

}  // namespace assay::sbom
