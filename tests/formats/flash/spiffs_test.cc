#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kSpiffs;
namespace {

using testing::Concat;
using testing::ExpectGood;
using testing::ExpectKept;
using testing::Names;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

constexpr std::array kPlain = {"esp32", "esp8266", "plain"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/spiffs/{}.hex", name));
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 1200; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

std::string Anomalies(const RecordingSink& sink) {
  std::string ids;
  for (const Anomaly& anomaly : sink.anomalies) {
    ids += anomaly.id + " ";
  }
  return ids;
}

std::size_t Find(const Bytes& image, std::string_view text) {
  const std::size_t at = AsText(image).find(text);
  EXPECT_NE(at, std::string::npos) << text;
  return at;
}

void Put16(Bytes& image, std::size_t at, unsigned value) {
  image[at] = static_cast<std::uint8_t>(value);
  image[at + 1] = static_cast<std::uint8_t>(value >> 8U);
}

TEST(SpiffsTest, ReadsEveryGeometry) {
  for (const char* name : kPlain) {
    RecordingSink sink;
    const auto result = Unpack(kSpiffs, Image(name), sink);
    ASSERT_TRUE(result) << name << ": " << result.error().what;
    EXPECT_EQ(Names(sink), "/su /www/numbers.txt /empty /never-written ");
    EXPECT_EQ(AsText(sink.Find("/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("/www/numbers.txt")->content), Numbers());
    EXPECT_TRUE(sink.Find("/empty")->has_content);
    EXPECT_TRUE(sink.Find("/empty")->content.empty());
    EXPECT_TRUE(sink.Find("/never-written")->content.empty());
  }
}

TEST(SpiffsTest, AccountsForEveryByte) {
  for (const char* name : {"esp32", "esp8266", "plain", "empty"}) {
    SCOPED_TRACE(name);
    ExpectGood(kSpiffs, Image(name));
  }
}

TEST(SpiffsTest, AFileOfOnePageIsStored) {
  const Bytes image = Image("esp32");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSpiffs, image, sink));
  const RecordedMember* su = sink.Find("/su");
  ASSERT_TRUE(su->member.stored && su->member.origin);
  EXPECT_EQ(su->member.origin->offset, Find(image, "inert"));
  EXPECT_EQ(su->member.origin->length, 21U);
}

// worn of make.py: what was deleted is slack, and said; what was only moved is
// not worth a word; one block may be without its magic.
TEST(SpiffsTest, DeletedPagesAreSaid) {
  const Bytes image = Image("worn");
  RecordingSink sink;
  const auto result = Unpack(kSpiffs, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(Names(sink), "/config /same /moved ");
  EXPECT_EQ(AsText(sink.Find("/config")->content), "password=2");
  EXPECT_EQ(AsText(sink.Find("/moved")->content), "unchanged");
  EXPECT_EQ(Anomalies(sink), "spiffs.hidden-pages ");
  EXPECT_EQ(sink.anomalies.front().detail, "2 pages hold what no file shows");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  const std::size_t secret = Find(image, "hidden");
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return region.use == RegionUse::kSlack &&
               region.range.offset <= secret && region.range.end() > secret;
      }));
}

TEST(SpiffsTest, EndsWhereItsMagicsSay) {
  const Bytes plain = Image("plain");
  EXPECT_EQ(kSpiffs.measure(Concat(plain, Bytes(9000, 0xff))).value_or(0),
            plain.size());
  const Bytes esp = Image("esp32");
  EXPECT_EQ(kSpiffs.measure(Concat(esp, esp)).value_or(0), esp.size());
  RecordingSink sink;
  const Bytes cut = CopyOf(ByteView(Image("worn")).first(3 * 2048));
  EXPECT_EQ(kSpiffs.measure(cut).error().code, ErrorCode::kTruncated);
  EXPECT_EQ(Unpack(kSpiffs, cut, sink).error().code, ErrorCode::kTruncated);
  EXPECT_NE(sink.Find("/config"), nullptr);
}

TEST(SpiffsTest, ALookupTableThatLiesIsSaid) {
  Bytes image = Image("esp32");
  Put16(image, 2, 0);  // the page of "su" as if it were deleted
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSpiffs, image, sink));
  EXPECT_TRUE(sink.Saw("spiffs.page-mismatch"));
  EXPECT_TRUE(sink.Saw("spiffs.missing-page"));
  EXPECT_NE(sink.Find("/su")->problem, "");
  EXPECT_EQ(AsText(sink.Find("/www/numbers.txt")->content), Numbers());
}

