// wycheproof FILE...: vectors of Project Wycheproof (C2SP/wycheproof) through
// the interface that every scheme with a public key uses. Exit 1 when an
// invalid signature is accepted or a valid one refused.

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "signatures/public_key.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/json.h"

namespace assay::signatures {
namespace {

struct Tally {
  unsigned accepted = 0;
  unsigned refused = 0;
  unsigned wrong = 0;
  unsigned keys_refused = 0;
};

void RunGroup(const Json& group, Tally& tally) {
  const auto der = BytesFromHex(TextAt(group, "publicKeyDer"));
  const KeyPtr key = der ? KeyFromSpki(*der) : nullptr;
  const auto digest = DigestAlgorithmOf(TextAt(group, "sha"));
  const Padding padding = TextAt(group, "type").find("Pss") != std::string::npos
                              ? Padding::kPss
                              : Padding::kPkcs1;
  const std::string refused =
      key ? WhyKeyIsRefused(*key, false) : "an algorithm that is unsupported";
  if (!refused.empty()) {
    ++tally.keys_refused;
    fmt::print("  {} vectors by a key that is not taken: {}\n",
               At(group, "tests").size(), refused);
    return;
  }
  for (const Json& test : At(group, "tests")) {
    const Bytes message = BytesFromHex(TextAt(test, "msg")).value_or(Bytes{});
    const Bytes signature = BytesFromHex(TextAt(test, "sig")).value_or(Bytes{});
    const bool holds =
        HoldsOverMessage(*key, digest, message, signature, padding);
    const std::string result = TextAt(test, "result");
    ++(holds ? tally.accepted : tally.refused);
    if ((result == "valid" && !holds) || (result == "invalid" && holds)) {
      ++tally.wrong;
      fmt::print("  {} but {}: {}\n", result, holds ? "accepted" : "refused",
                 test.dump());
    }
  }
}

bool RunFile(const std::string& path) {
  const auto content = ByteSource::MapFile(path);
  const auto json = content ? ParseJson(AsText(content->bytes()))
                            : Result<Json>(Fail(content.error()));
  if (!json) {
    fmt::print("{}: {}\n", path, json.error().what);
    return false;
  }
  Tally tally;
  for (const Json& group : At(*json, "testGroups")) {
    RunGroup(group, tally);
  }
  fmt::print(
      "{}: {} accepted, {} refused, {} wrong, {} groups whose key is "
      "not taken\n",
      path.substr(path.rfind('/') + 1), tally.accepted, tally.refused,
      tally.wrong, tally.keys_refused);
  return tally.wrong == 0;
}

}  // namespace
}  // namespace assay::signatures

int main(int argc, char** argv) {
  bool good = true;
  for (int i = 1; i < argc; ++i) {
    good = assay::signatures::RunFile(argv[i]) && good;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
