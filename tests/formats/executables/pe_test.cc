#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/executables/pe_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kPe;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/pe/plain.hex");
const Bytes kSymbols = Sample("formats/pe/symbols.hex");
const Bytes kResources = Sample("formats/pe/resources.hex");
const Bytes kUki = Sample("formats/pe/uki.hex");
const Bytes kSigned = Sample("formats/pe/signed.hex");
constexpr std::string_view kSbat =
    "sbat,1,SBAT Version,sbat,1,https://example.org/sbat.md\n";

// All samples as their makers left them: everything has an owner.
void ReadGood(const Bytes& image, RecordingSink& sink) {
  std::uint64_t consumed = 0;
  const auto result = Unpack(kPe, image, sink, &consumed);
  EXPECT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  EXPECT_EQ(kPe.measure(image).value_or(0), image.size());
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies.front().detail;
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

std::string ContentOf(const RecordingSink& sink, std::string_view name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

RegionUse UseAt(const RecordingSink& sink, std::uint64_t offset) {
  const auto found = std::find_if(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return offset >= region.range.offset && offset < region.range.end();
      });
  return found == sink.regions.end() ? RegionUse::kUnknown : found->use;
}

void Put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::size_t HeadersAt(const Bytes& image) {
  return std::uint32_t{*ReadAt<Le32>(image, 0x3c)};
}

// Offsets as pefile and objdump -h show them.
TEST(PeTest, CodeAndDataAreContentAndTheRestIsCarried) {
  RecordingSink sink;
  ReadGood(kPlain, sink);
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(ContentOf(sink, "sections/.sbat").substr(0, 55), kSbat);
  EXPECT_EQ(sink.members[0].member.origin, (Range{736, 56}));
  EXPECT_EQ(UseAt(sink, 0), RegionUse::kMetadata);
  EXPECT_EQ(UseAt(sink, 640), RegionUse::kContent);       // .text
  EXPECT_EQ(UseAt(sink, 640 + 48), RegionUse::kPadding);  // past VirtualSize
  EXPECT_EQ(UseAt(sink, 704), RegionUse::kContent);       // .data
}

TEST(PeTest, SymbolsBelongToTheImage) {
  RecordingSink sink;
  ReadGood(kSymbols, sink);
  EXPECT_EQ(UseAt(sink, 832), RegionUse::kMetadata);
  EXPECT_EQ(UseAt(sink, kSymbols.size() - 1), RegionUse::kMetadata);
}

TEST(PeTest, ResourcesAreNamedByTypeNameAndLanguage) {
  RecordingSink sink;
  ReadGood(kResources, sink);
  const auto expect = [&](std::string_view name, Range origin) {
    const RecordedMember* const member = sink.Find(name);
    ASSERT_NE(member, nullptr) << name;
    EXPECT_EQ(member->member.origin, origin) << name;
    EXPECT_TRUE(member->member.stored);
  };
  EXPECT_EQ(sink.members.size(), 6U);
  expect("resources/EXTRA/STUFF/1033", {1224, 4});
  expect("resources/RCDATA/SETUP/1033", {1232, 11});
  expect("resources/RCDATA/7/1033", {1248, 5});
  expect("resources/VERSION/1/1033", {1256, 198});
  expect("resources/MANIFEST/1/1033", {1456, 11});
  EXPECT_EQ(ContentOf(sink, "resources/RCDATA/7/1033"), "seven");
  EXPECT_EQ(ContentOf(sink, "resources/MANIFEST/1/1033"), "<assembly/>");
}

TEST(PeTest, AUnifiedKernelImageHandsOnWhatItBoots) {
  RecordingSink sink;
  ReadGood(kUki, sink);
  EXPECT_EQ(sink.members.size(), 5U);
  EXPECT_EQ(ContentOf(sink, "sections/.linux"), "kernel");
  EXPECT_EQ(ContentOf(sink, "sections/.cmdline"), "root=/dev/sda quiet");
  EXPECT_EQ(ContentOf(sink, "sections/.osrel"), "ID=sample\n");
  EXPECT_EQ(ContentOf(sink, "sections/.initrd").substr(0, 6), "070701");
  EXPECT_EQ(sink.Find("sections/.initrd")->content.size(), 248U);
}

TEST(PeTest, CertificatesAndWhatLiesInFrontOfThemAreMembers) {
  RecordingSink sink;
  ReadGood(kSigned, sink);
  EXPECT_EQ(ContentOf(sink, "overlay"),
            "files of the installer, 40 bytes in all.");
  const RecordedMember* const certificate = sink.Find("certificates/0");
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(certificate->member.origin, (Range{880, 1040}));
  EXPECT_EQ(certificate->content[0], 0x30);
}

TEST(PeTest, WhatFollowsIsNotPartOfTheImage) {
  for (const Bytes& image : {kPlain, kSymbols, kResources, kUki, kSigned}) {
    const Bytes longer = Concat(image, AsBytes("more"));
    EXPECT_EQ(kPe.measure(longer).value_or(0), image.size());
    RecordingSink sink;
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kPe, longer, sink, &consumed));
    EXPECT_EQ(consumed, image.size());
    EXPECT_FALSE(sink.Saw("pe.checksum-mismatch"));
  }
}

