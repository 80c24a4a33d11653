#include <gtest/gtest.h>

#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kOpensslSalted;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

Bytes SampleOf(const std::string& name) {
  return Sample("formats/openssl_salted/" + name + ".hex");
}

const Secrets kGood = {.passwords = {"wrong", "secret"}};

void Open(ByteView image, const Secrets& secrets, RecordingSink& sink) {
  sink.set_secrets(secrets);
  const auto result = Unpack(kOpensslSalted, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(OpensslSaltedTest, OpensWithEveryUsualDerivation) {
  const std::pair<const char*, const char*> cases[] = {
      {"pbkdf2", "aes-256-cbc, pbkdf2-sha256"},
      {"sha256", "aes-256-cbc, sha256"},
      {"md5", "aes-256-cbc, md5"},
      {"aes128", "aes-128-cbc, pbkdf2-sha256"}};
  for (const auto& [name, how] : cases) {
    SCOPED_TRACE(name);
    const Bytes image = SampleOf(name);
    EXPECT_TRUE(kOpensslSalted.matches(image));
    EXPECT_EQ(kOpensslSalted.measure(image).value_or(0), image.size());
    for (const Secrets& secrets :
         {kGood, Secrets{.keys = {CopyOf(AsBytes("secret"))}}}) {
      RecordingSink sink;
      Open(image, secrets, sink);
      EXPECT_EQ(AsText(sink.members[0].content), Seq());
      EXPECT_EQ(sink.members[0].member.meta.xattrs.at(0).second, how);
      EXPECT_FALSE(sink.members[0].member.stored);
    }
  }
}

TEST(OpensslSaltedTest, ContentOfAKnownFormatIsBelieved) {
  RecordingSink sink;
  Open(SampleOf("gzip"), kGood, sink);
  EXPECT_EQ(HexOf(ByteView(sink.members[0].content).first(3)), "1f8b08");
}

TEST(OpensslSaltedTest, EmptyContentIsAllPadding) {
  RecordingSink sink;
  Open(SampleOf("empty"), kGood, sink);
  EXPECT_TRUE(sink.members[0].has_content);
  EXPECT_TRUE(sink.members[0].content.empty());
}

TEST(OpensslSaltedTest, WithoutTheSecretItIsOpaque) {
  for (const char* name : {"pbkdf2", "sha256", "md5", "gzip", "empty"}) {
    RecordingSink closed;
    Open(SampleOf(name), {}, closed);
    EXPECT_EQ(closed.members[0].problem, "encrypted (openssl enc)");
    RecordingSink wrong;
    Open(SampleOf(name), {.passwords = {"", "Secret", "secret "}}, wrong);
    EXPECT_EQ(wrong.members[0].problem,
              "encrypted (openssl enc): none of the secrets opens it");
  }
}

// The right password, and content that could be anything.
TEST(OpensslSaltedTest, NoiseIsNotBelieved) {
  for (const char* name : {"noise", "ctr", "iterations"}) {
    RecordingSink sink;
    Open(SampleOf(name), kGood, sink);
    EXPECT_FALSE(sink.members[0].has_content) << name;
  }
}

TEST(OpensslSaltedTest, NoWrongPasswordOpensIt) {
  Secrets secrets;
  for (int i = 0; i < 40; ++i) {
    secrets.passwords.push_back("guess" + std::to_string(i));
  }
  for (const char* name : {"pbkdf2", "empty"}) {
    RecordingSink sink;
    Open(SampleOf(name), secrets, sink);
    EXPECT_FALSE(sink.members[0].has_content);
  }
}

TEST(OpensslSaltedTest, DamagedPaddingOrHeadClosesIt) {
  const Bytes image = SampleOf("pbkdf2");
  for (const std::size_t at :
       {std::size_t{8}, std::size_t{15}, std::size_t{16}, image.size() - 1,
        image.size() - 16, image.size() - 17}) {
    Bytes damaged = image;
    damaged[at] ^= 0x80U;
    RecordingSink sink;
    Open(damaged, kGood, sink);
    EXPECT_FALSE(sink.members[0].has_content) << at;
  }
}

TEST(OpensslSaltedTest, CutContentIsNotBelieved) {
  const Bytes image = SampleOf("pbkdf2");
  for (std::size_t size = 17; size < image.size(); ++size) {
    const ByteView prefix = ByteView(image).first(size);
    if (!kOpensslSalted.matches(prefix)) {
      continue;
    }
    RecordingSink sink;
    Open(prefix, kGood, sink);
    EXPECT_FALSE(sink.members[0].has_content) << size;
  }
}

TEST(OpensslSaltedTest, OtherBytesAreRefused) {
  const Bytes image = SampleOf("pbkdf2");
  for (std::size_t size = 0; size <= 16; ++size) {
    EXPECT_FALSE(kOpensslSalted.matches(ByteView(image).first(size)));
    EXPECT_FALSE(kOpensslSalted.measure(ByteView(image).first(size)));
  }
  for (const std::string_view text :
       {"Salted__ is what openssl enc begins with\n",
        "salted__\x01\x02\x03\x04\x05\x06\x07\x08\x80\x81\x82\x83"}) {
    EXPECT_FALSE(kOpensslSalted.matches(AsBytes(text)));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kOpensslSalted, AsBytes(text), sink));
  }
  EXPECT_FALSE(kOpensslSalted.matches(Bytes(64)));
}

TEST(OpensslSaltedTest, ADerivationPastTheLimitIsSaid) {
  RecordingSink sink;
  sink.set_secrets(kGood);
  sink.set_limits({.unpacked = 1024});
  ASSERT_TRUE(Unpack(kOpensslSalted, SampleOf("gzip"), sink));
  EXPECT_EQ(sink.members.at(0).problem,
            "encrypted (openssl enc): 10000 rounds of key derivation are more "
            "than the limit allows");
}

}  // namespace
}  // namespace assay::formats
