#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "sbom/banners/lone_version.h"
#include "sbom/banners/scanner.h"
#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// Texts as Debian's dropbear, busybox, kernel, U-Boot and zlib print them.
const Bytes kFirmware = Sample("cataloguers/banners/firmware.bin");

std::vector<std::string> Names(const Observations& seen, Strength strength) {
  std::vector<std::string> names;
  for (const ComponentEvidence& one : seen.components) {
    if (one.strength == strength) {
      names.push_back(one.component.name + " " + one.component.version);
    }
  }
  return names;
}

TEST(BannersTest, FindsProductsWhateverTheFileIsCalled) {
  for (const std::string_view path : {"", "opt/x", "lib/libc.so.6"}) {
    const auto [understood, seen] = ExamineFile(kBanners, path, kFirmware);
    EXPECT_FALSE(understood) << "a sign does not explain the bytes";
    EXPECT_EQ(Names(seen, Strength::kWeak),
              (std::vector<std::string>{"busybox 1.35.0", "dropbear 2022.83",
                                        "linux 6.1.0", "u-boot 2023.01",
                                        "zlib 1.2.13"}));
  }
}

TEST(BannersTest, ThePlaceIsTheTextItself) {
  const auto seen = ExamineFile(kBanners, "x", kFirmware).seen;
  ASSERT_FALSE(seen.components.empty());
  const Range place = seen.components[0].place;
  EXPECT_EQ(AsText(kFirmware).substr(place.offset, place.length).substr(0, 15),
            "BusyBox v1.35.0");
}

TEST(BannersTest, TextSpeaksOfWhatIsElsewhere) {
  const std::string text(
      "BusyBox v1.35.0 (2022-01-01) is what this manual is about. It goes on "
      "and on, as manuals do, but has no byte that a program would have.\n");
  EXPECT_TRUE(
      ExamineFile(kBanners, "x", AsBytes(text)).seen.components.empty());
}

TEST(BannersTest, CataloguesOfMessagesSpeakOfWhatIsElsewhere) {
  using namespace std::string_view_literals;
  for (const std::string_view magic :
       {"\xDE\x12\x04\x95"sv, "\x95\x04\x12\xDE"sv, "\x7F\x12\x04\x95"sv}) {
    Bytes bytes = CopyOf(AsBytes(magic));
    bytes.insert(bytes.end(), kFirmware.begin(), kFirmware.end());
    EXPECT_EQ(ExamineFile(kBanners, "x", bytes).seen.components.empty(),
              magic[0] != '\x7F');
  }
}

TEST(BannersTest, TheVendorOfACpeNameIsNoSupplier) {
  const auto seen = ExamineFile(kBanners, "x", kFirmware).seen;
  ASSERT_FALSE(seen.components.empty());
  const Component& busybox = seen.components[0].component;
  EXPECT_EQ(busybox.supplier, "");
  EXPECT_EQ(busybox.cpe, "cpe:2.3:a:busybox:busybox:1.35.0:*:*:*:*:*:*:*");
}

TEST(BannersTest, AProgramIsTheNewestOfTheVersionsThatItNames) {
  const auto banner = [](const char* product, const char* version) {
    Banner one;
    one.product = product;
    one.version = version;
    one.certain = true;
    return one;
  };
  const std::vector<Banner> all = {
      banner("openssh", "6.6"), banner("openssh", "9.2p1"),
      banner("openssh", "7.0"), banner("zlib", "1.2.13")};
  auto program = all;
  SettleVersions(true, program);
  ASSERT_EQ(program.size(), 2U);
  EXPECT_EQ(program[0].version, "9.2p1");
  EXPECT_TRUE(program[0].certain);
  auto blob = all;
  SettleVersions(false, blob);
  ASSERT_EQ(blob.size(), 4U);
  for (const Banner& one : blob) {
    EXPECT_EQ(one.certain, one.product == "zlib") << one.version;
  }
}

// Not the table, but the program's own name.
Bytes Program(std::initializer_list<std::string_view> runs) {
  Bytes bytes(64, 0);
  for (const std::string_view run : runs) {
    bytes.insert(bytes.end(), run.begin(), run.end());
    bytes.push_back(0);
  }
  return bytes;
}

std::vector<std::string> Own(const Bytes& bytes, std::string_view file,
                             bool certain) {
  std::vector<std::string> names;
  for (const Banner& one : FindOwnName(bytes, file)) {
    if (one.certain == certain) {
      names.push_back(one.product + " " + one.version);
    }
  }
  return names;
}

TEST(OwnNameTest, AProgramNamesItself) {
  struct Case {
    std::string_view file, run, found;
  };
  for (const auto& [file, run, found] :
       {Case{"usr/bin/frobd", "frobd 1.2.3", "frobd 1.2.3"},
        Case{"usr/bin/frobd", "Frobd/1.2.3", "frobd 1.2.3"},
        Case{"usr/bin/frobd", "frobd version 1.2rc1 (linux)", "frobd 1.2rc1"},
        Case{"usr/bin/frobd", "@(#)frobd v1.2a", "frobd 1.2a"},
        Case{"usr/bin/frobd", "GNU frobd, version: 1.2\n", "frobd 1.2"},
        Case{"usr/bin/frobd", "frobd (Frob tools) 1.2.3\nCopyright",
             "frobd 1.2.3"},
        Case{"usr/bin/frobd", "%s version 1.2.3\n", "frobd 1.2.3"},
        Case{"usr/lib/libfrob.so.4.5.6", "libfrob 1.2.3", "libfrob 1.2.3"},
        Case{"usr/lib/libfrob.so.4.5.6", "4.5.6", "frob 4.5.6"}}) {
    EXPECT_EQ(Own(Program({run, "other text"}), file, true),
              std::vector<std::string>{std::string(found)})
        << run;
  }
}

