#include "rules/yara/matcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "verifier/base/text.h"

namespace assay::yara {
namespace {

// Of a regular expression YARA finds no longer match.
constexpr std::uint64_t kLongestMatch = 4096;
// Longer jumps are gaps between parts.
constexpr std::uint32_t kLongestJump = 200;
// What fixes fewer bits of a match is in almost any file.
constexpr double kFewestBits = 7.5;
constexpr std::size_t kBase64Shifts = 3;
// Of longer texts the scan looks for the beginning: a byte of them takes four
// of the characters that Hyperscan takes.
constexpr std::size_t kMostScanned = 1024;
constexpr std::size_t kLongestPattern = 16000;
// The beginning of a longer pattern stands for all of it if it is so long.
constexpr std::size_t kFewestLeading = 4;

std::uint8_t LowerByte(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte | 0x20U)
                                    : byte;
}

bool IsGap(const Node& node) {
  return node.kind == Node::Kind::kRepeat && node.max > kLongestJump &&
         node.of.front().kind == Node::Kind::kSet && node.of.front().set.all();
}

std::string ScannedPartOf(ByteView text) {
  return std::string(AsText(text).substr(0, kMostScanned));
}

Bytes WidenedText(ByteView text) {
  Bytes wide;
  for (const std::uint8_t byte : text) {
    wide.push_back(byte);
    wide.push_back(0);
  }
  return wide;
}

// The characters of base64 that depend on `text` alone, when `shift` bytes
// stand before it.
std::string Base64At(std::string_view text, std::size_t shift,
                     std::string_view alphabet) {
  constexpr std::string_view kUsual =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string code = Base64(std::string(shift, 'A').append(text));
  const std::size_t padding =
      static_cast<std::size_t>(std::count(code.begin(), code.end(), '='));
  const std::size_t left = shift == 0 ? 0 : shift + 1;
  const std::size_t right = padding == 0 ? 0 : padding + 1;
  code = code.substr(left, code.size() - left - right);
  if (!alphabet.empty()) {
    for (char& c : code) {
      c = alphabet[kUsual.find(c)];
    }
  }
  return code;
}

void AddText(const String& string, const Bytes& text, bool wide,
             std::vector<Form>& forms) {
  const auto keys =
      string.keys.value_or(std::pair<std::uint8_t, std::uint8_t>());
  for (unsigned key = keys.first; key <= keys.second; ++key) {
    Bytes bytes = text;
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(byte ^ key);
    }
    forms.emplace_back(std::move(bytes), string.caseless, wide);
  }
}

void AddBase64(const String& string, const Bytes& text,
               std::vector<Form>& forms) {
  for (std::size_t shift = 0; shift < kBase64Shifts; ++shift) {
    const std::string code = Base64At(AsText(text), shift, string.alphabet);
    if (string.base64) {
      forms.emplace_back(CopyOf(AsBytes(code)), false, false);
    }
    if (string.base64_wide) {
      forms.emplace_back(WidenedText(AsBytes(code)), false, true);
    }
  }
}

Result<std::vector<Form>> TextForms(const String& string) {
  std::vector<Form> forms;
  const Bytes plain = CopyOf(AsBytes(string.text));
  for (const bool wide : {false, true}) {
    if (wide ? !string.wide : string.wide && !string.ascii) {
      continue;
    }
    const Bytes text = wide ? WidenedText(plain) : plain;
    if (string.base64 || string.base64_wide) {
      AddBase64(string, text, forms);
    } else {
      AddText(string, text, wide, forms);
    }
  }
  return forms;
}

std::string TextOfBytes(const Node& node) {
  const Bytes bytes = LeadingBytes(node, false);
  return bytes.empty() ? "nothing" : '"' + Escaped(AsText(bytes)) + '"';
}

