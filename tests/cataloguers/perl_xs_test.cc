#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// The texts of Debian's libnet-idn-encode-perl 2.500, behind an ELF header.
const Bytes kModule = Sample("cataloguers/perl_xs/Punycode.so");
constexpr std::string_view kPath =
    "usr/lib/x86_64-linux-gnu/perl5/5.36/auto/Net/IDN/Punycode/Punycode.so";

Bytes Changed(std::string_view from, std::string_view to) {
  Bytes bytes = kModule;
  const std::size_t at = AsText(bytes).find(from);
  EXPECT_EQ(from.size(), to.size());
  std::copy(to.begin(), to.end(), bytes.begin() + static_cast<long>(at));
  return bytes;
}

std::vector<ComponentEvidence> Found(std::string_view path, ByteView content) {
  return ExamineFile(kPerlXs, path, content).seen.components;
}

TEST(PerlXsTest, TheModuleIsNotItsPerl) {
  const auto found = Found(kPath, kModule);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].component.name, "Net-IDN-Punycode");
  EXPECT_EQ(found[0].component.version, "2.500");
  EXPECT_EQ(found[0].strength, Strength::kWeak);
  EXPECT_EQ(AsText(kModule).substr(found[0].place.offset, 5), "2.500");
}

TEST(PerlXsTest, OtherPlacesAreNone) {
  for (const std::string_view path :
       {"", "Punycode.so", "usr/lib/perl5/auto/Punycode.so",
        "usr/lib/x/auto/Net/IDN/Punycode/Punycode.so",
        "usr/lib/perl5/5.36/auto/Net/IDN/Punycode/Punycode.bs"}) {
    EXPECT_TRUE(Found(path, kModule).empty()) << path;
  }
}

TEST(PerlXsTest, WithoutACheckOrWithTwoVersionsNothingIsTold) {
  EXPECT_TRUE(Found(kPath, Changed("v5.36.0", "v6.36.0")).empty());
  EXPECT_TRUE(Found(kPath, Changed("2.500", "2500x")).empty());
  EXPECT_TRUE(Found(kPath, Changed("2.500", "250..")).empty());
  Bytes two = kModule;
  for (const char c : std::string_view("1.25\0", 5)) {
    two.push_back(static_cast<std::uint8_t>(c));
  }
  EXPECT_TRUE(Found(kPath, two).empty());
}

TEST(PerlXsTest, SurvivesDamage) {
  SweepContent(kPerlXs, kPath, kModule);
}

}  // namespace
}  // namespace assay::sbom
