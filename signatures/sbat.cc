#include "signatures/sbat.h"

#include <fmt/format.h>

#include "signatures/anchor.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kSectionFields = 6;

// Without the byte order mark that shim skips, and what follows a NUL.
std::string_view TextOf(std::string_view raw) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  raw = raw.substr(0, raw.find('\0'));
  return raw.starts_with(kMark) ? raw.substr(kMark.size()) : raw;
}

// The lines as fields; empty ones are skipped.
std::vector<std::vector<std::string_view>> RowsOf(std::string_view text) {
  std::vector<std::vector<std::string_view>> rows;
  for (const std::string_view line : SplitLines(text)) {
    if (const std::string_view trimmed = Trim(line); !trimmed.empty()) {
      rows.push_back(Split(trimmed, ','));
    }
  }
  return rows;
}

}  // namespace

Result<std::vector<SbatEntry>> SbatLevelOf(const TrustAnchor& anchor) {
  std::vector<SbatEntry> level;
  for (const auto& fields : RowsOf(TextOf(AsText(anchor.key)))) {
    const auto generation =
        fields.size() < 2 ? std::nullopt : NumberOf(fields[1]);
    if (!generation || fields[0].empty()) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("anchor {}: a line is not \"component,"
                              "generation\"",
                              anchor.name));
    }
    level.push_back({std::string(fields[0]), *generation});
  }
  if (level.empty()) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: no SBAT level", anchor.name));
  }
  return level;
}

std::string SbatProblem(std::string_view section,
                        const std::vector<SbatEntry>& level) {
  const auto rows = RowsOf(TextOf(section));
  if (rows.empty()) {
    return "the .sbat section is empty";
  }
  for (const auto& fields : rows) {
    if (fields.size() < kSectionFields) {
      return "a line of the .sbat section has fewer than six fields";
    }
    // shim reads what is no number as 0.
    const std::uint64_t generation = NumberOf(fields[1]).value_or(0);
    for (const SbatEntry& least : level) {
      if (fields[0] == least.component && generation < least.generation) {
        return fmt::format("{} is of generation {}, the level wants {}",
                           Escaped(fields[0]), generation, least.generation);
      }
    }
  }
  return "";
}

}  // namespace assay::signatures
