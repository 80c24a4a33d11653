// nginx: its page "nginx security advisories". "1.4.1+" is the rest of that
// branch when it is a stable one (an even second number), else everything
// newer; "1.0-1.2" has both ends in it; also "all" and "none".

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

bool IsVersion(const std::vector<std::string_view>& fields) {
  for (const std::string_view field : fields) {
    if (!versions::IsNumber(field)) {
      return false;
    }
  }
  return fields.size() == 3;
}

std::optional<Alternative> From(std::string_view version) {
  const auto fields = Split(version, '.');
  if (!IsVersion(fields)) {
    return std::nullopt;
  }
  Alternative alternative = {
      {Comparator::kGreaterOrEqual, std::string(version)}};
  const bool stable = (fields[1].back() - '0') % 2 == 0;
  if (stable) {
    alternative.push_back(
        {Comparator::kLess, std::string(fields[0])
                                .append(".")
                                .append(Incremented(fields[1]))
                                .append(".0")});
  }
  return alternative;
}

std::optional<Alternative> ReadPart(std::string_view text) {
  if (!text.empty() && text.back() == '+') {
    return From(text.substr(0, text.size() - 1));
  }
  const std::size_t dash = text.find('-');
  const std::string_view from = text.substr(0, dash);
  if (!IsVersion(Split(from, '.'))) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    return Alternative{{Comparator::kEqual, std::string(from)}};
  }
  const std::string_view to = text.substr(dash + 1);
  if (!IsVersion(Split(to, '.'))) {
    return std::nullopt;
  }
  return Alternative{{Comparator::kGreaterOrEqual, std::string(from)},
                     {Comparator::kLessOrEqual, std::string(to)}};
}

}  // namespace

Result<Alternatives> ReadNginx(std::string_view text) {
  text = Trim(text);
  if (text == "none") {
    return Alternatives{};
  }
  if (text == "all") {
    return Alternatives{{}};
  }
  Alternatives all;
  for (const std::string_view part : Split(text, ',')) {
    auto alternative = ReadPart(Trim(part));
    if (!alternative) {
      return Malformed("nginx", part);
    }
    all.push_back(std::move(*alternative));
  }
  return all;
}

}  // namespace assay::sbom::ranges
