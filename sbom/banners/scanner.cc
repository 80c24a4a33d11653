#include "sbom/banners/scanner.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "sbom/banners/lone_version.h"
#include "sbom/banners/runs.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kLongestGap = 40;
constexpr std::size_t kNoText = std::numeric_limits<std::size_t>::max();
using Kind = BannerPiece::Kind;

// A pattern laid over the bytes at one place.
class Match {
 public:
  Match(const BannerPattern& pattern, std::string_view bytes)
      : pattern_(pattern), bytes_(bytes) {}

  // `from` is where the anchor begins.
  std::optional<Banner> At(std::size_t from) {
    begin_ = from;
    end_ = from + pattern_.pieces[pattern_.anchor].text.size();
    for (std::size_t i = pattern_.anchor; i > 0; --i) {
      if (!ExtendLeft(pattern_.pieces[i - 1])) {
        return std::nullopt;
      }
    }
    for (std::size_t i = pattern_.anchor + 1; i < pattern_.pieces.size(); ++i) {
      if (!ExtendRight(i)) {
        return std::nullopt;
      }
    }
    if ((pattern_.begins_run && begin_ > 0 && IsRunByteAt(begin_ - 1)) ||
        (pattern_.ends_run && end_ < bytes_.size() && IsRunByteAt(end_))) {
      return std::nullopt;
    }
    return Banner{.product = pattern_.product,
                  .vendor = pattern_.vendor,
                  .version = version_,
                  .place = {begin_, end_ - begin_},
                  .certain = true};
  }

 private:
  [[nodiscard]] bool IsRunByteAt(std::size_t at) const {
    const char c = bytes_[at];
    return c != '\n' && IsRunByte(static_cast<std::uint8_t>(c));
  }

  bool ExtendLeft(const BannerPiece& piece) {
    if (piece.kind == Kind::kText) {
      if (begin_ < piece.text.size() ||
          bytes_.substr(begin_ - piece.text.size(), piece.text.size()) !=
              piece.text) {
        return false;
      }
      begin_ -= piece.text.size();
      return true;
    }
    // The longest version that ends here.
    const std::size_t least = begin_ - std::min(begin_, kLongestVersion);
    for (std::size_t at = least; at < begin_; ++at) {
      const bool inside =
          at > 0 && (IsWordAt(at - 1) ||
                     (bytes_[at - 1] == '.' && at > 1 && IsWordAt(at - 2)));
      if (!inside && VersionLength(bytes_.substr(at, begin_ - at),
                                   piece.shape) == begin_ - at) {
        const std::string_view part = bytes_.substr(at, begin_ - at);
        version_.insert(0, version_.empty() ? "" : ".").insert(0, part);
        begin_ = at;
        return true;
      }
    }
    return false;
  }

  // A letter "v" in front belongs to the text around.
  [[nodiscard]] bool IsWordAt(std::size_t at) const {
    const char c = bytes_[at];
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z' && c != 'v') ||
           (c >= 'A' && c <= 'Z');
  }

  bool ExtendRight(std::size_t index) {
    const BannerPiece& piece = pattern_.pieces[index];
    const std::string_view rest = bytes_.substr(end_);
    if (piece.kind == Kind::kText) {
      end_ += piece.text.size();
      return rest.substr(0, piece.text.size()) == piece.text;
    }
    if (piece.kind == Kind::kVersion) {
      const std::size_t length = VersionLength(rest, piece.shape);
      version_.append(version_.empty() ? "" : ".")
          .append(rest.substr(0, length));
      end_ += length;
      return length > 0;
    }
    return PassGap(index);
  }

  // Whether the piece fits at the start of `rest`, and the version behind it.
  [[nodiscard]] bool Fits(std::size_t index, std::string_view rest) const {
    const BannerPiece& piece = pattern_.pieces[index];
    if (piece.kind == Kind::kVersion) {
      return VersionLength(rest, piece.shape) > 0;
    }
    if (rest.substr(0, piece.text.size()) != piece.text) {
      return false;
    }
    const bool version_next = index + 1 < pattern_.pieces.size() &&
                              pattern_.pieces[index + 1].kind == Kind::kVersion;
    return !version_next || VersionLength(rest.substr(piece.text.size()),
                                          pattern_.pieces[index + 1].shape) > 0;
  }

  // As few bytes as let what follows the gap fit.
  bool PassGap(std::size_t gap) {
    const bool version_next = pattern_.pieces[gap + 1].kind == Kind::kVersion;
    for (std::size_t passed = 0; passed <= kLongestGap; ++passed) {
      const bool in_word = version_next && IsWordAt(end_ - 1);
      if (!in_word &&
          Fits(gap + 1, bytes_.substr(std::min(end_, bytes_.size())))) {
        return true;
      }
      if (end_ >= bytes_.size() || !IsRunByteAt(end_)) {
        return false;
      }
      ++end_;
    }
    return false;
  }

