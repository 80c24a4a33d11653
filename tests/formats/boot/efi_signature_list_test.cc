#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kEfiSignatureList;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kLists = Sample("formats/efi_signature_list/lists.hex");

// What `hash-to-efi-sig-list` prints of the two images.
TEST(EfiSignatureListTest, EntriesAreMembers) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kEfiSignatureList, kLists, sink, &consumed));
  EXPECT_EQ(consumed, kLists.size());
  EXPECT_EQ(kEfiSignatureList.measure(kLists).value_or(0), kLists.size());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kLists.size(), &why)) << why;
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(sink.members[0].member.name, "x509-0");
  EXPECT_EQ(sink.members[0].content[0], 0x30);
  ASSERT_EQ(sink.members[0].member.meta.xattrs.size(), 1U);
  EXPECT_EQ(sink.members[0].member.meta.xattrs[0].second,
            "77fa9abd-0359-4d32-bd60-28f4e78f784b");
  EXPECT_EQ(sink.members[1].member.name, "sha256-1");
  EXPECT_EQ(sink.members[1].content,
            Hex("d1d8eb88e4d8775be2045cb092ad3ab92b40a0822e8daa8ab8caf626e201"
                "52c0"));
  EXPECT_EQ(sink.members[2].content,
            Hex("1c43e0b61faea158c3459d6cb5e076824fe68f6c15d7ce4c85e769570b1c"
                "818b"));
}

TEST(EfiSignatureListTest, EndsWithTheLastWholeList) {
  const Bytes longer = Concat(kLists, AsBytes("more"));
  EXPECT_EQ(kEfiSignatureList.measure(longer).value_or(0), kLists.size());
}

TEST(EfiSignatureListTest, APrefixFailsOrEndsWithAList) {
  ForEachPrefix(kEfiSignatureList, kLists, [](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || attempt.sink->members.size() == 1) << attempt.at;
  });
}

TEST(EfiSignatureListTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kEfiSignatureList, kLists, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kLists.size());
  });
}

TEST(EfiSignatureListTest, OtherBytesAreNoList) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong : {Case{0, 0}, Case{15, 0}, Case{16, 1}, Case{17, 0},
                            Case{23, 1}, Case{24, 0}, Case{25, 0}}) {
    Bytes other = kLists;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kEfiSignatureList.matches(other)) << wrong.at;
  }
  Bytes digest(kLists.end() - 124, kLists.end());
  ASSERT_TRUE(kEfiSignatureList.matches(digest));
  digest[24] = 0x20;  // entries too short for an owner and a digest
  EXPECT_FALSE(kEfiSignatureList.matches(digest));
  EXPECT_FALSE(kEfiSignatureList.matches({}));
}

}  // namespace
}  // namespace assay::formats
