#include "signatures/scheme.h"

#include <openssl/crypto.h>
#include <time.h>

#include "signatures/openpgp.h"

namespace assay::signatures {

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

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

void WarmUp() {
  OPENSSL_init_crypto(
      OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
  WarmUpOpenPgp();
  tzset();  // the C library reads its time zone even for UTC
}

}  // namespace assay::signatures