Result<void> CheckSelective(const String& string) {
  const Node& root = string.regex.root;
  if (WidthOf(root).min == 0) {
    return Fail(
        ErrorCode::kConfig,
        fmt::format("{} matches the empty text, so everything", string.name));
  }
  if (FixedBits(root) < kFewestBits) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{} matches almost anything: the fixed part that "
                            "it begins with is {}",
                            string.name, TextOfBytes(root)));
  }
  return {};
}

// Of "(foo|foo bar)" as a whole word YARA tries both at a place, although it
// tries only the longest of "foo( bar)?". Empty for anything else.
std::vector<Regex> WordsOf(const String& string) {
  const Node* root = &string.regex.root;
  while (root->kind == Node::Kind::kSequence && root->of.size() == 1) {
    root = &root->of.front();
  }
  if (!string.whole_word || root->kind != Node::Kind::kEither) {
    return {};
  }
  std::vector<Regex> words;
  for (const Node& word : root->of) {
    words.push_back({.root = word, .shortest = string.regex.shortest});
  }
  return words;
}

Result<std::vector<Form>> RegexForms(const String& string) {
  if (auto ok = CheckSelective(string); !ok) {
    return Fail(ok.error());
  }
  const std::vector<Regex> words = WordsOf(string);
  const std::span<const Regex> regexes =
      words.empty() ? std::span(&string.regex, 1) : std::span(words);
  std::vector<Form> forms;
  for (const bool wide : {false, true}) {
    if (wide ? !string.wide : string.wide && !string.ascii) {
      continue;
    }
    for (const Regex& regex : regexes) {
      auto form = Form::Of(regex, wide);
      if (!form) {
        return Fail(ErrorCode::kConfig,
                    fmt::format("{}: {}", string.name, form.error().what));
      }
      forms.push_back(std::move(*form));
    }
  }
  return forms;
}

}  // namespace

Form::Form(Bytes bytes, bool caseless, bool wide)
    : leading_(std::move(bytes)),
      least_(leading_.size()),
      longest_(leading_.size()),
      caseless_(caseless),
      wide_(wide) {
  pattern_ = {.kind = Pattern::Kind::kLiteral,
              .text = ScannedPartOf(leading_),
              .caseless = caseless,
              .located = false,
              .ends = true};
  exact_ = leading_.size() <= kMostScanned;
}

Result<Form> Form::Of(const Regex& regex, bool wide) {
  Form form;
  Translation translation = ForHyperscan(regex, wide);
  form.leading_ = LeadingBytes(regex.root, wide);
  const bool as_text = translation.text.size() > kLongestPattern &&
                       form.leading_.size() >= kFewestLeading;
  form.pattern_ = {
      .kind = as_text ? Pattern::Kind::kLiteral : Pattern::Kind::kRegex,
      .text =
          as_text ? ScannedPartOf(form.leading_) : std::move(translation.text),
      .located = false,
      .ends = true};
  form.exact_ = translation.exact && !as_text;
  form.wide_ = wide;
  form.shortest_ = regex.shortest;
  form.least_ = WidthOf(regex.root).min * (wide ? 2 : 1);
  form.longest_ =
      regex.hex ? WidthOf(regex.root).max
                : std::max<std::uint64_t>(kLongestMatch, form.leading_.size());
  std::span<const Node> rest(&regex.root, 1);
  if (regex.hex && regex.root.kind == Node::Kind::kSequence) {
    rest = regex.root.of;
  }
  std::pair<std::uint64_t, std::uint64_t> gap;
  for (;;) {
    const auto next = std::find_if(
        rest.begin(), rest.end(),
        [&](const Node& node) { return regex.hex && IsGap(node); });
    auto automaton = Automaton::Of({rest.begin(), next}, wide);
    if (!automaton) {
      return Fail(automaton.error());
    }
    form.parts_.push_back({std::move(*automaton), gap.first, gap.second});
    if (next == rest.end()) {
      return form;
    }
    gap = {next->min, next->max};
    rest = {std::next(next), rest.end()};
  }
}

