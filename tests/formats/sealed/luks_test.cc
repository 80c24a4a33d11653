#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"
#include "verifier/formats/sealed/key_derivation.h"
#include "verifier/formats/sealed/luks_keys.h"
#include "verifier/formats/sealed/sector_cipher.h"

namespace assay::formats {

extern const Format kLuks;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

constexpr std::size_t kHeader = 16384;  // of LUKS2, each

Bytes SampleOf(const std::string& name) {
  return Sample("formats/luks/" + name + ".hex");
}

// What make.py encrypts.
std::string Payload() {
  std::string text;
  for (int i = 0; i < 128; ++i) {
    text += fmt::format("line {:04} of the payload, inert\n", i);
  }
  return text;
}

// The volume key stands at the end of a sample's first line.
Bytes VolumeKey(const std::string& name) {
  std::ifstream file(testing::SamplePath("formats/luks/" + name + ".hex"));
  std::string line;
  std::getline(file, line);
  return Hex(line.substr(line.rfind(' ') + 1));
}

const Secrets kGood = {.passwords = {"wrong", "secret"}};

// Makes the checksum of the LUKS2 header at `at` right again.
void Seal(Bytes& image, std::size_t at) {
  const auto checksum = image.begin() + static_cast<std::ptrdiff_t>(at + 448);
  std::fill_n(checksum, 64, std::uint8_t{0});
  const auto digest = Sha256Raw(*Slice(image, at, kHeader));
  std::copy(digest.begin(), digest.end(), checksum);
}

// The image with other JSON in both headers, as its maker would write it.
Bytes Edited(Bytes image, std::string_view from, std::string_view to) {
  for (const std::size_t at : {std::size_t{0}, kHeader}) {
    const auto area = image.begin() + static_cast<std::ptrdiff_t>(at + 4096);
    std::string json(area, area + (kHeader - 4096));
    const std::size_t found = json.find(from);
    EXPECT_NE(found, std::string::npos) << from;
    json.replace(found, from.size(), to);
    json.resize(kHeader - 4096);
    std::copy(json.begin(), json.end(), area);
    Seal(image, at);
  }
  return image;
}

std::string ProblemOf(const Bytes& image, const Secrets& secrets) {
  RecordingSink sink;
  sink.set_secrets(secrets);
  const auto result = Unpack(kLuks, image, sink);
  EXPECT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  return sink.members.empty() ? "no member" : sink.members[0].problem;
}

class LuksTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Samples, LuksTest,
                         ::testing::Values("luks1", "luks1_cbc", "luks2",
                                           "luks2_4k", "luks2_pbkdf2"));

TEST_P(LuksTest, APasswordOpensThePayload) {
  const Bytes image = SampleOf(GetParam());
  EXPECT_TRUE(HasMagic(kLuks, image));
  EXPECT_TRUE(kLuks.matches(ByteView(image).first(Input::kPeekLimit)));
  EXPECT_EQ(kLuks.measure(image).value_or(0), image.size());
  RecordingSink sink;
  sink.set_secrets(kGood);
  std::uint64_t consumed = 0;
  const auto result = Unpack(kLuks, image, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "payload");
  EXPECT_EQ(sink.members[0].problem, "");
  EXPECT_EQ(AsText(sink.members[0].content), Payload());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST_P(LuksTest, AKeyFileOrTheVolumeKeyOpensIt) {
  const Bytes image = SampleOf(GetParam());
  for (const Bytes& key : {CopyOf(AsBytes("secret")), VolumeKey(GetParam())}) {
    RecordingSink sink;
    sink.set_secrets({.keys = {key}});
    ASSERT_TRUE(Unpack(kLuks, image, sink));
    EXPECT_EQ(AsText(sink.members[0].content), Payload());
  }
}

TEST_P(LuksTest, WithoutTheSecretThePayloadIsOpaque) {
  const Bytes image = SampleOf(GetParam());
  EXPECT_EQ(ProblemOf(image, {}).substr(0, 14), "encrypted (aes");
  for (const Secrets& wrong :
       {Secrets{.passwords = {"Secret", "secret\n", ""}},
        Secrets{.keys = {Bytes(64), Bytes(32), Bytes()}}}) {
    const std::string problem = ProblemOf(image, wrong);
    EXPECT_NE(problem.find("none of the secrets opens it"), std::string::npos)
        << problem;
  }
}

TEST(LuksTest, SaysHowItIsEncrypted) {
  EXPECT_EQ(ProblemOf(SampleOf("luks1"), {}),
            "encrypted (aes-xts-plain64, pbkdf2)");
  EXPECT_EQ(ProblemOf(SampleOf("luks1_cbc"), {}),
            "encrypted (aes-cbc-essiv:sha256, pbkdf2)");
  EXPECT_EQ(ProblemOf(SampleOf("luks2"), {}),
            "encrypted (aes-xts-plain64, argon2id)");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLuks, SampleOf("luks2"), sink));
  const auto& notes = sink.members.at(0).member.meta.xattrs;
  EXPECT_NE(
      std::find(notes.begin(), notes.end(),
                std::pair<std::string, std::string>("luks.label", "router")),
      notes.end());
}

