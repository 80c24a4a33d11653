#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kElf;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kAmd64 = Sample("formats/elf/amd64.hex");
const Bytes kMips = Sample("formats/elf/mips.hex");
const Bytes kI386 = Sample("formats/elf/i386.hex");
const Bytes kPpc64 = Sample("formats/elf/ppc64.hex");

std::uint64_t Sum(const RecordingSink& sink, RegionUse use) {
  std::uint64_t sum = 0;
  for (const Region& region : sink.regions) {
    sum += region.use == use ? region.range.length : 0;
  }
  return sum;
}

// Claims are disjoint and lie in [0, size).
bool Disjoint(const RecordingSink& sink, std::uint64_t size) {
  std::vector<Range> ranges;
  for (const Region& region : sink.regions) {
    ranges.push_back(region.range);
  }
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t at = 0;
  for (const Range& range : ranges) {
    if (range.offset < at || range.length > size - range.offset) {
      return false;
    }
    at = range.end();
  }
  return true;
}

TEST(ElfTest, ViewsAllClassesAndByteOrders) {
  struct Case {
    const Bytes& bytes;
    bool is_64;
    ByteOrder order;
    std::uint16_t type, machine;
    std::uint64_t entry;
    std::size_t sections, segments;
    std::uint64_t data_offset;
  };
  const Case cases[] = {
      {kAmd64, true, ByteOrder::kLittle, 2, 62, 0x4000b0, 5, 2, 0xb9},
      {kMips, false, ByteOrder::kBig, 2, 8, 0x20150, 9, 7, 0x160},
      {kI386, false, ByteOrder::kLittle, 1, 3, 0, 5, 0, 0x36},
      {kPpc64, true, ByteOrder::kBig, 1, 21, 0, 5, 0, 0x48},
  };
  for (const Case& expected : cases) {
    const auto view = ElfView::Parse(expected.bytes);
    ASSERT_TRUE(view) << view.error().what;
    EXPECT_EQ(view->is_64, expected.is_64);
    EXPECT_EQ(view->order, expected.order);
    EXPECT_EQ(view->type, expected.type);
    EXPECT_EQ(view->machine, expected.machine);
    EXPECT_EQ(view->entry, expected.entry);
    EXPECT_EQ(view->sections.size(), expected.sections);
    EXPECT_EQ(view->segments.size(), expected.segments);
    EXPECT_TRUE(view->problems.empty());
    const auto data = view->FindSection(".data");
    ASSERT_TRUE(data);
    EXPECT_EQ(view->sections[*data].offset, expected.data_offset);
    EXPECT_EQ(view->sections[*data].flags, 3U);
    EXPECT_EQ(AsText(view->SectionBytes(".data")), "greeting");
    EXPECT_TRUE(view->SectionBytes(".nowhere").empty());
    EXPECT_TRUE(view->SectionBytes(99U).empty());
  }
}

TEST(ElfTest, TranslatesAddressesByLoadSegments) {
  const auto view = ElfView::Parse(kMips);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->OffsetOf(0x20150), 0x150U);
  EXPECT_EQ(view->OffsetOf(0x30160), 0x160U);
  EXPECT_EQ(view->AddressOf(0x160), 0x30160U);
  EXPECT_FALSE(view->OffsetOf(0x30178));  // in memory only: .bss
  EXPECT_FALSE(view->OffsetOf(0));
  EXPECT_EQ(view->Integer(0x12, 2), 8U);  // e_machine
  EXPECT_FALSE(view->Integer(kMips.size() - 1, 2));
  EXPECT_FALSE(view->Integer(0, 9));
}

TEST(ElfTest, NobitsHasNoBytes) {
  const auto view = ElfView::Parse(kAmd64);
  const auto bss = view->FindSection(".bss");
  ASSERT_TRUE(bss);
  EXPECT_EQ(view->sections[*bss].size, 0x47U);
  EXPECT_TRUE(view->SectionBytes(*bss).empty());
}

