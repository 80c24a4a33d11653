#include "signatures/scheme.h"

namespace assay::signatures {

const std::vector<const SignatureScheme*>& AllSchemes() {
  static const std::vector<const SignatureScheme*> kAll = {
#define ASSAY_ENTRY(constant) &constant,
#include "signatures_list.inc"
#undef ASSAY_ENTRY
  };
  return kAll;
}

const SignatureScheme* FindScheme(std::string_view name) {
  for (const SignatureScheme* scheme : AllSchemes()) {
    if (scheme->name == name) {
      return scheme;
    }
  }
  return nullptr;
}

}  // namespace assay::signatures