std::optional<std::uint64_t> Form::MatchAt(ByteView data, std::uint64_t start,
                                           Automaton::Run& run,
                                           Effort& effort) const {
  const bool fits_in = start <= data.size() && data.size() - start >= least_;
  if (!fits_in || !effort.Spend(leading_.size() / kBytesPerStep)) {
    return std::nullopt;
  }
  const auto length = parts_.empty() ? TextAt(data, start)
                                     : PartsAt(data, start, 0, run, effort);
  // As in YARA, no other match at the same place is tried.
  const bool fits =
      length && (!whole_word_ || IsWholeWord(data, start, *length, wide_));
  return fits ? length : std::nullopt;
}

std::optional<std::uint64_t> Form::TextAt(ByteView data,
                                          std::uint64_t start) const {
  const auto bytes = Slice(data, start, leading_.size());
  const bool same =
      bytes && std::equal(bytes->begin(), bytes->end(), leading_.begin(),
                          [this](std::uint8_t a, std::uint8_t b) {
                            return a == b ||
                                   (caseless_ && LowerByte(a) == LowerByte(b));
                          });
  return same ? std::optional<std::uint64_t>(leading_.size()) : std::nullopt;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the string has parts.
std::optional<std::uint64_t> Form::PartsAt(ByteView data, std::uint64_t start,
                                           std::size_t part,
                                           Automaton::Run& run,
                                           Effort& effort) const {
  const auto length = parts_[part].automaton.MatchAt(
      data, start, {longest_, shortest_}, run, effort);
  if (!length || part + 1 == parts_.size()) {
    return length;
  }
  const Part& next = parts_[part + 1];
  const std::uint64_t end = start + *length;
  const std::uint64_t last = std::min<std::uint64_t>(
      data.size(),
      next.gap_max == kUnbounded ? data.size() : end + next.gap_max + 1);
  for (std::uint64_t at = end + next.gap_min; at < last; ++at) {
    if (!effort.Spend(1)) {
      return std::nullopt;
    }
    if (!next.automaton.first().test(data[at])) {
      continue;
    }
    if (const auto rest = PartsAt(data, at, part + 1, run, effort)) {
      return at + *rest - start;
    }
  }
  return std::nullopt;
}

bool Form::MayBeginWith(std::uint8_t byte) const {
  if (!parts_.empty()) {
    return parts_.front().automaton.first().test(byte);
  }
  return byte == leading_.front() ||
         (caseless_ && LowerByte(byte) == LowerByte(leading_.front()));
}

std::uint64_t Form::EarliestStart(std::uint64_t end) const {
  return end > longest_ ? end - longest_ : 0;
}

std::uint64_t Form::NextCandidate(ByteView data, std::uint64_t from,
                                  std::uint64_t to) const {
  if (caseless_) {
    const std::uint8_t first = LowerByte(leading_.front());
    while (from < to && LowerByte(data[from]) != first) {
      ++from;
    }
    return from;
  }
  if (!leading_.empty()) {
    const std::uint64_t end =
        std::min<std::uint64_t>(data.size(), to + leading_.size() - 1);
    if (from >= end) {
      return to;
    }
    // Linear, whatever the two are.
    const ByteView rest = data.subspan(from, end - from);
    const void* found =
        ::memmem(rest.data(), rest.size(), leading_.data(), leading_.size());
    return found == nullptr
               ? to
               : from +
                     static_cast<std::uint64_t>(std::distance(
                         rest.data(), static_cast<const std::uint8_t*>(found)));
  }
  const ByteSet& first = parts_.front().automaton.first();
  while (from < to && !first.test(data[from])) {
    ++from;
  }
  return from;
}

Result<std::vector<Form>> FormsOf(const String& string) {
  auto forms = string.kind == String::Kind::kText ? TextForms(string)
                                                  : RegexForms(string);
  for (std::size_t i = 0; forms && string.whole_word && i < forms->size();
       ++i) {
    (*forms)[i].WantWholeWords();
  }
  return forms;
}

}  // namespace assay::yara
