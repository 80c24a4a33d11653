#include "rules/capa_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "rules/capa_strings.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Kind = Condition::Kind;
using Operator = Comparison::Operator;

constexpr std::string_view kCount = "count(";

FieldTest Test(std::string field, Operator op,
               std::vector<std::string> operands) {
  return {std::move(field), {.op = op, .operands = std::move(operands)}};
}

FieldTest Is(std::string field, std::string_view text) {
  return Test(std::move(field), Operator::kEqual, {std::string(text)});
}

class FeatureReader {
 public:
  FeatureReader(std::string_view value, Mark mark)
      : value_(value), mark_(mark) {}

  void ReadImport() {
    const auto [library, name] = Parted(value_);
    std::vector<FieldTest> tests = {Test(
        "value", Operator::kIn,
        {std::string(name), std::string(name) + "A", std::string(name) + "W"})};
    if (!library.empty()) {
      tests.push_back(
          Test("library", Operator::kMatches,
               {fmt::format(R"((?i)^{}(\.(dll|drv|so))?$)", Quoted(library))}));
    }
    feature_.condition = AnyOf(Fact("pe.import", std::move(tests)),
                               Fact("elf.import", {Is("value", value_)}));
  }

  // What is passed on to another library goes by that one's name.
  void ReadExport() {
    feature_.condition =
        AnyOf(Fact("pe.export", {Is("value", value_), Is("forward", "")}),
              Fact("elf.export", {Is("value", value_)}));
    const auto [library, name] = Parted(value_);
    if (!library.empty()) {
      feature_.condition.of.push_back(Fact(
          "pe.export", {Test("forward", Operator::kMatches,
                             {fmt::format(R"(^(?i:{})\.{}$)", Quoted(library),
                                          Quoted(name))})}));
    }
  }

  void ReadSection() {
    feature_.condition = Fact("pe.section", {Is("value", value_)});
  }

  void ReadString() {
    const std::size_t size = value_.size();
    const bool regex =
        size > 2 && value_[0] == '/' &&
        (value_.back() == '/' || (size > 3 && value_.substr(size - 2) == "/i"));
    if (!regex && size < kShortestString) {
      feature_.why = "strings have four characters at least";
    } else if (!regex) {
      SetPattern("string", WholeString(value_));
    } else if (auto pattern = RegexInString(value_); !pattern) {
      feature_.why = pattern.error().what;
    } else {
      SetPattern("string", std::move(*pattern));
    }
  }

  void ReadSubstring() {
    if (value_.size() < kShortestString) {
      feature_.why = "a text of fewer than four characters is almost anywhere";
    } else {
      SetPattern("substring", PartOfString(value_));
    }
  }

  void ReadCharacteristic() {
    if (value_ == "embedded pe") {
      feature_.condition = Fact("pe.carried", {Is("format", "pe")});
    } else if (value_ == "forwarded export") {
      feature_.condition =
          Fact("pe.export", {Test("forward", Operator::kNotEqual, {""})});
    } else {
      feature_.why = fmt::format("asks for the characteristic \"{}\"", value_);
    }
  }

  void ReadSystem() {
    constexpr auto kFormats =
        std::to_array<std::pair<std::string_view, std::string_view>>(
            {{"windows", "pe"}, {"linux", "elf"}});
    ReadFormatIn(kFormats, "system");
  }

  void ReadFormat() {
    constexpr auto kFormats =
        std::to_array<std::pair<std::string_view, std::string_view>>(
            {{"pe", "pe"}, {"elf", "elf"}});
    ReadFormatIn(kFormats, "format");
  }

  void ReadArchitecture() {
    constexpr auto kMachines =
        std::to_array<std::pair<std::string_view, std::string_view>>(
            {{"i386", "x86"}, {"amd64", "x86-64"}, {"aarch64", "aarch64"}});
    const auto* const found =
        std::find_if(kMachines.begin(), kMachines.end(),
                     [&](const auto& one) { return one.first == value_; });
    feature_.always = value_ == "any";
    if (found != kMachines.end()) {
      feature_.condition =
          AnyOf(Fact("pe.header", {Is("value", found->second)}),
                Fact("elf.header", {Is("value", found->second)}));
    } else if (!feature_.always) {
      feature_.why = fmt::format("asks for the processor \"{}\"", value_);
    }
  }

  CapaFeature feature_;

 private:
  template <std::size_t n>
  void ReadFormatIn(
      const std::array<std::pair<std::string_view, std::string_view>, n>& known,
      std::string_view what) {
    const auto* const found =
        std::find_if(known.begin(), known.end(),
                     [&](const auto& one) { return one.first == value_; });
    feature_.always = value_ == "any";
    if (found != known.end()) {
      feature_.condition = {.kind = Kind::kArtifact,
                            .tests = {Is("format", found->second)},
                            .mark = mark_};
    } else if (!feature_.always) {
      feature_.why = fmt::format("asks for the {} \"{}\"", what, value_);
    }
  }

  // "kernel32.CreateFile": library and function; of "CreateFile" no library.
  static std::pair<std::string_view, std::string_view> Parted(
      std::string_view text) {
    const std::size_t dot = text.rfind('.');
    return dot == std::string_view::npos || dot == 0
               ? std::pair(std::string_view(), text)
               : std::pair(text.substr(0, dot), text.substr(dot + 1));
  }

