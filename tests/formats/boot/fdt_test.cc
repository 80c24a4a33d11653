#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/boot/fdt_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kFdt;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/fdt/plain.hex");
const Bytes kFit = Sample("formats/fdt/fit.hex");
const Bytes kExternal = Sample("formats/fdt/external.hex");
const Bytes kPosition = Sample("formats/fdt/position.hex");

constexpr std::string_view kKernel = "a kernel that is none\n";
// board.dtb
const Bytes kBoard = Hex(R"(
    d00dfeed 00000048 00000038 00000048 00000028 00000011 00000010
    00000000 00000000 00000010
    00000000 00000000 00000000 00000000
    00000001 00000000 00000002 00000009
)");

bool AccountsFor(const RecordingSink& sink, std::uint64_t size) {
  std::string why;
  const bool accounts = sink.Accounts(size, &why);
  EXPECT_TRUE(accounts) << why;
  return accounts;
}

TEST(FdtTest, APlainTreeIsMetadata) {
  EXPECT_TRUE(kFdt.matches(kPlain));
  const Bytes longer = Concat(kPlain, Hex("ff"));
  EXPECT_EQ(kFdt.measure(longer).value_or(0), kPlain.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFdt, longer, sink));
  EXPECT_TRUE(sink.members.empty());
  EXPECT_TRUE(sink.anomalies.empty());
  AccountsFor(sink, kPlain.size());
  for (const Region& region : sink.regions) {
    EXPECT_EQ(region.use, RegionUse::kMetadata);
  }
}

TEST(FdtTest, TheViewReadsNodesAndProperties) {
  const auto tree = FdtView::Parse(kPlain);
  ASSERT_TRUE(tree);
  EXPECT_FALSE(tree->damage);
  ASSERT_EQ(tree->nodes.size(), 3U);
  const auto cpus = tree->Child(0, "cpus");
  ASSERT_TRUE(cpus);
  const auto cpu = tree->Child(*cpus, "cpu@0");
  ASSERT_TRUE(cpu);
  EXPECT_EQ(tree->nodes[*cpu].depth, 2U);
  EXPECT_EQ(tree->Cell(*cpu, "reg"), 0U);
  const FdtProperty* model = tree->Find(0, "model");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(AsText(tree->Value(*model)), std::string_view("board\0", 6));
  EXPECT_FALSE(tree->Cell(0, "model"));
  EXPECT_EQ(tree->Find(*cpu, "model"), nullptr);
  EXPECT_EQ(tree->reservations.length, 32U);  // one, and the end
}

TEST(FdtTest, ImagesOfAFitAreMembers) {
  for (const Bytes& fit : {kFit, kExternal, kPosition}) {
    RecordingSink sink;
    const auto result = Unpack(kFdt, fit, sink);
    ASSERT_TRUE(result) << result.error().what;
    ASSERT_EQ(sink.members.size(), 2U);
    const auto* kernel = sink.Find("images/kernel");
    const auto* board = sink.Find("images/fdt-1");
    ASSERT_TRUE(kernel != nullptr && board != nullptr);
    EXPECT_EQ(AsText(kernel->content), kKernel);
    EXPECT_EQ(board->content, kBoard);
    EXPECT_TRUE(kernel->member.stored);
    ASSERT_TRUE(kernel->member.origin);
    EXPECT_EQ(kernel->member.origin->length, kKernel.size());
    EXPECT_TRUE(sink.anomalies.empty());
    const auto size = kFdt.measure(fit);
    ASSERT_TRUE(size) << size.error().what;
    // mkimage pads the last image to four bytes.
    EXPECT_LE(fit.size() - *size, 3U);
    AccountsFor(sink, *size);
  }
}

TEST(FdtTest, ExternalDataPastTheInputAreOpaque) {
  const auto size = kFdt.measure(kExternal);
  ASSERT_TRUE(size);
  const ByteView cut = ByteView(kExternal).first(*size - 1);
  EXPECT_EQ(kFdt.measure(cut).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFdt, cut, sink));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_FALSE(sink.members[1].has_content);
  EXPECT_NE(sink.members[1].problem, "");
}

TEST(FdtTest, SlackIsToldFromPadding) {
  Bytes hidden = kPosition;  // the tree ends before 0x800
  hidden[0x7ff] = 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFdt, hidden, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack ||
            (region.use == RegionUse::kSlack && region.range.end() == 0x800U);
  }
  EXPECT_TRUE(slack);
}

// Where the value of a property of the first image lies.
std::size_t ValueOf(const Bytes& fit, std::string_view name) {
  const auto tree = FdtView::Parse(fit);
  const auto images = tree->Child(0, "images");
  return static_cast<std::size_t>(tree->Find(*images + 1, name)->value.offset);
}

