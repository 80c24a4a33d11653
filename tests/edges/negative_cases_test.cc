// The index of the negative cases, tests/signatures/README.md, names tests that
// exist, and says of each what its own comments say.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "verifier/base/text.h"

namespace assay {
namespace {

using Cases = std::map<int, std::set<std::string>>;  // number: Suite.Name

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Numbers in a comment belong to the test in or behind whose first line it is.
void AddTagged(const std::string& text, Cases& cases) {
  static const std::regex kTest(R"(TEST(?:_F|_P)?\((\w+), (\w+)\).*)");
  static const std::regex kNumber(R"(\bN(\d{1,3})\b)");
  std::string test;
  for (const std::string_view view : SplitLines(text)) {
    const std::string line(view);
    std::smatch match;
    if (line.rfind("TEST", 0) == 0 && std::regex_match(line, match, kTest)) {
      test = match[1].str() + "." + match[2].str();
    }
    const std::size_t comment = line.find("//");
    if (comment == std::string::npos || test.empty()) {
      continue;
    }
    const auto begin = line.begin() + static_cast<std::ptrdiff_t>(comment);
    for (std::sregex_iterator at(begin, line.end(), kNumber), end; at != end;
         ++at) {
      cases[std::stoi((*at)[1])].insert(test);
    }
  }
}

// Rows are "| N1 | what | `Suite.Name`, ... |".
Cases IndexedIn(const std::string& text) {
  static const std::regex kRow(R"(\| N(\d+) \| .+ \| (.*) \|)");
  static const std::regex kName(R"(`(\w+\.\w+)`)");
  Cases cases;
  for (const std::string_view view : SplitLines(text)) {
    const std::string line(view);
    std::smatch match;
    if (!std::regex_match(line, match, kRow)) {
      continue;
    }
    const std::string names = match[2];
    for (std::sregex_iterator at(names.begin(), names.end(), kName), end;
         at != end; ++at) {
      cases[std::stoi(match[1])].insert((*at)[1]);
    }
  }
  return cases;
}

Cases TheTests() {
  Cases cases;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           ASSAY_SOURCE_DIR "/tests")) {
    if (entry.path().extension() == ".cc" &&
        entry.path().filename() != "negative_cases_test.cc") {
      AddTagged(ReadFile(entry.path()), cases);
    }
  }
  return cases;
}

TEST(NegativeCasesTest, EachHasATest) {
  const Cases cases = TheTests();
  for (int number = 1; number <= 130; ++number) {
    if (number <= 68 || number >= 126) {  // the others: a later issue
      EXPECT_TRUE(cases.contains(number)) << number;
    }
  }
}

TEST(NegativeCasesTest, TheIndexSaysWhatTheTestsSay) {
  Cases indexed =
      IndexedIn(ReadFile(ASSAY_SOURCE_DIR "/tests/signatures/README.md"));
  Cases tagged = TheTests();
  for (int number = 1; number <= 130; ++number) {
    EXPECT_EQ(indexed[number], tagged[number]) << number;
  }
}

TEST(NegativeCasesTest, AnIndexThatLiesIsSeen) {
  Cases tagged;
  AddTagged("TEST_F(OneTest, Fails) {  // N7: why\n  // N8\n}\n", tagged);
  EXPECT_EQ(tagged, (Cases{{7, {"OneTest.Fails"}}, {8, {"OneTest.Fails"}}}));
  EXPECT_EQ(IndexedIn("| N7 | why | `OneTest.Fails` |\n| N8 | x | `A.B`, "
                      "`OneTest.Fails` |\n"),
            (Cases{{7, {"OneTest.Fails"}}, {8, {"A.B", "OneTest.Fails"}}}));
}

}  // namespace
}  // namespace assay
