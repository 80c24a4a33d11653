// What is known of a value in a register or in memory without running the
// program, and where it comes from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace assay::code {

// Where a value, or what it points to, comes from; several at once.
struct Origin {
  using Bits = std::uint32_t;
  static constexpr Bits kNetwork = 1;
  static constexpr Bits kRequest = 2;     // a part of a web request
  static constexpr Bits kCredential = 4;  // a password or token being checked
  static constexpr Bits kInput = 8;       // standard input, a device, a pipe
  static constexpr Bits kEnvironment = 16;
  static constexpr Bits kArgument = 32;  // of the command line
  static constexpr Bits kFile = 64;
  static constexpr Bits kSetting = 128;  // a store of settings
  static constexpr Bits kHost = 256;     // the machine's names and addresses
  static constexpr Bits kClock = 512;
  static constexpr Bits kRandom = 1024;
  static constexpr Bits kAccount = 2048;    // records of users, their hashes
  static constexpr Bits kParameter = 4096;  // of a function, its caller unknown
  static constexpr Bits kConstant = 8192;   // made from constants
  static constexpr Bits kComputed = 16384;  // by arithmetic that mixes it
  static constexpr Bits kSocket =
      32768;  // what is read from it is of a network
  static constexpr Bits kStatus = 65536;  // with which another program ended
  static constexpr Bits kGuessable = 131072;  // random, for games
  static constexpr Bits kDigest = 262144;     // a message authentication code
  // Somebody else decides it.
  static constexpr Bits kOutside = kNetwork | kRequest | kCredential | kInput |
                                   kEnvironment | kArgument | kFile | kSetting;
};

struct Value {
  enum class Kind : std::uint8_t {
    kUnknown,
    kConstant,    // `number`
    kFrame,       // the stack pointer on entry + `number`
    kArgument,    // the function's argument `number`
    kBlock,       // the 16 bytes that stand at `number`
    kSlot,        // what the loader puts into the slot at `number`
    kResult,      // what call `site` gave
    kDifference,  // zero if something was `number`, `width` bytes of it
    kVerdict,     // 1 if test `site` holds, 0 if not
  };

  Kind kind = Kind::kUnknown;
  bool negated = false;     // kVerdict: the other way round
  bool loose = false;       // points somewhere into what begins there
  std::uint16_t width = 0;  // kDifference
  Origin::Bits origin = 0;
  std::uint64_t number = 0;
  std::uint32_t site =
      0;  // of a sum of differences, where their bytes are kept

  [[nodiscard]] bool is(Kind one) const { return kind == one; }
  [[nodiscard]] bool constant() const { return kind == Kind::kConstant; }
  friend bool operator==(const Value&, const Value&) = default;
};

[[nodiscard]] inline Value ConstantValue(std::uint64_t number) {
  return {.kind = Value::Kind::kConstant,
          .origin = Origin::kConstant,
          .number = number};
}
[[nodiscard]] inline Value UnknownValue(Origin::Bits origin) {
  return {.origin = origin};
}

// What is known where two ways meet.
[[nodiscard]] inline Value Join(const Value& a, const Value& b) {
  const bool same = a.kind == b.kind && a.number == b.number &&
                    a.site == b.site && a.width == b.width &&
                    a.negated == b.negated && a.loose == b.loose;
  Value joined = same ? a : Value{};
  joined.origin = a.origin | b.origin;
  return joined;
}

// Where the contents of memory come from, by address. Contents have no end
// that is known for sure: what begins at an address goes on to the next one,
// but not further than kFurthest.
class Regions {
 public:
  static constexpr std::uint64_t kFurthest = 4096;
  static constexpr std::size_t kMost = 4096;

  // Where things begin: contents do not go on over such an address. Sorted.
  void Bound(std::vector<std::int64_t> bounds) { bounds_ = std::move(bounds); }
  // True when that was not known.
  bool Add(std::int64_t start, Origin::Bits origin) {
    const auto found = starts_.find(start);
    if (found == starts_.end() && starts_.size() >= kMost) {
      return false;
    }
    Origin::Bits& known = starts_[start];
    const bool more = (known | origin) != known;
    known |= origin;
    return more;
  }
  [[nodiscard]] Origin::Bits At(std::int64_t address) const {
    auto after = starts_.upper_bound(address);
    if (after == starts_.begin()) {
      return 0;
    }
    --after;
    const auto distance = static_cast<std::uint64_t>(address) -
                          static_cast<std::uint64_t>(after->first);
    const auto bound =
        std::upper_bound(bounds_.begin(), bounds_.end(), address);
    const bool apart =
        bound != bounds_.begin() && *std::prev(bound) > after->first;
    return distance < kFurthest && !apart ? after->second : 0;
  }

 private:
  std::map<std::int64_t, Origin::Bits> starts_;
  std::vector<std::int64_t> bounds_;
};

}  // namespace assay::code
