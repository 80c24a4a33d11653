// Commands and addresses that stand in a file only as base64 (RFC 4648,
// sections 4 and 5) or hexadecimal digits, deflated or not (RFC 1950, 1952).

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/codecs/inflate_stream.h"

namespace assay::facts {
namespace {

constexpr std::uint64_t kMaxFacts = 64;
constexpr std::size_t kShortestRun = 32;
constexpr std::size_t kLongestRun = 256UL << 10U;
constexpr std::size_t kMostText = 64UL << 10U;  // what is looked at of each
constexpr std::size_t kMostWork = 32UL << 20U;  // decoded of one file
constexpr int kMostLayers = 4;

// What commands and code are known by; letters are small.
constexpr std::string_view kTelling[] = {
    "/bin/sh",        "/bin/bash",    "/dev/tcp/",     "/dev/udp/",
    "curl ",          "wget ",        "system(",       "exec(",
    "execl",          "eval(",        "popen(",        "child_process",
    "subprocess",     "import os",    "import socket", "__import__",
    "require(",       "http://",      "https://",      "powershell",
    "authorized_key", "/etc/passwd",  "/etc/shadow",   "ld_preload",
    "os.execute",     "passthru",     "shell_exec",    "getruntime",
    "document.cooki", "xmlhttprequ",  "fetch(",        "rm -rf ",
    "telnetd",        "dropbear",     "iptables",      "chmod +x",
    "ssh-ed25519 ",   "socket.socke", "insmod ",       "sendbeacon"};

// Asked of every byte of every file.
constexpr std::array<bool, 256> kIsBase64Digit = [] {
  std::array<bool, 256> is = {};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz"
                                       "0123456789+/-_")) {
    is.at(static_cast<unsigned char>(c)) = true;
  }
  return is;
}();

bool IsBase64Digit(char c) {
  return kIsBase64Digit[static_cast<unsigned char>(c)];
}

bool IsHexDigit(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

std::string FromHexDigits(std::string_view digits) {
  const auto value = [](char c) {
    const auto low = static_cast<char>(std::tolower(c));
    return static_cast<unsigned>(low <= '9' ? low - '0' : low - 'a' + 10);
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(value(digits[i]) << 4U | value(digits[i + 1]));
  }
  return bytes;
}

// Whatever the padding, in either alphabet.
std::optional<std::string> FromBase64Digits(std::string_view digits) {
  digits = digits.substr(0, digits.size() - (digits.size() % 4 == 1 ? 1 : 0));
  std::string strict(digits);
  std::replace(strict.begin(), strict.end(), '-', '+');
  std::replace(strict.begin(), strict.end(), '_', '/');
  strict.append((4 - strict.size() % 4) % 4, '=');
  return FromBase64(strict);
}

// Where the deflated data of a gzip member begins (RFC 1952, section 2.3), if
// it has no parts but a name.
std::optional<std::size_t> GzipHeader(std::string_view packed) {
  constexpr char kHasName = 8;
  if (packed.size() < 18 || !packed.starts_with("\x1f\x8b\x08") ||
      (packed[3] != 0 && packed[3] != kHasName)) {
    return std::nullopt;
  }
  const std::size_t end = packed[3] == 0 ? 9 : packed.find('\0', 10);
  return end == std::string_view::npos ? std::nullopt : std::optional(end + 1);
}

// The first kMostText bytes of what is packed with gzip or zlib.
std::optional<std::string> Inflated(std::string_view packed) {
  using Frame = formats::InflateStream::Frame;
  const auto gzip = GzipHeader(packed);
  constexpr std::string_view kLevels = "\x01^\x9c\xda";  // behind "x"
  const bool zlib = packed.size() > 1 && packed[0] == 'x' &&
                    kLevels.find(packed[1]) != std::string_view::npos;
  if (!gzip && !zlib) {
    return std::nullopt;
  }
  Input input(ByteSource::Borrow(AsBytes(packed.substr(gzip.value_or(0)))));
  formats::InflateStream stream(input, "encoded_text",
                                gzip ? Frame::kNone : Frame::kZlib);
  Bytes text(kMostText);
  const auto size = stream.Read(text);
  return size && *size > 0
             ? std::optional(std::string(AsText(text).substr(0, *size)))
             : std::nullopt;
}

bool IsTelling(std::string_view text) {
  const std::string small = Lower(text);
  return std::any_of(std::begin(kTelling), std::end(kTelling),
                     [&](std::string_view word) {
                       return small.find(word) != std::string::npos;
                     });
}

// What stands in `digits`, layer by layer, and by which ways.
struct Meaning {
  std::string text = {};
  std::string encoding = {};
};

// `text` as digits of either kind, if it is nothing else.
std::optional<std::string> FromDigits(std::string_view text, bool hex) {
  if (hex) {
    return FromHexDigits(text);
  }
  const std::string_view bare = text.substr(0, text.find_last_not_of('=') + 1);
  return std::all_of(bare.begin(), bare.end(), IsBase64Digit)
             ? FromBase64Digits(bare)
             : std::nullopt;
}

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(), IsHexDigit);
}

