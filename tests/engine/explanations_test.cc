#include "verifier/engine/explanations.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/base/digest.h"

namespace assay::engine {
namespace {

using testing::SamplePath;
using testing::ScratchFolder;

const char* const kManifest =
    R"({"schema": "assay-manifest/1", "accounts": [{"name": "demo"}]})";

std::string OneReference() {
  Artifact file;
  file.inner_path = "bin/x";
  file.has_content = true;
  file.size = 1;
  file.digests = {{DigestAlgorithm::kSha256, Sha256Hex(AsBytes("x"))}};
  ReferenceBuilder builder;
  builder.Add({.name = "x.deb", .sha256 = "aa"}, file);
  return std::string(AsText(builder.Finish()));
}

TEST(Explanations, AreReadAndNamedWithTheirDigests) {
  const ScratchFolder folder;
  VerifyRequest request;
  request.references = {folder.Write("x.ref", OneReference())};
  request.exceptions = {SamplePath("policies/exceptions.yaml")};
  request.manifest = folder.Write("m.json", kManifest);
  const auto read = ReadExplanations(request, nullptr);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->references.at(0).originals(), 1U);
  EXPECT_EQ(read->exceptions.size(), 1U);
  ASSERT_TRUE(read->manifest);
  EXPECT_TRUE(read->manifest->authentic);
  EXPECT_EQ(read->manifest->holder, "m.json");
  ASSERT_EQ(read->sources.size(), 3U);
  EXPECT_EQ(read->sources[0].sha256, Sha256Hex(AsBytes(OneReference())));
  EXPECT_EQ(read->sources[0].detail,
            "1 original of 1 publication, 1 of them unsigned");
  EXPECT_EQ(read->sources[1].name, "exceptions.yaml");
  EXPECT_EQ(read->sources[2].sha256, Sha256Hex(AsBytes(kManifest)));
}

TEST(Explanations, AnUnsignedManifestExplainsNothingWhereThePolicyAsksForOne) {
  const ScratchFolder folder;
  VerifyRequest request;
  request.manifest = folder.Write("m.json", kManifest);
  Policy policy;
  const auto strict = ReadExplanations(request, &policy);
  ASSERT_TRUE(strict);
  EXPECT_FALSE(strict->manifest->authentic);
  EXPECT_EQ(strict->sources[0].detail,
            "explains nothing: no signature stands beside it");
  policy.manifest_must_be_signed = false;
  EXPECT_TRUE(ReadExplanations(request, &policy)->manifest->authentic);
}

TEST(Explanations, WhatIsBrokenIsNamed) {
  const ScratchFolder folder;
  struct Case {
    std::string VerifyRequest::*file;
    std::vector<std::string> VerifyRequest::*files;
    std::string content;
    ErrorCode code;
    std::string what;
  };
  const std::string cut = OneReference();
  for (const Case& one : {
           Case{nullptr, &VerifyRequest::references, "no set",
                ErrorCode::kMalformed, "not a reference set"},
           Case{nullptr, &VerifyRequest::references,
                cut.substr(0, cut.size() - 1), ErrorCode::kMalformed,
                "whose size is not"},
           Case{nullptr, &VerifyRequest::exceptions, "exceptions: 1",
                ErrorCode::kConfig, "\"schema\" is missing"},
           Case{&VerifyRequest::manifest, nullptr, "{}", ErrorCode::kMalformed,
                "not a manifest"},
           Case{&VerifyRequest::manifest, nullptr, "{", ErrorCode::kMalformed,
                "not a manifest of declared functions: "},
           Case{&VerifyRequest::manifest, nullptr,
                R"({"schema": "assay-manifest/1", "accounts": [{}]})",
                ErrorCode::kMalformed, "/accounts/0/name: text is missing"},
       }) {
    VerifyRequest request;
    const std::string path = folder.Write("broken", one.content);
    if (one.file != nullptr) {
      request.*one.file = path;
    } else {
      request.*one.files = {path};
    }
    const auto refused = ReadExplanations(request, nullptr);
    ASSERT_FALSE(refused) << one.what;
    EXPECT_EQ(refused.error().code, one.code) << one.what;
    EXPECT_EQ(refused.error().what.find(path), 0U) << refused.error().what;
    EXPECT_NE(refused.error().what.find(one.what), std::string::npos)
        << refused.error().what;
  }
}

// Who may change the exceptions may silence findings: a policy key covers both.
TEST(Explanations, APolicyKeyAsksForSignedExceptions) {
  VerifyRequest request;
  request.exceptions = {SamplePath("policies/exceptions.yaml")};
  request.policy_key = SamplePath("signatures/minisign/key.pub");
  const auto refused = ReadExplanations(request, nullptr);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("no signature stands beside it"),
            std::string::npos)
      << refused.error().what;
}

}  // namespace
}  // namespace assay::engine
