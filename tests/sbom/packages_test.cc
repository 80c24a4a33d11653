// Reconciliation of packages inside products: .deb and .ipk, lists with
// digests, language packages, embedded documents, parts of a delivery.
#include <gtest/gtest.h>

#include <string>

#include "sbom/reconcile.h"
#include "tests/sbom/survey_builder.h"
#include "verifier/base/digest.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kControl =
    "Package: webui\nVersion: 1.1\nArchitecture: all\n";

std::string Md5(std::string_view content) {
  return DigestOf(DigestAlgorithm::kMd5, AsBytes(content)).hex;
}

// An .ipk: gzip around a tar of control.tar.gz and data.tar.gz.
struct Ipk {
  SurveyBuilder builder =
      SurveyBuilder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  ArtifactId archive = 0;
  ArtifactId control_gz = 0;
  ArtifactId postinst = 0;
  ArtifactId index = 0;
};

Ipk MakeIpk(std::string_view page, std::string_view listed,
            std::string_view control_bytes = "control") {
  Ipk ipk;
  SurveyBuilder& builder = ipk.builder;
  ipk.archive = builder.AddPart(0, "webui.ipk", "ipk");
  const ArtifactId outer = builder.AddPart(ipk.archive, "data", "outer tar");
  ipk.control_gz = builder.Add(outer, "control.tar.gz", control_bytes);
  const ArtifactId control =
      builder.AddPart(ipk.control_gz, "data", "control tar");
  builder.Add(control, "control", kControl);
  builder.Add(control, "md5sums", Md5(listed) + "  www/index.html\n");
  ipk.postinst = builder.Add(control, "postinst", "#!/bin/sh", 0755);
  const ArtifactId data_gz = builder.Add(outer, "data.tar.gz", "data");
  const ArtifactId data = builder.AddPart(data_gz, "data", "data tar");
  ipk.index = builder.Add(data, "www/index.html", page);
  return ipk;
}

TEST(PackagesTest, ASinglePackageOwnsAllThatIsInIt) {
  const Ipk ipk = MakeIpk("page", "page");
  const auto result = Reconcile(ipk.builder.survey(), {});
  EXPECT_EQ(Summary(result), "");
  for (const Owner& owner : result.owners) {
    EXPECT_EQ(OwnerOf(result, owner.artifact), "record:webui")
        << ipk.builder.survey().At(owner.artifact).path;
  }
  ASSERT_EQ(result.inventory.size(), 1U);
  EXPECT_EQ(result.inventory[0].evidence.strength, Strength::kVerifiedRow);
}

TEST(PackagesTest, APackageWhoseListContradictsItsBytes) {
  const Ipk ipk = MakeIpk("page, changed", "page");
  const auto result = Reconcile(ipk.builder.survey(), {});
  EXPECT_EQ(Summary(result), "record-mismatch www/index.html\n");
  EXPECT_EQ(result.discrepancies.at(0).artifact, ipk.index);
  EXPECT_EQ(result.inventory.at(0).evidence.strength, Strength::kUnverified);
}

TEST(PackagesTest, DigestsThatWereNotComputedSayNothing) {
  SurveyBuilder builder;  // SHA-256 alone
  const ArtifactId root = builder.AddPart(0, "image", "fs");
  builder.Add(root, "bin/a", "changed");
  builder.Add(root, "var/lib/dpkg/status",
              "Package: a\nVersion: 1\nStatus: install ok installed\n");
  builder.Add(root, "var/lib/dpkg/info/a.md5sums", Md5("a") + "  bin/a\n");
  const auto result = Reconcile(builder.survey(), {});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(result.inventory.at(0).evidence.strength, Strength::kUnverified);
}

// Two file systems with one package each, of which one was tampered with.
TEST(PackagesTest, WhatHoldsInOneFileSystemDoesNotHoldInAnother) {
  for (const bool tampered_first : {true, false}) {
    SurveyBuilder builder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
    const ArtifactId image = builder.AddPart(0, "image", "two slots");
    for (const bool first : {true, false}) {
      const bool tampered = first == tampered_first;
      const ArtifactId root =
          builder.AddPart(image, first ? "slot-a" : "slot-b",
                          first ? "squashfs a" : "squashfs b");
      builder.Add(root, "bin/busybox", tampered ? "backdoor" : "busybox", 0755);
      builder.Add(root, "var/lib/dpkg/status",
                  "Package: busybox\nVersion: 1.36\n"
                  "Status: install ok installed\n");
      builder.Add(root, "var/lib/dpkg/info/busybox.md5sums",
                  Md5("busybox") + "  bin/busybox\n");
    }
    const auto result = Reconcile(builder.survey(), {});
    EXPECT_EQ(Summary(result), "record-mismatch bin/busybox\n");
    ASSERT_EQ(result.inventory.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      const bool tampered = (i == 0) == tampered_first;
      EXPECT_EQ(result.inventory[i].evidence.strength,
                tampered ? Strength::kUnverified : Strength::kVerifiedRow);
    }
  }
}

