#include "verifier/engine/manifest_draft.h"

#include <gtest/gtest.h>

#include <string>

#include "rules/declared.h"
#include "verifier/base/json.h"
#include "verifier/engine/manifest.h"

namespace assay::engine {
namespace {

Survey Product() {
  Survey survey;
  Node node;
  node.artifact.inner_path = "etc/init.d/demo";
  node.seen.facts = {
      {.kind = "listener",
       .value = "8080",
       .attributes = {{"protocol", "tcp"}, {"program", "/usr/sbin/demo"}}},
      {.kind = "account", .value = "demo", .attributes = {{"uid", "100"}}},
      {.kind = "startup", .value = "etc/init.d/demo"},
      {.kind = "url",
       .value = "https://Updates.Example.invalid/x",
       .attributes = {{"host", "Updates.Example.invalid"}}},
      {.kind = "domain", .value = "ntp.invalid"},
      {.kind = "address",
       .value = "1.1.1.1",
       .attributes = {{"class", "public"}}},
      {.kind = "certificate",
       .value = "CN=x",
       .attributes = {{"fingerprint", "00aa"}}},
      {.kind = "private_key", .value = "rsa", .attributes = {{"spki", "11bb"}}},
      {.kind = "ssh.authorized_key",
       .value = "ssh-ed25519",
       .attributes = {{"fingerprint", "SHA256:AbCdEf"}}},
      {.kind = "file.setuid", .value = "etc/init.d/demo"},
      {.kind = "package.script",
       .value = "postinst",
       .attributes = {{"package", "demo"}}}};
  survey.nodes.push_back(std::move(node));
  return survey;
}

// A vendor who signs the draft as it is has declared all of it.
TEST(ManifestDraft, DeclaresWhatItWasDrawnFrom) {
  const Survey survey = Product();
  const auto json = ParseJson(DraftManifest(survey));
  ASSERT_TRUE(json) << json.error().what;
  ASSERT_TRUE(IsManifest(*json));
  const auto declared = ReadManifest(*json);
  ASSERT_TRUE(declared) << declared.error().what;
  for (const Fact& fact : survey.nodes[0].seen.facts) {
    EXPECT_TRUE(rules::IsDeclarable(fact)) << fact.kind;
    EXPECT_TRUE(rules::Declares(*declared, fact, survey.nodes[0].artifact))
        << fact.kind;
  }
}

TEST(ManifestDraft, NamesEachThingOnceAndNothingThatCannotBeDeclared) {
  Survey survey = Product();
  survey.nodes.push_back(survey.nodes[0]);
  EXPECT_EQ(DraftManifest(survey), DraftManifest(Product()));
  survey.nodes[0].seen.facts = {{.kind = "listener",
                                 .value = "$PORT",
                                 .attributes = {{"protocol", "tcp"}}},
                                {.kind = "address",
                                 .value = "192.168.0.1",
                                 .attributes = {{"class", "private"}}},
                                {.kind = "command", .value = "rm -rf /"}};
  survey.nodes.pop_back();
  const auto json = ParseJson(DraftManifest(survey));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->size(), 1U) << json->dump();  // the schema alone
}

}  // namespace
}  // namespace assay::engine
