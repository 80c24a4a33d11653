#include "signatures/der.h"

#include <gtest/gtest.h>

#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

Bytes Hex(std::string_view hex) {
  return BytesFromHex(hex).value_or(Bytes{});
}

TEST(DerTest, ReadsElementsSideBySide) {
  const Bytes bytes = Hex("0201050403AABBCC");
  DerReader reader(bytes);
  const auto number = reader.Next(kDerInteger);
  ASSERT_TRUE(number);
  EXPECT_EQ(HexOf(number->content), "05");
  EXPECT_FALSE(reader.Next(kDerInteger)) << "the tag is another";
  const auto octets = reader.Next();
  ASSERT_TRUE(octets);
  EXPECT_EQ(octets->tag, kDerOctetString);
  EXPECT_EQ(HexOf(octets->whole), "0403aabbcc");
  EXPECT_TRUE(reader.empty());
  EXPECT_FALSE(reader.Next());
}

TEST(DerTest, RefusesWhatIsNotThereOrNotDefinite) {
  for (const char* hex : {"", "30", "3001", "308000", "3080", "30850000000001",
                          "3084FFFFFFFF00", "1F0100", "30820005AA", "3081"}) {
    EXPECT_FALSE(ReadDer(Hex(hex))) << hex;
  }
}

TEST(DerTest, WrittenElementsAreRead) {
  for (const std::size_t size : {0UL, 1UL, 127UL, 128UL, 255UL, 70'000UL}) {
    const Bytes content(size, 0x5A);
    const Bytes written = WriteDer(kDerSequence, content);
    const auto read = ReadDer(written);
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(read->content.size(), size);
    EXPECT_EQ(read->whole.size(), written.size());
  }
}

}  // namespace
}  // namespace assay::signatures
