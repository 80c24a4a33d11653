// One discrepancy of each class, and what looks like one and is none.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "sbom/attributes.h"
#include "sbom/product_names.h"
#include "sbom/reconcile.h"
#include "sbom/reference.h"
#include "sbom/scores.h"
#include "tests/sbom/survey_builder.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kDropbear =
    "pkg:deb/debian/dropbear-bin@2022.83-1?arch=amd64";
constexpr std::string_view kZlib = "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64";

constexpr std::string_view kStatus =
    "Package: dropbear-bin\nVersion: 2022.83-1\nArchitecture: amd64\n"
    "Source: dropbear\nMaintainer: Ann Example <ann@debian.org>\n"
    "Status: install ok installed\n\n"
    "Package: zlib1g\nVersion: 1:1.2.13\nArchitecture: amd64\n"
    "Status: install ok installed\n";

// A root file system of two packages with dpkg's database.
struct Product {
  explicit Product(std::string_view status = kStatus)
      : image(builder.AddPart(0, "router.bin", "image")),
        rootfs(builder.AddPart(image, "rootfs", "squashfs")),
        dropbear(builder.Add(rootfs, "usr/sbin/dropbear", "ssh server", 0755)),
        zlib(builder.Add(rootfs, "usr/lib/libz.so.1", "zlib code", 0644)) {
    builder.Add(rootfs, "var/lib/dpkg/status", status);
    builder.Add(rootfs, "var/lib/dpkg/info/dropbear-bin.list",
                "/.\n/usr\n/usr/sbin\n/usr/sbin/dropbear\n");
    builder.Add(rootfs, "var/lib/dpkg/info/zlib1g.list",
                "/usr/lib/libz.so.1\n");
  }

  SurveyBuilder builder =
      SurveyBuilder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  ArtifactId image;
  ArtifactId rootfs;
  ArtifactId dropbear;
  ArtifactId zlib;

  void Banner(ArtifactId in, std::string name, std::string version,
              Strength strength = Strength::kWeak) {
    builder.AddEvidence(in, {.component = {.type = "library",
                                           .name = std::move(name),
                                           .version = std::move(version)},
                             .cataloguer = "banners",
                             .strength = strength,
                             .place = {4, 6}});
  }
};

std::vector<Component> Truth() {
  return {PackageClaim(kDropbear),
          FileClaim("usr/sbin/dropbear", "ssh server", kDropbear),
          PackageClaim(kZlib),
          FileClaim("usr/lib/libz.so.1", "zlib code", kZlib)};
}

std::string Codes(const Reconciliation& result) {
  std::string text;
  for (const Discrepancy& one : result.discrepancies) {
    text += fmt::format("{}-{} {}\n", one.code, one.weight, one.component);
  }
  return text;
}

TEST(DiscrepanciesTest, ATruthfulSbomScoresAHundred) {
  const Product product;
  const auto result = Reconcile(product.builder.survey(), {Vendor(Truth())});
  EXPECT_EQ(Codes(result), "");
  ASSERT_TRUE(result.scores);
  EXPECT_EQ(result.scores->index, 100U);
  EXPECT_EQ(result.scores->precision.part, 4U);
  EXPECT_EQ(result.scores->precision.whole, 4U);
  EXPECT_EQ(result.scores->recall.whole, 1U);
  EXPECT_FALSE(Reconcile(product.builder.survey(), {}).scores);
}

TEST(DiscrepanciesTest, CapsOfTheIndex) {
  Product product;
  product.builder.Add(product.rootfs, "usr/sbin/telemetryd", "x", 0755);
  auto result = Reconcile(product.builder.survey(), {Vendor(Truth())});
  EXPECT_EQ(Codes(result), "D07-9 usr/sbin/telemetryd\n");
  EXPECT_LE(result.scores->index, 60U);
  EXPECT_EQ(result.scores->capped_by, std::vector<std::string>{"D07"});

  auto components = Truth();
  components[1] = FileClaim("usr/sbin/dropbear", "other bytes", kDropbear);
  result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_LE(result.scores->index, 40U);
  EXPECT_EQ(result.scores->capped_by, (std::vector<std::string>{"D04", "D07"}));
}