// The same, with the files of one of them gone.
TEST(PackagesTest, FilesOfOneFileSystemAreNotThoseOfAnother) {
  SurveyBuilder builder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  const ArtifactId image = builder.AddPart(0, "image", "two slots");
  ArtifactId row = kNoArtifact;
  for (const bool whole : {true, false}) {
    const ArtifactId root =
        builder.AddPart(image, whole ? "slot-a" : "slot-b",
                        whole ? "squashfs a" : "squashfs b");
    if (whole) {
      builder.Add(root, "bin/busybox", "busybox", 0755);
    }
    row = builder.Add(root, "var/lib/dpkg/status",
                      "Package: busybox\nVersion: 1.36\n"
                      "Status: install ok installed\n");
    builder.Add(root, "var/lib/dpkg/info/busybox.md5sums",
                Md5("busybox") + "  bin/busybox\n");
  }
  const auto result = Reconcile(builder.survey(), {});
  EXPECT_EQ(Summary(result), "phantom busybox\n");
  EXPECT_EQ(result.discrepancies.at(0).artifact, row);
}

// The SBOM of a larger delivery, given for one package of it.
HeldDocument Delivery() {
  return Vendor(
      {PackageClaim("pkg:generic/webui@1.1"),
       FileClaim("webui.ipk", "ipk", "pkg:generic/webui@1.1"),
       FileClaim("control.tar.gz", "control", "pkg:generic/webui@1.1"),
       FileClaim("data.tar.gz", "data", "pkg:generic/webui@1.1"),
       PackageClaim("pkg:generic/kernel@6.1")});
}

TEST(PackagesTest, APartOfADeliveryIsHeldAgainstItsPartOfTheSbom) {
  const Ipk ipk = MakeIpk("page", "page");
  const auto result = Reconcile(ipk.builder.survey(), {Delivery()});
  EXPECT_EQ(Summary(result), "");
  EXPECT_EQ(OwnerOf(result, ipk.index), "sbom:webui");
  EXPECT_EQ(OwnerOf(result, ipk.postinst), "sbom:webui");
}

TEST(PackagesTest, APackageThatContradictsTheSbomDoesNotVouchForItself) {
  const Ipk ipk = MakeIpk("page", "page", "control with another postinst");
  const auto result = Reconcile(ipk.builder.survey(), {Delivery()});
  EXPECT_EQ(Summary(result),
            "digest-mismatch control.tar.gz\nunexplained-file postinst\n");
  EXPECT_EQ(OwnerOf(result, ipk.postinst), "unexplained");
  EXPECT_EQ(OwnerOf(result, ipk.index), "sbom:webui");
}

TEST(PackagesTest, DivertedFilesAreFoundWhereTheyWent) {
  SurveyBuilder builder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  const ArtifactId root = builder.AddPart(0, "image", "fs");
  builder.Add(root, "usr/bin/a", "wrapper");
  builder.Add(root, "usr/bin/a.real", "real");
  builder.Add(root, "var/lib/dpkg/status",
              "Package: a\nVersion: 1\nStatus: install ok installed\n\n"
              "Package: w\nVersion: 1\nStatus: install ok installed\n");
  builder.Add(root, "var/lib/dpkg/info/a.md5sums",
              Md5("real") + "  usr/bin/a\n");
  builder.Add(root, "var/lib/dpkg/info/w.md5sums",
              Md5("wrapper") + "  usr/bin/a\n");
  builder.Add(root, "var/lib/dpkg/diversions",
              "/usr/bin/a\n/usr/bin/a.real\nw\n");
  EXPECT_EQ(Summary(Reconcile(builder.survey(), {})), "");
}

TEST(PackagesTest, APythonDistributionInADeclaredPackageIsDeclared) {
  SurveyBuilder builder;
  const ArtifactId root = builder.AddPart(0, "image", "fs");
  builder.Add(root, "lib/python3/x-1.0.dist-info/METADATA",
              "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n");
  builder.Add(root, "lib/python3/y-1.0.dist-info/METADATA",
              "Metadata-Version: 2.1\nName: y\nVersion: 1.0\n");
  builder.Add(root, "var/lib/dpkg/status",
              "Package: python3-x\nVersion: 1.0-1\n"
              "Status: install ok installed\n");
  builder.Add(root, "var/lib/dpkg/info/python3-x.list",
              "/usr/lib/python3/x-1.0.dist-info/METADATA\n");
  EXPECT_EQ(Summary(Reconcile(
                builder.survey(),
                {Vendor({PackageClaim("pkg:deb/debian/python3-x@1.0-1")})})),
            "undeclared y\n");
}

