#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/volume_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"
#include "verifier/formats/sealed/bitlocker_keys.h"
#include "verifier/formats/sealed/bitlocker_volume.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {

extern const Format kBitlocker;
namespace {

using testing::Concat;
using testing::Hex;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

constexpr std::size_t kFirstArea = 0x6000;
constexpr std::size_t kArea = 0x10000;
constexpr std::size_t kDeviceAt = 0x2000;  // behind the moved first sectors
constexpr char kRecovery[] =
    "471207-278498-422125-177177-561902-537405-468006-693451";

Bytes SampleOf(const std::string& name) {
  return Sample("formats/bitlocker/" + name + ".hex");
}

// What make.py writes into the device's file.
std::string Text() {
  std::string text;
  for (int i = 0; i < 48; ++i) {
    text += fmt::format("line {:04} of the volume, inert\n", i);
  }
  return text;
}

// Makes the checksum of the metadata at `at` right again.
void Seal(Bytes& image, std::size_t at) {
  const std::size_t size =
      (std::size_t{image[at + 8]} | std::size_t{image[at + 9]} << 8U) * 16U;
  PutLe(image, at + size + 4, Crc32(*Slice(image, at, size)), 4);
}

// The image with other bytes in all copies of the metadata.
Bytes Edited(Bytes image, std::size_t at, std::uint64_t value,
             std::size_t size) {
  for (std::size_t i = 0; i < 3; ++i) {
    PutLe(image, kFirstArea + i * kArea + at, value, size);
    Seal(image, kFirstArea + i * kArea);
  }
  return image;
}

void Read(const Bytes& image, const Secrets& secrets, RecordingSink& sink) {
  sink.set_secrets(secrets);
  std::uint64_t end = 0;
  const auto result = Unpack(kBitlocker, image, sink, &end);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(end, kBitlocker.measure(image).value_or(0));
  std::string why;
  EXPECT_TRUE(sink.Accounts(end, &why)) << why;
}

std::string ProblemOf(const Bytes& image, const Secrets& secrets) {
  RecordingSink sink;
  Read(image, secrets, sink);
  return sink.members.empty() ? "no member" : sink.members[0].problem;
}

void ExpectDevice(const RecordingSink& sink, std::size_t size) {
  ASSERT_EQ(sink.members.size(), 1U);
  const auto& [member, content, has_content, problem] = sink.members[0];
  EXPECT_EQ(member.name, "payload");
  EXPECT_EQ(problem, "");
  ASSERT_EQ(content.size(), size);
  EXPECT_EQ(AsText(*Slice(content, 3, 8)), "mkfs.fat");
  const std::string text = Text();
  EXPECT_NE(AsText(content).find(text), std::string_view::npos);
  EXPECT_EQ(std::count(content.begin() + kFirstArea,
                       content.begin() + kFirstArea + 3 * kArea, 0),
            static_cast<std::ptrdiff_t>(3 * kArea));
}

TEST(BitlockerTest, APasswordOrTheRecoveryPasswordOpensIt) {
  const Bytes image = SampleOf("xts128");
  EXPECT_TRUE(HasMagic(kBitlocker, image));
  EXPECT_TRUE(kBitlocker.matches(ByteView(image).first(Input::kPeekLimit)));
  EXPECT_EQ(kBitlocker.measure(Concat(image, Bytes(99))).value_or(0),
            image.size());
  for (const Secrets& secrets :
       {Secrets{.passwords = {"wrong", "secret"}},
        Secrets{.keys = {CopyOf(AsBytes(std::string(kRecovery) + "\n"))}}}) {
    RecordingSink sink;
    Read(image, secrets, sink);
    ExpectDevice(sink, image.size());
    EXPECT_TRUE(sink.anomalies.empty());
  }
}

TEST(BitlockerTest, AStartupKeyOpensIt) {
  const Bytes image = SampleOf("to_go");
  EXPECT_TRUE(HasMagic(kBitlocker, image));
  const Bytes key =
      Hex("4034f7397f0c85d3717a8b3330d21b4222502045642d6c7bc95c44b67854d11a");
  // The file that Windows keeps it in: a header, an external key, a key.
  const Bytes external = Concat(Hex("4c00060009000100"), Bytes(24));
  const Bytes inside = Concat(Hex("2c00000001000100 02200000"), key);
  const Bytes file = Concat(Concat(Bytes(48), external), inside);
  for (const Bytes& given : {key, file}) {
    RecordingSink sink;
    Read(image, {.keys = {given}}, sink);
    ExpectDevice(sink, image.size());
  }
  EXPECT_NE(ProblemOf(image, {.passwords = {"secret"}}).find("none of the sec"),
            std::string::npos);
}

TEST(BitlockerTest, AKeyThatLiesBesideTheVolumeOpensItForEverybody) {
  const Bytes image = SampleOf("clear_key");
  RecordingSink sink;
  Read(image, {}, sink);
  ExpectDevice(sink, image.size());
  EXPECT_TRUE(sink.Saw("bitlocker.clear-key"));
}

TEST(BitlockerTest, WithoutTheSecretItsBytesAreOpaque) {
  const Bytes image = SampleOf("xts128");
  const std::string encrypted =
      "encrypted (AES-128-XTS; password, recovery password)";
  RecordingSink sink;
  Read(image, {}, sink);
  ASSERT_EQ(sink.members.size(), 2U);  // before and behind the metadata
  EXPECT_EQ(sink.members[0].problem, encrypted);
  EXPECT_EQ(sink.members[0].member.origin,
            (Range{kDeviceAt, kFirstArea - kDeviceAt}));
  const std::uint64_t behind = kFirstArea + 3 * kArea;
  EXPECT_EQ(sink.members[1].member.origin,
            (Range{behind, image.size() - behind}));
  EXPECT_EQ(ProblemOf(image, {.passwords = {"Secret"}, .keys = {Bytes(32)}}),
            encrypted + ": none of the secrets opens it");
}

TEST(BitlockerTest, WhatIsNotSupportedIsNamed) {
  EXPECT_EQ(ProblemOf(SampleOf("elephant"), {}),
            "encrypted (AES-128-CBC with the Elephant diffuser; clear key): "
            "not supported");
  EXPECT_EQ(ProblemOf(Edited(SampleOf("clear_key"), 100, 0x9000, 2), {}),
            "encrypted (an unknown method; clear key): not supported");
  // The key of the sectors has to fit their cipher.
  EXPECT_EQ(ProblemOf(Edited(SampleOf("clear_key"), 100, 0x8004, 2), {}),
            "encrypted (AES-128-XTS; clear key): a key of 64 bytes");
}

TEST(BitlockerTest, WhatIsNotEncryptedYetIsReadAsItIs) {
  Bytes image = Edited(SampleOf("clear_key"), 12, 5, 2);
  image = Edited(std::move(image), 16, 0x30000, 8);
  const std::string plain = "not encrypted yet";
  const std::size_t at = image.size() - 512;
  std::copy(plain.begin(), plain.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  RecordingSink open;
  Read(image, {}, open);
  EXPECT_TRUE(open.Saw("bitlocker.partly-encrypted"));
  ASSERT_EQ(open.members.size(), 1U);
  EXPECT_EQ(AsText(*Slice(open.members[0].content, at, plain.size())), plain);

  RecordingSink closed;  // the same without a key
  Read(Edited(image, 100, 0x8000, 2), {}, closed);
  ASSERT_EQ(closed.members.size(), 2U);
  EXPECT_NE(closed.members[0].problem, "");
  EXPECT_EQ(closed.members[1].problem, "");
  EXPECT_NE(AsText(closed.members[1].content).find(plain),
            std::string_view::npos);
}

TEST(BitlockerTest, OneIntactCopyOfTheMetadataIsEnough) {
  Bytes image = SampleOf("clear_key");
  for (const std::size_t copy : {0U, 1U}) {
    image[kFirstArea + copy * kArea + 130] ^= 1U;
    RecordingSink sink;
    Read(image, {}, sink);
    EXPECT_TRUE(sink.Saw("bitlocker.damaged-metadata"));
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_EQ(AsText(*Slice(sink.members[0].content, 3, 8)), "mkfs.fat");
  }
  image[kFirstArea + 2 * kArea + 130] ^= 1U;
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kBitlocker, image, sink));
  EXPECT_FALSE(kBitlocker.measure(image));
}

