// A CycloneDX message in the shape of CycloneDX JSON.
#pragma once

#include "sbom/tree.h"
#include "verifier/base/result.h"

namespace google::protobuf {
class Message;
}

namespace assay::sbom {

// kMalformed when the message does not fit a tree.
[[nodiscard]] Result<Tree> CycloneDxShape(
    const google::protobuf::Message& message);

}  // namespace assay::sbom
