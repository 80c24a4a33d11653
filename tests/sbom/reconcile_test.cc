#include "sbom/reconcile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/sbom/survey_builder.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kDropbear =
    "pkg:deb/debian/dropbear-bin@2022.83-1%2Bdeb12u3?arch=amd64";
constexpr std::string_view kZlib = "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64";

constexpr std::string_view kStatus =
    "Package: dropbear-bin\nVersion: 2022.83-1+deb12u3\n"
    "Architecture: amd64\nSource: dropbear\n"
    "Status: install ok installed\n\n"
    "Package: zlib1g\nVersion: 1:1.2.13\nArchitecture: amd64\n"
    "Status: install ok installed\n";

// A root file system of two packages with an opkg database, and ids of what
// the tests look at.
struct Product {
  SurveyBuilder builder =
      SurveyBuilder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  ArtifactId rootfs = 0;
  ArtifactId dropbear = 0;
  ArtifactId zlib = 0;
};

Product MakeProduct(std::string_view dropbear = "ssh server",
                    std::string_view status = kStatus) {
  Product product;
  SurveyBuilder& builder = product.builder;
  const ArtifactId image = builder.AddPart(0, "router.bin", "image");
  product.rootfs = builder.AddPart(image, "rootfs", "squashfs");
  product.dropbear =
      builder.Add(product.rootfs, "usr/sbin/dropbear", dropbear, 0755);
  product.zlib = builder.Add(product.rootfs, "lib/libz.so.1", "zlib code");
  builder.Add(product.rootfs, "usr/lib/opkg/status", status);
  builder.Add(product.rootfs, "usr/lib/opkg/info/dropbear-bin.list",
              "/usr/sbin/dropbear\n");
  builder.Add(product.rootfs, "usr/lib/opkg/info/zlib1g.list",
              "/usr/lib/libz.so.1\n");
  return product;
}

// The truth about MakeProduct().
std::vector<Component> Truth() {
  return {PackageClaim(kDropbear),
          FileClaim("./usr/sbin/dropbear", "ssh server", kDropbear),
          PackageClaim(kZlib),
          FileClaim("/usr/lib/libz.so.1", "zlib code", kZlib)};
}

std::vector<Discrepancy> Only(const Reconciliation& result,
                              DiscrepancyKind kind) {
  std::vector<Discrepancy> found;
  for (const Discrepancy& one : result.discrepancies) {
    if (one.kind == kind) {
      found.push_back(one);
    }
  }
  return found;
}

TEST(ReconcileTest, ATruthfulSbomGivesNothing) {
  const Product product = MakeProduct();
  const auto result = Reconcile(product.builder.survey(), {Vendor(Truth())});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(result.confirmed, 4U);
  EXPECT_EQ(result.inventory.size(), 2U) << "file lists are no components";
  EXPECT_EQ(OwnerOf(result, product.dropbear), "sbom:dropbear-bin");
  EXPECT_EQ(OwnerOf(result, product.zlib), "sbom:zlib1g");
}

TEST(ReconcileTest, WithoutASbomRecordsOwnTheFiles) {
  const Product product = MakeProduct();
  const auto result = Reconcile(product.builder.survey(), {});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(OwnerOf(result, product.dropbear), "record:dropbear-bin");
  EXPECT_EQ(OwnerOf(result, product.rootfs), "unexplained");
}

TEST(ReconcileTest, OwnersCoverEveryArtifactWithContentInOrder) {
  const Product product = MakeProduct();
  const auto result = Reconcile(product.builder.survey(), {});
  ASSERT_EQ(result.owners.size(), product.builder.survey().nodes.size());
  for (std::size_t i = 0; i < result.owners.size(); ++i) {
    EXPECT_EQ(result.owners[i].artifact, i);
  }
}

TEST(ReconcileTest, AnOwnerListOfADeclaredPackageCountsAsDeclared) {
  const Product product = MakeProduct();
  const auto result =
      Reconcile(product.builder.survey(),
                {Vendor({PackageClaim(kDropbear), PackageClaim(kZlib)})});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(OwnerOf(result, product.dropbear), "sbom:dropbear-bin");
}