// Whatever single byte is wrong, the other header is read.
TEST(LuksTest, DamageOfAHeaderIsNoticed) {
  const Bytes image = SampleOf("luks2");
  for (std::size_t at = 0; at < 2 * kHeader; at += at % 4096 < 520 ? 3 : 257) {
    Bytes damaged = image;
    damaged[at] ^= 0x20U;
    RecordingSink sink;
    const auto result = Unpack(kLuks, damaged, sink);
    ASSERT_TRUE(result) << at << ": " << result.error().what;
    EXPECT_TRUE(sink.Saw("luks.checksum-mismatch")) << at;
    EXPECT_EQ(sink.members.size(), 1U) << at;
    std::string why;
    EXPECT_TRUE(sink.Accounts(damaged.size(), &why)) << at << ": " << why;
  }
}

TEST(LuksTest, TheSecondHeaderIsEnough) {
  Bytes image = SampleOf("luks2");
  std::fill_n(image.begin(), kHeader, std::uint8_t{0});
  EXPECT_TRUE(HasMagic(kLuks, image));
  EXPECT_TRUE(kLuks.matches(ByteView(image).first(Input::kPeekLimit)));
  RecordingSink sink;
  sink.set_secrets(kGood);
  ASSERT_TRUE(Unpack(kLuks, image, sink));
  EXPECT_TRUE(sink.Saw("luks.checksum-mismatch"));
  EXPECT_EQ(AsText(sink.members.at(0).content), Payload());
}

TEST(LuksTest, WithoutAnyHeaderItIsNone) {
  Bytes image = SampleOf("luks2");
  image[0x1010] ^= 1U;
  image[kHeader + 0x1010] ^= 1U;
  EXPECT_FALSE(kLuks.matches(ByteView(image).first(Input::kPeekLimit)));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kLuks, image, sink));
  EXPECT_FALSE(kLuks.measure(image));
}

TEST(LuksTest, HeadersThatDifferAreReported) {
  Bytes image = SampleOf("luks2");
  image[8 + 15] ^= 1U;  // the sequence number of the first
  Seal(image, 0);
  RecordingSink sink;
  sink.set_secrets(kGood);
  ASSERT_TRUE(Unpack(kLuks, image, sink));
  EXPECT_TRUE(sink.Saw("luks.ambiguous-headers"));
  EXPECT_EQ(AsText(sink.members.at(0).content), Payload());
}

TEST(LuksTest, WhatIsNotSupportedIsNamed) {
  const Bytes image = SampleOf("luks2");
  const std::string_view tweak = R"("iv_tweak":"0","encryption":")";
  EXPECT_EQ(ProblemOf(Edited(image, std::string(tweak) + "aes",
                             std::string(tweak) + "serpent"),
                      kGood),
            "encrypted (serpent-xts-plain64, argon2id): cipher "
            "serpent-xts-plain64 is not supported");
  EXPECT_EQ(ProblemOf(Edited(image, "argon2id", "scrypt"), kGood),
            "encrypted (aes-xts-plain64, scrypt): key derivation scrypt is not "
            "supported");
  EXPECT_EQ(
      ProblemOf(Edited(image, R"("sector_size":512)",
                       R"("sector_size":512,"integrity":{"type":"aead"})"),
                kGood),
      "authenticated encryption (dm-integrity) is not supported");
  EXPECT_EQ(
      ProblemOf(Edited(image, R"("type":"crypt")", R"("type":"odd")"), kGood),
      "segments of type odd are not supported");
  EXPECT_EQ(ProblemOf(Edited(image, R"("segments":["0"])", R"("segments":[])"),
                      kGood),
            "encrypted (aes-xts-plain64, argon2id): no digest confirms its "
            "key");
}

TEST(LuksTest, TheWorkOfADerivationIsBounded) {
  const Bytes image = SampleOf("luks2");
  EXPECT_EQ(
      ProblemOf(Edited(image, R"("memory":32)", R"("memory":2097152)"), kGood),
      "encrypted (aes-xts-plain64, argon2id): Argon2 needs 2097152 KiB of "
      "memory, the limit is 1048576");
  EXPECT_EQ(
      ProblemOf(Edited(image, R"("time":4)", R"("time":4000000000)"), kGood),
      "encrypted (aes-xts-plain64, argon2id): 4000000000 rounds of key "
      "derivation are more than the limit allows");
  EXPECT_EQ(ProblemOf(Edited(image, R"("cpus":2)", R"("cpus":5)"), kGood),
            "encrypted (aes-xts-plain64, argon2id): Argon2 with 4 passes over "
            "32 KiB in 5 lanes");
  Bytes old = SampleOf("luks1");
  old[212] = 0x7f;  // iterations of the first slot
  EXPECT_EQ(ProblemOf(old, kGood),
            "encrypted (aes-xts-plain64, pbkdf2): 2130707432 rounds of key "
            "derivation are more than the limit allows");
}

