#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kLibrary =
    Sample("cataloguers/library_name/libQt6SerialPort.so.6.4.2");

std::string Found(std::string_view path, ByteView content) {
  const auto seen = ExamineFile(kLibraryName, path, content).seen;
  if (seen.components.size() != 1) {
    return "";
  }
  EXPECT_EQ(seen.components[0].strength, Strength::kUnverified);
  return seen.components[0].component.name + " " +
         seen.components[0].component.version;
}

// Names and releases as Debian 12 has them.
TEST(LibraryNameTest, FamiliesThatNumberFilesByTheRelease) {
  struct Case {
    std::string_view path, found;
  };
  for (const auto& [path, found] :
       {Case{"usr/lib/libQt6SerialPort.so.6.4.2", "qt6serialport 6.4.2"},
        Case{"libQt5Core.so.5.15.8", "qt5core 5.15.8"},
        Case{"usr/lib/libKF5Archive.so.5.103.0", "kf5archive 5.103.0"},
        Case{"usr/lib/libboost_regex.so.1.74.0", "boost_regex 1.74.0"},
        Case{"usr/lib/libicuuc.so.72.1", "icuuc 72.1"}}) {
    EXPECT_EQ(Found(path, kLibrary), found);
  }
}

TEST(LibraryNameTest, NumbersOfInterfacesSayNothing) {
  for (const std::string_view path :
       {"", "usr/lib/libQt6SerialPort.so.6", "usr/lib/libQt6SerialPort.so",
        "usr/lib/libQt6SerialPort.so.6.4.2.debug", "usr/lib/libgsl.so.27.0.0",
        "usr/lib/libglib-2.0.so.0.7400.6", "usr/lib/libKF5Tnef.so.5.22.3",
        "usr/lib/libKF5KDcraw.so.5.0.0", "usr/lib/libicuuc.so.72.1.0",
        "usr/lib/xlibQt6Core.so.6.4.2"}) {
    EXPECT_EQ(Found(path, kLibrary), "") << path;
  }
}

// Names as Debian 12 and GHC's User's Guide have them.
TEST(LibraryNameTest, HaskellPackagesHaveTheirVersionInTheName) {
  struct Case {
    std::string_view path, found;
  };
  for (const auto& [path, found] :
       {Case{"usr/lib/haskell-packages/ghc/lib/libHSconvertible-1.1.1.1-"
             "1uop5KqWQd3CYi5RzChSW-ghc9.0.2.so",
             "haskell-convertible 1.1.1.1"},
        Case{"libHSalsa-mixer-0.3.0-JtZuHosXJUKH6JUSW3X2Ak-ghc9.0.2.so",
             "haskell-alsa-mixer 0.3.0"},
        Case{"libHSghc-prim-0.7.0-ghc9.0.2.so", "haskell-ghc-prim 0.7.0"},
        Case{"libHSrts-ghc9.0.2.so", ""}, Case{"libHS-ghc9.0.2.so", ""},
        Case{"libHSx-1.0-ghc9.0.2.a", ""}, Case{"libHSx-1.0.so", ""},
        Case{"libHSa-b-c-ghc9.0.2.so", ""}}) {
    EXPECT_EQ(Found(path, kLibrary), found) << path;
  }
}

TEST(LibraryNameTest, ANameAloneIsNoLibrary) {
  EXPECT_EQ(Found("libQt6Core.so.6.4.2", {}), "");
  EXPECT_EQ(Found("libQt6Core.so.6.4.2", ByteView(kLibrary).subspan(1)), "");
}

TEST(LibraryNameTest, SurvivesDamage) {
  SweepContent(kLibraryName, "libQt6SerialPort.so.6.4.2", kLibrary);
}

}  // namespace
}  // namespace assay::sbom
