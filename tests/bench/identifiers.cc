// identifiers FILE...: public cases of versions, package URLs and version
// ranges, each held against what it says is right. Reads lines "LEFT < RIGHT"
// (google/osv-scalibr, semantic/testdata) and the JSON cases of
// package-url/purl-spec and package-url/vers-spec. Prints each wrong case, and
// right and wrong of each file; exit 1 when any case is wrong.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "sbom/purl.h"
#include "sbom/ranges.h"
#include "sbom/vers.h"
#include "sbom/versions.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

struct Tally {
  unsigned right = 0;
  unsigned wrong = 0;

  void Count(bool is_right, const std::string& what) {
    ++(is_right ? right : wrong);
    if (!is_right) {
      fmt::print("  wrong: {}\n", what);
    }
  }
};

// The order that a file of lines is about, by the beginning of its name.
VersionOrder OrderOfFile(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2>
      kOtherNames = {{{"alpine", "apk"}, {"redhat", "rpm"}}};
  name = name.substr(0, name.find('-'));
  for (const auto& [other, type] : kOtherNames) {
    name = name == other ? type : name;
  }
  return VersionOrderOf(name);
}

void RunLine(VersionOrder order, std::string_view line, Tally& tally) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (line.empty() || line[0] == '#' || line.substr(0, 2) == "//" ||
      last != first + 2) {
    return;
  }
  const std::string_view left = line.substr(0, first);
  const std::string_view right = line.substr(last + 1);
  const int found = CompareVersions(order, left, right);
  const int back = CompareVersions(order, right, left);
  const char wanted = line[first + 1];
  tally.Count((found < 0) == (wanted == '<') &&
                  (found > 0) == (wanted == '>') && (back < 0) == (found > 0) &&
                  (back > 0) == (found < 0),
              std::string(line));
}

std::vector<std::string> Strings(const Json& list) {
  std::vector<std::string> strings;
  for (const Json& each : list) {
    strings.push_back(each.get<std::string>());
  }
  return strings;
}

// Some answers spell a version in another case than the question.
bool SameButCase(const std::vector<std::string>& a,
                 const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const std::string& left, const std::string& right) {
                      return Lower(left) == Lower(right);
                    });
}

bool IsOrderRight(const Json& test) {
  const Json& input = At(test, "input");
  const VersionOrder order = VersionOrderOf(TextAt(input, "input_scheme"));
  std::vector<std::string> versions = Strings(At(input, "versions"));
  const Json& expected = At(test, "expected_output");
  if (TextAt(test, "test_type") == "equality") {
    const bool equal =
        CompareVersions(order, versions.at(0), versions.at(1)) == 0;
    return equal == expected.get<bool>();
  }
  std::stable_sort(versions.begin(), versions.end(),
                   [order](const std::string& a, const std::string& b) {
                     return CompareVersions(order, a, b) < 0;
                   });
  return SameButCase(versions, Strings(expected));
}

bool IsVersParseRight(const Json& test) {
  const auto vers = ParseVers(TextAt(test, "input"));
  if (At(test, "expected_failure") == true || !vers) {
    return At(test, "expected_failure") == true && !vers;
  }
  const Json& expected = At(test, "expected_output");
  std::string text = fmt::format("vers:{}/", TextAt(expected, "scheme"));
  std::vector<VersConstraint> constraints;
  for (const Json& each : At(expected, "version_constraints")) {
    // The tolerant reader knows a leading '='.
    const auto one = ReadVers(
        fmt::format("vers:generic/{}{}", each.at(0).get<std::string>(), "0"));
    constraints.push_back(one->constraints.front());
    constraints.back().version = each.at(1).get<std::string>();
  }
  return vers->scheme == TextAt(expected, "scheme") &&
         vers->constraints == constraints;
}

bool IsRangeRight(const Json& test) {
  const std::string type = TextAt(test, "test_type");
  const Json& input = At(test, "input");
  const Json& expected = At(test, "expected_output");
  if (type == "parse") {
    return IsVersParseRight(test);
  }
  if (type == "validate") {
    const auto vers = ReadVers(TextAt(test, "input"));
    return vers && expected == ToString(*vers);
  }
  if (type == "containment") {
    const auto vers = ReadVers(TextAt(input, "vers"));
    return vers && expected == Contains(*vers, TextAt(input, "version"));
  }
  const auto range =
      ReadNativeRange(TextAt(input, "scheme"), TextAt(input, "native_range"));
  return range && expected == ToString(ToVers(*range));
}

Purl PartsOf(const Json& parts) {
  Purl purl{.type = TextAt(parts, "type"),
            .name_space = TextAt(parts, "namespace"),
            .name = TextAt(parts, "name"),
            .version = TextAt(parts, "version")};
  purl.subpath = TextAt(parts, "subpath");
  const Json& qualifiers = At(parts, "qualifiers");
  for (const auto& [key, value] : qualifiers.items()) {
    purl.qualifiers.emplace_back(key, value.get<std::string>());
  }
  std::sort(purl.qualifiers.begin(), purl.qualifiers.end());
  return purl;
}

bool SameParts(const Purl& a, const Purl& b) {
  return a.type == b.type && a.name_space == b.name_space && a.name == b.name &&
         a.version == b.version && a.qualifiers == b.qualifiers &&
         a.subpath == b.subpath;
}

bool IsPurlRight(const Json& test) {
  const std::string type = TextAt(test, "test_type");
  const Json& input = At(test, "input");
  const Json& expected = At(test, "expected_output");
  Result<Purl> purl = Purl{};
  if (type == "build") {
    purl = Canonical(PartsOf(input));
  } else {
    purl = ParsePurl(input.get<std::string>(), type == "parse"
                                                   ? PurlReading::kStrict
                                                   : PurlReading::kTolerant);
  }
  if (At(test, "expected_failure") == true || !purl) {
    return At(test, "expected_failure") == true && !purl;
  }
  return type == "parse" ? SameParts(*purl, PartsOf(expected))
                         : expected == ToString(*purl);
}

void RunJson(const Json& json, Tally& tally) {
  const bool purl = TextAt(json, "$schema").find("purl") != std::string::npos;
  for (const Json& test : At(json, "tests")) {
    const std::string type = TextAt(test, "test_type");
    const bool is_order = type == "comparison" || type == "equality";
    const bool right = purl       ? IsPurlRight(test)
                       : is_order ? IsOrderRight(test)
                                  : IsRangeRight(test);
    tally.Count(right, test.dump());
  }
}

bool RunFile(const std::string& path) {
  const auto content = ByteSource::MapFile(path);
  if (!content) {
    fmt::print("{}: {}\n", path, content.error().what);
    return false;
  }
  Tally tally;
  const std::string_view text = AsText(content->bytes());
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.substr(name.rfind('.') + 1) == "json") {
    const auto json = ParseJson(text);
    if (!json) {
      fmt::print("{}: {}\n", path, json.error().what);
      return false;
    }
    RunJson(*json, tally);
  } else {
    for (const std::string_view line : SplitLines(text)) {
      RunLine(OrderOfFile(name), line, tally);
    }
  }
  fmt::print("{}: {} right, {} wrong\n", name, tally.right, tally.wrong);
  return tally.wrong == 0 && tally.right > 0;
}

}  // namespace
}  // namespace assay::sbom

int main(int argc, char** argv) {
  bool good = argc > 1;
  for (int i = 1; i < argc; ++i) {
    good = assay::sbom::RunFile(argv[i]) && good;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