TEST(PeTest, BytesBetweenTheSectionsAreSlack) {
  Bytes hidden = kPlain;
  hidden[640 + 50] = 'x';  // behind what a loader maps of .text
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, hidden, sink));
  EXPECT_EQ(UseAt(sink, 640 + 50), RegionUse::kSlack);
  EXPECT_TRUE(sink.Saw("pe.checksum-mismatch"));
}

TEST(PeTest, AChecksumOfZeroMeansNone) {
  Bytes image = kPlain;
  Put32(image, HeadersAt(image) + 88, 0);
  image[705] ^= 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, image, sink));
  EXPECT_FALSE(sink.Saw("pe.checksum-mismatch"));
}

TEST(PeTest, BytesBehindASignatureMessageAreReported) {
  Bytes padded = Concat(kSigned, Hex("11 22 33 44 55 66 77 88"));
  const std::size_t directory = HeadersAt(padded) + 24 + 112 + 4 * 8;
  Put32(padded, directory + 4, 1048 + 8);
  Put32(padded, 872, 1048 + 8);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, padded, sink));
  EXPECT_TRUE(sink.Saw("pe.trailing-data"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(padded.size(), &why)) << why;
}

TEST(PeTest, ACertificateThatStatesTooMuchIsSlack) {
  for (const std::uint32_t length : {3U, 2000U, 0xffffffffU}) {
    Bytes damaged = kSigned;
    Put32(damaged, 872, length);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kPe, damaged, sink));
    EXPECT_TRUE(sink.Saw("pe.bad-certificate"));
    EXPECT_EQ(sink.Find("certificates/0"), nullptr);
    EXPECT_EQ(UseAt(sink, 900), RegionUse::kSlack);
  }
}

TEST(PeTest, CertificatesOutsideOfTheFileAreReported) {
  Bytes damaged = kSigned;
  Put32(damaged, HeadersAt(damaged) + 24 + 112 + 4 * 8, 0x7fffffff);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, damaged, sink));
  EXPECT_TRUE(sink.Saw("pe.outside"));
}

TEST(PeTest, NoSectionHoldsTheImageItself) {
  Bytes loop = kUki;
  const std::size_t section = HeadersAt(loop) + 24 + 240 + 7 * 40;
  const auto all = static_cast<std::uint32_t>(loop.size());
  Put32(loop, section + 8, all);   // .initrd, as large as the file
  Put32(loop, section + 16, all);  // and from its beginning
  Put32(loop, section + 20, 0);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, loop, sink));
  EXPECT_TRUE(sink.Saw("pe.overlapping-members"));
  for (const auto& member : sink.members) {
    EXPECT_LT(member.content.size(), loop.size()) << member.member.name;
  }
}