  const BannerPattern& pattern_;
  std::string_view bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string version_ = {};
};

}  // namespace

Result<BannerScanner> BannerScanner::Compile(
    std::vector<BannerPattern> patterns) {
  std::map<std::string, std::size_t> index;
  std::vector<Pattern> texts;
  const auto text_of = [&](const std::string& text) {
    const auto [entry, fresh] = index.emplace(text, texts.size());
    if (fresh) {
      texts.push_back({.kind = Pattern::Kind::kLiteral, .text = text});
    }
    return entry->second;
  };
  std::vector<std::vector<std::size_t>> searched_by;
  std::vector<std::size_t> also_of;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const BannerPattern& pattern = patterns[i];
    const std::size_t also =
        pattern.also.empty() ? kNoText : text_of(pattern.also);
    const std::size_t anchor =
        pattern.bare ? also : text_of(pattern.pieces[pattern.anchor].text);
    also_of.push_back(also);
    searched_by.resize(texts.size());
    searched_by[anchor].push_back(i);
  }
  auto set = PatternSet::Compile(texts);
  if (!set) {
    return Fail(set.error());
  }
  BannerScanner scanner(std::move(patterns), std::move(*set));
  scanner.searched_by_ = std::move(searched_by);
  scanner.also_of_ = std::move(also_of);
  return scanner;
}

const BannerScanner& BannerScanner::BuiltIn() {
  static const BannerScanner kScanner = [] {
    auto patterns = ParseBannerTable(BannerTableText());
    auto scanner = patterns ? Compile(std::move(*patterns))
                            : Result<BannerScanner>(Fail(patterns.error()));
    if (!scanner) {
      throw std::logic_error("the built-in banner table: " +
                             scanner.error().what);
    }
    return std::move(*scanner);
  }();
  return kScanner;
}

namespace {

// A version that stands alone, looked for once and given to each product that
// a second text vouches for.
class Lone {
 public:
  explicit Lone(ByteView bytes) : bytes_(bytes) {}

  std::optional<Banner> For(const BannerPattern& pattern) {
    if (!searched_) {
      versions_ = FindLoneVersions(bytes_);
      searched_ = true;
    }
    const std::optional<LoneText>& lone = versions_.of_two;
    if (!lone) {
      return std::nullopt;
    }
    return Banner{.product = pattern.product,
                  .vendor = pattern.vendor,
                  .version = std::string(lone->version),
                  .place = lone->place,
                  .certain = true};
  }

 private:
  ByteView bytes_;
  bool searched_ = false;
  LoneVersions versions_;
};

}  // namespace

std::vector<Banner> BannerScanner::Find(ByteView bytes) const {
  const auto hits = texts_.Scan(bytes);
  std::vector<bool> present(searched_by_.size(), false);
  for (const PatternHit& hit : hits) {
    present[hit.pattern] = true;
  }
  Lone lone(bytes);
  std::vector<bool> done(patterns_.size(), false);  // bare ones: once is enough
  std::vector<Banner> found;
  for (const PatternHit& hit : hits) {
    for (const std::size_t i : searched_by_[hit.pattern]) {
      if (done[i] || (also_of_[i] != kNoText && !present[also_of_[i]])) {
        continue;
      }
      const BannerPattern& pattern = patterns_[i];
      done[i] = pattern.bare;
      auto banner = pattern.bare ? lone.For(pattern)
                                 : Match(pattern, AsText(bytes)).At(hit.offset);
      if (banner) {
        found.push_back(std::move(*banner));
      }
    }
  }
  Settle(found);
  return found;
}

void Settle(std::vector<Banner>& banners) {
  std::sort(banners.begin(), banners.end(),
            [](const Banner& a, const Banner& b) {
              return std::tie(a.product, a.version, b.certain, a.place) <
                     std::tie(b.product, b.version, a.certain, b.place);
            });
  banners.erase(std::unique(banners.begin(), banners.end(),
                            [](const Banner& a, const Banner& b) {
                              return a.product == b.product &&
                                     a.version == b.version;
                            }),
                banners.end());
}

void SettleVersions(bool is_program, std::vector<Banner>& found) {
  const auto newest = [&](const Banner& one) {
    return std::none_of(found.begin(), found.end(), [&](const Banner& other) {
      return other.certain && other.product == one.product &&
             CompareVersions(VersionOrder::kGeneric, other.version,
                             one.version) > 0;
    });
  };
  std::vector<Banner> settled;
  for (const Banner& banner : found) {
    const bool alone =
        std::none_of(found.begin(), found.end(), [&](const Banner& other) {
          return other.certain && other.product == banner.product &&
                 other.version != banner.version;
        });
    if (!is_program || !banner.certain || newest(banner)) {
      settled.push_back(banner);
      settled.back().certain = banner.certain && (is_program || alone);
    }
  }
  found = std::move(settled);
}

}  // namespace assay::sbom
