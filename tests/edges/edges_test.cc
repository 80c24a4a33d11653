// The house rules that a compiler does not know: who includes whom, and what
// only one place may use. The tables are edges.txt beside this file.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "verifier/base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMostLines = 450;

struct Restriction {
  std::string pattern = {};
  std::vector<std::string> files = {};
};

struct Table {
  std::map<std::string, std::vector<std::string>> edges = {};
  std::vector<Restriction> restrictions = {};
};

struct Source {
  std::string path = {};  // from the root of the project
  std::string text = {};
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> Words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

Table ParseTable(const std::string& text) {
  static const std::regex kEdge(R"((\S+)\s*->(.*))");
  static const std::regex kOnly(R"(only (.+) in(.*))");
  Table table;
  for (const std::string_view view : SplitLines(text)) {
    const std::string line(view);
    std::smatch match;
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (std::regex_match(line, match, kOnly)) {
      table.restrictions.push_back({match[1], Words(match[2].str())});
    } else if (std::regex_match(line, match, kEdge)) {
      table.edges[match[1]] = Words(match[2].str());
    } else {
      ADD_FAILURE() << "edges.txt: " << line;
    }
  }
  return table;
}

const Table& TheTable() {
  static const Table kTable =
      ParseTable(ReadFile(ASSAY_SOURCE_DIR "/tests/edges/edges.txt"));
  return kTable;
}

std::vector<Source> AllSources() {
  const std::filesystem::path root = ASSAY_SOURCE_DIR;
  std::vector<Source> sources;
  for (const char* const top : {"verifier", "sbom", "signatures", "rules"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root / top)) {
      const std::filesystem::path& path = entry.path();
      if (path.extension() == ".h" || path.extension() == ".cc") {
        sources.push_back({path.lexically_relative(root), ReadFile(path)});
      }
    }
  }
  return sources;
}

// The folder of the table that a path lies in, "" when in none.
std::string FolderOf(const Table& table, const std::string& path) {
  for (const auto& [folder, others] : table.edges) {
    if (path.compare(0, folder.size() + 1, folder + "/") == 0) {
      return folder;
    }
  }
  return "";
}