// The headers and tables that readelf shows: 52 + 7 * 32 and 9 * 40 bytes.
TEST(ElfTest, ClaimsStructureAndLeavesContents) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kElf, kMips, sink));
  EXPECT_TRUE(sink.members.empty());
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(Sum(sink, RegionUse::kMetadata), 52U + 224U + 360U);
  EXPECT_EQ(Sum(sink, RegionUse::kSlack), 0U);
  EXPECT_EQ(Sum(sink, RegionUse::kPadding), 8U + 8U);
  EXPECT_TRUE(Disjoint(sink, kMips.size()));
}

TEST(ElfTest, BytesBetweenThePartsAreSlack) {
  Bytes hidden = kMips;
  hidden[0x158] = 'x';  // between .text and .data
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kElf, hidden, sink));
  EXPECT_EQ(Sum(sink, RegionUse::kSlack), 8U);
}

TEST(ElfTest, TheOverlayIsNotPartOfTheObject) {
  for (const Bytes& object : {kAmd64, kMips, kI386, kPpc64}) {
    const Bytes longer = Concat(object, Hex("504b0304"));
    EXPECT_TRUE(kElf.matches(longer));
    EXPECT_EQ(kElf.measure(longer).value_or(0), object.size());
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kElf, longer, sink));
    EXPECT_TRUE(Disjoint(sink, object.size()));
  }
}

// What the kernel's scripts/sign-file appends: a PKCS #7 message (here 260
// bytes that begin like one), the trailer, the magic line.
Bytes SignedModule(std::uint8_t id_type, std::uint16_t stated_length) {
  Bytes tail = Hex("30 82 01 00");
  tail.resize(260, 0x5a);
  const Bytes trailer = {0,
                         0,
                         id_type,
                         0,
                         0,
                         0,
                         0,
                         0,
                         0,
                         0,
                         static_cast<std::uint8_t>(stated_length >> 8U),
                         static_cast<std::uint8_t>(stated_length & 0xFFU)};
  tail = Concat(tail, trailer);
  return Concat(kAmd64, Concat(tail, AsBytes("~Module signature appended~\n")));
}

TEST(ElfTest, AModulesAppendedSignatureBelongsToIt) {
  const Bytes module = SignedModule(2, 260);
  EXPECT_EQ(kElf.measure(module).value_or(0), module.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kElf, module, sink));
  EXPECT_TRUE(Disjoint(sink, module.size()));
  EXPECT_EQ(sink.regions.back().range.end(), module.size());
}

TEST(ElfTest, StackedSignaturesBelongToTheModuleAndAreSaid) {
  const Bytes module = SignedModule(2, 260);
  RecordingSink one;
  ASSERT_TRUE(Unpack(kElf, module, one));
  EXPECT_FALSE(one.Saw("elf.stacked-signatures"));
  const Bytes stacked = Concat(module, ByteView(module).subspan(kAmd64.size()));
  EXPECT_EQ(kElf.measure(stacked).value_or(0), stacked.size());
  RecordingSink two;
  ASSERT_TRUE(Unpack(kElf, stacked, two));
  EXPECT_TRUE(Disjoint(two, stacked.size()));
  EXPECT_TRUE(two.Saw("elf.stacked-signatures"));
}

TEST(ElfTest, WhatOnlyLooksLikeAModuleSignatureDoesNot) {
  Bytes no_magic = SignedModule(2, 260);
  no_magic.back() = ' ';
  for (const Bytes& module :
       {SignedModule(1, 260), SignedModule(2, 259), no_magic}) {
    EXPECT_EQ(kElf.measure(module).value_or(0), kAmd64.size());
  }
}

TEST(ElfTest, NoProperPrefixIsMeasured) {
  for (const Bytes& object : {kAmd64, kMips, kI386, kPpc64}) {
    for (std::size_t size = 0; size < object.size(); ++size) {
      const ByteView prefix = ByteView(object).first(size);
      EXPECT_FALSE(kElf.measure(prefix)) << size;
      RecordingSink sink;
      const auto result = Unpack(kElf, prefix, sink);
      EXPECT_TRUE(!result || !sink.anomalies.empty()) << size;
      EXPECT_TRUE(Disjoint(sink, size)) << size;
    }
  }
}

