#include <gtest/gtest.h>

#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::ReachOf;
using testing::Replaced;
using testing::Situation;

const std::string kFolder = "signatures/ucert/";
constexpr UnixTime kNow = 1'750'000'000;

Bytes Image(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".bin");
}

Situation With(std::string_view key, UnixTime at = kNow) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kSignifyKey,
                       .key = Sample(kFolder + std::string(key))}},
          .at = at};
}

std::string VerdictOf(ByteView image,
                      const Situation& situation = With("root.pub")) {
  const auto found = FindAll(kUcert, "sysupgrade.bin", image);
  return found.size() == 1 ? Judged(kUcert, found[0], situation)
                           : "no candidate";
}

TEST(UcertTest, ChainsHoldFromAnAnchorOn) {
  EXPECT_EQ(VerdictOf(Image("direct")), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(Image("chain")), "TOTAL-PASSED");
  const auto anchors = With("root.pub").anchors;
  const SignatureCheck check =
      kUcert.verify(FindAll(kUcert, "x", Image("chain")).at(0), {},
                    {.anchors = anchors, .at = kNow});
  EXPECT_EQ(check.key, "2222222222222222");
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(check.steps.back(),
            "key 1111111111111111 authorizes key 2222222222222222");
}

TEST(UcertTest, AKeyInsideIsNoAnchor) {
  EXPECT_EQ(VerdictOf(Image("chain"), With("build.pub")),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(VerdictOf(Image("direct"), With("other.pub")),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(VerdictOf(Image("direct"), {}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(UcertTest, LinksCountInTheirPeriod) {
  for (const UnixTime at : {UnixTime{1'699'999'999}, UnixTime{1'800'000'000}}) {
    EXPECT_EQ(VerdictOf(Image("chain"), With("root.pub", at)),
              "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  }
}

TEST(UcertTest, ChainsThatDoNotEndAtTheImageFail) {
  EXPECT_EQ(VerdictOf(Image("revoker")), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(VerdictOf(Image("unsigned")), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(VerdictOf(Image("twice")), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(VerdictOf(Image("stranger")), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(UcertTest, UnknownAlgorithmsAreUnsupported) {
  // "RW" is the base64 of "Ed"; "RX" of "Et" or so.
  EXPECT_EQ(VerdictOf(Replaced(Image("direct"), "\nRW", "\nRX")),
            "UNSUPPORTED");
}

TEST(UcertTest, EverythingInFrontIsSigned) {
  const Bytes image = Image("chain");
  const auto found = FindAll(kUcert, "x", image);
  for (std::size_t at = 0; at < image.size(); ++at) {
    EXPECT_EQ(ReachOf(found.at(0), at), at < found[0].place.offset
                                            ? Coverage::kSigned
                                            : Coverage::kUncoveredInert);
  }
}

TEST(UcertTest, NoByteCanChangeButComments) {
  for (const char* name : {"direct", "chain"}) {
    const Bytes image = Image(name);
    const std::string_view text = AsText(image);
    for (std::size_t at = 0; at < image.size(); ++at) {
      Bytes changed = image;
      changed[at] ^= 1;
      // The comments of signatures say anything; a trailer's CRC is no
      // signature; a few bits of libubox's headers and paddings are not read.
      const std::size_t comment = text.rfind("untrusted", at);
      const bool in_comment =
          comment != std::string_view::npos && at < text.find('\n', comment);
      // The last byte of a signature's length: its final newline or not.
      const bool length = text.substr(at + 1).starts_with("untrusted");
      const bool reached = at < FindAll(kUcert, "x", image).at(0).place.offset;
      EXPECT_TRUE(VerdictOf(changed) != "TOTAL-PASSED" ||
                  (!reached && (in_comment || length || image[at] == 0 ||
                                at + 16 >= image.size())))
          << name << " " << at;
    }
  }
}

TEST(UcertTest, NoPrefixPassesAndNothingFollows) {
  const Bytes image = Image("chain");
  for (std::size_t size = 0; size < image.size(); ++size) {
    EXPECT_NE(VerdictOf(ByteView(image).first(size)), "TOTAL-PASSED") << size;
  }
  EXPECT_EQ(VerdictOf(assay::testing::Concat(image, AsBytes("x"))),
            "no candidate");
}

}  // namespace
}  // namespace assay::signatures
