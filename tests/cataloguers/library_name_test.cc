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

TEST(LibraryNameTest, ANameAloneIsNoLibrary) {
  EXPECT_EQ(Found("libQt6Core.so.6.4.2", {}), "");
  EXPECT_EQ(Found("libQt6Core.so.6.4.2", ByteView(kLibrary).subspan(1)), "");
}

TEST(LibraryNameTest, SurvivesDamage) {
  SweepContent(kLibraryName, "libQt6SerialPort.so.6.4.2", kLibrary);
}

}  // namespace
}  // namespace assay::sbom