TEST(BitlockerTest, CopiesThatDifferAreReported) {
  Bytes image = SampleOf("clear_key");
  image[kFirstArea + kArea + 96] ^= 1U;  // the next nonce
  Seal(image, kFirstArea + kArea);
  RecordingSink sink;
  Read(image, {}, sink);
  EXPECT_TRUE(sink.Saw("bitlocker.ambiguous-metadata"));
}

TEST(BitlockerTest, HeadersThatLieAreRefused) {
  const Bytes image = SampleOf("clear_key");
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{image.size() + 1}, ~std::uint64_t{0}}) {
    const Bytes lying = Edited(image, 16, size, 8);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kBitlocker, lying, sink)) << size;
    EXPECT_FALSE(kBitlocker.measure(lying)) << size;
    std::string why;
    EXPECT_TRUE(
        sink.Accounts(std::min<std::uint64_t>(size, image.size()), &why))
        << why;
  }
  Bytes odd = image;
  PutLe(odd, 11, 513, 2);  // bytes in a sector
  EXPECT_FALSE(kBitlocker.matches(odd));
  // The moved sectors would lie outside, or on themselves.
  const Bytes pattern = Hex("0f000f00");  // the entry that says where
  const auto found = std::search(image.begin() + kFirstArea, image.end(),
                                 pattern.begin(), pattern.end());
  ASSERT_NE(found, image.end());
  const auto at =
      static_cast<std::size_t>(found - image.begin()) - kFirstArea + 6;
  for (const std::uint64_t offset :
       {~std::uint64_t{0}, std::uint64_t{0x1000}}) {
    RecordingSink sink;
    Read(Edited(image, at, offset, 8), {}, sink);
    EXPECT_EQ(sink.members.size(), 1U);
  }
}

