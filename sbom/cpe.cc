#include "sbom/cpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sbom/percent.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Kind = CpeValue::Kind;

constexpr std::string_view kFormatted = "cpe:2.3:";
constexpr std::string_view kUri = "cpe:/";
constexpr std::size_t kMaxText = 8'192;
constexpr std::size_t kUriAttributes = 7;  // part to language
constexpr std::size_t kEdition =
    static_cast<std::size_t>(CpeAttribute::kEdition);
constexpr std::size_t kPacked = 5;  // the edition and what follows the language

tl::unexpected<Error> Malformed(std::string_view what, std::string_view text) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("CPE: {} \"{}\"", what, Escaped(text)));
}

bool IsPlain(char c) {
  return versions::IsAlpha(c) || versions::IsDigit(c) || c == '.' || c == '-' ||
         c == '_';
}

bool IsPunctuation(char c) {
  return c > ' ' && c < '\x7f' && !versions::IsAlpha(c) &&
         !versions::IsDigit(c);
}

// One character of a value, or an unescaped wildcard.
struct Unit {
  char c = 0;
  bool wildcard = false;
};
using Units = std::vector<Unit>;

// How many of the leading units are wildcards: any number of '?' or one '*'.
template <typename Iterator>
std::size_t CountWildcards(Iterator begin, Iterator end) {
  const auto stop =
      std::find_if(begin, end, [](const Unit& unit) { return !unit.wildcard; });
  return static_cast<std::size_t>(stop - begin);
}

std::size_t WildcardOf(const Units& units, std::size_t from,
                       std::size_t count) {
  return count > 0 && units[from].c == '*' ? CpeValue::kMany : count;
}

// 7695, 5.3.2: '*' stands alone at an end, '?' only beside its like.
bool IsWellFormed(const Units& units, std::size_t from, std::size_t count) {
  for (std::size_t i = from; i < from + count; ++i) {
    if (units[i].c == '*' && count > 1) {
      return false;
    }
  }
  return true;
}

Result<CpeValue> ValueOf(const Units& units, std::string_view original) {
  CpeValue value{.kind = Kind::kText};
  const std::size_t head = CountWildcards(units.begin(), units.end());
  const bool only_wildcards = head == units.size();
  if (only_wildcards && units.front().c == '*') {
    return Malformed("nothing but a wildcard in", original);
  }
  const std::size_t tail =
      only_wildcards ? 0 : CountWildcards(units.rbegin(), units.rend());
  const std::size_t end = units.size() - tail;
  if (!IsWellFormed(units, 0, head) || !IsWellFormed(units, end, tail)) {
    return Malformed("wildcards that do not go together in", original);
  }
  for (std::size_t i = head; i < end; ++i) {
    if (units[i].wildcard) {
      return Malformed("a wildcard in the middle of", original);
    }
    value.text.push_back(versions::LowerChar(units[i].c));
  }
  value.before = WildcardOf(units, 0, head);
  value.after = tail == 0 ? 0 : WildcardOf(units, end, tail);
  return value;
}

Result<CpeValue> FormattedValue(std::string_view text) {
  if (text == "*") {
    return CpeValue{};
  }
  if (text == "-") {
    return CpeValue{.kind = Kind::kNotApplicable};
  }
  Units units;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
      if (i == text.size() || !IsPunctuation(text[i])) {
        return Malformed("an escape before no punctuation in", text);
      }
      units.push_back({text[i], false});
    } else if (c == '*' || c == '?') {
      units.push_back({c, true});
    } else if (IsPlain(c)) {
      units.push_back({c, false});
    } else {
      return Malformed("an unescaped character in", text);
    }
  }
  if (units.empty()) {
    return Malformed("an empty value in", text);
  }
  return ValueOf(units, text);
}

// 7695, 6.1.3: "%01" is '?' and "%02" is '*'.
Result<CpeValue> UriValue(std::string_view text) {
  if (text.empty()) {
    return CpeValue{};
  }
  if (text == "-") {
    return CpeValue{.kind = Kind::kNotApplicable};
  }
  const auto decoded = PercentDecoded(text);
  if (!decoded) {
    return Malformed("a broken percent escape in", text);
  }
  Units units;
  for (const char c : *decoded) {
    if (c == '\x01' || c == '\x02') {
      units.push_back({c == '\x01' ? '?' : '*', true});
    } else if (IsPlain(c) || IsPunctuation(c)) {
      units.push_back({c, false});
    } else {
      return Malformed("an unprintable character in", text);
    }
  }
  return ValueOf(units, text);
}

// The pieces between colons that no backslash precedes.
std::vector<std::string_view> SplitFormatted(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ':') {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Result<void> Fill(const std::vector<std::string_view>& parts,
                  Result<CpeValue> (*read)(std::string_view), Cpe& cpe) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto value = read(parts[i]);
    if (!value) {
      return Fail(value.error());
    }
    cpe.values[i] = std::move(*value);
  }
  const CpeValue& part = cpe.At(CpeAttribute::kPart);
  const bool known = part.text == "a" || part.text == "o" || part.text == "h";
  if (part.kind == Kind::kText &&
      (!known || part.before != 0 || part.after != 0)) {
    return Malformed("no part is named", parts.front());
  }
  return {};
}

// "~edition~sw_edition~target_sw~target_hw~other" into the places of those.
Result<void> Unpack(std::vector<std::string_view>& parts) {
  const std::string_view packed = parts[kEdition];
  const auto fields = Split(packed, '~');
  if (fields.size() != kPacked + 1) {
    return Malformed("not five fields in", packed);
  }
  parts.resize(kUriAttributes);
  parts[kEdition] = fields[1];
  parts.insert(parts.end(), fields.begin() + 2, fields.end());
  return {};
}

