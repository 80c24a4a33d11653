// The vendor's list of declared functions: what the product does on purpose.
// The file's schema is "assay-manifest/1" (engine/manifest.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay {

struct Declarations {
  struct Listener {
    std::string protocol = {};
    std::uint32_t port = 0;
    std::string program = {};
  };
  struct Account {
    std::string name = {};
    std::optional<std::uint64_t> uid = {};
  };
  struct InstallHook {
    std::string package = {};
    std::string script = {};
  };
  std::string holder = {};  // path of the manifest; "" when there is none
  // Whether the policy lets this manifest explain findings: it is signed by an
  // anchor, or the policy waives that.
  bool authentic = false;
  std::vector<Listener> listeners = {};
  std::vector<Account> accounts = {};
  std::vector<std::string> startup = {};       // inner paths
  std::vector<std::string> endpoints = {};     // hosts or URLs
  std::vector<std::string> certificates = {};  // SHA-256 of the DER
  std::vector<std::string> keys = {};          // SPKI or file SHA-256
  std::vector<std::string> setuid = {};        // inner paths
  std::vector<InstallHook> install_hooks = {};
};

}  // namespace assay