TEST(ElfTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& object : {kAmd64, kMips, kPpc64}) {
    for (std::size_t at = 0; at < object.size() * 8; ++at) {
      Bytes damaged = object;
      damaged[at / 8] ^= static_cast<std::uint8_t>(1U << at % 8);
      RecordingSink sink;
      (void)Unpack(kElf, damaged, sink);
      EXPECT_TRUE(Disjoint(sink, damaged.size())) << "bit " << at;
      EXPECT_LE(kElf.measure(damaged).value_or(0), damaged.size());
    }
  }
}

// Kernels look at neither the versions nor e_ehsize nor at sections.
TEST(ElfTest, AnObjectThatOnlyAKernelAcceptsIsStillAnObject) {
  Bytes odd = kAmd64;
  odd[6] = 0;     // EI_VERSION
  odd[0x14] = 7;  // e_version
  odd[0x34] = 0;  // e_ehsize
  odd[0x2f] = 1;  // e_shoff, far outside
  EXPECT_TRUE(kElf.matches(odd));
  const auto view = ElfView::Parse(odd);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->segments.size(), 2U);
  EXPECT_EQ(view->problems.size(), 2U);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kElf, odd, sink));
  EXPECT_TRUE(sink.Saw("elf.odd-header"));
}

TEST(ElfTest, AForgedTableCostsNothing) {
  Bytes forged = kAmd64;
  forged[0x3c] = 0;  // e_shnum: see sh_size of section 0
  forged[0xe0 + 0x27] = 0x7f;
  const auto view = ElfView::Parse(forged);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->sections.empty());
  EXPECT_EQ(view->problems.size(), 1U);
}

TEST(ElfTest, OtherBytesAreNotElf) {
  Bytes core = kAmd64;
  core[0x10] = 5;  // e_type between ET_CORE and ET_LOOS
  EXPECT_FALSE(kElf.matches(core));
  Bytes order = kAmd64;
  order[5] = 3;
  EXPECT_FALSE(kElf.matches(order));
  EXPECT_FALSE(kElf.matches(ByteView(kAmd64).first(63)));
  EXPECT_FALSE(kElf.matches({}));
}

// 64 ascending kernel addresses behind a stop, as relocs.c writes them.
Bytes Relocations() {
  Bytes table(4);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const std::uint32_t address = 0x81000000U + 8 * i;
    for (unsigned shift = 0; shift < 32; shift += 8) {
      table.push_back(static_cast<std::uint8_t>(address >> shift));
    }
  }
  return table;
}

TEST(ElfTest, AKernelsRelocationsBelongToIt) {
  const Bytes object = Sample("formats/elf/amd64.hex");
  const Bytes kernel = Concat(object, Relocations());
  EXPECT_EQ(kElf.measure(kernel).value_or(0), kernel.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kElf, kernel, sink));
  EXPECT_EQ(sink.regions.back().range,
            (Range{object.size(), Relocations().size()}));
}

TEST(ElfTest, WhatOnlyLooksLikeRelocationsDoesNot) {
  const Bytes object = Sample("formats/elf/amd64.hex");
  Bytes unordered = Relocations();
  std::swap_ranges(unordered.begin() + 4, unordered.begin() + 8,
                   unordered.begin() + 8);
  Bytes low = Relocations();
  low[7] = 0x10;
  Bytes odd = Relocations();
  odd.push_back(1);
  Bytes few = Relocations();
  few.resize(32);
  for (const Bytes& tail : {unordered, low, odd, few, Bytes(400, 'x')}) {
    EXPECT_EQ(kElf.measure(Concat(object, tail)).value_or(0), object.size());
  }
}

}  // namespace
}  // namespace assay::formats
