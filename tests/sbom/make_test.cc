#include "sbom/make.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sbom/profile.h"
#include "sbom/read.h"
#include "sbom/reconcile.h"
#include "sbom/uuid.h"
#include "sbom/writer.h"
#include "tests/sbom/survey_builder.h"

namespace assay::sbom {
namespace {

// A root file system with a package that has a program, and one of nobody.
SurveyBuilder Router(std::string_view program = "ssh server") {
  SurveyBuilder builder(MadeSbomDigests());
  const ArtifactId image = builder.AddPart(0, "router.bin", "image");
  const ArtifactId rootfs = builder.AddPart(image, "rootfs", "squashfs");
  builder.Add(rootfs, "usr/sbin/dropbear", program, 0755);
  builder.Add(rootfs, "usr/sbin/vendord", "vendor's own", 0755);
  builder.Add(rootfs, "usr/lib/opkg/status",
              "Package: dropbear\nVersion: 2022.83-1\nArchitecture: mips\n"
              "Status: install ok installed\n");
  builder.Add(rootfs, "usr/lib/opkg/info/dropbear.list",
              "/usr/sbin/dropbear\n");
  return builder;
}

MakeRequest Request() {
  return {.at = 1795600000,
          .tool_version = "0.1.0",
          .authors = {"Example Works <sbom@example.org>"},
          .name = "router",
          .version = "1.0",
          .supplier = "Example Works <https://example.org>"};
}

SbomDocument Made(const SurveyBuilder& builder, const MakeRequest& request) {
  return MakeSbom(builder.survey(), "00", request);
}

TEST(MakeTest, TheSerialIsThatOfTheContent) {
  const std::string serial = Made(Router(), Request()).serial;
  EXPECT_EQ(serial.substr(0, 9), "urn:uuid:");
  EXPECT_EQ(serial, Made(Router(), Request()).serial);
  std::set<std::string> serials = {serial,
                                   Made(Router("another"), Request()).serial};
  MakeRequest request = Request();
  request.supplier = "Another";
  serials.insert(Made(Router(), request).serial);
  request = Request();
  request.at += 1;
  serials.insert(Made(Router(), request).serial);
  request = Request();
  request.licences = {"MIT"};
  serials.insert(Made(Router(), request).serial);
  EXPECT_EQ(serials.size(), 5U);
}

// What is made meets the standards in every format that they accept, as it is
// read back.
TEST(MakeTest, MeetsTheMinimumElementsInEveryFormat) {
  const SbomDocument made = Made(Router(), Request());
  for (const char* format : {"cyclonedx-json@1.6", "cyclonedx-json@1.7",
                             "spdx-json@2.3", "spdx-json@3.0.1"}) {
    const auto written = WriteSbom(made, format);
    ASSERT_TRUE(written);
    const auto read = ReadSbom(AsBytes(written->text));
    ASSERT_TRUE(read) << format;
    for (const char* name : {"bsi-tr-03183-2", "cisa-2026", "ntia-2021"}) {
      const ProfileCheck check = CheckProfile(*FindProfile(name), *read);
      if (!check.format_accepted) {  // BSI takes SPDX from 3.0.1 on
        EXPECT_EQ(read->spec_version, "2.3");
        continue;
      }
      EXPECT_TRUE(check.Conforms()) << format << " " << name;
      for (const FieldTally& tally : check.tallies) {
        EXPECT_TRUE(!tally.field->must || tally.Met())
            << format << " " << name << " " << tally.field->field << " "
            << (tally.examples.empty() ? "" : tally.examples[0]);
      }
    }
  }
}

TEST(MakeTest, AProductAgreesWithItsOwnSbom) {
  const SurveyBuilder product = Router();
  for (const char* format :
       {"cyclonedx-json", "spdx-json@2.3", "spdx-json@3.0.1"}) {
    const auto written = WriteSbom(Made(product, Request()), format);
    ASSERT_TRUE(written);
    auto read = ReadSbom(AsBytes(written->text));
    ASSERT_TRUE(read);
    EXPECT_EQ(Summary(Reconcile(product.survey(),
                                {{.holder = "own", .document = *read}})),
              "")
        << format;
  }
}

// "NAME VERSION" of all that is no mere file.
std::set<std::string> Packages(const SurveyBuilder& builder) {
  std::set<std::string> packages;
  for (const Component& one : Made(builder, Request()).components) {
    if (one.type != "file") {
      packages.insert(one.name + " " + one.version);
    }
  }
  return packages;
}

// A root file system whose database is gone; its program's only version text is
// uncertain.
SurveyBuilder Stripped(bool with_logs) {
  SurveyBuilder builder(MadeSbomDigests());
  const ArtifactId rootfs = builder.AddPart(0, "rootfs", "squashfs");
  const ArtifactId program = builder.Add(rootfs, "usr/bin/age", "age", 0755);
  builder.SetFormat(program, "elf");
  builder.AddEvidence(
      program,
      {.component = {.type = "library", .name = "age", .version = "1.1"},
       .cataloguer = "banners",
       .strength = Strength::kUnverified});
  builder.AddEvidence(
      builder.Add(rootfs, "usr/share/blob", "\x01\x02"),
      {.component = {.type = "library", .name = "blob", .version = "9.9"},
       .cataloguer = "banners",
       .strength = Strength::kUnverified});
  if (with_logs) {
    builder.Add(rootfs, "usr/share/doc/age/changelog.Debian",
                "age (1.1.1-1) sid; urgency=low\n");
    builder.Add(rootfs, "usr/share/doc/age/changelog.Debian.amd64",
                "age (1.1.1-1+b4) sid; urgency=low, binary-only=yes\n");
  }
  return builder;
}

TEST(MakeTest, AnUncertainTextIsToldOfProgramsAlone) {
  EXPECT_EQ(Packages(Stripped(false)), (std::set<std::string>{"age 1.1"}));
}

// A program's own log elsewhere is not that of a package.
TEST(MakeTest, OneLogElsewhereDoesNotSpeakForThePackages) {
  SurveyBuilder builder = Stripped(false);
  builder.Add(0, "usr/lib/zexy/ChangeLog", "zexy (2.2) sid; urgency=low\n");
  EXPECT_EQ(Packages(builder), (std::set<std::string>{"age 1.1", "zexy 2.2"}));
}

TEST(MakeTest, ChangeLogsSpeakForThePackagesAndOnceForARebuild) {
  EXPECT_EQ(Packages(Stripped(true)),
            (std::set<std::string>{"age 1.1.1-1+b4"}));
}

// RFC 9562 section 5.5 has no example in this namespace; Python's
// uuid.uuid5(uuid.NAMESPACE_URL, "https://example.org/") gives this one.
TEST(MakeTest, UuidsAreThoseOfOtherTools) {
  EXPECT_EQ(UuidOf("https://example.org/"),
            "527dda32-a0de-5105-a042-cb475b5f7d11");
  EXPECT_EQ(UuidOf(""), "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}

}  // namespace
}  // namespace assay::sbom
