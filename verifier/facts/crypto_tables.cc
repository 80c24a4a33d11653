// Constants of standard cryptography in compiled programs and raw images, and
// constants that are nearly those. Sources: FIPS 197 (S-box of AES), FIPS 180-4
// section 4.2.2 (SHA-256), FIPS 186-4 appendix D.1.2 (P-256, P-384), NIST SP
// 800-90 appendix A.1 (the second point of Dual_EC_DRBG over P-256).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/pattern_set.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::uint64_t kMaxFacts = 64;
constexpr std::size_t kAnchor = 8;     // bytes that have to be as they should
constexpr std::size_t kAnchors = 4;    // of each table, evenly spread
constexpr std::size_t kTolerated = 8;  // one byte of so many may differ

struct Table {
  std::string_view name = {};
  Bytes bytes = {};
};

Bytes FromHex(std::string_view hex) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(digit(hex[i]) << 4U | digit(hex[i + 1])));
  }
  return bytes;
}

// FIPS 197, 4.2: multiplication by {02} modulo x^8 + x^4 + x^3 + x + 1.
std::uint8_t Doubled(std::uint8_t value) {
  return static_cast<std::uint8_t>((std::uint32_t{value} << 1U) ^
                                   ((value & 0x80U) != 0 ? 0x1bU : 0U));
}

// FIPS 197, 5.1.1: the inverse, then an affine transformation. {03} generates
// all elements; its powers forwards and backwards are each other's inverses.
Bytes AesBox() {
  Bytes box(256, 0x63);
  std::uint8_t power = 1;
  std::array<std::uint8_t, 255> powers = {};
  for (std::uint8_t& each : powers) {
    each = power;
    power = static_cast<std::uint8_t>(power ^ Doubled(power));
  }
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const unsigned inverse = powers.at((255 - i) % 255);
    unsigned sum = inverse;
    for (unsigned turn = 1; turn <= 4; ++turn) {
      sum ^= (inverse << turn | inverse >> (8 - turn)) & 0xffU;
    }
    box[powers.at(i)] = static_cast<std::uint8_t>(sum ^ 0x63U);
  }
  return box;
}

Bytes Inverse(const Bytes& box) {
  Bytes inverse(box.size());
  for (std::size_t i = 0; i < box.size(); ++i) {
    inverse[box[i]] = static_cast<std::uint8_t>(i);
  }
  return inverse;
}

Bytes WithWordsReversed(Bytes bytes, std::size_t word) {
  for (std::size_t at = 0; at + word <= bytes.size(); at += word) {
    const auto start = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    std::reverse(start, start + static_cast<std::ptrdiff_t>(word));
  }
  return bytes;
}

constexpr std::string_view kSha256 =
    "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5"
    "d807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174"
    "e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da"
    "983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967"
    "27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85"
    "a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070"
    "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3"
    "748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2";

// Coordinates and coefficients; orders and fields are left out, for programs
// rightly hold them less one or two, as exponents.
constexpr std::pair<std::string_view, std::string_view> kCurves[] = {
    {"p256-b",
     "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"},
    {"p256-gx",
     "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"},
    {"p256-gy",
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"},
    {"dual-ec-qx",
     "c97445f45cdef9f0d3e05e1e585fc297235b82b5be8ff3efca67c59852018192"},
    {"p384-b",
     "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
     "c656398d8a2ed19d2a85c8edd3ec2aef"},
    {"p384-gx",
     "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
     "5502f25dbf55296c3a545e3872760ab7"},
    {"p384-gy",
     "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
     "0a60b1ce1d7e819d7a431d7c90ea0e5f"}};

// In the byte orders that implementations keep them: as written, reversed (the
// least significant first), and words of 32 bits of a little-endian machine.
std::vector<Table> AllTables() {
  std::vector<Table> tables = {{"aes-sbox", AesBox()},
                               {"aes-inverse-sbox", Inverse(AesBox())}};
  const Bytes sha256 = FromHex(kSha256);
  tables.push_back({"sha256-k", sha256});
  tables.push_back({"sha256-k", WithWordsReversed(sha256, 4)});
  for (const auto& [name, hex] : kCurves) {
    const Bytes bytes = FromHex(hex);
    tables.push_back({name, bytes});
    tables.push_back({name, WithWordsReversed(bytes, bytes.size())});
    tables.push_back({name, WithWordsReversed(bytes, 4)});
  }
  return tables;
}

class TableFinder {
 public:
  TableFinder() : tables_(AllTables()) {
    std::vector<Pattern> anchors;
    for (const Table& table : tables_) {
      for (std::size_t i = 0; i < kAnchors; ++i) {
        const auto part = ByteView(table.bytes).subspan(OffsetOf(table, i));
        anchors.push_back({.text = std::string(AsText(part.first(kAnchor)))});
      }
    }
    auto set = PatternSet::Compile(anchors);
    if (set) {
      set_.emplace(std::move(*set));
    }
  }

  void Find(ByteView content, FactWriter& facts) const {
    if (!set_) {
      return;
    }
    std::set<std::pair<std::size_t, std::uint64_t>> told;
    for (const PatternHit& hit : set_->Scan(content)) {
      const std::size_t index = hit.pattern / kAnchors;
      const Table& table = tables_[index];
      const std::size_t before = OffsetOf(table, hit.pattern % kAnchors);
      if (hit.offset >= before &&
          told.emplace(index, hit.offset - before).second) {
        Compare(content, table, hit.offset - before, facts);
      }
    }
  }

 private:
  static std::size_t OffsetOf(const Table& table, std::size_t anchor) {
    return anchor * (table.bytes.size() - kAnchor) / (kAnchors - 1);
  }

  static void Compare(ByteView content, const Table& table, std::uint64_t at,
                      FactWriter& facts) {
    const auto found = Slice(content, at, table.bytes.size());
    if (!found) {
      return;
    }
    std::size_t differs = 0;
    for (std::size_t i = 0; i < table.bytes.size(); ++i) {
      differs += (*found)[i] != table.bytes[i] ? 1U : 0U;
    }
    if (differs * kTolerated <= table.bytes.size()) {
      facts.Add({.kind = "crypto.table",
                 .value = std::string(table.name),
                 .attributes = {{"differs", fmt::format("{}", differs)}},
                 .place = Range{at, table.bytes.size()}});
    }
  }

  std::vector<Table> tables_;
  std::optional<PatternSet> set_;
};

bool Examine(const Subject& subject, Observations& into) {
  static const TableFinder kFinder;
  if (IsText(subject.content)) {
    return false;
  }
  FactWriter facts("crypto_tables", subject, into, kMaxFacts);
  kFinder.Find(subject.content, facts);
  return false;  // parts, no understanding
}

}  // namespace

const Analysis kCryptoTables = {
    .name = "crypto_tables",
    .title = "Constants of standard cryptography, and what is nearly one",
    .examine = Examine,
};

}  // namespace assay::facts
