// What is known about the value of an expression in a script without running
// it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace assay::facts {

// A name with its members: os.system. Of longer ones the last four parts.
struct ScriptReference {
  std::array<std::string_view, 4> parts = {};
  std::uint8_t count = 0;
  bool cut = false;

  [[nodiscard]] bool empty() const { return count == 0; }
  [[nodiscard]] std::string_view last() const {
    return count == 0 ? std::string_view() : parts.at(count - 1U);
  }
  void Append(std::string_view part);
  void DropFirst();
  void DropLast() { count = static_cast<std::uint8_t>(count - 1U); }
  // "os.system"; one that was cut begins with "*".
  [[nodiscard]] std::string Joined() const;
};

// What a value tells about the user, the machine or the moment.
struct ScriptSource {
  using Bits = std::uint16_t;
  static constexpr Bits kCredential = 1;
  static constexpr Bits kRelated = 2;  // by its name perhaps one
  static constexpr Bits kRequest = 4;
  static constexpr Bits kEnvironment = 8;
  static constexpr Bits kHost = 16;
  static constexpr Bits kClock = 32;
  static constexpr Bits kRandom = 64;
  static constexpr Bits kAccount = 128;  // whose credential it is
  static constexpr Bits kNetwork = 256;  // another machine's answer
  static constexpr Bits kPlace = 512;    // where on earth it is
  static constexpr Bits kLogin = kCredential | kRelated | kAccount;
};

enum class ScriptComparand : std::uint8_t {
  kNone,      // nothing that tells anything
  kWord,      // an ordinary word
  kNumber,    //
  kText,      // one that looks like a secret
  kDigest,    // hexadecimal digits of a digest's length
  kComposed,  // put together from parts, or decoded
};
[[nodiscard]] std::string_view NameOf(ScriptComparand comparand);

// A comparison: what it asks, and what is to be met. A value that is the
// result of one keeps it, so that it counts wherever the value decides.
struct ScriptJudgement {
  ScriptSource::Bits sources = 0;
  ScriptComparand comparand = ScriptComparand::kNone;
  std::uint8_t parameters = 0;  // of the function around it, bit by bit
  bool negative = false;
  bool order = false;  // "<", ">=": which side of it
  bool named = false;  // the constant is a text or number of some kind

  [[nodiscard]] bool empty() const { return sources == 0 && parameters == 0; }
};

struct ScriptValue {
  enum class Text : std::uint8_t {
    kUnknown,
    kPartial,   // what is not known stands in it as "$name"
    kConstant,  // the same in every run
  };
  // Where it comes from; all are possible at once.
  static constexpr std::uint8_t kDecoded = 1;
  static constexpr std::uint8_t kRequest = 2;
  static constexpr std::uint8_t kNetwork = 4;  // another machine's answer
  static constexpr std::uint8_t kSecrets = 8;  // keys, the whole environment

  Text known = Text::kUnknown;
  std::uint8_t taint = 0;
  bool number = false;    // an integer, its text is decimal
  bool member = false;    // a member of the object whose text is `text`
  bool method = false;    // a member by its name, not by an index
  bool dynamic = false;   // a member or variable whose name only a run tells
  bool named = false;     // an argument with a keyword
  bool clean = false;     // made harmless, whatever it was
  bool composed = false;  // a constant that nobody wrote as it is
  bool date = false;      // a point in time that is the same in every run
  bool fixed = false;     // the same in every run, though its text is unknown
  ScriptSource::Bits sources = 0;  // what it tells
  ScriptSource::Bits object = 0;   // the same of what it is a member of
  std::uint8_t grants = 0;         // of an object: ScriptEffect of its elements
  std::uint8_t parameters = 0;     // of the function that it is made of
  bool enclosed = false;           // a parameter of a function around this one
  bool made = false;               // what a call gave, under a name of its own
  std::string_view text = {};
  std::uint32_t list = 0;      // 1 + its number among the lists; 0: no list
  std::uint32_t among = 0;     // the same of a list that it is an element of
  std::uint32_t elements = 0;  // 1 + its number among the objects
  ScriptJudgement judged = {};
  ScriptReference reference = {};

  [[nodiscard]] bool constant() const { return known == Text::kConstant; }
};

// Of both origins.
template <typename Bits>
Bits Both(Bits a, std::type_identity_t<Bits> b) {
  return static_cast<Bits>(a | b);
}

inline ScriptValue ConstantText(std::string_view text) {
  ScriptValue value;
  value.known = ScriptValue::Text::kConstant;
  value.text = text;
  return value;
}

inline ScriptValue TaintedValue(std::uint8_t taint) {
  ScriptValue value;
  value.taint = taint;
  return value;
}

// What it tells by where it comes from, too.
[[nodiscard]] ScriptSource::Bits Told(const ScriptValue& value);

// Longer texts are cut.
inline constexpr std::size_t kMaxScriptText = 4096;

// Appends what `value` is in a longer text; unknown parts as "$name".
void AppendTo(std::string& text, const ScriptValue& value);

// "115", "0x73", "0o163", "1_000" as an integer; 0 for anything else.
[[nodiscard]] std::uint64_t IntegerOf(std::string_view literal);

}  // namespace assay::facts
