// CycloneDX protobuf, binary and text, by libprotobuf and the official
// descriptors.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/tree.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// Both give a tree in the shape of CycloneDX JSON; values have no places of
// their own. kMalformed names line and column of a text, kUnsupported a version
// without descriptor.
[[nodiscard]] Result<Tree> TreeOfProtoText(std::string_view text,
                                           std::string_view version);
[[nodiscard]] Result<Tree> TreeOfProtoBytes(ByteView bytes,
                                            std::string_view version);

// The version that a document names: field 1 of the message, which has to come
// first; in a text also the comment that names the schema. "" when the bytes do
// not begin as a CycloneDX message.
[[nodiscard]] std::string_view VersionOfProtoText(std::string_view text);
[[nodiscard]] std::string_view VersionOfProtoBytes(ByteView bytes);

}  // namespace assay::sbom