TEST(ReconcileTest, AnUndeclaredPackage) {
  const Product product = MakeProduct();
  const auto result =
      Reconcile(product.builder.survey(), {Vendor({PackageClaim(kZlib)})});
  EXPECT_EQ(Summary(result), "undeclared dropbear-bin\n");
  const Discrepancy& one = result.discrepancies.at(0);
  EXPECT_EQ(one.place.offset, 0U);
  EXPECT_GT(one.place.length, 0U);
  EXPECT_EQ(OwnerOf(result, product.dropbear), "record:dropbear-bin");
}

TEST(ReconcileTest, APhantomComponent) {
  const Product product = MakeProduct();
  auto components = Truth();
  components.push_back(PackageClaim("pkg:deb/debian/libexpat1@2.5.0"));
  components.push_back(FileClaim("usr/lib/libexpat.so", "expat",
                                 "pkg:deb/debian/libexpat1@2.5.0"));
  const auto result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "phantom libexpat1\n") << "the outermost alone";
  EXPECT_EQ(result.discrepancies.at(0).artifact, kNoArtifact);
  EXPECT_EQ(result.discrepancies.at(0).pointer, "/components/4");
}

TEST(ReconcileTest, AMissingFileOfAPresentComponent) {
  const Product product = MakeProduct();
  auto components = Truth();
  components.push_back(FileClaim("usr/sbin/gone", "gone", kDropbear));
  components.push_back(FileClaim("delivered-elsewhere.ipk", "ipk", kDropbear));
  const auto result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "missing-file usr/sbin/gone\n");
}

TEST(ReconcileTest, WhatIsNotDeliveredIsNoPhantom) {
  const Product product = MakeProduct();
  auto components = Truth();
  for (const std::string_view scope : {"optional", "excluded"}) {
    components.push_back(PackageClaim("pkg:npm/left-pad@1.3.0"));
    components.back().scope = scope;
  }
  for (const std::string_view type :
       {"operating-system", "device", "firmware", "platform"}) {
    components.push_back({.type = std::string(type), .name = "thing"});
  }
  HeldDocument held = Vendor(components);
  held.document.subject = Component{.type = "firmware", .name = "router"};
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {held})), "");
}

TEST(ReconcileTest, AnotherVersion) {
  const struct {
    std::string_view claimed;
    bool mismatch;
    std::string_view found;
  } kCases[] = {
      {"2022.83-1%2Bdeb12u3", false, ""},
      {"0:2022.83-1%2Bdeb12u3", false, ""},
      {"2022.99-1", true, "2022.83-1+deb12u3 (older)"},
      {"2020.81-1", true, "2022.83-1+deb12u3 (newer)"},
      {"2022.83-1", true,
       "2022.83-1+deb12u3 (newer, another revision of the same upstream "
       "version)"},
  };
  for (const auto& each : kCases) {
    const Product product = MakeProduct();
    const auto result =
        Reconcile(product.builder.survey(),
                  {Vendor({PackageClaim(fmt::format(
                               "pkg:deb/debian/dropbear-bin@{}", each.claimed)),
                           PackageClaim(kZlib)})});
    const auto found = Only(result, DiscrepancyKind::kVersionMismatch);
    ASSERT_EQ(result.discrepancies.size(), each.mismatch ? 1U : 0U)
        << each.claimed << "\n"
        << Summary(result);
    if (each.mismatch) {
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].found, each.found);
      EXPECT_EQ(result.confirmed, 1U);
    }
  }
}

TEST(ReconcileTest, NamesMatchAcrossPurlTypesAndSources) {
  for (const std::string_view claim :
       {"pkg:deb/debian/dropbear-bin", "pkg:generic/dropbear-bin",
        "pkg:opkg/dropbear-bin@2022.83-1%2Bdeb12u3",
        "pkg:deb/debian/dropbear@2022.83-1%2Bdeb12u3?arch=source"}) {
    const Product product = MakeProduct();
    const auto result =
        Reconcile(product.builder.survey(),
                  {Vendor({PackageClaim(claim), PackageClaim(kZlib)})});
    EXPECT_EQ(Summary(result), "") << claim;
  }
  const Product product = MakeProduct();
  const auto result =
      Reconcile(product.builder.survey(),
                {Vendor({PackageClaim("pkg:npm/dropbear-bin@2022.83-1"),
                         PackageClaim(kZlib)})});
  EXPECT_EQ(Summary(result), "undeclared dropbear-bin\nphantom dropbear-bin\n");
}

