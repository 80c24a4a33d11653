#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;

struct Kind {
  std::string_view name;
  std::string_view text;
  std::string_view title;
};

const std::vector<Kind> kKinds = {
    {"a.sigstore.json",
     R"({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
         "verificationMaterial": {}, "messageSignature": {}})",
     "Sigstore bundle"},
    {"b.json",
     R"({"verificationMaterial": {}, "dsseEnvelope": {"payloadType": ""}})",
     "Sigstore bundle"},
    {"attestations",
     R"({"attestations": [{"predicateType": "x", "bundle": {}}]})",
     "npm attestations"},
    {"p.whl.publish.attestation",
     R"({"version": 1, "verification_material": {}, "envelope": {}})",
     "PEP 740 attestation"},
    {"p.provenance", R"({"version": 1, "attestation_bundles": []})",
     "PEP 740 attestation"},
    {"manifest.json",
     R"({"schemaVersion": 2, "layers": [{"annotations":
         {"dev.cosignproject.cosign/signature": "MEUC"}}]})",
     "cosign signature of an OCI image"},
    {"sig.json", R"({"payload": "e30", "protected": "e30", "header": {},
                     "signature": "AA"})",
     "JWS envelope (Notary Project)"},
    {"root.json",
     R"({"signatures": [], "signed": {"_type": "root", "version": 1}})",
     "TUF metadata"},
};

TEST(AttestationTest, EveryKindIsUnsupportedAndNeverUnsigned) {
  for (const Kind& kind : kKinds) {
    const auto check = testing::Check(kAttestation, std::string(kind.name),
                                      AsBytes(kind.text), {}, {});
    EXPECT_EQ(testing::Verdict(check), "UNSUPPORTED") << kind.name;
    EXPECT_EQ(check.detail.substr(0, kind.title.size()), kind.title);
  }
}

TEST(AttestationTest, TheEnvelopeOfTheSampleIsDsse) {
  const Bytes sample = Sample("signatures/attestation/envelope.dsse.json");
  const auto found = FindAll(kAttestation, "x.intoto.json", sample);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key_hint, "DSSE envelope");
  EXPECT_EQ(found[0].place, (Range{0, sample.size()}));
}

TEST(AttestationTest, EachLineOfJsonLinesIsOne) {
  const std::string line =
      R"({"payloadType": "t", "payload": "e30=", "signatures": []})";
  const auto found = FindAll(kAttestation, "multiple.intoto.jsonl",
                             AsBytes(line + "\n{}\n" + line + "\n"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].place, (Range{line.size() + 4, line.size()}));
}

TEST(AttestationTest, OtherDocumentsAreLeftAlone) {
  for (const std::string_view text :
       {R"({"payload": "x"})", R"({"attestations": []})", R"({"layers": []})",
        R"({"signatures": [], "signed": "no"})", "", "{", "[{}]",
        R"({"bomFormat": "CycloneDX", "signatures": []})",
        R"({"payloadType": "application/vnd.in-toto+json", "payload": 1})"}) {
    EXPECT_TRUE(FindAll(kAttestation, "x.json", AsBytes(text)).empty()) << text;
  }
}

}  // namespace
}  // namespace assay::signatures
