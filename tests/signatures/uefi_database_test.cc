#include "signatures/uefi_database.h"

#include <gtest/gtest.h>

#include "signatures/anchor.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/pe_signer.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::DerOf;
using testing::Identity;
using testing::IssueCa;
using testing::SignatureList;
using Type = TrustAnchor::Type;

// A store of EDK II with one variable, as MdeModulePkg's VariableFormat.h has
// it; name and data are padded to 4 bytes.
Bytes StoreOf(std::string_view name, ByteView data) {
  Bytes wide;
  for (const char c : name) {
    wide.insert(wide.end(), {static_cast<std::uint8_t>(c), 0});
  }
  wide.insert(wide.end(), {0, 0});
  Bytes sizes(8);
  testing::Put32(sizes, 0, static_cast<std::uint32_t>(wide.size()));
  testing::Put32(sizes, 4, static_cast<std::uint32_t>(data.size()));
  Bytes variable = Concat(Hex("AA55 3F 00 27000000"), Bytes(28));
  variable = Concat(variable, sizes);
  variable = Concat(variable, Hex("CBB219D73A3D9645A3BCDAD00E67656F"));
  variable = Concat(Concat(variable, wide), data);
  Bytes store =
      Hex("782CF3AA7B949A43A1802E144EC37792 00000000 5A FE 0000 "
          "00000000");
  store = Concat(store, variable);
  store.resize(4096, 0xff);
  testing::Put32(store, 16, static_cast<std::uint32_t>(store.size()));
  return store;
}

class UefiDatabaseTest : public ::testing::Test {
 protected:
  std::size_t Usable(Bytes key, Type type = Type::kUefiDb) const {
    const TrustAnchor anchor{.name = "db", .type = type, .key = std::move(key)};
    const auto valid = ValidateAnchor(anchor);
    why_ = valid ? "" : valid.error().what;
    return valid ? DescribeAnchor(anchor).size() : 0;
  }

  Identity one_ = IssueCa("One");
  Identity two_ = IssueCa("Two");
  Bytes lists_ = Concat(SignatureList("x509", DerOf(one_)),
                        Concat(SignatureList("x509", DerOf(two_)),
                               SignatureList("sha256", Bytes(32, 0xAB))));
  mutable std::string why_;
};

TEST_F(UefiDatabaseTest, ReadsEveryWrapping) {
  EXPECT_EQ(Usable(lists_), 3U) << why_;
  EXPECT_EQ(Usable(Concat(Hex("27000000"), lists_)), 3U) << why_;
  EXPECT_EQ(Usable(StoreOf("db", lists_)), 3U) << why_;
  EXPECT_EQ(Usable(Concat(Bytes(0x48), StoreOf("db", lists_))), 3U) << why_;
  EXPECT_EQ(Usable(DerOf(one_)), 1U) << why_;
  EXPECT_EQ(Usable(CopyOf(AsBytes(Pem(one_) + Pem(two_)))), 2U) << why_;
  EXPECT_EQ(Usable(Sample("signatures/authenticode/db.hex")), 1U) << why_;
  EXPECT_EQ(Usable(Sample("signatures/authenticode/db_auth.hex")), 1U) << why_;
}

TEST_F(UefiDatabaseTest, TakesTheVariableOfTheRightName) {
  EXPECT_EQ(Usable(StoreOf("dbx", lists_), Type::kUefiDbx), 3U) << why_;
  EXPECT_EQ(Usable(StoreOf("dbx", lists_)), 0U);
  EXPECT_EQ(Usable(StoreOf("KEK", lists_)), 0U);
  Bytes deleted = StoreOf("db", lists_);
  deleted[28 + 2] = 0x3c;
  EXPECT_EQ(Usable(deleted), 0U);
}

TEST_F(UefiDatabaseTest, NoDamagedListIsReadInPart) {
  for (std::size_t size = 1; size < lists_.size(); ++size) {
    const std::size_t first = SignatureList("x509", DerOf(one_)).size();
    const std::size_t second =
        first + SignatureList("x509", DerOf(two_)).size();
    const std::size_t usable = Usable(CopyOf(ByteView(lists_).first(size)));
    EXPECT_EQ(usable, size == first ? 1U : size == second ? 2U : 0U) << size;
  }
  Bytes unknown = lists_;
  unknown[lists_.size() - 28 - 16 - 32] ^= 1;  // the third list's type
  EXPECT_EQ(Usable(unknown), 0U);
  EXPECT_NE(why_.find("no signature list of a known type"), std::string::npos);
  EXPECT_EQ(Usable({}), 0U);
}

TEST_F(UefiDatabaseTest, WhatCannotBeForbiddenIsAnError) {
  const Bytes rsa = SignatureList("rsa2048", Bytes(256, 1));
  EXPECT_EQ(Usable(Concat(rsa, lists_)), 3U);
  EXPECT_EQ(Usable(Concat(rsa, lists_), Type::kUefiDbx), 0U);
  EXPECT_EQ(Usable(Concat(SignatureList("x509", Hex("3000")), lists_),
                   Type::kUefiDbx),
            0U);
}

TEST_F(UefiDatabaseTest, FingerprintsNarrowDbButNotDbx) {
  TrustAnchor anchor{.name = "db",
                     .type = Type::kUefiDb,
                     .key = lists_,
                     .fingerprints = {FingerprintOf(*two_.certificate)}};
  EXPECT_EQ(DescribeAnchor(anchor), anchor.fingerprints);
  anchor.type = Type::kUefiDbx;
  EXPECT_EQ(DescribeAnchor(anchor).size(), 3U);
  anchor.fingerprints = {std::string(64, '0')};
  EXPECT_FALSE(ValidateAnchor(anchor));
}

TEST_F(UefiDatabaseTest, LevelsAreLinesOfComponentAndGeneration) {
  const auto components = [](std::string_view text) {
    return DescribeAnchor({.name = "level",
                           .type = Type::kSbatLevel,
                           .key = CopyOf(AsBytes(text))});
  };
  EXPECT_EQ(components("sbat,1,2025051000\nshim,4\r\ngrub,5\n"),
            (std::vector<std::string>{"sbat,1", "shim,4", "grub,5"}));
  for (const char* text : {"", "\n", "shim", "shim,", "shim,x", ",4", "a,-1"}) {
    EXPECT_TRUE(components(text).empty()) << text;
  }
}

}  // namespace
}  // namespace assay::signatures