TEST(ReconcileTest, OtherBytesAtADeclaredPath) {
  const Product product = MakeProduct("ssh server, changed");
  const auto result = Reconcile(product.builder.survey(), {Vendor(Truth())});
  EXPECT_EQ(Summary(result), "digest-mismatch ./usr/sbin/dropbear\n");
  const Discrepancy& one = result.discrepancies.at(0);
  EXPECT_EQ(one.artifact, product.dropbear);
  EXPECT_EQ(one.claimed.substr(0, 7), "sha256:");
  EXPECT_NE(one.claimed, one.found);
  EXPECT_EQ(one.document, "vendor.cdx.json");
  EXPECT_NE(OwnerOf(result, product.dropbear).substr(0, 4), "sbom");
}

TEST(ReconcileTest, OneWrongDigestAmongSeveralCounts) {
  const Product product = MakeProduct();
  auto components = Truth();
  components[1].digests.push_back(
      DigestOf(DigestAlgorithm::kMd5, AsBytes("something else")));
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {Vendor(components)})),
            "digest-mismatch ./usr/sbin/dropbear\n");
  // An algorithm that was not computed says nothing.
  components[1].digests.back() =
      DigestOf(DigestAlgorithm::kSha512, AsBytes("something else"));
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {Vendor(components)})),
            "");
}

TEST(ReconcileTest, ADigestThatFitsDoesNotOutweighOneThatContradicts) {
  const Product product = MakeProduct();
  const Digest good = DigestOf(DigestAlgorithm::kSha256, AsBytes("zlib code"));
  const Digest bad = DigestOf(DigestAlgorithm::kMd5, AsBytes("backdoor"));
  auto components = Truth();
  components.push_back({.type = "library",
                        .name = "somewhere",
                        .version = "1",
                        .digests = {good, bad}});
  auto result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "digest-mismatch somewhere\n");
  EXPECT_EQ(result.confirmed, 4U);
  components.back().digests = {bad, good};
  result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "digest-mismatch somewhere\n");
  components.back().digests = {good};
  result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(result.confirmed, 5U);

  HeldDocument held = Vendor(Truth());
  held.document.subject = Component{
      .type = "firmware",
      .name = "router",
      .digests = {DigestOf(DigestAlgorithm::kSha256, AsBytes("image")), bad}};
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {held})),
            "wrong-subject router\n");
}

TEST(ReconcileTest, TheDigestOfNothingConfirmsNothing) {
  Product product = MakeProduct();
  product.builder.Add(product.rootfs, "etc/empty", "");
  auto components = Truth();
  components.push_back(FileClaim("etc/empty", "", kZlib));  // as it is
  components.push_back({.type = "library",
                        .name = "libfictitious",
                        .version = "1",
                        .digests = {DigestOf(DigestAlgorithm::kSha256, {})}});
  const auto result = Reconcile(product.builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "phantom libfictitious\n");
  EXPECT_EQ(result.confirmed, 5U);
}

// Which of several versions is the mismatch and which are undeclared.
TEST(ReconcileTest, TheOrderOfRecordsDecidesNothing) {
  const std::string two = "Package: a\nVersion: 2\nStatus: a b installed\n\n";
  const std::string three = "Package: a\nVersion: 3\nStatus: a b installed\n\n";
  for (const std::string& status : {two + three, three + two}) {
    SurveyBuilder builder;
    builder.Add(builder.AddPart(0, "image", "fs"), "var/lib/dpkg/status",
                status);
    const auto result = Reconcile(
        builder.survey(), {Vendor({PackageClaim("pkg:deb/debian/a@1")})});
    const auto mismatch = Only(result, DiscrepancyKind::kVersionMismatch);
    const auto undeclared = Only(result, DiscrepancyKind::kUndeclared);
    ASSERT_EQ(mismatch.size(), 1U);
    ASSERT_EQ(undeclared.size(), 1U);
    EXPECT_EQ(mismatch[0].found, "2 (newer)");
    EXPECT_EQ(undeclared[0].found, "a 3 by a dpkg record");
  }
}

TEST(ReconcileTest, ALinkInPlaceOfADeclaredFile) {
  Product product = MakeProduct();
  product.builder.AddLink(product.rootfs, "usr/bin/tool", "../lib/.hidden");
  auto components = Truth();
  components.push_back(FileClaim("usr/bin/tool", "the tool", kDropbear));
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {Vendor(components)})),
            "digest-mismatch usr/bin/tool\n");
  // A tool that followed the link digested what it leads to.
  components.back() = FileClaim("usr/bin/tool", "zlib code", kDropbear);
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {Vendor(components)})),
            "");
}