TEST(LuksTest, BytesThatAreNotEncryptedAreMembers) {
  const Bytes image = SampleOf("luks2");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kLuks, Edited(image, R"("type":"crypt")", R"("type":"linear")"), sink));
  EXPECT_TRUE(sink.Saw("luks.not-encrypted"));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_TRUE(sink.members[0].member.stored);
  EXPECT_EQ(sink.members[0].content.size(), Payload().size());
}

TEST(LuksTest, MetadataThatLieAreReported) {
  const Bytes image = SampleOf("luks2");
  const struct {
    std::string_view from, to, id;
  } kLies[] = {
      {R"("offset":"32768")", R"("offset":"4096")", "luks.overlapping-areas"},
      {R"("offset":"294912")", R"("offset":"40960")", "luks.overlapping-areas"},
      {R"("offset":"32768")", R"("offset":"-1")", "luks.bad-metadata"},
      {R"("stripes":4000)", R"("stripes":0)", "luks.bad-metadata"},
      {R"("sector_size":512)", R"("sector_size":0)", "luks.bad-metadata"},
      {R"("sector_size":512)", R"("sector_size":768)", "luks.bad-metadata"},
      {R"("size":"dynamic")", R"("size":"700")", "luks.partial-sector"},
      {R"("size":"258048")", R"("size":"18446744073709551615")",
       "luks.bad-metadata"},
      {R"("digest":")", R"("digest":"?)", "luks.bad-metadata"},
  };
  for (const auto& lie : kLies) {
    RecordingSink sink;
    sink.set_secrets(kGood);
    std::uint64_t end = 0;
    ASSERT_TRUE(Unpack(kLuks, Edited(image, lie.from, lie.to), sink, &end));
    std::string why;
    EXPECT_TRUE(sink.Accounts(end, &why)) << lie.to << why;
    EXPECT_TRUE(sink.Saw(lie.id)) << lie.to;
  }
  for (const auto& [from, to] :
       {std::pair{R"("size":"258048")", R"("size":"9223372036854775807")"},
        std::pair{R"("offset":"294912")", R"("offset":"99999999999")"}}) {
    const Bytes lying = Edited(image, from, to);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kLuks, lying, sink)) << to;
    EXPECT_FALSE(kLuks.measure(lying)) << to;
  }
}

TEST(LuksTest, StripesThatAreMissingGiveNoKey) {
  EXPECT_TRUE(
      luks::MergeStripes(Bytes(10), 4, 3, sealed::HashNamed("sha1")).empty());
  EXPECT_EQ(luks::MergeStripes(Hex("01020304"), 4, 1, nullptr),
            Hex("01020304"));
}

// RFC 6070, and the reference implementation's test of Argon2id (RFC 9106's
// own vectors have a secret and associated data).
TEST(LuksTest, DerivesAsTheRfcSays) {
  sealed::DerivationBudget budget(Limits{});
  const auto derived =
      sealed::Pbkdf2(sealed::HashNamed("sha1"), AsBytes("password"),
                     AsBytes("salt"), 4096, 20, budget);
  ASSERT_TRUE(derived);
  EXPECT_EQ(HexOf(*derived), "4b007901b765489abead49d926f721d065a429c1");
  const auto argon = sealed::Argon2(
      AsBytes("password"), AsBytes("somesalt"),
      {.hybrid = true, .passes = 2, .memory = 65536, .lanes = 1}, 32, budget);
  ASSERT_TRUE(argon);
  EXPECT_EQ(HexOf(*argon),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  EXPECT_FALSE(sealed::Pbkdf2(nullptr, {}, {}, 1, 16, budget));
  EXPECT_FALSE(
      sealed::Pbkdf2(sealed::HashNamed("sha1"), {}, {}, 0, 16, budget));
  EXPECT_EQ(sealed::HashNamed("whirlpool"), nullptr);
}

TEST(LuksTest, DecryptsSectorsAsTheStandardSays) {
  for (const std::size_t size : {0U, 16U, 48U, 63U, 65U}) {
    EXPECT_FALSE(sealed::SectorCipher::Make("aes-xts-plain64", Bytes(size)));
  }
  EXPECT_FALSE(sealed::SectorCipher::Make("aes-ecb", Bytes(32)));
  // IEEE 1619-2007, annex B, vector 2.
  auto cipher = sealed::SectorCipher::Make(
      "aes-xts-plain64",
      Hex("1111111111111111111111111111111122222222222222222222222222222222"));
  ASSERT_TRUE(cipher);
  Bytes plain(32);
  ASSERT_TRUE(cipher->Decrypt(
      0x3333333333U,
      Hex("c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"),
      plain));
  EXPECT_EQ(plain, Bytes(32, 0x44));
}

TEST(LuksTest, HostileImagesAreKeptWithinBounds) {
  for (const char* name : {"luks1", "luks2"}) {
    const Bytes image = SampleOf(name);
    testing::SweepPrefixes(kLuks, image, 5003);
    testing::SweepFlips(kLuks, image, name[4] == '1' ? 5 : 13, 0, 4700);
  }
}

TEST(LuksTest, RefusesNoise) {
  testing::CheckRefusesNoise(kLuks, SampleOf("luks2"), 64);
  testing::CheckRefusesNoise(kLuks, SampleOf("luks1"), 8);
}

}  // namespace
}  // namespace assay::formats