// Whether the digits may stand for text, or for what text is packed in: the
// beginning of most pictures, keys and digests says that they do not.
bool IsPromising(std::string_view digits) {
  constexpr std::size_t kHead = 64;  // whole groups of either kind
  const auto head = FromDigits(digits.substr(0, kHead), IsHex(digits));
  return head && (IsText(AsBytes(*head)) || head->starts_with("\x1f\x8b") ||
                  head->starts_with('x'));
}

// A map of sources (ECMA-426) holds code that is beside it as well.
bool IsSourceMap(std::string_view text) {
  return text.starts_with("{\"version\":3,");
}

std::optional<Meaning> MeaningOf(std::string_view digits) {
  Meaning meaning{std::string(digits), ""};
  for (int layer = 0; layer < kMostLayers; ++layer) {
    const std::string_view now = Trim(meaning.text);
    const bool hex = IsHex(now);
    std::optional<std::string> next = Inflated(now);
    std::string_view way = "deflate";
    if (!next && now.size() >= kShortestRun) {
      next = FromDigits(now, hex);
      way = hex ? "hex" : "base64";
    }
    if (!next || next->empty()) {
      break;
    }
    next->resize(std::min(next->size(), kMostText));
    meaning.text = std::move(*next);
    AppendWord(meaning.encoding, way, "+");
  }
  const bool text = !meaning.encoding.empty() &&
                    IsText(AsBytes(meaning.text)) &&
                    !IsSourceMap(meaning.text) && IsTelling(meaning.text);
  return text ? std::optional(std::move(meaning)) : std::nullopt;
}

// How long the run of digits at `at` is, over line breaks between long lines.
std::size_t RunAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  std::size_t line = at;
  while (end < text.size() && end - at < kLongestRun) {
    if (IsBase64Digit(text[end])) {
      ++end;
      continue;
    }
    const std::size_t next =
        end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
    if ((text[end] != '\n' && text[end] != '\r') || end - line < 60 ||
        next >= text.size() || !IsBase64Digit(text[next])) {
      break;
    }
    line = end = next;
  }
  return end - at;
}

std::string WithoutBreaks(std::string_view run) {
  std::string digits(run);
  digits.erase(std::remove_if(digits.begin(), digits.end(),
                              [](char c) { return c == '\n' || c == '\r'; }),
               digits.end());
  return digits;
}

// Where the next run of enough digits begins, from the beginning of a run or
// from behind one; the end of the text if none does.
std::size_t NextRun(std::string_view text, std::size_t at) {
  while (text.size() - at >= kShortestRun) {
    // Looked at from behind, for what lies before the last character that is
    // none need not be looked at.
    const auto head = text.substr(at, kShortestRun);
    const auto other =
        std::find_if_not(head.rbegin(), head.rend(), IsBase64Digit);
    if (other == head.rend()) {
      return at;
    }
    at += static_cast<std::size_t>(head.rend() - other);
  }
  return text.size();
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view text = AsText(subject.content);
  FactWriter facts("encoded_text", subject, into, kMaxFacts);
  std::size_t work = 0;
  for (std::size_t at = NextRun(text, 0); at < text.size() && !facts.full();) {
    const std::size_t size = RunAt(text, at);
    const std::string digits = WithoutBreaks(text.substr(at, size));
    if (IsPromising(digits)) {
      if (work + size > kMostWork) {
        facts.Truncate();
        break;
      }
      work += size;
      if (auto meaning = MeaningOf(digits)) {
        facts.Add({.kind = "encoded",
                   .value = std::move(meaning->text),
                   .attributes = {{"encoding", std::move(meaning->encoding)}},
                   .place = Range{at, size}});
      }
    }
    at = NextRun(text, at + size);
  }
  return false;
}

}  // namespace

const Analysis kEncodedText = {
    .name = "encoded_text",
    .title = "Commands and addresses in base64 or hexadecimal digits",
    .examine = Examine,
};

}  // namespace assay::facts