TEST(DiscrepanciesTest, DataThatNobodyOwnsIsNoProgram) {
  Product product;
  product.builder.Add(product.rootfs, "usr/share/data.bin", "x", 0644);
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {Vendor(Truth())})),
            "D08-1 usr/share/data.bin\n");
}

TEST(DiscrepanciesTest, ARevisionIsForInformation) {
  const Product product;
  auto components = Truth();
  components[0] =
      PackageClaim("pkg:deb/debian/dropbear-bin@2022.83-9?arch=amd64");
  components[1].parent = components[0].ref;
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {Vendor(components)})),
            "D03-0 dropbear-bin\n");
}

TEST(DiscrepanciesTest, ABannerAgainstTheRecord) {
  const struct {
    std::string_view name;
    std::string_view version;
    std::string_view expected;
  } kCases[] = {
      {"dropbear", "2022.83", ""},
      {"Dropbear", "2020.81", "D03-8 dropbear-bin\n"},
      {"dropbear", "", ""},
      {"zlib", "1.2.11", ""},  // another product, compiled in
  };
  for (const auto& each : kCases) {
    Product product;
    product.Banner(product.dropbear, std::string(each.name),
                   std::string(each.version));
    EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {})), each.expected)
        << each.name << " " << each.version;
  }
  Product product;
  product.Banner(product.dropbear, "dropbear", "2020.81",
                 Strength::kUnverified);
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {})), "")
      << "text without context proves nothing";
}

TEST(DiscrepanciesTest, AHiddenPackageByItsBanner) {
  Product product;
  const ArtifactId planted =
      product.builder.Add(product.rootfs, "usr/sbin/lighttpd", "web", 0755);
  product.Banner(planted, "lighttpd", "1.4.69");
  const auto result = Reconcile(product.builder.survey(), {});
  EXPECT_EQ(Codes(result), "D11-10 lighttpd\nD07-9 usr/sbin/lighttpd\n");
  EXPECT_EQ(result.discrepancies.at(0).artifact, planted);
  EXPECT_EQ(result.discrepancies.at(0).place.offset, 4U);
}

TEST(DiscrepanciesTest, ABannerOfAnInstalledProductHidesNothing) {
  Product product;
  const ArtifactId copy =
      product.builder.Add(product.rootfs, "opt/sshd", "copy", 0755);
  product.Banner(copy, "dropbear", "2022.83");
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {})), "D07-9 opt/sshd\n");
}

TEST(DiscrepanciesTest, WhatARemovedPackageLeavesIsNotHidden) {
  Product product;
  auto& builder = product.builder;
  builder.Add(product.rootfs, "var/lib/dpkg/info/gone.list",
              "/etc/gone.conf\n");
  builder.Add(product.rootfs, "var/lib/dpkg/info/gone.postrm", "#!/bin/sh\n");
  const auto result = Reconcile(builder.survey(), {});
  EXPECT_EQ(Summary(result).find("hidden"), std::string::npos);
}

TEST(DiscrepanciesTest, LeftoversOfAPackageThatIsStillThere) {
  for (const std::string_view left :
       {"usr/share/doc/evil/copyright", "var/lib/dpkg/info/evil.md5sums",
        "var/lib/dpkg/info/evil:amd64.postinst"}) {
    Product product;
    product.builder.Add(product.rootfs, left, "00 x");
    const auto result = Reconcile(product.builder.survey(), {});
    EXPECT_NE(Summary(result).find("hidden-package evil\n"), std::string::npos)
        << left;
  }
}

TEST(DiscrepanciesTest, ALibraryThatRecordedPrograms) {
  Product product;
  const ArtifactId library =
      product.builder.Add(product.rootfs, "usr/lib/libsecret.so.1", "code");
  product.builder.AddFact(library,
                          {.kind = "elf.soname", .value = "libsecret.so.1"});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {})),
            "D08-1 usr/lib/libsecret.so.1\n");
  product.builder.AddFact(product.dropbear,
                          {.kind = "elf.needed", .value = "libsecret.so.1"});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {})),
            "D11-10 libsecret.so.1\nD08-1 usr/lib/libsecret.so.1\n");
}

