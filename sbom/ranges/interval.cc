// Intervals: Maven's "Dependency version requirement specification" in the POM
// reference, and NuGet's "Version ranges". A version alone is that version to
// Maven (as advisories use it), and the oldest one to NuGet.

#include "sbom/ranges/notations.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

bool IsVersion(std::string_view text) {
  return !text.empty() &&
         text.find_first_of("[](), \t*") == std::string_view::npos;
}

// Cuts "[1.0,2.0)" off the front.
std::optional<Alternative> TakeInterval(std::string_view& text) {
  const std::size_t end = text.find_first_of(")]", 1);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const bool closed_left = text[0] == '[';
  const bool closed_right = text[end] == ']';
  const auto parts = Split(text.substr(1, end - 1), ',');
  text.remove_prefix(end + 1);
  const std::string_view from = Trim(parts.front());
  const std::string_view to = Trim(parts.back());
  if (parts.size() == 1) {
    return closed_left && closed_right && IsVersion(from)
               ? std::optional<Alternative>(
                     {{Comparator::kEqual, std::string(from)}})
               : std::nullopt;
  }
  if (parts.size() != 2 || (!from.empty() && !IsVersion(from)) ||
      (!to.empty() && !IsVersion(to))) {
    return std::nullopt;
  }
  Alternative alternative;
  if (!from.empty()) {
    alternative.push_back(
        {closed_left ? Comparator::kGreaterOrEqual : Comparator::kGreater,
         std::string(from)});
  }
  if (!to.empty()) {
    alternative.push_back(
        {closed_right ? Comparator::kLessOrEqual : Comparator::kLess,
         std::string(to)});
  }
  return alternative;
}

Result<Alternatives> ReadIntervals(std::string_view notation,
                                   std::string_view text, Comparator alone) {
  Alternatives all;
  text = Trim(text);
  if (IsVersion(text)) {
    return Alternatives{{{alone, std::string(text)}}};
  }
  while (true) {
    const std::string_view place = text;
    const bool opens = !text.empty() && (text[0] == '[' || text[0] == '(');
    auto interval = opens ? TakeInterval(text) : std::nullopt;
    if (!interval) {
      return Malformed(notation, place);
    }
    all.push_back(std::move(*interval));
    text = Trim(text);
    if (text.empty()) {
      return all;
    }
    if (text[0] != ',') {
      return Malformed(notation, text);
    }
    text = Trim(text.substr(1));
  }
}

}  // namespace

Result<Alternatives> ReadMaven(std::string_view text) {
  return ReadIntervals("Maven", text, Comparator::kEqual);
}

Result<Alternatives> ReadNuget(std::string_view text) {
  return ReadIntervals("NuGet", text, Comparator::kGreaterOrEqual);
}

}  // namespace assay::sbom::ranges