TEST(OwnNameTest, OtherVersionsAreNotItsOwn) {
  struct Case {
    std::string_view file, run;
  };
  for (const auto& [file, run] :
       {Case{"usr/bin/frobd", "other 1.2.3"},
        Case{"usr/bin/frobd", "needs frobd 1.2.3"},
        Case{"usr/bin/frobd", "frobd 127.0.0.1"},
        Case{"usr/bin/frobd", "frobd 1.2.x"},
        Case{"usr/bin/frobd", "FROBD/1.1"}, Case{"usr/bin/frobd", "FROBD-2.0"},
        Case{"usr/bin/frobd", "frobd 802.11"},
        Case{"usr/bin/frobd", "frobd_1.2"}, Case{"usr/bin/frobd", "frobd 12"},
        Case{"usr/bin/frobd", "frobdish 1.2"},
        Case{"usr/lib/libfrob-1.2.so", "libfrob-1.2"},
        Case{"usr/lib/libfrob-1.2.so", "libfrob-1.2.so"},
        Case{"usr/lib/libfrob.so.1", "%s version 1.2.3\n"},
        Case{"usr/lib/libfrob.so.4.5.6", "1.2.3"}, Case{"", "frobd 1.2.3"}}) {
    EXPECT_TRUE(Own(Program({run}), file, true).empty()) << run;
  }
}

TEST(OwnNameTest, AVersionAloneIsUncertain) {
  const auto own = [](std::initializer_list<std::string_view> runs) {
    return Own(Program(runs), "bin/frobd", false);
  };
  EXPECT_EQ(own({"frobd: no", "version", "1.2.3"}),
            std::vector<std::string>{"frobd 1.2.3"});
  EXPECT_EQ(own({"1.2", "%s version %s\n"}),
            std::vector<std::string>{"frobd 1.2"});
  for (const std::string_view beside : {"frobd", "frobd %s", "Frobd-%s"}) {
    EXPECT_EQ(own({beside, "1.2.3"}), std::vector<std::string>{"frobd 1.2.3"});
  }
  EXPECT_TRUE(own({"Perl_xs_handshake", "frobd", "v5.36.0"}).empty());
  EXPECT_TRUE(own({"frobd: no", "version", "1.2.3", "4.5.6"}).empty());
  EXPECT_TRUE(own({"frobd: no", "version", "1.2.3", "4.5"}).empty());
  EXPECT_TRUE(own({"frobd: no", "version", "10.0.0.1"}).empty());
  EXPECT_TRUE(own({"frobd: no", "version", "1.2"}).empty());
  EXPECT_TRUE(own({"frobd: no", "1.2.3"}).empty());
  EXPECT_TRUE(own({"version", "1.2.0"}).empty()) << "of an interface";
  EXPECT_TRUE(own({"version", "one", "two", "three", "1.2.3"}).empty())
      << "apart";
  EXPECT_TRUE(own({"frobd: no", "version", "inflateInit_", "1.2.13"}).empty())
      << "zlib's, from its header";
  EXPECT_TRUE(own({"zlib version %s", "1.4.13"}).empty());
  EXPECT_TRUE(own({"%s %s", "1.3.6.1.4.1"}).empty()) << "an object identifier";
}

// As in Debian's libxmlb2, libblockdev and libmpc.
TEST(OwnNameTest, AVersionAloneInALibraryIsUncertain) {
  const auto own = [](std::initializer_list<std::string_view> runs) {
    return Own(Program(runs), "usr/lib/libfrob.so.2.0.0", false);
  };
  EXPECT_EQ(own({"out of frobs", "0.3.22"}),
            std::vector<std::string>{"frob 0.3.22"});
  EXPECT_EQ(own({"frob", "0.3.0"}), std::vector<std::string>{"frob 0.3.0"});
  EXPECT_TRUE(own({"out", "0.3.0"}).empty()) << "of an interface";
  EXPECT_TRUE(own({"frob", "0.3"}).empty());
  EXPECT_TRUE(own({"tool.* v([\\d\\.]+)", "3.18.2"}).empty())
      << "of a program that it asks";
}

TEST(BannersTest, SurvivesDamage) {
  SweepContent(kBanners, "x", kFirmware);
}

// A version that the program was compiled with is searched for its reason, and
// whoever wrote it may repeat it.
TEST(BannersTest, ManyVersionsTakeBoundedTime) {
  using namespace std::string_view_literals;
  for (const std::string_view version : {"1.2.13"sv, "1.2.%"sv}) {
    std::string text(
        "\x7F"
        "ELF\0\0\0\0"sv);
    text.append(2'000'000, '\0');
    for (int i = 0; i < 200'000; ++i) {
      text += version == "1.2.%" ? "1.2." + std::to_string(i) : version;
      text += '\0';
    }
    text += "deflateInit_";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(FindLoneVersions(AsBytes(text)).of_two.has_value());
    EXPECT_LT(std::chrono::steady_clock::now() - begin,
              std::chrono::seconds(5));
  }
}

}  // namespace
}  // namespace assay::sbom