TEST(DiscrepanciesTest, ABannerConfirmsOrContradictsAClaim) {
  SurveyBuilder builder;
  const ArtifactId image = builder.AddPart(0, "fw.bin", "image");
  const ArtifactId kernel = builder.AddPart(image, "kernel", "kernel");
  builder.AddEvidence(
      kernel,
      {.component = {.type = "library", .name = "zlib", .version = "1.2.13"},
       .cataloguer = "banners",
       .strength = Strength::kWeak});
  const auto claim = [&](std::string_view purl) {
    return Codes(Reconcile(builder.survey(), {Vendor({PackageClaim(purl)})}));
  };
  EXPECT_EQ(claim("pkg:generic/zlib@1.2.13"), "");
  EXPECT_EQ(claim("pkg:generic/zlib@1.3.1"), "D03-8 zlib\n");
  EXPECT_EQ(claim("pkg:generic/expat@2.5.0"), "D01-8 zlib\nD02-4 expat\n");
}

TEST(DiscrepanciesTest, RowsOfPackagesThatAreNotThere) {
  const std::string row =
      "\nPackage: phantomlib\nVersion: 9.9\nArchitecture: amd64\n"
      "Status: install ok installed\n";
  Product bare(std::string(kStatus) + row);
  EXPECT_EQ(Codes(Reconcile(bare.builder.survey(), {})), "D02-4 phantomlib\n");

  Product listed(std::string(kStatus) + row);
  listed.builder.Add(listed.rootfs, "var/lib/dpkg/info/phantomlib.md5sums",
                     "0123456789abcdef0123456789abcdef  usr/lib/phantom.so\n");
  EXPECT_EQ(Codes(Reconcile(listed.builder.survey(), {})),
            "D02-4 phantomlib\n");

  Product meta(std::string(kStatus) + row);
  meta.builder.Add(meta.rootfs, "var/lib/dpkg/info/phantomlib.list", "/.\n");
  EXPECT_EQ(Codes(Reconcile(meta.builder.survey(), {})), "")
      << "a package without files has a list all the same";
}

TEST(DiscrepanciesTest, ListedFilesThatAreNotThere) {
  Product product;
  auto& builder = product.builder;
  const auto line = [](std::string_view path) {
    return fmt::format("0123456789abcdef0123456789abcdef  {}\n", path);
  };
  builder.Add(product.rootfs, "var/lib/dpkg/info/zlib1g.md5sums",
              line("usr/share/man/man3/zlib.3.gz") + line("etc/zlib.conf"));
  EXPECT_EQ(Codes(Reconcile(builder.survey(), {})), "");
  builder.Add(product.rootfs, "var/lib/dpkg/info/dropbear-bin.md5sums",
              line("usr/bin/dbclient") + line("usr/bin/dropbearkey"));
  const auto result = Reconcile(builder.survey(), {});
  EXPECT_EQ(Codes(result), "D09-4 usr/bin/dbclient\n");
  EXPECT_EQ(result.discrepancies.at(0).found,
            "no such file, nor 1 more of the list");
}

TEST(DiscrepanciesTest, Producers) {
  const Product product;
  for (const auto& [supplier, expected] :
       {std::pair("", ""), std::pair("Debian", ""),
        std::pair("Ann Example", ""),
        std::pair("Harbour Lights Ltd", "D05-3 dropbear-bin\n")}) {
    auto components = Truth();
    components[0].supplier = supplier;
    EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {Vendor(components)})),
              expected)
        << supplier;
  }
  EXPECT_TRUE(ProducersAgree("The OpenSSL Project", "openssl inc."));
  EXPECT_TRUE(ProducersAgree("GSG", "Great Software Group"));
  EXPECT_FALSE(ProducersAgree("", "Debian"));
  EXPECT_FALSE(ProducersAgree("Acme Inc", "Zenith Inc"));
}