TEST(FdtTest, ImagesThatShareBytesAreReportedAndAccountedOnce) {
  Bytes shared = kPosition;
  const std::size_t at = ValueOf(shared, "data-position");
  shared[at + 3] = 0x20;  // 0x820: where the second image lies
  shared[at + 2] = 0x08;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFdt, shared, sink));
  EXPECT_TRUE(sink.Saw("fdt.overlapping-data"));
  EXPECT_EQ(sink.members.size(), 2U);
  AccountsFor(sink, *kFdt.measure(shared));
}

// A loader takes the one or the other: both are members.
TEST(FdtTest, DataNamedTwiceAreAmbiguous) {
  const Bytes fit = Sample("formats/fdt/ambiguous.hex");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFdt, fit, sink));
  EXPECT_TRUE(sink.Saw("fdt.ambiguous-data"));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(AsText(sink.members[0].content), "external");
  EXPECT_EQ(AsText(sink.members[1].content), std::string_view("inline\0", 7));
  AccountsFor(sink, fit.size());
}

TEST(FdtTest, NoProperPrefixIsMeasured) {
  for (const Bytes& tree : {kPlain, kExternal}) {
    const auto size = kFdt.measure(tree);
    ASSERT_TRUE(size);
    for (std::size_t length = 0; length < *size; ++length) {
      EXPECT_FALSE(kFdt.measure(ByteView(tree).first(length))) << length;
    }
  }
}

TEST(FdtTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& tree : {kPlain, kExternal}) {
    for (std::size_t at = 0; at < tree.size() * 8; ++at) {
      Bytes damaged = tree;
      damaged[at / 8] ^= static_cast<std::uint8_t>(1U << at % 8);
      RecordingSink sink;
      const auto result = Unpack(kFdt, damaged, sink);
      const auto size = kFdt.measure(damaged);
      EXPECT_LE(size.value_or(0), damaged.size());
      if (result && size) {
        EXPECT_TRUE(AccountsFor(sink, *size)) << "bit " << at;
      }
    }
  }
}

// A structure block that is wrong in one way each, after a good header.
TEST(FdtTest, DamagedStructuresAreNamed) {
  struct Case {
    const char* block;
    const char* what;
  };
  const Case cases[] = {
      {"00000001 00000000 00000002 00000004", "does not end"},
      {"00000001 00000000 00000009 00000009", "ends inside of a node"},
      {"00000002 00000000 00000009 00000009", "is not open"},
      {"00000003 00000000 00000000 00000009", "outside of a node"},
      {"00000001 61616161 61616161 61616161", "name short"},
      {"00000001 00000000 00000003 000000ff", "property short"},
      {"00000001 00000000 00000007 00000009", "unknown token 0x7"},
      {"00000001 00000000 00000002 00000001", "name short"},
  };
  for (const Case& expected : cases) {
    const Bytes tree = Concat(ByteView(kBoard).first(56), Hex(expected.block));
    RecordingSink sink;
    const auto result = Unpack(kFdt, tree, sink);
    ASSERT_FALSE(result) << expected.block;
    EXPECT_EQ(result.error().code, ErrorCode::kMalformed);
    EXPECT_NE(result.error().what.find(expected.what), std::string::npos)
        << result.error().what;
  }
}

TEST(FdtTest, NestingIsBounded) {
  Bytes block;
  for (int i = 0; i < 200; ++i) {
    block = Concat(block, Hex("00000001 61000000"));
  }
  Bytes tree = Concat(ByteView(kBoard).first(56), block);
  tree[7] = static_cast<std::uint8_t>(tree.size() & 0xffU);
  tree[6] = static_cast<std::uint8_t>(tree.size() >> 8U);
  tree[0x27] = static_cast<std::uint8_t>(block.size() & 0xffU);
  tree[0x26] = static_cast<std::uint8_t>(block.size() >> 8U);
  RecordingSink sink;
  const auto result = Unpack(kFdt, tree, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kLimit) << result.error().what;
}

TEST(FdtTest, HeadersThatContradictThemselvesAreNotTrees) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 0xd1},
                                  {7, 0x20},
                                  {11, 0x39},
                                  {11, 0x60},
                                  {15, 0x49},
                                  {19, 0x2c},
                                  {23, 15},
                                  {27, 18},
                                  {35, 1},
                                  {39, 0x11},
                                  {39, 0x14}}) {
    Bytes wrong = kBoard;
    wrong[at] = value;
    EXPECT_FALSE(kFdt.matches(wrong)) << at;
  }
  EXPECT_TRUE(kFdt.matches(kBoard));
}

}  // namespace
}  // namespace assay::formats