// The device reads a file by its index; a scan of the pages finds others.
TEST(SpiffsTest, AnIndexThatLiesIsSaid) {
  for (const char* name : kPlain) {
    Bytes image = Image(name);
    const std::size_t page = name == std::string_view("plain") ? 64 : 256;
    const std::size_t header = Find(image, "/www/") / page * page;
    const std::size_t table = name == std::string_view("esp32")     ? 49
                              : name == std::string_view("esp8266") ? 48
                                                                    : 45;
    Put16(image, header + table + 4, 2);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSpiffs, image, sink)) << name;
    EXPECT_EQ(Anomalies(sink), "spiffs.bad-index ") << name;
    EXPECT_EQ(AsText(sink.Find("/www/numbers.txt")->content), Numbers());
  }
}

TEST(SpiffsTest, TwoPagesOfOnePlaceAreSaid) {
  Bytes image = Image("worn");
  // "moved" has its first copy back.
  const std::size_t old = Find(image, "unchanged") - 5;
  image[old + 4] |= 0x80U;
  Put16(image, (old / 128 - 1) * 2, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSpiffs, image, sink));
  EXPECT_TRUE(sink.Saw("spiffs.ambiguous-page"));
  EXPECT_EQ(AsText(sink.Find("/moved")->content), "unchanged");
  // The index says which one counts.
  EXPECT_GT(sink.Find("/moved")->member.origin->offset, old + 128);
}

TEST(SpiffsTest, OddHeadersAreSaid) {
  struct Case {
    std::size_t field;
    unsigned value;
    const char* anomaly;
  };
  const Case cases[] = {
      {8, 0xfff0, "spiffs.missing-page"},
      {10, 0x7fff, "spiffs.missing-page"},
      {12, 0x2f03, "spiffs.odd-type"},
      {13, 0, "spiffs.odd-name"},
  };
  for (const Case& odd : cases) {
    Bytes image = Image("esp32");
    Put16(image, Find(image, "/su") / 256 * 256 + odd.field, odd.value);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSpiffs, image, sink));
    EXPECT_TRUE(sink.Saw(odd.anomaly)) << odd.anomaly;
    ExpectKept(kSpiffs, image, odd.anomaly);
  }
  Bytes twice = Image("esp32");
  std::copy_n("/su", 4,
              twice.begin() + static_cast<long>(Find(twice, "/empty")));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSpiffs, twice, sink));
  EXPECT_TRUE(sink.Saw("spiffs.ambiguous-name"));
}

TEST(SpiffsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 2});
  EXPECT_EQ(Unpack(kSpiffs, Image("esp32"), few).error().code,
            ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 2});
  EXPECT_EQ(Unpack(kSpiffs, Image("esp32"), brief).error().code,
            ErrorCode::kLimit);
}

// Sixteen bits of magic prove nothing.
TEST(SpiffsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kSpiffs.matches({}));
  for (const unsigned fill : {0x00U, 0xffU, 0x29U, 0x05U, 0x55U}) {
    EXPECT_FALSE(
        kSpiffs.matches(Bytes(72 << 10, static_cast<std::uint8_t>(fill))))
        << fill;
  }
  // Lookup tables with a magic, but no second block and no page.
  Bytes magic(4096, 0xff);
  Put16(magic, 252, 0x0529 ^ 256 ^ 1);
  EXPECT_FALSE(kSpiffs.matches(magic));
  magic.resize(72 << 10, 0xff);
  Put16(magic, 252, 0x0529 ^ 256);
  Put16(magic, 4096 + 252, 0x0529 ^ 256);
  EXPECT_FALSE(kSpiffs.matches(magic));
  // Pages without the magics.
  Bytes pages = Image("esp32");
  Put16(pages, 252, 0xffff);
  Put16(pages, 4096 + 252, 0xffff);
  EXPECT_FALSE(kSpiffs.matches(pages));
  // Text, and numbers that count up.
  Bytes text(72 << 10, 'x');
  Bytes counts(72 << 10, 0);
  for (std::size_t at = 0; at + 1 < counts.size(); at += 2) {
    Put16(counts, at, static_cast<unsigned>(at / 2));
  }
  EXPECT_FALSE(kSpiffs.matches(text));
  EXPECT_FALSE(kSpiffs.matches(counts));
}

TEST(SpiffsTest, PrefixesAndFlipsAreKept) {
  for (const char* name : {"worn", "esp8266", "plain", "empty"}) {
    SCOPED_TRACE(name);
    SweepImage(kSpiffs, Image(name), 17);
  }
}

TEST(SpiffsTest, EveryFlipInTablesAndHeadersIsKept) {
  const Bytes image = Image("worn");
  for (std::size_t page = 0; page < image.size(); page += 128) {
    for (std::size_t at = page; at < page + 60; ++at) {
      if (image[at] != 0xff) {
        Bytes damaged = image;
        damaged[at] ^= 0x81U;
        ExpectKept(kSpiffs, damaged, fmt::format("byte {}", at));
      }
    }
  }
}

}  // namespace
}  // namespace assay::formats
