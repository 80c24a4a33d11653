#include <gtest/gtest.h>

#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kPyinstaller;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kSample = Sample("formats/pyinstaller/sample.hex");
const std::size_t kCookieAt = kSample.size() - 88;
constexpr std::size_t kProgram = 64;

std::size_t TocAt() {
  return kProgram + *ReadAt<Be32>(kSample, kCookieAt + 12);
}

Bytes With(std::size_t at, std::string_view hex) {
  Bytes image = kSample;
  const Bytes bytes = Hex(hex);
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

TEST(PyinstallerTest, TheProgramAndEveryEntry) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(kPyinstaller.matches_end(kSample));
  EXPECT_EQ(DetectEnd(kSample), &kPyinstaller);
  const auto result = Unpack(kPyinstaller, kSample, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kSample.size());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSample.size(), &why)) << why;
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 6U);
  EXPECT_EQ(AsText(sink.Find("program")->content).substr(1, 9), "ELF inert");
  EXPECT_TRUE(sink.Find("program")->member.stored);
  EXPECT_EQ(AsText(sink.Find("main")->content), testing::Seq());
  EXPECT_FALSE(sink.Find("main")->member.stored);
  EXPECT_EQ(AsText(sink.Find("libsample.so")->content),
            "inert: not a library\n");
  EXPECT_TRUE(sink.Find("libsample.so")->member.stored);
  EXPECT_EQ(sink.Find("PYZ-00.pyz")->content.size(), 16U);
}

TEST(PyinstallerTest, IsKnownByItsVeryEnd) {
  EXPECT_FALSE(kPyinstaller.matches_end(Concat(kSample, Hex("00"))));
  for (std::size_t size = 0; size < kSample.size(); ++size) {
    EXPECT_FALSE(kPyinstaller.matches_end(ByteView(kSample).first(size)));
  }
  testing::ForEachPrefix(kPyinstaller, kSample, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
  });
}

TEST(PyinstallerTest, EveryFlippedByteOfPackedContentIsNoticed) {
  const std::string expected = testing::Seq();
  testing::ForEachFlip(kPyinstaller, kSample, [&](const Attempt& attempt) {
    const auto* main = attempt.sink->Find("main");
    EXPECT_TRUE(!attempt.ok || main == nullptr || main->problem != "" ||
                !attempt.sink->anomalies.empty() ||
                AsText(main->content) == expected)
        << attempt.at;
  });
}

TEST(PyinstallerTest, SizesThatDisagreeAreReported) {
  const std::size_t second = TocAt() + *ReadAt<Be32>(kSample, TocAt());
  RecordingSink packed;
  ASSERT_TRUE(Unpack(kPyinstaller, With(second + 12, "00000001"), packed));
  EXPECT_TRUE(packed.Saw("pyinstaller.size-mismatch"));
  const std::size_t third = second + *ReadAt<Be32>(kSample, second);
  RecordingSink stored;
  ASSERT_TRUE(Unpack(kPyinstaller, With(third + 12, "00000001"), stored));
  EXPECT_TRUE(stored.Saw("pyinstaller.size-mismatch"));
}

TEST(PyinstallerTest, EntriesThatShareBytesAreReported) {
  const std::size_t second = TocAt() + *ReadAt<Be32>(kSample, TocAt());
  const Bytes image = With(second + 4, "00000000");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPyinstaller, image, sink));
  EXPECT_TRUE(sink.Saw("pyinstaller.overlapping-entries"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(PyinstallerTest, LyingTablesAreErrors) {
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {kCookieAt, "4d45490d"},       // the magic
           {kCookieAt + 8, "7fffffff"},   // before the file
           {kCookieAt + 8, "00000010"},   // smaller than the cookie
           {kCookieAt + 12, "7fffffff"},  // the table's place
           {kCookieAt + 16, "7fffffff"},  // and size
           {TocAt(), "00000000"},         // an entry without an end
           {TocAt(), "00000012"},         // without a name
           {TocAt(), "7fffffff"},         // past the table
           {TocAt() + 4, "7fffffff"},     // content elsewhere
           {TocAt() + 8, "7fffffff"},
       }) {
    EXPECT_FALSE(kPyinstaller.matches_end(With(at, hex))) << at << hex;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kPyinstaller, With(at, hex), sink)) << at << hex;
  }
}

}  // namespace
}  // namespace assay::formats