TEST(DiscrepanciesTest, Licences) {
  const struct {
    std::vector<std::string> claimed;
    std::vector<std::string> recorded;
    LicenceRelation relation;
  } kCases[] = {
      {{"MIT"}, {"MIT"}, LicenceRelation::kAgree},
      {{"mit"}, {"MIT"}, LicenceRelation::kAgree},
      {{"MIT", "Zlib"}, {"MIT"}, LicenceRelation::kAgree},
      {{"GPL-2.0-or-later"}, {"GPL-2.0+"}, LicenceRelation::kAgree},
      {{"GPL-2.0-only"}, {"GPL-2.0"}, LicenceRelation::kAgree},
      {{"MIT"}, {"MIT OR Apache-2.0"}, LicenceRelation::kAgree},
      {{"MIT"}, {"GPL-2.0-only"}, LicenceRelation::kDiffer},
      {{"MIT"}, {"MIT AND GPL-3.0-only"}, LicenceRelation::kDiffer},
      {{"MIT"}, {"BSD"}, LicenceRelation::kIncomparable},
      {{"MIT"}, {"custom licence, see file"}, LicenceRelation::kIncomparable},
      {{"MIT"}, {"LicenseRef-1"}, LicenceRelation::kIncomparable},
      {{}, {"MIT"}, LicenceRelation::kIncomparable},
      {{"MIT"}, {}, LicenceRelation::kIncomparable},
      {{"MIT) OR (GPL-2.0"}, {"GPL-3.0"}, LicenceRelation::kIncomparable},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(CompareLicences(each.claimed, each.recorded), each.relation)
        << (each.claimed.empty() ? "" : each.claimed[0]) << " / "
        << (each.recorded.empty() ? "" : each.recorded[0]);
  }
}

TEST(DiscrepanciesTest, EdgesOfACompleteList) {
  Product product;
  product.builder.AddFact(product.dropbear,
                          {.kind = "elf.needed", .value = "libz.so.1"});
  HeldDocument held = Vendor(Truth());
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})), "")
      << "the document does not call its list complete";
  held.document.compositions.push_back(
      {.aggregate = "complete", .dependencies = {std::string(kDropbear)}});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})),
            "D12-3 dropbear-bin\n");
  held.document.dependencies.push_back({std::string(kDropbear), "middle", ""});
  held.document.dependencies.push_back({"middle", std::string(kZlib), ""});
  held.document.dependencies.push_back({"middle", "middle", ""});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})), "");
}

TEST(DiscrepanciesTest, SelfContradictions) {
  const struct {
    std::string_view name;
    std::string_view version;
    std::string_view purl;
    std::string_view cpe;
    bool contradicts;
  } kCases[] = {
      {"zlib1g", "1:1.2.13", kZlib, "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*",
       false},
      {"zlib1g", "1:1.2.13", kZlib, "cpe:2.3:a:zlib:zlib:*:*:*:*:*:*:*:*",
       false},
      {"zlib", "1.2.13", kZlib, "", false},
      {"libssl3", "3.0.1", "pkg:generic/openssl@3.0.1", "", false},
      {"zlib1g", "1.2.11", kZlib, "", true},
      {"zlib1g", "1:1.2.13", kZlib, "cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*",
       true},
      {"expat", "1:1.2.13", kZlib, "", true},
      {"zlib1g", "1:1.2.13", kZlib, "no cpe", false},
  };
  for (const auto& each : kCases) {
    const Product product;
    auto components = Truth();
    components[2].name = each.name;
    components[2].version = each.version;
    components[2].purl = each.purl;
    components[2].cpe = each.cpe;
    const auto result =
        Reconcile(product.builder.survey(), {Vendor(components)});
    EXPECT_EQ(Summary(result).find("self-contradiction") != std::string::npos,
              each.contradicts)
        << each.name << " " << each.cpe << "\n"
        << Summary(result);
  }
}

