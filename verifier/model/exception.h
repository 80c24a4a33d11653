// A finding that somebody looked into and found harmless (A7): about one
// content, by its digest, never about a name.
#pragma once

#include <string>

#include "verifier/base/time.h"

namespace assay {

struct ReviewedException {
  std::string rule = {};
  std::string sha256 = {};  // of the artifact that the finding is about
  std::string reason = {};
  std::string reviewer = {};
  UnixTime expires = 0;
};

}  // namespace assay
