#include "verifier/facts/shell_relations.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::facts {
namespace {

TEST(ShellRelationsTest, KnowsAKeyThatComesWithWhatItProves) {
  const struct {
    const char* script;
    std::size_t found;
  } kCases[] = {
      {"usign -V -m $d/image -x $d/image.sig -p $d/key.pub", 1},
      {"openssl dgst -verify /tmp/u/k.pem -signature /tmp/u/s /tmp/u/i", 1},
      {"k=$d/key.pub\n[ -f $k ] || k=/etc/key.pub\nminisign -V -m $d/i -p $k",
       1},
      {"tar xf $1\nopenssl dgst -verify pub.pem -signature i.sig i.bin", 1},
      {"gpgv --keyring $d/ring.gpg $d/a.sig $d/a", 1},
      {"usign -V -m $d/image -p /etc/key.pub", 0},
      {"usign -V -m /tmp/image -p /rom/key.pub", 0},
      {"openssl dgst -verify pub.pem -signature i.sig i.bin", 0},
      {"cp /etc/ring.gpg $d/ring.gpg\ngpgv --keyring $d/ring.gpg $d/a.sig $d/a",
       0},
      {"usign -S -m $d/image -s $d/key", 0},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(KeysBesideMessages(ParseShell(one.script, 100)).size(), one.found)
        << one.script;
  }
}

TEST(ShellRelationsTest, KnowsASourceThatIsAnotherWhileItIsCompiled) {
  const struct {
    const char* script;
    const char* file;
  } kCases[] = {
      {"cp $f $f.sv\nsed -i s/a/b/ $f\n\"$@\"\nmv $f.sv $f", "$f"},
      {"mv a.c a.k\nsed s/a/b/ a.k >a.c\nmake\nmv a.k a.c", "a.c"},
      {"trap 'mv a.k a.c' EXIT\ncp a.c a.k\npatch a.c < x\ngcc a.c", "a.c"},
      {"cp a.c /tmp/a.c\ncat x >>a.c\nmake -j4\ngit checkout a.c", "a.c"},
      {"cp a.in a.h\nsed -i s/a/b/ a.h\nmake", ""},
      {"cp a.c a.k\nsed -i s/a/b/ a.c\nmake", ""},
      {"cp a.c a.k\nmake\nmv a.k a.c", ""},
      {"cp a.conf a.k\nsed -i s/a/b/ a.conf\nmake\nmv a.k a.conf", ""},
  };
  for (const auto& one : kCases) {
    const auto swaps = SwapsOf(ParseShell(one.script, 100));
    EXPECT_EQ(swaps.empty() ? "" : swaps[0].file, one.file) << one.script;
  }
}

TEST(ShellRelationsTest, KnowsAConditionThatSparesTheCheck) {
  const std::string check = "usign -V -m /tmp/f -p /k.pub || exit 1\n";
  const std::string install = "mtd write /tmp/f firmware\n";
  const struct {
    std::string script;
    std::string condition;
  } kCases[] = {
      {"if [ -z $X ]; then\n" + check + "fi\n" + install, "[ -z $X ]"},
      {"[ -e /mnt/no ] || usign -V -m /tmp/f -p /k\n" + install,
       "[ -e /mnt/no ]"},
      {"c() { " + check + "}\nif [ $1 = a ]; then c; fi\n" + install,
       "[ $1 = a ]"},
      {check + install, ""},
      {"if [ -f /s ]; then\n" + check + "else\nexit 1\nfi\n" + install, ""},
      {"if [ -f /s ]; then\n" + check + install + "fi\n", ""},
      {"case $1 in\na) " + check + ";;\nb) " + install + ";;\nesac\n", ""},
  };
  for (const auto& one : kCases) {
    const auto skips = SkipsOf(ParseShell(one.script, 100));
    EXPECT_EQ(skips.empty() ? "" : skips[0].condition, one.condition)
        << one.script;
  }
}

}  // namespace
}  // namespace assay::facts
