#include "verifier/model/strength.h"

namespace assay {

std::string_view TechniqueOf(Strength strength) {
  switch (strength) {
    case Strength::kWeak:
    case Strength::kBuildRecord:
      return "binary-analysis";
    case Strength::kVerifiedRow:
    case Strength::kDigest:
      return "hash-comparison";
    case Strength::kClaim:
    case Strength::kUnverified:
      break;
  }
  return "manifest-analysis";
}

double ConfidenceOf(Strength strength) {
  switch (strength) {
    case Strength::kClaim:
      return 0.1;
    case Strength::kUnverified:
      return 0.4;
    case Strength::kWeak:
      return 0.6;
    case Strength::kVerifiedRow:
      return 0.9;
    case Strength::kBuildRecord:
      return 0.95;
    case Strength::kDigest:
      return 1;
  }
  return 0;
}

}  // namespace assay