TEST(BitlockerTest, VolumesOfVistaAreRecognized) {
  Bytes image(0x20000);
  const auto put = [&](std::size_t at, ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(),
              image.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, Hex("eb5290"));
  put(3, AsBytes(bitlocker::kSignature));
  PutLe(image, 11, 512, 2);
  PutLe(image, 13, 8, 1);
  PutLe(image, 40, image.size() / 512, 8);
  PutLe(image, 48, 1, 8);
  PutLe(image, 56, 2, 8);
  put(510, Hex("55aa"));
  put(0x2000, AsBytes(bitlocker::kSignature));
  PutLe(image, 0x2008, 112, 2);
  PutLe(image, 0x200A, 1, 2);
  PutLe(image, 0x2020, 0x2000, 8);
  PutLe(image, 0x2040, 48, 4);
  PutLe(image, 0x2044, 1, 4);
  PutLe(image, 0x2064, 0x8001, 2);
  EXPECT_TRUE(kBitlocker.matches(image));
  EXPECT_EQ(kBitlocker.measure(image).value_or(0), image.size());
  EXPECT_EQ(ProblemOf(image, {.passwords = {"secret"}}),
            "encrypted (BitLocker of Windows Vista, AES-256-CBC with the "
            "Elephant diffuser): not supported");
}

TEST(BitlockerTest, PrefixesAndFlipsAreAccountedFor) {
  const Bytes image = SampleOf("clear_key");
  testing::CheckVolumePrefixes(kBitlocker, image, 4001);
  testing::CheckVolumeFlips(kBitlocker, image, 17);
}

TEST(BitlockerTest, ReadsRecoveryPasswords) {
  EXPECT_EQ(bitlocker::RecoveryNumber(kRecovery),
            Hex("55a7e662e795eb3e8ac7d7be32a641f6"));
  for (const std::string_view wrong :
       {"", "471207-278498-422125-177177-561902-537405-468006-693452",
        "471207-278498-422125-177177-561902-537405-468006-6934511",
        "471207 278498 422125 177177 561902 537405 468006 693451",
        "999999-278498-422125-177177-561902-537405-468006-693451"}) {
    EXPECT_FALSE(bitlocker::RecoveryNumber(wrong)) << wrong;
  }
}

TEST(BitlockerTest, PasswordsAreUtf16) {
  EXPECT_EQ(Utf16OfText("a\xc3\xa9\xf0\x9f\x94\x91"), Hex("6100e9003dd811dd"));
}

TEST(BitlockerTest, ASealWithAnotherKeyDoesNotOpen) {
  for (const std::size_t size : {0U, 27U, 28U, 60U, 5000U}) {
    EXPECT_FALSE(bitlocker::Unsealed(Bytes(32), Bytes(size))) << size;
  }
  EXPECT_FALSE(bitlocker::Unsealed(Bytes(16), Bytes(60)));
}

}  // namespace
}  // namespace assay::formats
