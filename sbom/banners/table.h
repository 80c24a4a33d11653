// The table of what products print about themselves, products.txt: one line a
// pattern, three columns parted by tabs.
//
//   product   as in pkg:generic/PRODUCT
//   vendor    as in a CPE name; "-" when it is the product's name
//   pattern   what the product has in its bytes
//
// A pattern is text with
//   %V   the version: numbers joined by dots (version.h); once
//   %N   the same, and a single number counts as well
//   %D   instead of both, at least twice: a number of the version, which dots
//        join, as in "version 36, subversion 0"
//   %*   up to 40 printable bytes, as few as fit; the pattern is searched by
//        its longest text in front of them
//   ^ $  in front and at the end: a run of printable bytes begins or ends here
//   \n \t \0 \\ \% \^ \$ \& and \xHH
// and, after " & ", a second text that must be in the same bytes anywhere. A
// pattern that is nothing but ^%V$ or ^%N$ needs that second text, and stands
// for the only version that is a run of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sbom/banners/version.h"
#include "verifier/base/result.h"

namespace assay::sbom {

struct BannerPiece {
  enum class Kind { kText, kVersion, kGap };
  Kind kind = Kind::kText;
  std::string text = {};
  VersionShape shape = VersionShape::kDotted;
};

struct BannerPattern {
  std::string product = {};
  std::string vendor = {};
  bool begins_run = false;
  bool ends_run = false;
  std::vector<BannerPiece> pieces = {};
  std::size_t anchor = 0;  // the piece it is searched by
  bool bare = false;       // nothing but the version: searched by `also`
  std::string also = {};   // "" when there is none
};

// kConfig names the line.
[[nodiscard]] Result<std::vector<BannerPattern>> ParseBannerTable(
    std::string_view text);

// The table that is built in.
[[nodiscard]] std::string_view BannerTableText();

}  // namespace assay::sbom