TEST(PeTest, SectionsThatShareBytesAreReported) {
  Bytes shared = kUki;
  const std::size_t table = HeadersAt(shared) + 24 + 240;
  Put32(shared, table + 7 * 40 + 20, 992);  // .initrd begins at .linux
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, shared, sink));
  EXPECT_TRUE(sink.Saw("pe.overlapping-sections"));
  EXPECT_TRUE(sink.Saw("pe.overlapping-members"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kPe.measure(shared).value_or(0), &why)) << why;
}

TEST(PeTest, AResourceDirectoryThatNamesItselfEnds) {
  Bytes looped = kResources;
  Put32(looped, 832 + 16 + 4, 0x80000000);  // its first entry: the root again
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPe, looped, sink));
  EXPECT_TRUE(sink.Saw("pe.bad-resource"));
}

TEST(PeTest, AResourceOutsideOfTheFileIsReported) {
  for (const std::uint32_t size : {0x500U, 0xfffffff0U}) {
    Bytes damaged = kResources;
    const auto data =
        std::search(damaged.begin() + 832, damaged.end(),
                    kResources.begin() + 1224, kResources.begin() + 1228);
    ASSERT_NE(data, damaged.end());
    // The data entry of "more": 4 bytes at address 0x5000 + 1224 - 832.
    const Bytes entry = Hex("88 51 00 00 04 00 00 00");
    const auto at = std::search(damaged.begin() + 832, damaged.end(),
                                entry.begin(), entry.end());
    ASSERT_NE(at, damaged.end());
    Put32(damaged, static_cast<std::size_t>(at - damaged.begin()) + 4, size);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kPe, damaged, sink));
    EXPECT_TRUE(sink.Saw("pe.outside"));
  }
}

TEST(PeTest, TheViewTranslatesAddresses) {
  const auto view = PeView::Parse(kUki);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->machine, 0x8664);
  EXPECT_EQ(view->subsystem, 10);
  EXPECT_EQ(view->sections.size(), 8U);
  EXPECT_EQ(view->OffsetOf(0x2000), 800U);
  EXPECT_EQ(view->OffsetOf(0x10), 0x10U);  // the headers
  EXPECT_FALSE(view->OffsetOf(0x9000));
  EXPECT_FALSE(view->Directory(pe::kResources));
  EXPECT_FALSE(view->Directory(99));
}

TEST(PeTest, EveryProperPrefixIsRefusedOrReported) {
  for (const Bytes& image : {kPlain, kSymbols, kResources, kUki, kSigned}) {
    ForEachPrefix(kPe, image, [&](const Attempt& attempt) {
      EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty())
          << attempt.at;
    });
  }
}

// The checksum sees every flip but those in the field itself that make it 0.
TEST(PeTest, EveryFlippedByteIsNoticed) {
  for (const Bytes& image : {kPlain, kResources, kUki, kSigned}) {
    ForEachFlip(kPe, image, [&](const Attempt& attempt) {
      if (attempt.at >= 2) {
        EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty())
            << attempt.at;
      }
    });
  }
}

TEST(PeTest, OtherBytesAreNotPe) {
  Bytes wrong = kPlain;
  wrong[HeadersAt(wrong) + 2] = 1;  // "PE\1\0"
  EXPECT_FALSE(kPe.matches(wrong));
  wrong = kPlain;
  wrong[HeadersAt(wrong) + 24] = 0x0c;  // Magic
  EXPECT_FALSE(kPe.matches(wrong));
  wrong = kPlain;
  wrong[HeadersAt(wrong) + 20] = 8;  // SizeOfOptionalHeader
  wrong[HeadersAt(wrong) + 21] = 0;
  EXPECT_FALSE(kPe.matches(wrong));
  wrong = kPlain;
  Put32(wrong, 0x3c, 0xfffffff0);
  EXPECT_FALSE(kPe.matches(wrong));
  EXPECT_FALSE(kPe.matches(AsBytes("MZ")));
  EXPECT_FALSE(kPe.matches({}));
}

}  // namespace
}  // namespace assay::formats
