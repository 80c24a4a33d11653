#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kSample = Sample("facts/embedded_code/nginx.conf");

TEST(EmbeddedCodeTest, ReadsBlocksOfLua) {
  const auto seen = Examine(kEmbeddedCode, "etc/nginx/nginx.conf", kSample);
  ASSERT_FALSE(seen.facts.empty());
  EXPECT_EQ(seen.facts[0].value, "os.execute");
  EXPECT_EQ(seen.facts[0].Attribute("tainted"), "request");
  EXPECT_EQ(seen.facts[0].Attribute("line"), "3");
  EXPECT_EQ(PlaceText(seen.facts[0], kSample), "os.execute(ngx.var.arg_a)");
}

TEST(EmbeddedCodeTest, ReadsLuaInQuotes) {
  const auto seen = Examine(
      kEmbeddedCode, "etc/nginx/x.conf",
      AsBytes("content_by_lua 'os.execute(\"a b\")';\nx_by_lua_file /y;"));
  EXPECT_EQ(seen.Values("call"), Strings{"os.execute"});
  EXPECT_EQ(seen.Values("command"), Strings{"a b"});
}

TEST(EmbeddedCodeTest, IsLawfulWhateverItReads) {
  Sweep(kEmbeddedCode, "etc/nginx/nginx.conf", kSample);
}

}  // namespace
}  // namespace assay::facts