TEST(DiscrepanciesTest, DigestsOfAWrongLength) {
  const Product product;
  auto components = Truth();
  components[2].claimed_digests = {{"SHA-256", std::string(64, 'a')},
                                   {"BLAKE3", "aa"}};
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {Vendor(components)})),
            "");
  components[2].claimed_digests.push_back({"SHA-512", std::string(64, 'a')});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {Vendor(components)})),
            "D13-5 zlib1g\n");
}

TEST(DiscrepanciesTest, FilesNewerThanTheSbom) {
  Product product;
  HeldDocument held = Vendor(Truth());
  held.document.timestamp = "2026-01-10T00:00:00Z";
  constexpr std::int64_t kTime = 1'768'003'200;  // the same
  for (const auto& [offset, expected] :
       {std::pair<std::int64_t, const char*>(-1, ""),
        {86'400, ""},
        {3 * 86'400, "D14-10 usr/sbin/dropbear\n"}}) {
    product.builder.SetTime(product.dropbear, kTime + offset);
    EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})), expected);
  }
  for (const std::int64_t wild : {INT64_MIN, INT64_MAX}) {
    product.builder.SetTime(product.dropbear, wild);
    EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})), "");
  }
}

TEST(DiscrepanciesTest, TwoEditionsOfOneDocument) {
  const Product product;
  HeldDocument outer = Vendor(Truth());
  outer.document.serial = "urn:uuid:1";
  HeldDocument inner = Vendor({PackageClaim(kZlib)});
  inner.embedded = true;
  inner.artifact = product.rootfs;
  inner.document.serial = "urn:uuid:2";
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})), "");
  inner.document.serial = outer.document.serial;
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})),
            "D15-10 vendor.cdx.json\n");
}

TEST(DiscrepanciesTest, OneEditionWithOtherDigestsOrWithoutItsSignature) {
  const Product product;
  HeldDocument outer = Vendor(Truth());
  outer.document.serial = "urn:uuid:1";
  HeldDocument inner = outer;
  inner.embedded = true;
  inner.artifact = product.rootfs;
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})), "");
  inner.document.components[1].digests.front().hex.front() ^= 1;
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})),
            "D15-10 vendor.cdx.json\n");
  inner = outer;
  inner.embedded = true;
  inner.artifact = product.rootfs;
  inner.document.has_signature = true;
  const auto result = Reconcile(product.builder.survey(), {outer, inner});
  EXPECT_EQ(Codes(result), "D15-10 vendor.cdx.json\n");
  EXPECT_EQ(result.discrepancies[0].claimed, "no signature");
}

TEST(DiscrepanciesTest, TwoDocumentsOnOneSubject) {
  const Product product;
  HeldDocument outer = Vendor(Truth());
  outer.document.subject =
      Component{.type = "firmware", .name = "router", .version = "1.1"};
  HeldDocument inner = outer;
  inner.embedded = true;
  inner.artifact = product.rootfs;
  inner.document.serial = "urn:uuid:2";
  inner.document.components.pop_back();  // only lists less
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})), "");
  inner.document.components[0] =
      PackageClaim("pkg:deb/debian/dropbear-bin@2020.81-1?arch=amd64");
  const auto result = Reconcile(product.builder.survey(), {outer, inner});
  EXPECT_EQ(Codes(result), "D15-10 vendor.cdx.json\n");
  EXPECT_EQ(result.discrepancies[0].claimed,
            "the version of dropbear-bin: 2022.83-1");
  inner.document.subject->version = "1.0";  // of another release
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {outer, inner})), "");
}

TEST(DiscrepanciesTest, OpaqueRegions) {
  Product product;
  auto components = Truth();
  const std::string sealed(4096, 's');
  components.push_back(FileClaim("lib/firmware/radio.bin", sealed, kZlib));
  const ArtifactId blob =
      product.builder.Add(product.rootfs, "lib/firmware/radio.bin", sealed);
  product.builder.SetOpaque(blob, "encrypted");
  const auto result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Codes(result), "D16-9 lib/firmware/radio.bin\n");
  EXPECT_LT(result.scores->coverage.part, result.scores->coverage.whole);
  EXPECT_LT(result.scores->index, 100U);
}

