#include "verifier/report/html/proof.h"

#include <gtest/gtest.h>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/report/html/pool.h"

namespace assay::report::html {
namespace {

Evidence Quoting(std::string_view bytes, std::string excerpt) {
  return {.kind = Evidence::Kind::kBytes,
          .path = "a",
          .place = Range{16, bytes.size()},
          .digest = Sha256Hex(AsBytes(bytes)),
          .excerpt = std::move(excerpt)};
}

std::string ProvenText(const Evidence& evidence) {
  const auto bytes = ProvenBytes(evidence);
  return bytes ? std::string(AsText(*bytes)) : "nothing";
}

TEST(UnescapedTest, IsTheInverseOfEscaped) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all.push_back(static_cast<char>(c));
  }
  const auto back = Unescaped(Escaped(all));
  ASSERT_TRUE(back);
  EXPECT_EQ(AsText(*back), all);
}

TEST(UnescapedTest, RefusesWhatEscapedNeverWrites) {
  for (const std::string_view text :
       {"\\", "\\x", "\\x4", "\\n", "\\xzz", "\\x+1", "a\\x1g", "\\y41"}) {
    EXPECT_FALSE(Unescaped(text)) << text;
  }
}

TEST(ProvenBytesTest, AreThoseOfTheDigest) {
  EXPECT_EQ(ProvenText(Quoting("toor:x:0", "toor:x:0")), "toor:x:0");
  EXPECT_EQ(ProvenText(Quoting("a\x01z", "a\\x01z")), "a\x01z");
}

TEST(ProvenBytesTest, AreFoundInTheDescriptionOfAFact) {
  EXPECT_EQ(ProvenText(Quoting("nc -l", "exec \"nc -l\" shell=yes")), "nc -l");
  EXPECT_EQ(ProvenText(Quoting("a\"b", "string \"a\"b\"")), "a\"b");
}

TEST(ProvenBytesTest, AreNothingWhereTheReportDoesNotHoldThem) {
  EXPECT_EQ(ProvenText(Quoting("secret", "")), "nothing");
  EXPECT_EQ(ProvenText(Quoting("secret", "******")), "nothing");
  EXPECT_EQ(ProvenText(Quoting("a long text", "a long")), "nothing");
  EXPECT_EQ(ProvenText(Quoting("abc", "abd")), "nothing");
  EXPECT_EQ(ProvenText(Quoting("abc", "\"")), "nothing");
  EXPECT_EQ(ProvenText(Quoting("abc", "\"abc")), "nothing");
}

TEST(ProvenBytesTest, AreNothingWithoutPlaceDigestOrBytes) {
  Evidence evidence = Quoting("abc", "abc");
  evidence.digest.clear();
  EXPECT_EQ(ProvenText(evidence), "nothing");
  evidence = Quoting("abc", "abc");
  evidence.place.reset();
  EXPECT_EQ(ProvenText(evidence), "nothing");
  evidence = Quoting("abc", "abc");
  evidence.kind = Evidence::Kind::kMetadata;
  EXPECT_EQ(ProvenText(evidence), "nothing");
}

TEST(PoolTest, RefersToEachTextOnce) {
  Pool pool;
  pool.OpenObject();
  pool.Text("a", "x");
  pool.OpenArray("y");
  pool.Text("a");
  pool.Text("</b>\"");
  pool.Texts({"a", "c"});
  pool.Missing();
  pool.Close();
  pool.Close();
  EXPECT_EQ(pool.Finish(),
            "{\"strings\":[\"a\",\"\\u003c/b\\u003e\\\"\",\"c\"],\n"
            "\"data\":{\"x\":0,\"y\":[0,1,[0,2],-1]}}");
}

TEST(PoolTest, NumbersThatAProgramCannotCountBecomeTheLargestThatItCan) {
  Pool pool;
  pool.OpenArray();
  pool.Number(9'007'199'254'740'991);
  pool.Number(UINT64_MAX);
  pool.Close();
  EXPECT_EQ(pool.Finish(),
            "{\"strings\":[],\n"
            "\"data\":[9007199254740991,9007199254740991]}");
}

}  // namespace
}  // namespace assay::report::html
