// Reads what others decided about findings: VEX, in the three forms that carry
// it, as statements of one shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"

namespace assay::engine {

enum class VexStatus : std::uint8_t {
  kNotAffected,
  kAffected,
  kFixed,
  kUnderInvestigation,
};

// What a statement is about; what is not said is empty.
struct VexSubject {
  std::string path = {};  // an artifact's, as Assay's own VEX gives it
  // Of the file; where it has none, of the product that it is in.
  std::string sha256 = {};
  std::string_view why_not = {};  // what is said of it fits no waiver
};

struct VexStatement {
  std::string at = {};                // JSON pointer
  std::vector<std::string> ids = {};  // of the vulnerability, all its names
  VexStatus status = VexStatus::kAffected;
  std::string reason = {};  // justification and words, "" for none
  UnixTime time = 0;
  std::vector<VexSubject> subjects = {};
};

struct VexDocument {
  std::string author = {};
  std::vector<VexStatement> statements = {};
};

// OpenVEX 0.2.0 (github.com/openvex/spec, OPENVEX-SPEC.md), CycloneDX 1.4 to
// 1.7 with vulnerabilities, CSAF 2.0 of the category csaf_vex. kMalformed and
// kUnsupported name the place by JSON pointer: no author, no time, an unknown
// status or justification, another version, text that reorders a line.
[[nodiscard]] Result<VexDocument> ReadVex(std::string_view json);

// The readers of the three forms; they throw nothing and judge no meaning.
[[nodiscard]] Result<VexDocument> ReadOpenVex(const Json& document);
[[nodiscard]] Result<VexDocument> ReadCycloneDxVex(const Json& document);
[[nodiscard]] Result<VexDocument> ReadCsafVex(const Json& document);

}  // namespace assay::engine
