#include "verifier/facts/shell_output.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxOutput = 64UL << 10U;
constexpr std::string_view kHex = "0123456789abcdefABCDEF";
constexpr std::string_view kOctal = "01234567";

using WordList = std::vector<std::string>;

char ByteOf(std::string_view digits, unsigned base) {
  unsigned value = 0;
  for (const char c : digits) {
    const unsigned digit = c <= '9'
                               ? static_cast<unsigned>(c - '0')
                               : static_cast<unsigned>((c | 0x20) - 'a') + 10U;
    value = value * base + digit;
  }
  return static_cast<char>(value & 0xFFU);
}

// The escapes of printf(1) and of echo -e: \n, \x6e, \156, \0156.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
std::string Unescaped(std::string_view text) {
  static constexpr std::string_view kNames = "abefnrtv\\\"'";
  static constexpr std::string_view kValues = "\a\b\x1b\f\n\r\t\v\\\"'";
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      plain += text[at];
      continue;
    }
    const char next = text[at + 1];
    const bool hex = next == 'x';
    const std::size_t from = at + (hex ? 2 : 1);
    const std::string_view digits =
        text.substr(from, hex ? 2 : (next == '0' ? 4 : 3));
    const std::size_t length =
        std::min(digits.find_first_not_of(hex ? kHex : kOctal), digits.size());
    if (length > 0) {
      plain += ByteOf(digits.substr(0, length), hex ? 16 : 8);
      at = from + length - 1;
      continue;
    }
    const std::size_t name = kNames.find(next);
    if (name == std::string_view::npos) {
      plain += '\\';
      continue;
    }
    plain += kValues[name];
    ++at;
  }
  return plain;
}

std::string Echo(const WordList& words, std::size_t at) {
  bool escapes = false;
  bool line = true;
  for (++at; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (word.size() < 2 || word[0] != '-' ||
        word.find_first_not_of("neE", 1) != std::string_view::npos) {
      break;
    }
    escapes |= HasShortOption(word, 'e');
    line &= !HasShortOption(word, 'n');
  }
  std::string text;
  for (; at < words.size(); ++at) {
    AppendWord(text, words[at]);
  }
  return (escapes ? Unescaped(text) : text) + (line ? "\n" : "");
}

// One pass of the format over the operands from `at` on.
std::optional<std::string> Formatted(std::string_view format,
                                     const WordList& words, std::size_t& at) {
  std::string text;
  std::size_t plain = 0;
  for (std::size_t i = format.find('%'); i < format.size();
       i = format.find('%', plain)) {
    text += Unescaped(format.substr(plain, i - plain));
    const std::size_t kind = format.find_first_not_of("-+ #0123456789.", i + 1);
    if (kind == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string operand =
        format[kind] != '%' && at < words.size() ? words[at++] : "";
    switch (format[kind]) {
      case '%':
        text += '%';
        break;
      case 'b':
        text += Unescaped(operand);
        break;
      case 'c':
        text += operand.substr(0, 1);
        break;
      case 's':
      case 'd':
      case 'i':
        text += operand;
        break;
      default:
        return std::nullopt;
    }
    plain = kind + 1;
  }
  return text + Unescaped(format.substr(std::min(plain, format.size())));
}

std::optional<std::string> Printf(const WordList& words, std::size_t at) {
  ++at;
  at += at < words.size() && words[at] == "--" ? 1U : 0U;
  if (at >= words.size() || words[at].starts_with("-v")) {
    return std::nullopt;
  }
  const std::string_view format = words[at++];
  std::string text;
  for (;;) {
    const std::size_t before = at;
    const auto once = Formatted(format, words, at);
    if (!once) {
      return std::nullopt;
    }
    text += *once;
    if (at == before || at >= words.size() || text.size() > kMaxOutput) {
      return text;  // XCU printf: the format serves until operands run out
    }
  }
}

// "a-z", "\n", "n-za-m" as the bytes they stand for; classes are not.
std::optional<std::string> Set(std::string_view written) {
  if (written.find('[') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string text = Unescaped(written);
  std::string set;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at + 2 < text.size() && text[at + 1] == '-' &&
        static_cast<unsigned char>(text[at]) <=
            static_cast<unsigned char>(text[at + 2])) {
      const auto last = static_cast<unsigned char>(text[at + 2]);
      for (unsigned c = static_cast<unsigned char>(text[at]); c <= last; ++c) {
        set += static_cast<char>(c);
      }
      at += 2;
    } else {
      set += text[at];
    }
  }
  return set;
}

std::optional<std::string> Translate(const WordList& words, std::size_t at,
                                     std::string text) {
  const bool removes = at + 1 < words.size() && words[at + 1] == "-d";
  const std::size_t first = at + (removes ? 2 : 1);
  if (words.size() != first + (removes ? 1 : 2) || words[first][0] == '-') {
    return std::nullopt;
  }
  const auto from = Set(words[first]);
  const auto to =
      removes ? std::optional<std::string>("") : Set(words[first + 1]);
  if (!from || !to || (!removes && to->empty())) {
    return std::nullopt;
  }
  if (removes) {
    std::erase_if(text, [&](char c) { return from->find(c) != from->npos; });
    return text;
  }
  for (char& c : text) {
    const std::size_t index = from->rfind(c);
    if (index != std::string::npos) {
      c = (*to)[std::min(index, to->size() - 1)];
    }
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (kHex.find(c) != std::string_view::npos) {
      digits += c;
    } else if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes += ByteOf(std::string_view(digits).substr(at, 2), 16);
  }
  return bytes;
}

bool Has(const WordList& words, std::size_t at,
         std::initializer_list<std::string_view> options) {
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(at),
                     words.end(), [&](const std::string& word) {
                       return std::find(options.begin(), options.end(), word) !=
                              options.end();
                     });
}

std::optional<std::string> Filtered(const WordList& words, std::size_t at,
                                    std::string input) {
  const std::string_view program = BaseName(words[at]);
  const bool base64 = program == "base64" || program == "openssl";
  if (base64 && Has(words, at, {"-d", "-D", "--decode", "-di", "-id"})) {
    const bool openssl = program == "openssl";
    if (openssl && !Has(words, at, {"base64", "-base64", "-a"})) {
      return std::nullopt;
    }
    return FromBase64(Trim(input));
  }
  if (program == "xxd" && Has(words, at, {"-r", "-rp", "-pr", "-r -p"})) {
    return FromHex(input);
  }
  if (program == "rev") {
    const bool line = !input.empty() && input.back() == '\n';
    std::reverse(input.begin(), input.end() - (line ? 1 : 0));
    return input;
  }
  if (program == "tr") {
    return Translate(words, at, std::move(input));
  }
  return program == "cat" && at + 1 == words.size()
             ? std::optional(std::move(input))
             : std::nullopt;
}

}  // namespace

std::optional<std::string> OutputOf(const std::vector<std::string>& words,
                                    const std::optional<std::string>& input) {
  const std::size_t at = ProgramIndex(words);
  if (at >= words.size()) {
    return std::nullopt;
  }
  const std::string_view program = BaseName(words[at]);
  std::optional<std::string> output;
  if (program == "echo") {
    output = Echo(words, at);
  } else if (program == "printf") {
    output = Printf(words, at);
  } else if (input) {
    output = Filtered(words, at, *input);
  }
  if (output && output->size() > kMaxOutput) {
    output->resize(kMaxOutput);
  }
  return output;
}

}  // namespace assay::facts