TEST(DiscrepanciesTest, ImplausibleOrigins) {
  const Product product;
  HeldDocument held = Vendor({PackageClaim(kDropbear), PackageClaim(kZlib)});
  held.document.lifecycle_phases = {"build"};
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})), "");
  held.document.lifecycle_phases = {"post-build"};
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})),
            "D17-2 vendor.cdx.json\n");
  HeldDocument full = Vendor(Truth());
  full.document.lifecycle_phases = {"post-build"};
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {full})), "");
}

// A package archive with the two programs' bytes as they were built.
SurveyBuilder Reference(std::string_view version, std::string_view program) {
  SurveyBuilder builder;
  const ArtifactId deb = builder.AddPart(0, "dropbear-bin.deb", "ar");
  const ArtifactId control = builder.AddPart(deb, "control.tar", "tar");
  builder.Add(control, "control",
              fmt::format("Package: dropbear-bin\nVersion: {}\n"
                          "Architecture: amd64\n",
                          version));
  const ArtifactId data = builder.AddPart(deb, "data.tar", "tar");
  builder.Add(data, "usr/sbin/dropbear", program, 0755);
  return builder;
}

TEST(DiscrepanciesTest, OtherCodeUnderTheSameVersion) {
  const Product product;
  const struct {
    std::string_view version;
    std::string_view program;
    std::string_view expected;
    std::size_t compared;
  } kCases[] = {
      {"2022.83-1", "ssh server", "", 1},
      {"2022.83-1", "ssh server as it was built", "D18-9 usr/sbin/dropbear\n",
       1},
      {"2022.83-2", "ssh server, next revision", "", 0},
  };
  for (const auto& each : kCases) {
    const SurveyBuilder reference = Reference(each.version, each.program);
    auto result = Reconcile(product.builder.survey(), {Vendor(Truth())});
    EXPECT_EQ(
        AddModifiedBuilds(product.builder.survey(), reference.survey(), result),
        each.compared)
        << each.version;
    EXPECT_EQ(Codes(result), each.expected) << each.version;
    EXPECT_EQ(result.scores->index, each.expected.empty() ? 100U : 60U);
  }
}

// A folder without package records: which file comes first decides nothing.
TEST(DiscrepanciesTest, VersionsOfOneProductInAnyOrder) {
  const struct {
    std::vector<std::string> claimed;
    std::vector<std::string> found;
    std::string_view expected;
  } kCases[] = {
      {{"1.36.1"}, {"1.36.1"}, ""},
      {{"1.36.1"}, {"1.35.0"}, "D03-8 busybox 1.35.0\n"},
      {{"1.36.1"}, {"1.35.0", "1.36.1"}, "D01-8 busybox 1.35.0\n"},
      {{"1.36.1"},
       {"1.34.1", "1.35.0"},
       "D01-8 busybox 1.35.0\nD03-8 busybox 1.34.1\n"},
      {{"1.36.1", "1.35.0"}, {"1.35.0", "1.36.1"}, ""},
      {{},
       {"1.35.0", "1.36.1"},
       "D01-8 busybox 1.35.0\nD01-8 busybox 1.36.1\n"},
  };
  for (const auto& each : kCases) {
    std::vector<Component> claims = {PackageClaim("pkg:generic/other@1")};
    for (const std::string& version : each.claimed) {
      claims.push_back(
          PackageClaim(fmt::format("pkg:generic/busybox@{}", version)));
    }
    auto found = each.found;
    do {
      SurveyBuilder builder;
      const ArtifactId tree = builder.AddPart(0, "image", "fs");
      builder.Add(tree, "etc/motd", "hello");
      for (std::size_t i = 0; i < found.size(); ++i) {
        const ArtifactId id =
            builder.Add(tree, fmt::format("opt/{}", i), found[i], 0755);
        builder.AddEvidence(id, {.component = {.type = "application",
                                               .name = "busybox",
                                               .version = found[i]},
                                 .cataloguer = "banners",
                                 .strength = Strength::kWeak});
      }
      const auto result = Reconcile(builder.survey(), {Vendor(claims)});
      std::set<std::string> said;
      for (const Discrepancy& one : result.discrepancies) {
        if (one.component == "busybox" && one.code != "D02") {
          const std::string_view what = one.found;
          const std::size_t at = what.find("1.3");
          said.insert(fmt::format("{}-{} busybox {}\n", one.code, one.weight,
                                  what.substr(at, 6)));
        }
      }
      EXPECT_EQ(fmt::format("{}", fmt::join(said, "")), each.expected);
    } while (std::next_permutation(found.begin(), found.end()));
  }
}