  static std::string Quoted(std::string_view text) {
    std::string regex;
    for (const char c : text) {
      regex += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return regex;
  }

  [[nodiscard]] Condition Fact(std::string kind,
                               std::vector<FieldTest> tests) const {
    return {.kind = Kind::kFact,
            .what = std::move(kind),
            .tests = std::move(tests),
            .mark = mark_};
  }

  [[nodiscard]] Condition AnyOf(Condition one, Condition other) const {
    Condition any{.kind = Kind::kAny, .mark = mark_};
    any.of.push_back(std::move(one));
    any.of.push_back(std::move(other));
    return any;
  }

  void SetPattern(std::string_view key, Pattern pattern) {
    // The same feature twice is the same pattern.
    std::string name = fmt::format("{}: {}", key, value_);
    feature_.condition = {.kind = Kind::kPattern, .what = name, .mark = mark_};
    feature_.patterns.push_back({std::move(name), std::move(pattern), mark_});
  }

  std::string_view value_;
  Mark mark_;
};

using Read = void (FeatureReader::*)();
constexpr auto kFeatures = std::to_array<std::pair<std::string_view, Read>>(
    {{"import", &FeatureReader::ReadImport},
     {"export", &FeatureReader::ReadExport},
     {"section", &FeatureReader::ReadSection},
     {"string", &FeatureReader::ReadString},
     {"substring", &FeatureReader::ReadSubstring},
     {"characteristic", &FeatureReader::ReadCharacteristic},
     {"os", &FeatureReader::ReadSystem},
     {"arch", &FeatureReader::ReadArchitecture},
     {"format", &FeatureReader::ReadFormat}});

CapaFeature ReadPlain(std::string_view key, std::string_view value, Mark mark) {
  const auto* const found =
      std::find_if(kFeatures.begin(), kFeatures.end(),
                   [&](const auto& one) { return one.first == key; });
  if (found == kFeatures.end()) {
    return {.why = key == "function-name"
                       ? "asks for functions that are recognized"
                       : fmt::format("asks for \"{}\"", key)};
  }
  FeatureReader reader(value, mark);
  (reader.*found->second)();
  return std::move(reader.feature_);
}

// How often: "2", "2 or more", "2 or fewer", "(2, 5)".
struct Times {
  std::uint32_t least = 0;
  std::uint32_t most = kEndless;

  static constexpr std::uint32_t kEndless = 0xffffffff;
};

std::optional<Times> TimesIn(std::string_view text) {
  const auto number = [](std::string_view digits) {
    const auto read = NumberOf(Trim(digits));
    return read && *read < PatternSet::kHitsPerPattern
               ? std::optional(static_cast<std::uint32_t>(*read))
               : std::nullopt;
  };
  constexpr std::string_view kMore = " or more";
  constexpr std::string_view kFewer = " or fewer";
  const std::size_t comma = text.find(',');
  std::optional<std::uint32_t> least;
  std::optional<std::uint32_t> most;
  if (text.size() > 2 && text[0] == '(' && text.back() == ')' &&
      comma != std::string_view::npos) {
    least = number(text.substr(1, comma - 1));
    most = number(text.substr(comma + 1, text.size() - comma - 2));
  } else if (const std::size_t more = text.find(kMore);
             more != std::string_view::npos) {
    least = number(text.substr(0, more));
    most = Times::kEndless;
  } else if (const std::size_t fewer = text.find(kFewer);
             fewer != std::string_view::npos) {
    least = 0;
    most = number(text.substr(0, fewer));
  } else {
    least = most = number(text);
  }
  return least && most ? std::optional(Times{*least, *most}) : std::nullopt;
}

// The feature, which is a leaf or any of some leaves, that often.
Condition AtLeast(const Condition& feature, std::uint32_t times) {
  const auto often = [&](const Condition& leaf) {
    return Condition{.kind = leaf.kind,
                     .at_least = times,
                     .what = leaf.what,
                     .tests = leaf.tests,
                     .mark = leaf.mark};
  };
  Condition counted = often(feature);
  for (const Condition& leaf : feature.of) {
    counted.of.push_back(often(leaf));
  }
  return counted;
}

// "count(string(text)): 2 or more"
CapaFeature ReadCount(std::string_view key, std::string_view value, Mark mark) {
  const std::string_view inner =
      key.substr(kCount.size(), key.size() - kCount.size() - 1);
  const std::size_t open = inner.find('(');
  const auto times = TimesIn(value);
  if (open == std::string_view::npos || inner.back() != ')' || !times) {
    return {.why = fmt::format("asks for \"{}: {}\"", key, value)};
  }
  CapaFeature feature =
      ReadPlain(inner.substr(0, open),
                inner.substr(open + 1, inner.size() - open - 2), mark);
  if (!feature.why.empty()) {
    return feature;
  }
  if (feature.always || feature.condition.kind == Kind::kArtifact) {
    return {.why = fmt::format("counts \"{}\"", inner)};
  }
  Condition counted{.mark = mark};
  if (times->least > 0) {
    counted.of.push_back(AtLeast(feature.condition, times->least));
  }
  if (times->most != Times::kEndless) {
    Condition none{.kind = Kind::kNone, .mark = mark};
    none.of.push_back(AtLeast(feature.condition, times->most + 1));
    counted.of.push_back(std::move(none));
  }
  feature.always = counted.of.empty();
  feature.condition = std::move(counted);
  return feature;
}

}  // namespace

CapaFeature ReadCapaFeature(std::string_view key, std::string_view value,
                            Mark mark) {
  if (key.substr(0, kCount.size()) == kCount && key.back() == ')') {
    return ReadCount(key, value, mark);
  }
  return ReadPlain(key, value, mark);
}

}  // namespace assay::rules
