#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kControl = Sample("cataloguers/deb_control/control");
const Bytes kSums = Sample("cataloguers/deb_control/md5sums");

TEST(DebControlTest, NamesThePackageItself) {
  const auto [understood, seen] = ExamineFile(kDebControl, "control", kControl);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 1U);
  const Component& webui = seen.components[0].component;
  EXPECT_EQ(webui.name, "webui");
  EXPECT_EQ(webui.version, "1.1-2");
  EXPECT_EQ(webui.purl, "pkg:deb/debian/webui@1.1-2?arch=all");
  EXPECT_EQ(webui.source_name, "router-web");
  EXPECT_EQ(webui.supplier, "Example Networks <support@example.org>");
  EXPECT_EQ(webui.licences, std::vector<std::string>{"GPL-2.0-only"});
}

TEST(DebControlTest, ReadsItsDigestList) {
  const auto seen = ExamineFile(kDebControl, "md5sums", kSums).seen;
  ASSERT_EQ(seen.components.size(), 1U);
  const ComponentEvidence& list = seen.components[0];
  EXPECT_EQ(list.component.type, kFileListType);
  EXPECT_FALSE(list.files_from_root);
  EXPECT_EQ(list.component.files,
            (std::vector<std::string>{"www/index.html", "www/empty"}));
  EXPECT_EQ(list.file_digests.size(), 2U);
}

TEST(DebControlTest, OnlyAtTheTopAndOnlyWhenItIsOne) {
  EXPECT_FALSE(ExamineFile(kDebControl, "etc/control", kControl).understood);
  EXPECT_FALSE(ExamineFile(kDebControl, "usr/md5sums", kSums).understood);
  EXPECT_FALSE(ExamineFile(kDebControl, "md5sums", kControl).understood);
  for (const std::string_view text :
       {"", "Package: x\nVersion: 1\n", "Package: x\nArchitecture: all\n",
        "Version: 1\nArchitecture: all\n", ": \n", " folded\n",
        "Package: x\n\nVersion: 1\nArchitecture: all\n"}) {
    const auto [understood, seen] =
        ExamineFile(kDebControl, "control", AsBytes(text));
    EXPECT_FALSE(understood) << text;
    EXPECT_TRUE(seen.components.empty()) << text;
  }
}

TEST(DebControlTest, SurvivesDamage) {
  SweepContent(kDebControl, "control", kControl);
  SweepContent(kDebControl, "md5sums", kSums);
}

}  // namespace
}  // namespace assay::sbom