TEST(ReconcileTest, AFileNobodyOwns) {
  for (const bool with_sbom : {false, true}) {
    Product product = MakeProduct();
    const ArtifactId planted =
        product.builder.Add(product.rootfs, "usr/sbin/telemetryd", "x", 0755);
    product.builder.Add(product.rootfs, "etc/empty", "");
    product.builder.AddLink(product.rootfs, "etc/link", "empty");
    std::vector<HeldDocument> documents;
    if (with_sbom) {
      documents.push_back(Vendor(Truth()));
    }
    const auto result =
        Reconcile(product.builder.survey(), std::move(documents));
    EXPECT_EQ(Summary(result), "unexplained-file usr/sbin/telemetryd\n");
    EXPECT_EQ(result.discrepancies.at(0).artifact, planted);
    EXPECT_EQ(OwnerOf(result, planted), "unexplained");
  }
}

TEST(ReconcileTest, ACopyOfDeclaredBytesElsewhereIsNotDeclared) {
  Product product = MakeProduct();
  product.builder.Add(product.rootfs, "usr/lib/.sh", "ssh server", 04755);
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {Vendor(Truth())})),
            "unexplained-file usr/lib/.sh\n");
}

TEST(ReconcileTest, OnlyTheOutermostUnexplainedFileIsReported) {
  Product product = MakeProduct();
  const ArtifactId archive =
      product.builder.Add(product.rootfs, "opt/extra.tar", "tar");
  product.builder.Add(archive, "bin/a", "a", 0755);
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {})),
            "unexplained-file opt/extra.tar\n");
}

TEST(ReconcileTest, APackageListThatGrewBesideTheSbom) {
  Product product = MakeProduct();
  product.builder.Add(product.rootfs, "usr/sbin/backdoor", "x", 0755);
  product.builder.Add(product.rootfs,
                      "usr/lib/opkg/info/dropbear-bin.second.list", "");
  Product grown;
  grown.rootfs = grown.builder.AddPart(
      grown.builder.AddPart(0, "router.bin", "image"), "rootfs", "squashfs");
  grown.builder.Add(grown.rootfs, "usr/sbin/dropbear", "ssh server", 0755);
  grown.builder.Add(grown.rootfs, "usr/sbin/backdoor", "x", 0755);
  grown.builder.Add(grown.rootfs, "lib/libz.so.1", "zlib code");
  grown.builder.Add(grown.rootfs, "usr/lib/opkg/status", kStatus);
  grown.builder.Add(grown.rootfs, "usr/lib/opkg/info/dropbear-bin.list",
                    "/usr/sbin/dropbear\n/usr/sbin/backdoor\n");
  const auto result = Reconcile(grown.builder.survey(), {Vendor(Truth())});
  EXPECT_EQ(Summary(result), "unexplained-file usr/sbin/backdoor\n");
  EXPECT_NE(result.discrepancies.at(0).found.find("record of dropbear-bin"),
            std::string::npos);
}

TEST(ReconcileTest, PackageMetadataNeedsNoOwnerButProgramsDo) {
  Product product = MakeProduct();
  auto& builder = product.builder;
  builder.Add(product.rootfs, "usr/lib/opkg/info/zlib1g.postinst", "#!", 0755);
  builder.Add(product.rootfs, "usr/share/doc/zlib1g/copyright", "MIT");
  builder.Add(product.rootfs, "usr/share/doc/other/copyright", "MIT");
  builder.Add(product.rootfs, "usr/lib/opkg/info/evil.postinst", "#!", 0755);
  builder.Add(product.rootfs, "usr/lib/opkg/evil", "x", 0755);
  EXPECT_EQ(Summary(Reconcile(builder.survey(), {})),
            "hidden-package other\n"
            "hidden-package evil\n"
            "unexplained-file usr/share/doc/other/copyright\n"
            "unexplained-file usr/lib/opkg/info/evil.postinst\n"
            "unexplained-file usr/lib/opkg/evil\n");
}

TEST(ReconcileTest, AListWithoutARecordOwnsNothing) {
  Product product = MakeProduct("ssh server",
                                "Package: zlib1g\nVersion: 1:1.2.13\n"
                                "Architecture: amd64\n"
                                "Status: install ok installed\n");
  EXPECT_EQ(Summary(Reconcile(product.builder.survey(), {})),
            "hidden-package dropbear-bin\n"
            "unexplained-file usr/sbin/dropbear\n");
}

