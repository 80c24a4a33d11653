#include "verifier/engine/manifest_draft.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/engine/blindness.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/product.h"

namespace assay::engine {
namespace {

class Draft {
 public:
  void Add(const Fact& fact, const Artifact& artifact) {
    static const std::map<std::string_view,
                          void (Draft::*)(const Fact&, const Artifact&)>
        kAdders = {{"listener", &Draft::AddListener},
                   {"account", &Draft::AddAccount},
                   {"startup", &Draft::AddStartup},
                   {"url", &Draft::AddUrl},
                   {"domain", &Draft::AddHost},
                   {"address", &Draft::AddAddress},
                   {"certificate", &Draft::AddCertificate},
                   {"private_key", &Draft::AddKey},
                   {"ssh.authorized_key", &Draft::AddKey},
                   {"file.setuid", &Draft::AddPrivilege},
                   {"file.setgid", &Draft::AddPrivilege},
                   {"file.capability", &Draft::AddPrivilege},
                   {"package.script", &Draft::AddHook}};
    const auto adder = kAdders.find(fact.kind);
    if (adder != kAdders.end()) {
      (this->*adder->second)(fact, artifact);
    }
  }

  [[nodiscard]] std::string Text() const {
    Json document = {{"schema", "assay-manifest/1"}};
    for (const auto& [list, entries] : lists_) {
      Json& into = document[std::string(list)] = Json::array();
      for (const auto& [key, entry] : entries) {
        into.push_back(entry);
      }
    }
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  // Each thing once, in the order of what is sorted by.
  void Put(std::string_view list, std::string key, Json entry) {
    entry["purpose"] = "";
    lists_[list].emplace(std::move(key), std::move(entry));
  }

  // A port that only a run would tell cannot be declared.
  void AddListener(const Fact& fact, const Artifact& /*artifact*/) {
    const auto port = NumberOf(fact.value);
    const std::string protocol(fact.Attribute("protocol"));
    if (!port || protocol.empty()) {
      return;
    }
    const std::string program(fact.Attribute("program"));
    Json entry = {{"protocol", protocol}, {"port", *port}};
    if (!program.empty()) {
      entry["program"] = program;
    }
    Put("listeners", fmt::format("{:>5} {} {}", *port, protocol, program),
        std::move(entry));
  }

  void AddAccount(const Fact& fact, const Artifact& /*artifact*/) {
    Json entry = {{"name", fact.value}};
    if (const auto uid = NumberOf(fact.Attribute("uid"))) {
      entry["uid"] = *uid;
    }
    Put("accounts", fact.value, std::move(entry));
  }

  void AddStartup(const Fact& /*fact*/, const Artifact& artifact) {
    PutPath("startup", artifact.inner_path);
  }

  void AddPrivilege(const Fact& /*fact*/, const Artifact& artifact) {
    PutPath("setuid", artifact.inner_path);
  }

  void PutPath(std::string_view list, const std::string& path) {
    if (!path.empty()) {
      Put(list, path, {{"path", path}});
    }
  }

  void AddUrl(const Fact& fact, const Artifact& /*artifact*/) {
    PutHost(std::string(fact.Attribute("host")));
  }

  void AddHost(const Fact& fact, const Artifact& /*artifact*/) {
    PutHost(fact.value);
  }

  void AddAddress(const Fact& fact, const Artifact& /*artifact*/) {
    if (fact.Attribute("class") == "public") {
      PutHost(fact.value);
    }
  }

  void PutHost(const std::string& host) {
    if (!host.empty()) {
      Put("endpoints", Lower(host), {{"host", Lower(host)}});
    }
  }

  void AddCertificate(const Fact& fact, const Artifact& /*artifact*/) {
    PutDigest("certificates", std::string(fact.Attribute("fingerprint")));
  }

  void AddKey(const Fact& fact, const Artifact& artifact) {
    for (const auto& name :
         {fact.Attribute("spki"), fact.Attribute("fingerprint")}) {
      if (!name.empty()) {
        PutDigest("keys", std::string(name));
        return;
      }
    }
    PutDigest("keys", artifact.sha256());
  }

  void PutDigest(std::string_view list, const std::string& digest) {
    if (!digest.empty()) {
      Put(list, digest, {{"sha256", digest}});
    }
  }

  void AddHook(const Fact& fact, const Artifact& /*artifact*/) {
    const std::string package(fact.Attribute("package"));
    if (!package.empty()) {
      Put("install_hooks", package + " " + fact.value,
          {{"package", package}, {"script", fact.value}});
    }
  }

  std::map<std::string_view, std::map<std::string, Json>> lists_;
};

}  // namespace

std::string DraftManifest(const Survey& survey) {
  Draft draft;
  for (const Node& node : survey.nodes) {
    for (const Fact& fact : node.seen.facts) {
      draft.Add(fact, node.artifact);
    }
  }
  return draft.Text();
}

Result<ManifestDraft> DraftManifest(const VerifyRequest& request) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  const ExaminePlan plan{.limits = request.limits,
                         .secrets = request.secrets,
                         .jobs = request.jobs,
                         .interrupted = request.interrupted,
                         .confinement = request.unsafe_no_sandbox
                                            ? Confinement::kUnsafe
                                            : Confinement::kProcess};
  const auto survey = ExamineProduct(*product, plan);
  if (!survey) {
    return Fail(survey.error());
  }
  return ManifestDraft{.text = DraftManifest(*survey),
                       .open = Blindness(*survey)};
}

}  // namespace assay::engine
