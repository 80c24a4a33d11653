#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/vendor/verity_tree.h"

namespace assay::formats {

extern const Format kRauc;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/rauc/plain.hex");
const Bytes kVerity = Sample("formats/rauc/verity.hex");

std::size_t SignatureSize(ByteView bundle) {
  return static_cast<std::size_t>(*ReadAt<Be64>(bundle, bundle.size() - 8));
}

// Everything in front of the signature.
std::size_t PayloadSize(ByteView bundle) {
  return bundle.size() - 8 - SignatureSize(bundle);
}

TEST(RaucTest, APlainBundleIsPayloadAndSignature) {
  const std::size_t payload = PayloadSize(kPlain);
  testing::CheckParts(
      kRauc, kPlain,
      {{"payload", AsText(ByteView(kPlain).first(payload))},
       {"signature.cms",
        AsText(ByteView(kPlain).subspan(payload, SignatureSize(kPlain)))}});
}

TEST(RaucTest, AVerityBundleHasATreeAndAManifest) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRauc, kVerity, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVerity.size(), &why)) << why;
  ASSERT_EQ(sink.members.size(), 3U);
  const auto* manifest = sink.Find("manifest.raucm");
  ASSERT_NE(manifest, nullptr);
  EXPECT_NE(AsText(manifest->content).find("compatible=inert"),
            std::string_view::npos);
  EXPECT_EQ(sink.Find("payload")->content.size() +
                VerityTreeSize(sink.Find("payload")->content.size()),
            PayloadSize(kVerity));
}

TEST(RaucTest, ChangedPayloadsContradictTheManifest) {
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{200}, PayloadSize(kVerity) - 1}) {
    Bytes changed = kVerity;
    changed[at] ^= 1U;
    EXPECT_NE(AnomaliesOf(kRauc, changed).find("checksum-mismatch"),
              std::string::npos)
        << at;
  }
  // And a manifest that states another root.
  Bytes changed = kVerity;
  const std::size_t hash = AsText(changed).rfind("verity-hash=");
  ASSERT_NE(hash, std::string_view::npos);
  changed[hash + 12] = changed[hash + 12] == '0' ? '1' : '0';
  EXPECT_EQ(AnomaliesOf(kRauc, changed), "rauc.root-checksum-mismatch");
}

TEST(RaucTest, TreesThatDoNotFitAreSaid) {
  Bytes changed = kVerity;
  const std::size_t size = AsText(changed).rfind("verity-size=");
  ASSERT_NE(size, std::string_view::npos);
  changed[size + 12] = '9';
  EXPECT_EQ(AnomaliesOf(kRauc, changed), "rauc.tree-size-mismatch");
}

TEST(RaucTest, CryptBundlesAreOpaque) {
  Bytes changed = kVerity;
  const std::size_t format = AsText(changed).rfind("format=verity");
  ASSERT_NE(format, std::string_view::npos);
  changed = With(changed, format, AsBytes("format=crypt\n"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRauc, changed, sink));
  EXPECT_EQ(sink.Find("payload")->problem, "encrypted (dm-crypt)");
  // An enveloped manifest says nothing more.
  Bytes enveloped = kPlain;
  enveloped.resize(PayloadSize(kPlain));
  const Bytes cms = Hex("300F 06092A864886F70D010703 A002 3000");
  enveloped = Concat(Concat(enveloped, cms), Hex("0000000000000011"));
  RecordingSink sealed;
  ASSERT_TRUE(Unpack(kRauc, enveloped, sealed));
  EXPECT_EQ(sealed.Find("payload")->problem,
            "encrypted; its manifest is enveloped");
}

// A plain bundle's signature is checked elsewhere: here only what is said.
TEST(RaucTest, AnyFlipIsReadWithinTheBytes) {
  testing::ForEachFlip(kRauc, ByteView(kPlain).last(SignatureSize(kPlain) + 8),
                       [](const testing::Attempt&) {});
  testing::ForEachPrefix(kRauc, kPlain, [](const testing::Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
  });
}

TEST(RaucTest, OtherEndsAreNotRauc) {
  testing::CheckRefusesNoise(kRauc, kPlain, 4096);
  const std::size_t end = kPlain.size() - 8;
  for (const char* size : {"0000000000000000", "FFFFFFFFFFFFFFFF",
                           "0000000000000010", "0000000000100000"}) {
    EXPECT_FALSE(kRauc.matches_end(With(kPlain, end, Hex(size)))) << size;
  }
  // Another content type, an indefinite length, a rest behind the message.
  const std::size_t cms = PayloadSize(kPlain);
  EXPECT_FALSE(kRauc.matches_end(With(kPlain, cms + 1, Hex("80"))));
  EXPECT_FALSE(kRauc.matches_end(With(kPlain, cms, Hex("31"))));
  const std::size_t id =
      AsText(kPlain).find("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", cms);
  EXPECT_FALSE(kRauc.matches_end(With(kPlain, id + 8, Hex("01"))));
}

// Sizes of `veritysetup format --no-superblock` for so many blocks of data.
TEST(RaucTest, TreeSizes) {
  EXPECT_EQ(VerityTreeSize(4096), 0U);
  EXPECT_EQ(VerityTreeSize(4096 * 2), 4096U);
  EXPECT_EQ(VerityTreeSize(4096 * 128), 4096U);
  EXPECT_EQ(VerityTreeSize(4096 * 129), 4096U * 3);
  EXPECT_FALSE(CheckVerity({}, 0, {}));
  EXPECT_FALSE(CheckVerity(Bytes(4096), 4096, {}));
  EXPECT_FALSE(CheckVerity(Bytes(4095), 0, {}));
}

}  // namespace
}  // namespace assay::formats
