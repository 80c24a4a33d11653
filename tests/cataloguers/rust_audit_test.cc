#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Hex;
using testing::Sample;

// An ELF object with a ".dep-v0" that Python's zlib compressed.
const Bytes kAgent = Sample("cataloguers/rust_audit/agent.elf");

TEST(RustAuditTest, NamesWhatIsInTheProgram) {
  const auto [understood, seen] = ExamineFile(kRustAudit, "x", kAgent);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 2U) << "what only the build ran is not in";
  EXPECT_EQ(seen.components[0].component.purl, "pkg:cargo/agent@0.3.0");
  EXPECT_EQ(seen.components[0].component.type, "application");
  EXPECT_EQ(seen.components[1].component.purl, "pkg:cargo/serde@1.0.193");
  EXPECT_EQ(seen.components[1].strength, Strength::kBuildRecord);
}

// An ELF of one section ".dep-v0" that holds `text` in a stored zlib block
// (RFC 1950, RFC 1951 section 3.2.4).
Bytes WithRecord(std::string_view text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const auto low = [](std::size_t n) { return static_cast<std::uint8_t>(n); };
  Bytes packed = {0x78, 0x01, 0x01};
  for (const std::size_t n :
       {text.size(), text.size() >> 8U, ~text.size(), ~text.size() >> 8U}) {
    packed.push_back(low(n));
  }
  packed.insert(packed.end(), text.begin(), text.end());
  for (const std::uint32_t n : {b >> 8U, b, a >> 8U, a}) {
    packed.push_back(low(n));
  }
  // Header, ".dep-v0" as table of names at 64, three section headers at 80,
  // then the section.
  Bytes elf =
      Hex("7f454c46 02010100 00000000 00000000 0100 3e00 01000000"
          "0000000000000000 0000000000000000 5000000000000000"
          "00000000 4000 0000 0000 4000 0300 0200"
          "002e6465702d7630 0000000000000000");
  elf.resize(80 + 64);
  const Bytes record =
      Hex("01000000 01000000 0000000000000000 0000000000000000"
          "1001000000000000 0000000000000000"
          "00000000 00000000 0100000000000000 0000000000000000"
          "00000000 03000000 0000000000000000 0000000000000000"
          "4000000000000000 0900000000000000"
          "00000000 00000000 0100000000000000 0000000000000000");
  elf.insert(elf.end(), record.begin(), record.end());
  elf[80 + 64 + 32] = low(packed.size());
  elf[80 + 64 + 33] = low(packed.size() >> 8U);
  elf.insert(elf.end(), packed.begin(), packed.end());
  return elf;
}

TEST(RustAuditTest, RecordsThatCargoCannotHaveWrittenAreRefused) {
  const std::string_view good =
      R"({"packages":[{"name":"a","version":"1","root":true}]})";
  EXPECT_TRUE(ExamineFile(kRustAudit, "x", WithRecord(good)).understood);
  for (const std::string_view text :
       {"", "{", "[]", R"({"packages":7})", R"({"packages":[]})",
        R"({"packages":[{"name":"a","version":"1"}]})",
        R"({"packages":[{"name":"a","version":"1","root":true},
                        {"name":"b","version":"1","root":true}]})",
        R"({"packages":[{"name":"a","version":"1","root":true,
                         "dependencies":[0]}]})",
        R"({"packages":[{"name":"a","version":"1","root":true,
                         "dependencies":[9]}]})",
        R"({"packages":[{"name":"a","version":"1","root":true,
                         "dependencies":[-1]}]})",
        R"({"packages":[{"name":"a","version":"1","root":true},
             {"name":"b","version":"1","dependencies":[2]},
             {"name":"c","version":"1","dependencies":[1]}]})"}) {
    const auto [understood, seen] =
        ExamineFile(kRustAudit, "x", WithRecord(text));
    EXPECT_FALSE(understood) << text;
    EXPECT_TRUE(seen.components.empty()) << text;
  }
}

TEST(RustAuditTest, SurvivesDamage) {
  SweepContent(kRustAudit, "x", kAgent);
}

}  // namespace
}  // namespace assay::sbom
