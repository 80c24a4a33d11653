// Encrypted members of zip archives, as three programs write them.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/archives/zip_traditional.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kZip;
namespace {

using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

Bytes SampleOf(const std::string& name) {
  return Sample("formats/zip/" + name + ".hex");
}

// What make_encrypted.sh packs as r.txt.
std::string Lines() {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "seq \n";
  }
  return text;
}

const Secrets kGood = {.passwords = {"wrong", "Secret", "secret"}};

void Open(ByteView image, const Secrets& secrets, RecordingSink& sink) {
  sink.set_secrets(secrets);
  const auto result = Unpack(kZip, image, sink);
  EXPECT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

class ZipEncryptionTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Samples, ZipEncryptionTest,
                         ::testing::Values("traditional",
                                           "traditional-descriptor", "aes128",
                                           "aes192", "aes256", "ae1"));

TEST_P(ZipEncryptionTest, APasswordOpensEveryMember) {
  const Bytes image = SampleOf(GetParam());
  for (const Secrets& secrets :
       {kGood, Secrets{.keys = {CopyOf(AsBytes("secret"))}}}) {
    RecordingSink sink;
    Open(image, secrets, sink);
    for (const auto& [name, content] :
         {std::pair{"r.txt", Lines()}, std::pair{"f", std::string("abc")}}) {
      const RecordedMember* member = sink.Find(name);
      ASSERT_NE(member, nullptr) << name;
      EXPECT_EQ(member->problem, "") << name;
      EXPECT_EQ(AsText(member->content), content);
      EXPECT_FALSE(member->member.stored);
    }
    EXPECT_TRUE(sink.anomalies.empty());
  }
}

TEST_P(ZipEncryptionTest, WithoutThePasswordMembersAreOpaque) {
  const Bytes image = SampleOf(GetParam());
  for (const auto& passwords :
       {std::vector<std::string>(), {"wrong", "", "Secret"}}) {
    RecordingSink sink;
    Open(image, {.passwords = passwords}, sink);
    for (const RecordedMember& member : sink.members) {
      EXPECT_FALSE(member.has_content);
      EXPECT_EQ(member.problem.substr(0, 11), "encrypted (");
      EXPECT_EQ(member.problem.find("none of the secrets") == std::string::npos,
                passwords.empty());
    }
    EXPECT_TRUE(sink.anomalies.empty());
  }
}

TEST(ZipEncryptionNamesTest, SaysHowMembersAreEncrypted) {
  const std::pair<const char*, const char*> cases[] = {
      {"traditional", "encrypted (PKWARE's traditional encryption)"},
      {"aes128", "encrypted (AES-128)"},
      {"aes192", "encrypted (AES-192)"},
      {"aes256", "encrypted (AES-256)"}};
  for (const auto& [name, problem] : cases) {
    RecordingSink sink;
    Open(SampleOf(name), {}, sink);
    EXPECT_EQ(sink.Find("f")->problem, problem);
  }
}

TEST(ZipEncryptionNamesTest, AnEncryptedLinkHasItsTarget) {
  RecordingSink sink;
  Open(SampleOf("traditional"), kGood, sink);
  ASSERT_NE(sink.Find("l"), nullptr);
  EXPECT_EQ(sink.Find("l")->member.meta.link_target, "f");
}

// One byte of the header says whether a password is right: of the many that
// pass, only the one counts that the content confirms.
TEST(ZipEncryptionNamesTest, PasswordsThatPassTheCheckByteAreNotBelieved) {
  Secrets secrets;
  for (int i = 0; i < 2000; ++i) {
    secrets.passwords.push_back("guess" + std::to_string(i));
  }
  const Bytes image = SampleOf("traditional");
  RecordingSink sink;
  Open(image, secrets, sink);
  EXPECT_FALSE(sink.Find("r.txt")->has_content);
  EXPECT_TRUE(sink.anomalies.empty());
  secrets.passwords.emplace_back("secret");
  RecordingSink opened;
  Open(image, secrets, opened);
  EXPECT_EQ(AsText(opened.Find("r.txt")->content), Lines());
}

TEST(ZipEncryptionNamesTest, ChangedDataAreNoticed) {
  const Bytes image = SampleOf("aes256");
  RecordingSink whole;
  Open(image, kGood, whole);
  const Range range = *whole.Find("r.txt")->member.origin;
  for (std::uint64_t at = range.offset; at < range.end(); ++at) {
    Bytes damaged = image;
    damaged[at] ^= 1U;
    RecordingSink sink;
    Open(damaged, kGood, sink);
    const RecordedMember* member = sink.Find("r.txt");
    ASSERT_NE(member, nullptr);
    EXPECT_TRUE(sink.Saw("zip.authentication-mismatch") ||
                (!member->has_content && !member->problem.empty()))
        << at - range.offset;
  }
}

TEST(ZipEncryptionNamesTest, TooShortDataAreNoData) {
  for (const char* name : {"aes256", "traditional"}) {
    const Bytes image = SampleOf(name);
    Bytes damaged = image;
    // The packed size of every header, local and central, becomes 5.
    for (std::size_t at = 0; at + 46 < damaged.size(); ++at) {
      const auto signature = AsText(ByteView(damaged).subspan(at, 4));
      const std::size_t field = signature == "PK\x03\x04"   ? 18
                                : signature == "PK\x01\x02" ? 20
                                                            : 0;
      if (field != 0) {
        std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(at + field),
                    4, std::uint8_t{0});
        damaged[at + field] = 5;
      }
    }
    RecordingSink sink;
    sink.set_secrets(kGood);
    (void)Unpack(kZip, damaged, sink);
    for (const RecordedMember& member : sink.members) {
      EXPECT_FALSE(member.has_content);
      EXPECT_NE(member.problem.find("too short"), std::string::npos);
    }
  }
}

TEST(ZipEncryptionNamesTest, OtherFieldsAreNotTrusted) {
  const std::string_view field("\x01\x99\x07\x00\x02\x00", 6);
  const std::pair<std::size_t, std::uint8_t> lies[] = {
      {4, 3}, {6, 'B'}, {8, 0}, {8, 4}, {9, 99}};
  for (const auto& [at, value] : lies) {
    Bytes image = SampleOf("aes256");
    std::size_t found = AsText(image).find(field);
    while (found != std::string_view::npos) {
      image[found + at] = value;
      found = AsText(image).find("\x01\x99\x07", found + 1);
    }
    RecordingSink sink;
    Open(image, kGood, sink);
    EXPECT_EQ(sink.Find("r.txt")->problem,
              "encrypted (in no way that is known)")
        << at;
  }
}

TEST(ZipEncryptionNamesTest, DerivationsAreBounded) {
  RecordingSink sink;
  sink.set_secrets(kGood);
  sink.set_limits({.unpacked = 1U << 20U});
  ASSERT_TRUE(Unpack(kZip, SampleOf("aes256"), sink));
  EXPECT_EQ(sink.Find("f")->problem,
            "encrypted (AES-256): 1000 rounds of key derivation are more than "
            "the limit allows");
}

}  // namespace
}  // namespace assay::formats
