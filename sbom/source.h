// The bytes of what may be an SBOM, and what they look like, found out once
// for all readers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sbom/tree.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// The outermost element of an XML document.
struct XmlRoot {
  std::string name = {};        // without prefix
  std::string name_space = {};  // URI
};

// Borrows the bytes. Not for several threads at once: what is asked for first
// is worked out then.
class SbomSource {
 public:
  explicit SbomSource(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] std::string_view text() const { return AsText(bytes_); }

  // Whether the first character that is no space opens a JSON object.
  [[nodiscard]] bool LooksLikeJson() const;
  // The document as JSON; absent when it is none or damaged.
  [[nodiscard]] Value json() const;
  // What is wrong with it; null when it is JSON.
  [[nodiscard]] const Error* json_error() const;
  [[nodiscard]] const Tree& json_tree() const { return **json_; }

  // Whether the document begins as XML does, in any encoding of XML 1.0,
  // appendix F.
  [[nodiscard]] bool LooksLikeXml() const;
  // Empty names when the document is no XML or damaged before its root.
  [[nodiscard]] const XmlRoot& xml_root() const;

 private:
  ByteView bytes_;
  mutable std::optional<Result<Tree>> json_;
  mutable std::optional<XmlRoot> xml_root_;
};

}  // namespace assay::sbom
