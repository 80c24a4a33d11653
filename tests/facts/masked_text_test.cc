#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kMasked = Sample("facts/masked_text/masked.hex");

// A program whose content is `word` with `mask` applied to each byte.
template <typename Mask>
Bytes Program(std::string_view word, Mask mask) {
  Bytes bytes =
      CopyOf(AsBytes("\x7f"
                     "ELF"));
  bytes.push_back(0);
  for (const char c : word) {
    bytes.push_back(static_cast<std::uint8_t>(mask(c)));
  }
  bytes.push_back(0);
  return bytes;
}

TEST(MaskedTextTest, ReadsWordsUnderAConstant) {
  const auto seen = Examine(kMaskedText, "usr/lib/x.o", kMasked);
  EXPECT_FALSE(seen.understood);
  EXPECT_EQ(seen.Lines(),
            (Strings{"encoded /bin/sh -c inert encoding=xor key=0xa7",
                     "encoded http://192.0.2.7/inert encoding=sum key=0x11"}));
  EXPECT_EQ(PlaceText(seen.facts[0], kMasked).size(), 16U);
  ExpectLawful(seen, kMasked);
}

TEST(MaskedTextTest, EveryConstantButNoneAndTheOtherCase) {
  for (unsigned key = 1; key < 256; ++key) {
    const auto exclusive = [&](char c) {
      return static_cast<unsigned char>(c) ^ key;
    };
    const auto found =
        Examine(kMaskedText, "x", Program("authorized_keys", exclusive));
    EXPECT_EQ(found.facts.size(), key == 0x20 ? 0U : 1U) << key;
  }
  const auto plain = [](char c) { return c; };
  EXPECT_TRUE(Examine(kMaskedText, "x", Program("http://example", plain))
                  .facts.empty());
}

TEST(MaskedTextTest, NothingButPrograms) {
  const auto exclusive = [](char c) { return c ^ 0x55; };
  Bytes other = Program("/bin/busybox", exclusive);
  ASSERT_EQ(Examine(kMaskedText, "x", other).facts.size(), 1U);
  other[1] = 'e';
  EXPECT_TRUE(Examine(kMaskedText, "x", other).facts.empty());
}

TEST(MaskedTextTest, DamageNeverLeadsOutside) {
  Sweep(kMaskedText, "x.o", kMasked, {0x01});
}

}  // namespace
}  // namespace assay::facts
