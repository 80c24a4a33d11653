#include "verifier/engine/ledger.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/hex.h"
#include "tests/support/product.h"

namespace assay::engine {
namespace {

using testing::ArtifactAt;
using testing::Concat;
using testing::FileProduct;
using testing::Onlooker;

std::uint64_t Sum(const LedgerAxis& axis) {
  std::uint64_t sum = 0;
  for (const LedgerEntry& entry : axis.entries) {
    sum += entry.bytes;
  }
  return sum;
}

std::uint64_t Booked(const Ledger& ledger, std::string_view axis,
                     std::string_view category) {
  for (const LedgerAxis& row : ledger.headline) {
    for (const LedgerEntry& entry : row.entries) {
      if (row.name == axis && entry.category == category) {
        return entry.bytes;
      }
    }
  }
  return 0;
}

void ExpectBalanced(const Survey& survey, const Ledger& ledger) {
  for (const LedgerAccount& account : ledger.accounts) {
    ASSERT_EQ(account.axes.size(), 4U);
    for (const LedgerAxis& axis : account.axes) {
      EXPECT_EQ(Sum(axis), survey.At(account.artifact).size)
          << survey.At(account.artifact).path << " " << axis.name;
    }
  }
  for (const LedgerAxis& axis : ledger.headline) {
    EXPECT_EQ(Sum(axis), ledger.leaf_bytes) << axis.name;
  }
}

// A flat image: 40 bytes nobody knows, a uImage, filler.
Bytes Image() {
  Bytes unknown(40);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    unknown[i] = static_cast<std::uint8_t>(i * 37 + 1);
  }
  return Concat(Concat(unknown, testing::Sample("formats/uimage/abc.hex")),
                Bytes(30, 0xFF));
}

SignatureCheck Passed(ArtifactId artifact, Range range) {
  return {.indication = Indication::kTotalPassed,
          .covers = {{artifact, range, Coverage::kSigned}}};
}

TEST(LedgerTest, EveryAxisOfEveryAccountSumsToTheSize) {
  const Survey survey =
      unpack::Walk(FileProduct("f.bin", Image()), Onlooker(), {});
  const Ledger ledger = BuildLedger(survey, {}, {});
  ExpectBalanced(survey, ledger);
  EXPECT_EQ(ledger.leaf_bytes, Image().size());
  EXPECT_EQ(Booked(ledger, "structure", "unknown"), 40U);
  EXPECT_EQ(Booked(ledger, "structure", "metadata"), 64U);
  EXPECT_EQ(Booked(ledger, "structure", "content"), 3U);
  EXPECT_EQ(Booked(ledger, "structure", "padding"), 30U);
  EXPECT_EQ(Booked(ledger, "authenticity", "uncovered-inert"), 30U);
  EXPECT_EQ(Booked(ledger, "authenticity", "uncovered-live"), 107U);
}

// What policies and reports count is what the ledger books.
TEST(LedgerTest, SignedAndClaimedBytesAreThoseThatAreBooked) {
  const Survey survey =
      unpack::Walk(FileProduct("f.bin", Image()), Onlooker(), {});
  const std::uint64_t size = survey.At(0).size;
  for (const Provenance owner : {Provenance::kSbom, Provenance::kRecord}) {
    Reconciliation reconciliation;
    for (const Node& node : survey.nodes) {
      if (node.artifact.has_content) {
        reconciliation.owners.push_back({node.artifact.id, owner, "x"});
      }
    }
    const Ledger ledger =
        BuildLedger(survey, {Passed(0, {0, size})}, reconciliation);
    EXPECT_EQ(ClaimedBytesOf(ledger), ledger.leaf_bytes) << CategoryOf(owner);
    EXPECT_EQ(SignedBytesOf(ledger), ledger.leaf_bytes);
  }
  const Ledger nobody = BuildLedger(survey, {}, {});
  EXPECT_EQ(ClaimedBytesOf(nobody), 0U);
  EXPECT_EQ(SignedBytesOf(nobody), 0U);
}

TEST(LedgerTest, CoverageReachesWhatIsInsideACoveredRange) {
  const Survey survey =
      unpack::Walk(FileProduct("f.bin", Image()), Onlooker(), {});
  // Signed from the uImage's header to the end of its data, not what is left.
  const Ledger ledger = BuildLedger(survey, {Passed(0, {40, 67})}, {});
  ExpectBalanced(survey, ledger);
  EXPECT_EQ(Booked(ledger, "authenticity", "signed"), 67U);
  EXPECT_EQ(Booked(ledger, "authenticity", "uncovered-live"), 40U);
}

TEST(LedgerTest, ARangeThatIsCoveredInPartCoversNothingInside) {
  const Survey survey =
      unpack::Walk(FileProduct("f.bin", Image()), Onlooker(), {});
  const Ledger ledger = BuildLedger(survey, {Passed(0, {40, 66})}, {});
  ExpectBalanced(survey, ledger);
  EXPECT_EQ(Booked(ledger, "authenticity", "signed"), 0U);
}

TEST(LedgerTest, AFailedSignatureCoversNothing) {
  const Survey survey =
      unpack::Walk(FileProduct("f.bin", Image()), Onlooker(), {});
  SignatureCheck failed = Passed(0, {0, Image().size()});
  failed.indication = Indication::kTotalFailed;
  const Ledger ledger = BuildLedger(survey, {failed}, {});
  EXPECT_EQ(Booked(ledger, "authenticity", "signed"), 0U);
}

TEST(LedgerTest, BalancesOnMutatedInput) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): repeatable on purpose
  for (int round = 0; round < 3000; ++round) {
    Bytes image = Image();
    for (int i = 0; i < 3; ++i) {
      image[random() % image.size()] = static_cast<std::uint8_t>(random());
    }
    image.resize(random() % (image.size() + 1));
    const Survey survey =
        unpack::Walk(FileProduct("f.bin", image), Onlooker(), {});
    const Ledger ledger =
        BuildLedger(survey, {Passed(0, {random() % 200, random() % 200})}, {});
    ExpectBalanced(survey, ledger);
  }
}

}  // namespace
}  // namespace assay::engine
