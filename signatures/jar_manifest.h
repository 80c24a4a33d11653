// The text of META-INF/MANIFEST.MF and of signature files.
// Layout: JAR File Specification (Java SE 17), "JAR Manifest" and "Signed JAR
// File". Pure parsing.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"

namespace assay::signatures {

// Attributes up to a blank line, which still belongs to `raw`: that is what
// signature files have digests of.
struct JarSection {
  std::string name = {};  // of the attribute Name; "" in the main section
  std::vector<std::pair<std::string, std::string>> attributes = {};
  ByteView raw;

  // Attribute names are not case sensitive; null when it is not there.
  [[nodiscard]] const std::string* Find(std::string_view attribute) const;
  // The attributes named "<algorithm><suffix>" whose algorithm is known.
  // `unknown`, if given, is set when there are others.
  [[nodiscard]] std::vector<Digest> Digests(std::string_view suffix,
                                            bool* unknown = nullptr) const;
};

struct JarManifest {
  JarSection main = {};
  std::vector<JarSection> sections = {};
  std::string problem = {};  // "" or what is no manifest
};

// Sections borrow from `text`.
[[nodiscard]] JarManifest ParseJarManifest(ByteView text);

}  // namespace assay::signatures