TEST(ReconcileTest, MalformedDocumentsAreSaid) {
  const Product product = MakeProduct();
  HeldDocument held = Vendor(Truth());
  held.document.problems.push_back(
      {"/components/3", "sbom.reference-unresolved", "nobody"});
  const auto result = Reconcile(product.builder.survey(), {held});
  EXPECT_EQ(Summary(result), "malformed sbom.reference-unresolved\n");
  EXPECT_EQ(result.discrepancies.at(0).pointer, "/components/3");
}

TEST(ReconcileTest, TheSubjectIsTheProduct) {
  const Product product = MakeProduct();
  HeldDocument held = Vendor(Truth());
  held.document.subject =
      Component{.type = "firmware",
                .name = "router",
                .digests = {DigestOf(DigestAlgorithm::kSha256,
                                     AsBytes("another image"))}};
  auto result = Reconcile(product.builder.survey(), {held});
  EXPECT_EQ(Summary(result), "wrong-subject router\n");
  EXPECT_EQ(result.discrepancies.at(0).artifact, 0U);
  held.document.subject->digests = {
      DigestOf(DigestAlgorithm::kSha256, AsBytes("image"))};
  result = Reconcile(product.builder.survey(), {held});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(OwnerOf(result, 0), "sbom:router");
  EXPECT_EQ(OwnerOf(result, product.rootfs), "unexplained")
      << "the digest of the whole says nothing about its parts";
}

TEST(ReconcileTest, PlannedDigestsAreThoseOfAllClaims) {
  HeldDocument held = Vendor({FileClaim("a", "a")});
  held.document.subject =
      Component{.digests = {DigestOf(DigestAlgorithm::kSha512, {})}};
  const DigestSet planned = PlannedDigests({held});
  EXPECT_TRUE(planned.Contains(DigestAlgorithm::kSha256));
  EXPECT_TRUE(planned.Contains(DigestAlgorithm::kSha512));
  EXPECT_FALSE(planned.Contains(DigestAlgorithm::kMd5));
}

TEST(ReconcileTest, HostileNestingEnds) {
  const Product product = MakeProduct();
  auto components = Truth();
  components.push_back(
      {.ref = "a", .type = "library", .name = "a", .parent = "b"});
  components.push_back(
      {.ref = "b", .type = "library", .name = "b", .parent = "a"});
  components.push_back({.ref = "c",
                        .type = "file",
                        .name = "",
                        .files = {"", "/", "x"},
                        .parent = "c"});
  (void)Reconcile(product.builder.survey(), {Vendor(components)});
  (void)Reconcile(Survey(), {Vendor(components)});
}

TEST(ReconcileTest, AHundredThousandFiles) {
  SurveyBuilder builder;
  const ArtifactId tree =
      builder.AddPart(builder.AddPart(0, "image", "image"), "rootfs", "fs");
  std::vector<Component> components = {PackageClaim("pkg:generic/all@1")};
  for (int i = 0; i < 100'000; ++i) {
    // Many equal names and equal contents, so that no index may degrade.
    const std::string path = fmt::format("d{}/__init__.py", i);
    const std::string content = i % 2 == 0 ? "" : std::to_string(i);
    builder.Add(tree, path, content);
    components.push_back(FileClaim(path, content, "pkg:generic/all@1"));
  }
  const auto result = Reconcile(builder.survey(), {Vendor(components)});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(result.confirmed, 100'000U);
}

TEST(ReconcileTest, ManyVersionsOfOneName) {
  SurveyBuilder builder;
  std::vector<Component> components;
  std::string status;
  for (int i = 0; i < 20'000; ++i) {
    components.push_back(PackageClaim(fmt::format("pkg:npm/a@1.0.{}", i)));
    status +=
        fmt::format("Package: a\nVersion: 2.{}\nStatus: a b installed\n\n", i);
  }
  builder.Add(builder.AddPart(0, "image", "fs"), "var/lib/dpkg/status", status);
  const auto result = Reconcile(builder.survey(), {Vendor(components)});
  // Each claim, each row, and once that the rows contradict one another.
  EXPECT_EQ(result.discrepancies.size(), 40'001U);
}

}  // namespace
}  // namespace assay::sbom
