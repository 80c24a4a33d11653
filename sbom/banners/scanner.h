// Finds the banners of the table, and the names that a program gives itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sbom/banners/table.h"
#include "verifier/base/bytes.h"
#include "verifier/base/pattern_set.h"
#include "verifier/base/result.h"

namespace assay::sbom {

struct Banner {
  std::string product = {};
  std::string vendor = {};
  std::string version = {};
  Range place = {};      // of the version and the text it was found by
  bool certain = false;  // by a text around it, or by two signs
  friend auto operator<=>(const Banner&, const Banner&) = default;
};

// Immutable after compiling; Find may run on many threads at once.
class BannerScanner {
 public:
  // All texts that the patterns are searched by go into one database.
  [[nodiscard]] static Result<BannerScanner> Compile(
      std::vector<BannerPattern> patterns);
  // That of the built-in table, compiled at the first call.
  [[nodiscard]] static const BannerScanner& BuiltIn();

  // By product, then version; each pair once, at its first place.
  [[nodiscard]] std::vector<Banner> Find(ByteView bytes) const;

  [[nodiscard]] const std::vector<BannerPattern>& patterns() const {
    return patterns_;
  }

 private:
  BannerScanner(std::vector<BannerPattern> patterns, PatternSet texts)
      : patterns_(std::move(patterns)), texts_(std::move(texts)) {}

  std::vector<BannerPattern> patterns_;
  PatternSet texts_;
  // Per text of the set: the patterns that are searched by it, and those whose
  // second text it is.
  std::vector<std::vector<std::size_t>> searched_by_;
  std::vector<std::size_t> also_of_;  // per pattern: its second text, or none
};

// What the text runs of a program say of the program itself. `file` is its
// name: a run "NAME 1.2.3" is a banner when NAME is that name. A version that
// stands alone and has no rival is told as uncertain.
[[nodiscard]] std::vector<Banner> FindOwnName(ByteView bytes,
                                              std::string_view file);

// Sorts, and keeps the surest and first of each product and version.
void Settle(std::vector<Banner>& banners);

// A program that names several versions of a product is the newest and knows
// the others: its peers, its formats. Which of them a blob is, nobody can say:
// there none is certain.
void SettleVersions(bool is_program, std::vector<Banner>& found);

}  // namespace assay::sbom