TEST(DiscrepanciesTest, AdviceIsForInformation) {
  const Product product;
  HeldDocument held = Vendor(Truth());
  held.document.problems.push_back(
      {.rule = "sbom.subject-missing", .violation = false});
  held.document.problems.push_back({.rule = "sbom.reference-unresolved"});
  EXPECT_EQ(Codes(Reconcile(product.builder.survey(), {held})),
            "D13-0 sbom.subject-missing\nD13-5 sbom.reference-unresolved\n");
}

TEST(DiscrepanciesTest, WhatIsForInformationCapsNothing) {
  std::vector<Discrepancy> list = {
      {.kind = DiscrepancyKind::kWrongSubject, .minor = true, .code = "D14"}};
  Scores scores;
  Conclude(list, scores);
  EXPECT_EQ(scores.cap, 100U);
  EXPECT_TRUE(scores.capped_by.empty());
  list[0].minor = false;
  Conclude(list, scores);
  EXPECT_EQ(scores.cap, 40U);
}

// Past what honest products need, only names that begin alike are held to be
// the same: then more is reported, not less.
TEST(DiscrepanciesTest, ManyNamesHideNothing) {
  ProductNames names;
  names.Add("openssl");
  EXPECT_TRUE(names.MayHold("libssl3"));
  for (int i = 0; i < 2'000; ++i) {
    names.Add(fmt::format("{:a>30}{}", "", i));
  }
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_FALSE(names.MayHold(fmt::format("{:b>30}{}", "", i)));
  }
  EXPECT_TRUE(names.MayHold("openssl-fips"));
  EXPECT_FALSE(names.MayHold("telemetryd"));
}

TEST(DiscrepanciesTest, NamesAndVersionsOfOneProduct) {
  EXPECT_TRUE(MayBeSame("libssl3", "openssl"));
  EXPECT_TRUE(MayBeSame("xz-utils", "XZ"));
  EXPECT_FALSE(MayBeSame("zlib1g", "expat"));
  EXPECT_FALSE(MayBeSame("busybox", "dropbear"));
  const auto agree = [](std::string_view a, std::string_view b) {
    return VersionsAgree(VersionOrder::kDeb, a, b);
  };
  EXPECT_TRUE(agree("1:1.2.13.dfsg-1", "1.2.13"));
  EXPECT_TRUE(agree("1.35.0-4+b1", "1.35"));
  EXPECT_TRUE(agree("v1.2", "1.2-1"));
  EXPECT_FALSE(agree("1.2", "1.23"));
  EXPECT_FALSE(agree("3.9.99", "3.0.22"));
}

TEST(DiscrepanciesTest, EveryKindHasANameACodeAndAWayToCheckIt) {
  for (int i = 0; i <= static_cast<int>(DiscrepancyKind::kMalformed); ++i) {
    const auto kind = static_cast<DiscrepancyKind>(i);
    EXPECT_EQ(DiscrepancyKindOf(NameOf(kind)), kind) << i;
    EXPECT_EQ(CodeOf(kind).size(), 3U) << i;
    EXPECT_FALSE(RecheckOf(kind).empty()) << i;
  }
  EXPECT_FALSE(DiscrepancyKindOf("nothing"));
}

}  // namespace
}  // namespace assay::sbom
