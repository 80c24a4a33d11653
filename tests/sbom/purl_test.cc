#include "sbom/purl.h"

#include <gtest/gtest.h>

namespace assay::sbom {
namespace {

// Expected forms are those of the specification's own examples and rules.
TEST(PurlTest, GivesTheCanonicalForm) {
  const struct {
    std::string_view input;
    std::string_view canonical;
  } kCases[] = {
      {"pkg:npm/@angular/animation@12.3.1",
       "pkg:npm/%40angular/animation@12.3.1"},
      {"pkg:npm/@babel/core#/googleapis/api/annotations/",
       "pkg:npm/%40babel/core#googleapis/api/annotations"},
      {"pkg:PYPI/Django_package@1.11.1.dev1",
       "pkg:pypi/django-package@1.11.1.dev1"},
      {"pkg:deb/Debian/Attr@1:2.4.47-2+b1?distro=x&arch=amd64",
       "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=x"},
      {"pkg://maven/org.apache.commons/io", "pkg:maven/org.apache.commons/io"},
      {"pkg:brew/node@20@20.10.0", "pkg:brew/node%4020@20.10.0"},
      {"pkg:generic/a%20b@1?empty=&x=%2Fy", "pkg:generic/a%20b@1?x=%2Fy"},
      {"pkg:golang/g.org/x#./a/../b//c", "pkg:golang/g.org/x#a/b/c"},
      {"pkg:pypi/A__b.-C@1.0RC1", "pkg:pypi/a-b-c@1.0rc1"},
      {"pkg:git/codeberg.org/Forgejo/forgejo@1#a",
       "pkg:git/codeberg.org/forgejo/forgejo@1#a"},
      {"pkg:huggingface/Org/Model@ABCDEF", "pkg:huggingface/Org/Model@abcdef"},
      {"pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/Newtonsoft.Json@13.0.1"},
      {"pkg:deb/x@1", "pkg:deb/x@1"},
  };
  for (const auto& each : kCases) {
    const auto purl = ParsePurl(each.input);
    ASSERT_TRUE(purl) << each.input << ": " << purl.error().what;
    EXPECT_EQ(ToString(*purl), each.canonical);
    EXPECT_EQ(ToString(*ParsePurl(each.canonical)), each.canonical);
  }
}

TEST(PurlTest, SplitsIntoDecodedParts) {
  const auto purl =
      ParsePurl("pkg:deb/debian/busybox@1:1.35%2Bb1?arch=amd64#usr/share");
  ASSERT_TRUE(purl);
  EXPECT_EQ(purl->type, "deb");
  EXPECT_EQ(purl->name_space, "debian");
  EXPECT_EQ(purl->name, "busybox");
  EXPECT_EQ(purl->version, "1:1.35+b1");
  EXPECT_EQ(purl->Qualifier("arch"), "amd64");
  EXPECT_EQ(purl->Qualifier("distro"), "");
  EXPECT_EQ(purl->subpath, "usr/share");
}

TEST(PurlTest, RefusesWhatTheSpecificationForbids) {
  for (const std::string_view text : {"",
                                      "pkg",
                                      "pkg:",
                                      "pkg:npm",
                                      "pkg:npm/",
                                      "pkg:npm/@1.0",
                                      "npm/x@1",
                                      "pkg:EnterpriseLibrary.Common@6.0.1304",
                                      "pkg:n&g?inx/nginx@0.8.9",
                                      "pkg:3nginx/nginx",
                                      "pkg:nginx:a/nginx",
                                      "pkg%3Amaven/o/io",
                                      "pkg:npm/x@1?in%20production=true",
                                      "pkg:npm/x%2",
                                      "pkg:npm/x%zz",
                                      "pkg:npm/x@%f",
                                      "pkg:npm/x?a=%q",
                                      "pkg:npm/x#%1",
                                      "pkg:npm/x?a=1&A=2",
                                      "pkg:swift/Alamofire@5.4.3",
                                      "pkg:vcpkg/boost/asio@1.84.0",
                                      "pkg:julia/Dates",
                                      "pkg:cpan/URI::PackageURL",
                                      "pkg:chrome-extension/dogs",
                                      "pkg:maven/io@1",
                                      "pkg:n_x/a@1",
                                      "pkg:cargo/a/b@1",
                                      "pkg:nuget/a/b@1",
                                      "pkg:bazel/a/b@1",
                                      "pkg:conda/a/b@1",
                                      "pkg:cocoapods/a/b@1",
                                      "pkg:mlflow/a/b@1",
                                      "pkg:bitbucket/b@1"}) {
    EXPECT_FALSE(ParsePurl(text)) << text;
  }
}

// What only the strict reading refuses, for it is so often written.
TEST(PurlTest, TheStrictReadingRefusesMore) {
  for (const std::string_view text :
       {"pkg:gem/x@1?Platform=java", "pkg:rpm/fedora/x@1?Arch=i386",
        "pkg:deb/x@1", "pkg:rpm/x@1", "pkg:apk/x@1", "pkg:alpm/x@1",
        "pkg:golang/x@1", "pkg:git/x@1", "pkg:swid/x@1"}) {
    EXPECT_TRUE(ParsePurl(text)) << text;
    EXPECT_FALSE(ParsePurl(text, PurlReading::kStrict)) << text;
  }
  for (const std::string_view text :
       {"pkg:deb/debian/x@1?arch=amd64", "pkg:swid/x@1?tag_id=y",
        "pkg:MAVEN/a/b?Repository_URL=x"}) {
    EXPECT_TRUE(ParsePurl(text, PurlReading::kStrict)) << text;
  }
}

TEST(PurlTest, EveryPrefixIsReadOrRefused) {
  const std::string_view text = "pkg:npm/%40a/b@1%2B2?k=%20v&l=m#s/%74";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto purl = ParsePurl(text.substr(0, size));
    if (purl) {
      EXPECT_TRUE(ParsePurl(ToString(*purl))) << size;
    }
  }
}

TEST(PurlTest, ANameThatMakesNoPackageUrlGivesNone) {
  EXPECT_EQ(PurlOf("npm", "@a", "B", "1.0"), "pkg:npm/%40a/b@1.0");
  EXPECT_EQ(PurlOf("opkg", "", "x", "1", "arm"), "pkg:opkg/x@1?arch=arm");
  EXPECT_EQ(PurlOf("npm", "", "", "1.0"), "");
}

}  // namespace
}  // namespace assay::sbom
