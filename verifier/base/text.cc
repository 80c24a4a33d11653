#include "verifier/base/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

namespace assay {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // 0: not a well-formed sequence
};

// Unicode 15, table 3-7: well-formed UTF-8 byte sequences.
CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  std::size_t length = 0;
  std::uint32_t value = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    value = lead & 0x1FU;
  } else if ((lead & 0xF0U) == 0xE0) {
    length = 3;
    value = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    value = lead & 0x07U;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return {};
    }
    value = value << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong =
      (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) {
    return {};
  }
  return {value, length};
}

// Characters that change how the text around them is shown: C1 controls, soft
// hyphen, zero width, line separators, bidirectional controls, BOM, tags.
bool IsDeceptive(std::uint32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x061C ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

// "**" may stand for nothing together with the slash behind it.
std::string_view WithoutSlash(std::string_view run) {
  return run.starts_with('/') ? run.substr(1) : run;
}

// Whether the letters between wildcards occur in the path, in their order, and
// the first of them at its start.
bool HasRuns(std::string_view glob, std::string_view path) {
  const std::string_view first = glob.substr(0, glob.find_first_of("*?"));
  if (!path.starts_with(first)) {
    return false;
  }
  path.remove_prefix(first.size());
  glob.remove_prefix(first.size());
  while (!glob.empty()) {
    glob.remove_prefix(1);
    const std::string_view run = glob.substr(0, glob.find_first_of("*?"));
    const std::string_view needed = WithoutSlash(run);
    const std::size_t found = path.find(needed);
    if (found == std::string_view::npos) {
      return false;
    }
    path.remove_prefix(found + needed.size());
    glob.remove_prefix(run.size());
  }
  return true;
}

// False for most paths that do not match, and cheap beside the automaton.
bool MayMatch(std::string_view glob, std::string_view path) {
  const std::size_t last = glob.find_last_of("*?{}");
  const std::string_view tail = last == std::string_view::npos
                                    ? glob
                                    : WithoutSlash(glob.substr(last + 1));
  return path.ends_with(tail) &&
         HasRuns(glob.substr(0, glob.find_first_of("{}")), path);
}

// A glob as a nondeterministic automaton (Thompson, "Regular Expression Search
// Algorithm", 1968): all its states advance together, so that the time is the
// product of the lengths of glob and path, whoever wrote the glob.
class GlobAutomaton {
 public:
  explicit GlobAutomaton(std::string_view glob) {
    Add({.kind = Kind::kEnd});
    const std::vector<bool> paired = PairedBraces(glob);
    for (std::size_t i = glob.size(); i-- > 0;) {
      if (paired[i] || (glob[i] == ',' && !groups_.empty())) {
        AddBrace(glob[i]);
      } else if (glob[i] == '*') {
        const bool deep = i > 0 && glob[i - 1] == '*';
        AddStar(deep);
        i -= deep ? 1 : 0;
      } else {
        Add({glob[i] == '?' ? Kind::kAny : Kind::kLetter, glob[i], {start_}});
      }
    }
  }

  [[nodiscard]] bool Matches(std::string_view path) const {
    Active now(states_.size());
    Enter(start_, now);
    for (const char c : path) {
      Active next(states_.size());
      for (const std::size_t state : now.list) {
        Advance(state, c, next);
      }
      now = std::move(next);
    }
    return now.has[0];
  }

 private:
  enum class Kind : std::uint8_t {
    kEnd,
    kLetter,
    kAny,     // of a step
    kStar,    // stays while a step lasts, or goes on
    kDeep,    // stays, or goes on
    kChoice,  // goes on to one of several
  };
  struct State {
    Kind kind = Kind::kEnd;
    char letter = 0;
    std::vector<std::size_t> next = {};
  };
  struct Group {
    std::size_t after = 0;  // where every alternative goes on
    std::vector<std::size_t> starts = {};
  };
  struct Active {
    explicit Active(std::size_t states) : has(states) {}
    std::vector<std::size_t> list = {};
    std::vector<bool> has;
  };

  // Those that close; the others are letters.
  static std::vector<bool> PairedBraces(std::string_view glob) {
    std::vector<bool> paired(glob.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < glob.size(); ++i) {
      if (glob[i] == '{') {
        open.push_back(i);
      } else if (glob[i] == '}' && !open.empty()) {
        paired[i] = paired[open.back()] = true;
        open.pop_back();
      }
    }
    return paired;
  }

  void Add(State state) {
    start_ = states_.size();
    states_.push_back(std::move(state));
  }

  // From the end: '}' begins a group, each ',' ends one alternative of it.
  void AddBrace(char c) {
    if (c == '}') {
      groups_.push_back({.after = start_});
      return;
    }
    groups_.back().starts.push_back(start_);
    start_ = groups_.back().after;
    if (c == '{') {
      Add({.kind = Kind::kChoice, .next = std::move(groups_.back().starts)});
      groups_.pop_back();
    }
  }

  void AddStar(bool deep) {
    const std::size_t after = start_;
    Add({.kind = deep ? Kind::kDeep : Kind::kStar, .next = {after}});
    if (deep && states_[after].letter == '/') {  // "**/x" also means "x"
      Add({.kind = Kind::kChoice, .next = {start_, states_[after].next[0]}});
    }
  }

  // Activates a state and what is reached from it without a letter.
  void Enter(std::size_t state, Active& active) const {
    std::vector<std::size_t> left = {state};
    while (!left.empty()) {
      const std::size_t one = left.back();
      left.pop_back();
      if (active.has[one]) {
        continue;
      }
      active.has[one] = true;
      active.list.push_back(one);
      if (states_[one].kind >= Kind::kStar) {
        left.insert(left.end(), states_[one].next.begin(),
                    states_[one].next.end());
      }
    }
  }

  void Advance(std::size_t from, char c, Active& next) const {
    const State& state = states_[from];
    if ((state.kind == Kind::kLetter && state.letter == c) ||
        (state.kind == Kind::kAny && c != '/')) {
      Enter(state.next[0], next);
    } else if (state.kind == Kind::kDeep ||
               (state.kind == Kind::kStar && c != '/')) {
      Enter(from, next);
    }
  }

  std::vector<State> states_;  // the first one is the end
  std::vector<Group> groups_;  // open while the automaton is made
  std::size_t start_ = 0;
};

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string Escaped(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const CodePoint c = DecodeUtf8(raw);
    const bool plain = c.length != 0 && c.value >= 0x20 && c.value != 0x7F &&
                       c.value != '\\' && !IsDeceptive(c.value);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    if (plain) {
      out.append(raw.substr(0, length));
    } else {
      for (const char byte : raw.substr(0, length)) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                       static_cast<unsigned char>(byte));
      }
    }
    raw.remove_prefix(length);
  }
  return out;
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = DecodeUtf8(text).length;
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string NormalPath(std::string_view raw) {
  std::string path;
  for (const std::string_view step : Split(raw, '/')) {
    if (step.empty() || step == ".") {
      continue;
    }
    if (!path.empty()) {
      path.push_back('/');
    }
    path.append(step);
  }
  return path;
}