TEST(PackagesTest, TwoVersionsOfOneNpmPackage) {
  SurveyBuilder builder;
  const ArtifactId root = builder.AddPart(0, "image", "fs");
  builder.Add(root, "node_modules/a/package.json",
              R"({"name":"a","version":"1.0.0"})");
  builder.Add(root, "node_modules/b/node_modules/a/package.json",
              R"({"name":"a","version":"2.0.0"})");
  EXPECT_EQ(Summary(Reconcile(builder.survey(),
                              {Vendor({PackageClaim("pkg:npm/a@1.0.0")})})),
            "undeclared a\n");
  EXPECT_EQ(Summary(Reconcile(builder.survey(),
                              {Vendor({PackageClaim("pkg:npm/a@1.0.0"),
                                       PackageClaim("pkg:npm/a@2.0.0")})})),
            "");
  EXPECT_EQ(Summary(Reconcile(builder.survey(),
                              {Vendor({PackageClaim("pkg:npm/a@3.0.0")})})),
            "version-mismatch a\nundeclared a\n");
}

constexpr std::string_view kEmbedded =
    R"({"bomFormat":"CycloneDX","specVersion":"1.6",)"
    R"("metadata":{"component":{"type":"library","name":"x"}},"components":[)"
    R"({"type":"library","name":"phantom","version":"1"},)"
    R"({"type":"file","name":"opt/app"}]})";

TEST(PackagesTest, AnEmbeddedSbomMayOwnFilesAndAccusesNobody) {
  SurveyBuilder builder;
  const ArtifactId root = builder.AddPart(0, "image", "fs");
  const ArtifactId app = builder.Add(root, "opt/app", "x", 0755);
  builder.Add(root, "opt/app.cdx.json", kEmbedded);
  builder.Add(root, "node_modules/a/package.json",
              R"({"name":"a","version":"1.0.0"})");
  const auto result = Reconcile(builder.survey(), {});
  EXPECT_EQ(Summary(result), "");
  ASSERT_EQ(result.documents.size(), 1U);
  EXPECT_TRUE(result.documents[0].embedded);
  EXPECT_EQ(result.documents[0].holder, "image!/opt/app.cdx.json");
  EXPECT_EQ(OwnerOf(result, app), "record:opt/app (embedded SBOM)");
  EXPECT_EQ(result.confirmed, 0U);
}

TEST(PackagesTest, TheVendorsOwnDocumentIsNotEmbeddedToo) {
  SurveyBuilder builder;
  const ArtifactId folder = builder.Folder("delivery");
  const ArtifactId sbom = builder.AddPart(folder, "a.cdx.json", kEmbedded);
  HeldDocument held = Vendor({});
  held.artifact = sbom;
  const auto result = Reconcile(builder.survey(), {held});
  EXPECT_EQ(result.documents.size(), 1U);
}

TEST(PackagesTest, AFolderOfDeliveriesIsNoFileTree) {
  SurveyBuilder builder;
  const ArtifactId folder = builder.Folder("delivery");
  builder.Add(folder, "notes/readme.txt", "x");
  builder.Add(folder, "app", "app", 0755);
  EXPECT_EQ(
      Summary(Reconcile(builder.survey(), {Vendor({FileClaim("app", "app")})})),
      "");
}

TEST(PackagesTest, PathsBelowAFolderOfTheContainerAndOfTheBuildTree) {
  SurveyBuilder builder;
  const ArtifactId tar = builder.AddPart(0, "rootfs.tar", "tar");
  builder.Add(tar, "rootfs/usr/bin/a", "a");
  builder.Add(tar, "rootfs/usr/bin/b", "b, changed");
  EXPECT_EQ(Summary(Reconcile(builder.survey(),
                              {Vendor({FileClaim("usr/bin/a", "a"),
                                       FileClaim("usr/bin/b", "b")})})),
            "digest-mismatch usr/bin/b\n");
  SurveyBuilder plain;
  const ArtifactId root = plain.AddPart(0, "rootfs", "fs");
  plain.Add(root, "usr/bin/a", "a");
  EXPECT_EQ(
      Summary(Reconcile(plain.survey(),
                        {Vendor({FileClaim("build/target/usr/bin/a", "a")})})),
      "");
}

}  // namespace
}  // namespace assay::sbom
