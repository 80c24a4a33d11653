#include "verifier/model/signature.h"

namespace assay {

std::string_view NameOf(Indication indication) {
  switch (indication) {
    case Indication::kTotalPassed:
      return "TOTAL-PASSED";
    case Indication::kIndeterminate:
      return "INDETERMINATE";
    case Indication::kTotalFailed:
      return "TOTAL-FAILED";
    case Indication::kNone:
      return "NONE";
    case Indication::kDigestOnly:
      return "DIGEST-ONLY";
    case Indication::kUnsupported:
      return "UNSUPPORTED";
  }
  return "";
}

std::string_view NameOf(Coverage coverage) {
  switch (coverage) {
    case Coverage::kSigned:
      return "signed";
    case Coverage::kByDigest:
      return "signed-by-digest";
    case Coverage::kByDerivedKey:
      return "signed-by-derived-key";
    case Coverage::kUncoveredInert:
      return "uncovered-inert";
    case Coverage::kUncoveredLive:
      return "uncovered-live";
  }
  return "";
}

}  // namespace assay
