#include "verifier/unpack/volumes.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "verifier/formats/format.h"

namespace assay::unpack {
namespace {

enum class Scheme { kDigits, kPart, kLetters, kZip };

// What a name says about the whole it may be a piece of.
struct Place {
  Scheme scheme = Scheme::kDigits;
  std::string stem = {};
  std::size_t width = 0;  // of the number; 0: any
  std::uint64_t number = 0;
};

constexpr std::size_t kMostDigits = 9;
constexpr std::size_t kSureDigits = 3;
constexpr std::uint64_t kLast = ~0ULL;  // of a zip in segments

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// How many characters at the end of `name` are `wanted`.
template <typename Wanted>
std::size_t CountAtEnd(std::string_view name, Wanted wanted) {
  return static_cast<std::size_t>(
      std::find_if_not(name.rbegin(), name.rend(), wanted) - name.rbegin());
}

bool EndsWith(std::string_view name, std::string_view end) {
  return name.size() > end.size() &&
         name.substr(name.size() - end.size()) == end;
}

// name.001, name.part1 and name.z01.
std::optional<Place> NumberedPlace(std::string_view name) {
  const std::size_t digits = CountAtEnd(name, IsDigit);
  if (digits == 0 || digits > kMostDigits) {
    return std::nullopt;
  }
  const std::string_view front = name.substr(0, name.size() - digits);
  const std::string_view text = name.substr(front.size());
  Place place{.width = digits, .number = std::stoull(std::string(text))};
  std::string_view end = ".";
  if (EndsWith(front, ".part")) {
    end = ".part";
    place.scheme = Scheme::kPart;
    place.width = text[0] == '0' && digits > 1 ? digits : 0;
  } else if (digits >= 2 && (EndsWith(front, ".z") || EndsWith(front, ".Z"))) {
    end = ".z";
    place.scheme = Scheme::kZip;
  } else if (digits < 2 || !EndsWith(front, end)) {
    return std::nullopt;
  }
  place.stem = front.substr(0, front.size() - end.size());
  return place;
}

// nameaa: two letters or three, with which split(1) counts.
std::vector<Place> LetteredPlaces(std::string_view name) {
  std::vector<Place> places;
  constexpr std::uint64_t kLetters = 26;
  const std::size_t letters =
      CountAtEnd(name, [](char c) { return c >= 'a' && c <= 'z'; });
  for (std::size_t width = 2; width <= std::min<std::size_t>(letters, 3);
       ++width) {
    Place place{.scheme = Scheme::kLetters, .width = width};
    for (const char c : name.substr(name.size() - width)) {
      place.number =
          place.number * kLetters + static_cast<std::uint64_t>(c - 'a');
    }
    place.stem = name.substr(0, name.size() - width);
    places.push_back(std::move(place));
  }
  return places;
}

std::vector<Place> PlacesOf(const std::string& name) {
  if (EndsWith(name, ".zip") || EndsWith(name, ".ZIP")) {
    constexpr std::size_t kEnd = 4;
    return {{.scheme = Scheme::kZip,
             .stem = name.substr(0, name.size() - kEnd),
             .width = 2,
             .number = kLast}};
  }
  if (auto place = NumberedPlace(name)) {
    return {std::move(*place)};
  }
  return LetteredPlaces(name);
}

// The name of the whole; empty for none.
std::string WholeOf(Scheme scheme, const std::string& stem) {
  if (scheme == Scheme::kZip) {
    return stem + ".split.zip";
  }
  if (scheme != Scheme::kLetters) {
    return stem;
  }
  const std::size_t end = stem.find_last_not_of("._-");
  return end == std::string::npos || stem[end] == '/' ? ""
                                                      : stem.substr(0, end + 1);
}

// Whether the numbers are those of a whole in pieces.
bool IsComplete(Scheme scheme,
                const std::map<std::uint64_t, std::size_t>& files) {
  const std::uint64_t first = files.begin()->first;
  std::uint64_t count = files.size();
  std::uint64_t last = files.rbegin()->first;
  if (scheme == Scheme::kZip) {  // z01 and on, then zip
    if (last != kLast || count < 2) {
      return false;
    }
    --count;
    last = std::next(files.rbegin())->first;
    return first == 1 && last == count;
  }
  const std::uint64_t latest = scheme == Scheme::kLetters ? 0 : 1;
  return count >= 2 && first <= latest && last - first + 1 == count;
}

// The format that begins here, and where it ends.
std::optional<std::uint64_t> EndOfFirst(ByteView bytes) {
  const auto* format =
      formats::Detect(bytes.first(std::min(bytes.size(), Input::kPeekLimit)));
  if (format == nullptr || format->measure == nullptr) {
    return std::nullopt;
  }
  const auto size = format->measure(bytes);
  if (!size && size.error().code == ErrorCode::kLimit) {
    return bytes.size();  // good for as far as anybody would measure
  }
  return size ? std::optional(*size) : std::nullopt;
}

// Pieces as cutting makes them: of one size but for the last.
bool AreEven(std::span<const ByteSource> pieces) {
  const std::uint64_t size = pieces.front().size();
  return std::all_of(
             pieces.begin(), pieces.end() - 1,
             [&](const ByteSource& piece) { return piece.size() == size; }) &&
         pieces.back().size() <= size;
}

}  // namespace

std::vector<VolumeSet> FindVolumes(const Product& product) {
  using Key = std::tuple<Scheme, std::string, std::size_t>;
  std::map<Key, std::map<std::uint64_t, std::size_t>> found;
  std::set<Key> ambiguous;  // two files have one number: part1 and part01
  std::set<std::string> names;
  for (std::size_t i = 0; i < product.files.size(); ++i) {
    const ProductFile& file = product.files[i];
    names.insert(file.name);
    if (file.meta.type != FileType::kRegular) {
      continue;
    }
    for (Place& place : PlacesOf(file.name)) {
      const Key key{place.scheme, std::move(place.stem), place.width};
      if (!found[key].emplace(place.number, i).second) {
        ambiguous.insert(key);
      }
    }
  }
  std::vector<VolumeSet> sets;
  std::set<std::size_t> taken;
  for (const auto& [key, files] : found) {
    const auto& [scheme, stem, width] = key;
    VolumeSet set{
        .name = WholeOf(scheme, stem),
        .numbered = scheme == Scheme::kDigits && width >= kSureDigits};
    for (const auto& [number, index] : files) {
      set.files.push_back(index);
    }
    if (!IsComplete(scheme, files) || ambiguous.count(key) != 0 ||
        set.name.empty() || set.name.back() == '/' ||
        names.count(set.name) != 0 ||
        std::any_of(set.files.begin(), set.files.end(),
                    [&](std::size_t i) { return taken.count(i) != 0; })) {
      continue;
    }
    taken.insert(set.files.begin(), set.files.end());
    names.insert(set.name);
    sets.push_back(std::move(set));
  }
  return sets;
}

bool BelongTogether(const VolumeSet& set, std::span<const ByteSource> pieces,
                    const ByteSource& whole) {
  const ByteView first = pieces.front().bytes();
  const auto alone = EndOfFirst(first);
  if (first.empty() || (alone && *alone == first.size())) {
    return false;
  }
  if (set.numbered && AreEven(pieces)) {
    return true;
  }
  const auto end = EndOfFirst(whole.bytes());
  if (formats::DetectEnd(whole.bytes()) != nullptr) {
    return end ? *end > first.size()
               : formats::DetectEnd(pieces.back().bytes()) == nullptr;
  }
  return end && *end == whole.size();
}

}  // namespace assay::unpack
