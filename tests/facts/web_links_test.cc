#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kPage = Sample("facts/web_links/page.html");

TEST(WebLinksTest, TellsWhatAPageRefersTo) {
  const auto seen = Examine(kWebLinks, "www/page.html", kPage);
  EXPECT_EQ(seen.Values("web.link"),
            (Strings{"network.asp", "logout.cgi", "/cgi-bin/status",
                     "/cgi-bin/", "wireless", "apply"}));
  EXPECT_EQ(PlaceText(seen.facts[2], kPage), "/cgi-bin/status");
}

TEST(WebLinksTest, ScriptsSettingsAndProgramsNamePagesToo) {
  EXPECT_EQ(Examine(kWebLinks, "etc/httpd.conf", "home = /pages/start.htm\n")
                .Values("web.link"),
            Strings{"/pages/start.htm"});
  EXPECT_EQ(Examine(kWebLinks, "usr/sbin/httpd",
                    std::string("\x7F"
                                "ELF\0\0/cgi-bin/save\0a.asp\0x.bin\0",
                                32))
                .Values("web.link"),
            (Strings{"a.asp", "/cgi-bin/save"}));
}

TEST(WebLinksTest, OtherWordsAreNoLinks) {
  EXPECT_TRUE(Examine(kWebLinks, "etc/x.conf", "a = 'b' 1.2.3.4 x.conf\n")
                  .facts.empty());
  EXPECT_TRUE(
      Examine(kWebLinks, "usr/share/doc/x/x.html", kPage).facts.empty());
  EXPECT_TRUE(Examine(kWebLinks, "www/x.js", "f('two words', \"a&b\", '')")
                  .facts.empty());
}

TEST(WebLinksTest, EachIsToldOnce) {
  EXPECT_EQ(Examine(kWebLinks, "www/a.htm", "<a href='b.htm'><a href='b.htm'>")
                .facts.size(),
            1U);
}

TEST(WebLinksTest, DamageNeverLeadsOutside) {
  Sweep(kWebLinks, "www/page.html", kPage);
}

}  // namespace
}  // namespace assay::facts