bool IsHostileName(std::string_view raw) {
  if (raw.substr(0, 1) == "/" || raw.find('\0') != std::string_view::npos) {
    return true;
  }
  for (const std::string_view step : Split(raw, '/')) {
    if (step == "..") {
      return true;
    }
  }
  return false;
}

bool GlobMatches(std::string_view glob, std::string_view path) {
  return MayMatch(glob, path) && GlobAutomaton(glob).Matches(path);
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, '\n');
  if (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  for (std::string_view& line : lines) {
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
  }
  return lines;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == separator) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return parts;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return lower;
}

std::optional<std::uint64_t> NumberOf(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

std::string Base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U |
              (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= count ? kBase64[group >> (18U - 6U * k) & 63U] : '=');
    }
  }
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      continue;
    }
    const std::size_t digit = c == '=' ? 0 : kBase64.find(c);
    if (digit == std::string_view::npos || (padding > 0 && c != '=')) {
      return std::nullopt;
    }
    padding += c == '=' ? 1 : 0;
    group = group << 6U | static_cast<std::uint32_t>(digit);
    if (++digits % 4 == 0) {
      for (std::size_t k = 0; k + padding < 3; ++k) {
        out.push_back(static_cast<char>(group >> (16U - 8U * k) & 0xFFU));
      }
      group = 0;
    }
  }
  if (digits % 4 != 0 || padding > 2) {
    return std::nullopt;
  }
  return out;
}

}  // namespace assay