std::string FormattedText(const CpeValue& value) {
  if (value.kind != Kind::kText) {
    return value.kind == Kind::kAny ? "*" : "-";
  }
  const auto wildcards = [](std::size_t count) {
    return count == CpeValue::kMany ? std::string("*")
                                    : std::string(count, '?');
  };
  std::string text = wildcards(value.before);
  for (const char c : value.text) {
    if (!IsPlain(c) || value.text == "-") {
      text.push_back('\\');
    }
    text.push_back(c);
  }
  return text + wildcards(value.after);
}

std::string UriText(const CpeValue& value) {
  if (value.kind != Kind::kText) {
    return value.kind == Kind::kAny ? "" : "-";
  }
  const auto wildcards = [](std::size_t count) {
    std::string text = count == CpeValue::kMany ? "%02" : "";
    for (std::size_t i = 0; text != "%02" && i < count; ++i) {
      text += "%01";
    }
    return text;
  };
  const std::string_view plain = value.text == "-" ? "" : ".-_";
  return wildcards(value.before) + Lower(PercentEncoded(value.text, plain)) +
         wildcards(value.after);
}

// 7696, 6.3: '?' stands for at most one character.
bool Covers(const CpeValue& source, const std::string& target) {
  for (std::size_t at = target.find(source.text); at != std::string::npos;
       at = target.find(source.text, at + 1)) {
    const std::size_t rest = target.size() - at - source.text.size();
    if (at <= source.before && rest <= source.after) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<Cpe> ParseCpe(std::string_view text) {
  Cpe cpe;
  if (text.size() > kMaxText) {
    return Fail(ErrorCode::kLimit, "CPE: a name of more than 8192 bytes");
  }
  const std::string lower = Lower(text);
  std::vector<std::string_view> parts;
  if (lower.compare(0, kFormatted.size(), kFormatted) == 0) {
    parts = SplitFormatted(std::string_view(lower).substr(kFormatted.size()));
    if (parts.size() != kCpeAttributes) {
      return Malformed("not eleven attributes in", text);
    }
    if (auto ok = Fill(parts, FormattedValue, cpe); !ok) {
      return Fail(ok.error());
    }
    return cpe;
  }
  if (lower.compare(0, kUri.size(), kUri) != 0) {
    return Malformed("neither binding begins like", text);
  }
  parts = Split(std::string_view(lower).substr(kUri.size()), ':');
  if (parts.size() > kUriAttributes || parts.front().empty()) {
    return Malformed("not one to seven attributes in", text);
  }
  if (parts.size() > kEdition && parts[kEdition].substr(0, 1) == "~") {
    if (auto ok = Unpack(parts); !ok) {
      return Fail(ok.error());
    }
  }
  if (auto ok = Fill(parts, UriValue, cpe); !ok) {
    return Fail(ok.error());
  }
  return cpe;
}

std::string ToString(const Cpe& cpe) {
  std::string text = "cpe:2.3";
  for (const CpeValue& value : cpe.values) {
    text.append(":").append(FormattedText(value));
  }
  return text;
}

std::string ToUri(const Cpe& cpe) {
  std::string text = "cpe:/";
  const bool packed = std::any_of(
      cpe.values.begin() + kUriAttributes, cpe.values.end(),
      [](const CpeValue& value) { return value.kind != Kind::kAny; });
  for (std::size_t i = 0; i < kUriAttributes; ++i) {
    text += i == 0 ? "" : ":";
    text += i == kEdition && packed ? "~" : "";
    text += UriText(cpe.values[i]);
    for (std::size_t k = kUriAttributes;
         i == kEdition && packed && k < cpe.values.size(); ++k) {
      text.append("~").append(UriText(cpe.values[k]));
    }
  }
  const std::size_t last = text.find_last_not_of(':');
  return text.substr(0, std::max(last + 1, kUri.size()));
}

CpeRelation Compare(const CpeValue& source, const CpeValue& target) {
  if (target.before != 0 || target.after != 0) {
    return CpeRelation::kUndefined;
  }
  if (source == target) {
    return CpeRelation::kEqual;
  }
  if (source.kind == Kind::kAny) {
    return CpeRelation::kSuperset;
  }
  if (target.kind == Kind::kAny) {
    return CpeRelation::kSubset;
  }
  if (source.kind != Kind::kText || target.kind != Kind::kText) {
    return CpeRelation::kDisjoint;
  }
  return Covers(source, target.text) ? CpeRelation::kSuperset
                                     : CpeRelation::kDisjoint;
}

CpeRelation Compare(const Cpe& source, const Cpe& target) {
  std::array<std::size_t, 5> counts = {};
  for (std::size_t i = 0; i < kCpeAttributes; ++i) {
    ++counts[static_cast<std::size_t>(
        Compare(source.values[i], target.values[i]))];
  }
  const auto count = [&counts](CpeRelation relation) {
    return counts[static_cast<std::size_t>(relation)];
  };
  const std::size_t equal = count(CpeRelation::kEqual);
  if (count(CpeRelation::kDisjoint) > 0) {
    return CpeRelation::kDisjoint;
  }
  if (equal == kCpeAttributes) {
    return CpeRelation::kEqual;
  }
  if (equal + count(CpeRelation::kSubset) == kCpeAttributes) {
    return CpeRelation::kSubset;
  }
  return equal + count(CpeRelation::kSuperset) == kCpeAttributes
             ? CpeRelation::kSuperset
             : CpeRelation::kUndefined;
}

}  // namespace assay::sbom