std::vector<std::string> ForbiddenIncludes(const Table& table,
                                           const Source& source) {
  static const std::regex kInclude(R"re(\s*#\s*include\s*"([^"]+)".*)re");
  const std::string from = FolderOf(table, source.path);
  std::vector<std::string> forbidden;
  for (const std::string_view view : SplitLines(source.text)) {
    const std::string line(view);
    std::smatch match;
    if (!std::regex_match(line, match, kInclude)) {
      continue;
    }
    const std::string header = match[1];
    if (header.find('/') == std::string::npos && header.size() > 9 &&
        header.substr(header.size() - 9) == "_list.inc") {
      continue;  // generated from a registry
    }
    const std::string to = FolderOf(table, header);
    const auto& allowed = table.edges.at(from);
    if (to.empty() || (to != from && std::find(allowed.begin(), allowed.end(),
                                               to) == allowed.end())) {
      forbidden.push_back(source.path + " includes " + header);
    }
  }
  return forbidden;
}

// Where the literal or comment that begins at `at` ends; `at` when none does.
std::size_t EndOfQuiet(const std::string& code, std::size_t at) {
  const auto after = [&code](std::string_view what, std::size_t from) {
    const std::size_t found = code.find(what, from);
    return found == std::string::npos ? code.size() : found + what.size();
  };
  if (code.compare(at, 2, "//") == 0) {
    return std::min(code.find('\n', at), code.size());
  }
  if (code.compare(at, 2, "/*") == 0) {
    return after("*/", at + 2);
  }
  if (code.compare(at, 2, "R\"") == 0) {
    const std::size_t open = code.find('(', at);
    return open == std::string::npos
               ? code.size()
               : after(")" + code.substr(at + 2, open - at - 2) + "\"", open);
  }
  const bool digit_separator =
      code[at] == '\'' && at > 0 && std::isalnum(code[at - 1]) != 0;
  if (code[at] != '"' && (code[at] != '\'' || digit_separator)) {
    return at;
  }
  std::size_t end = at + 1;
  while (end < code.size() && code[end] != code[at]) {
    end += code[end] == '\\' ? 2U : 1U;
  }
  return std::min(end + 1, code.size());
}

// The code alone: comments and literals are gone, lines stay lines.
std::string CodeOf(const std::string& text) {
  std::string code;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = EndOfQuiet(text, at);
    if (end == at) {
      code.push_back(text[at++]);
    } else {
      code.append(static_cast<std::size_t>(
                      std::count(text.begin() + static_cast<long>(at),
                                 text.begin() + static_cast<long>(end), '\n')),
                  '\n');
      at = end;
    }
  }
  return code;
}

std::vector<std::string> ForbiddenUses(const Table& table,
                                       const Source& source) {
  const std::string code = CodeOf(source.text);
  std::vector<std::string> forbidden;
  for (const Restriction& only : table.restrictions) {
    const bool allowed = std::find(only.files.begin(), only.files.end(),
                                   source.path) != only.files.end();
    std::smatch match;
    if (!allowed && std::regex_search(code, match, std::regex(only.pattern))) {
      const auto line =
          1 + std::count(code.begin(), code.begin() + match.position(), '\n');
      forbidden.push_back(source.path + ":" + std::to_string(line) + ": " +
                          match.str());
    }
  }
  return forbidden;
}

TEST(EdgesTest, NobodyIncludesWhatHeMayNot) {
  for (const Source& source : AllSources()) {
    ASSERT_NE(FolderOf(TheTable(), source.path), "") << source.path;
    for (const std::string& problem : ForbiddenIncludes(TheTable(), source)) {
      ADD_FAILURE() << problem;
    }
  }
}

TEST(EdgesTest, NobodyUsesWhatHeMayNot) {
  for (const Source& source : AllSources()) {
    for (const std::string& problem : ForbiddenUses(TheTable(), source)) {
      ADD_FAILURE() << problem;
    }
  }
}

TEST(EdgesTest, NoFileIsTooLong) {
  for (const Source& source : AllSources()) {
    EXPECT_LE(SplitLines(source.text).size(), kMostLines) << source.path;
  }
}

// The checks themselves must bite.
TEST(EdgesTest, AForbiddenIncludeIsSeen) {
  const auto refused = [](const char* path, const char* header) {
    return !ForbiddenIncludes(TheTable(), {path, std::string("\n  # include ") +
                                                     header + "  // why\n"})
                .empty();
  };
  EXPECT_TRUE(refused("rules/loader.cc", "\"sbom/registry.h\""));
  EXPECT_TRUE(refused("sbom/a/b.cc", "\"signatures/scheme.h\""));
  EXPECT_TRUE(refused("verifier/base/a.cc", "\"verifier/model/fact.h\""));
  EXPECT_TRUE(refused("verifier/formats/a.cc", "\"verifier/model/fact.h\""));
  EXPECT_TRUE(refused("verifier/report/a.cc", "\"verifier/engine/verify.h\""));
  EXPECT_TRUE(refused("verifier/cli/a.cc", "\"tests/support/hex.h\""));
  EXPECT_TRUE(refused("verifier/cli/a.cc", "\"sibling.h\""));
  EXPECT_FALSE(refused("verifier/cli/a.cc", "\"verifier/engine/verify.h\""));
  EXPECT_FALSE(refused("sbom/a/b.cc", "\"sbom/registry.h\""));
  EXPECT_FALSE(refused("verifier/formats/a.cc", "\"formats_list.inc\""));
  EXPECT_FALSE(refused("verifier/base/a.cc", "<vector>"));
}

TEST(EdgesTest, AForbiddenUseIsSeen) {
  const auto refused = [](const char* path, const char* code) {
    return !ForbiddenUses(TheTable(), {path, code}).empty();
  };
  EXPECT_TRUE(refused("rules/a.cc", "x = reinterpret_cast<int*>(y);"));
  EXPECT_FALSE(refused("verifier/base/bytes.h", "reinterpret_cast<int*>(y);"));
  EXPECT_TRUE(refused("sbom/a.cc", "auto j = nlohmann::json::parse (text);"));
  EXPECT_TRUE(refused("sbom/a.cc", "Json::parse(text)"));
  EXPECT_TRUE(refused("verifier/unpack/a.cc", "return std::system(\"ls\");"));
  EXPECT_TRUE(refused("verifier/unpack/a.cc", "char c = '\"'; execve(p, a);"));
  EXPECT_TRUE(refused("verifier/server/a.cc", "#include <cpprest/json.h>"));
  EXPECT_TRUE(refused("rules/a.cc", "int n = 1'000; popen(\"x\", 1'0);"));
  EXPECT_TRUE(refused("rules/a.cc", "std::format(\"x\")"));
}

TEST(EdgesTest, LiteralsAndCommentsAreNoUse) {
  for (const char* const code :
       {"// system(x)\n", "/* popen( */", "f(\"system(\");",
        "f(R\"x(system( \" )\" )x\");", "f(\"\\\"system(\");",
        "int n = 1'000; // execve(", "file_system(x); ecosystem(y);"}) {
    EXPECT_TRUE(ForbiddenUses(TheTable(), {"rules/a.cc", code}).empty())
        << code;
  }
}

}  // namespace
}  // namespace assay
