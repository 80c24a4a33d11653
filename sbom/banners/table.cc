#include "sbom/banners/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Shorter texts are everywhere.
constexpr std::size_t kShortestAnchor = 4;

// One escape behind a backslash; moves `text` past it.
std::optional<char> TakeEscape(std::string_view& text) {
  const char c = text.empty() ? '\0' : text[0];
  const auto plain = [&](char value) {
    text.remove_prefix(1);
    return std::optional(value);
  };
  switch (c) {
    case 'n':
      return plain('\n');
    case 't':
      return plain('\t');
    case '0':
      return plain('\0');
    case '\\':
    case '%':
    case '^':
    case '$':
    case '&':
      return plain(c);
    case 'x': {
      const auto byte = BytesFromHex(text.substr(1, 2));
      if (!byte || byte->size() != 1) {
        return std::nullopt;
      }
      text.remove_prefix(3);
      return static_cast<char>(byte->front());
    }
    default:
      return std::nullopt;
  }
}

// Text until '%', with escapes resolved.
std::optional<std::string> TakeText(std::string_view& text) {
  std::string plain;
  while (!text.empty() && text[0] != '%') {
    const char c = text[0];
    text.remove_prefix(1);
    if (c != '\\') {
      plain.push_back(c);
      continue;
    }
    const auto escaped = TakeEscape(text);
    if (!escaped) {
      return std::nullopt;
    }
    plain.push_back(*escaped);
  }
  return plain;
}

std::optional<BannerPiece> TakeSpecial(std::string_view& text) {
  const std::string_view mark = text.substr(0, 2);
  text.remove_prefix(mark.size());
  using Kind = BannerPiece::Kind;
  if (mark == "%V") {
    return BannerPiece{.kind = Kind::kVersion};
  }
  if (mark == "%N") {
    return BannerPiece{.kind = Kind::kVersion, .shape = VersionShape::kNumber};
  }
  if (mark == "%D") {
    return BannerPiece{.kind = Kind::kVersion, .shape = VersionShape::kPart};
  }
  if (mark == "%*") {
    return BannerPiece{.kind = Kind::kGap};
  }
  return std::nullopt;
}

// The pieces of a pattern without its ^, $ and second text; "" or the fault.
std::string_view ReadPieces(std::string_view text, BannerPattern& pattern) {
  while (!text.empty()) {
    if (text[0] == '%') {
      auto piece = TakeSpecial(text);
      if (!piece) {
        return "an unknown % in it";
      }
      pattern.pieces.push_back(std::move(*piece));
      continue;
    }
    auto plain = TakeText(text);
    if (!plain) {
      return "an unknown escape in it";
    }
    pattern.pieces.push_back({.text = std::move(*plain)});
  }
  return {};
}

// Chooses the anchor: the longest text in front of all gaps. "" or what is
// wrong.
std::string_view Check(BannerPattern& pattern) {
  std::size_t versions = 0;
  std::size_t parts = 0;
  std::size_t longest = 0;
  bool behind_gap = false;
  for (std::size_t i = 0; i < pattern.pieces.size(); ++i) {
    const BannerPiece& piece = pattern.pieces[i];
    const bool version = piece.kind == BannerPiece::Kind::kVersion;
    const bool part = piece.shape == VersionShape::kPart;
    versions += version && !part ? 1U : 0U;
    parts += version && part ? 1U : 0U;
    behind_gap = behind_gap || piece.kind == BannerPiece::Kind::kGap;
    if (piece.text.size() > longest && !behind_gap) {
      longest = piece.text.size();
      pattern.anchor = i;
    }
  }
  if (versions + (parts > 1 ? 1U : 0U) != 1 || parts == 1) {
    return "not exactly one version";
  }
  pattern.bare = pattern.pieces.size() == 1;
  if (pattern.bare) {
    return pattern.begins_run && pattern.ends_run &&
                   pattern.also.size() >= kShortestAnchor
               ? ""
               : "a version alone needs ^, $ and a second text";
  }
  if (longest < kShortestAnchor) {
    return "no text long enough to search by";
  }
  return pattern.pieces.back().kind == BannerPiece::Kind::kGap
             ? "a gap at its end"
             : "";
}

Result<BannerPattern> ParseLine(std::string_view line) {
  const auto refuse = [](std::string_view why) {
    return Fail(ErrorCode::kConfig, std::string(why));
  };
  const auto columns = Split(line, '\t');
  if (columns.size() != 3 || columns[0].empty() || columns[1].empty()) {
    return refuse("not three columns");
  }
  BannerPattern pattern{
      .product = std::string(columns[0]),
      .vendor = std::string(columns[1] == "-" ? columns[0] : columns[1])};
  std::string_view text = columns[2];
  if (const std::size_t at = text.find(" & "); at != std::string_view::npos) {
    std::string_view also = text.substr(at + 3);
    text = text.substr(0, at);
    auto plain = TakeText(also);
    if (!plain || !also.empty() || plain->size() < kShortestAnchor) {
      return refuse("a second text that is none");
    }
    pattern.also = std::move(*plain);
  }
  pattern.begins_run = text.substr(0, 1) == "^";
  text.remove_prefix(pattern.begins_run ? 1 : 0);
  pattern.ends_run = !text.empty() && text.back() == '$' &&
                     (text.size() < 2 || text[text.size() - 2] != '\\');
  text.remove_suffix(pattern.ends_run ? 1 : 0);
  std::string_view fault = ReadPieces(text, pattern);
  fault = fault.empty() ? Check(pattern) : fault;
  if (!fault.empty()) {
    return refuse(fault);
  }
  return pattern;
}

}  // namespace

Result<std::vector<BannerPattern>> ParseBannerTable(std::string_view text) {
  std::vector<BannerPattern> patterns;
  std::size_t number = 0;
  for (const std::string_view line : SplitLines(text)) {
    ++number;
    if (line.empty() || line[0] == '#') {
      continue;
    }
    auto pattern = ParseLine(line);
    if (!pattern) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("line {}: {}", number, pattern.error().what));
    }
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

std::string_view BannerTableText() {
  static constexpr std::string_view kText =
#include "banner_list.inc"
      ;
  return kText;
}

}  // namespace assay::sbom
