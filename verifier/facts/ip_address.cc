#include "verifier/facts/ip_address.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "verifier/base/text.h"

namespace assay::facts {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordChar(char c) {
  return IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         c == '_' || c == '-';
}

// Parses "a.b.c.d" at the start of `text`: canonical decimal octets. The
// number of characters, or 0.
std::size_t QuadLength(std::string_view text, std::uint32_t* value) {
  std::size_t at = 0;
  std::uint32_t address = 0;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0 && (at >= text.size() || text[at++] != '.')) {
      return 0;
    }
    std::uint32_t number = 0;
    const std::size_t start = at;
    while (at < text.size() && at - start < 3 && IsDigit(text[at])) {
      number = number * 10 + static_cast<std::uint32_t>(text[at++] - '0');
    }
    if (at == start || number > 255 || (at - start > 1 && text[start] == '0')) {
      return 0;
    }
    address = address << 8U | number;
  }
  *value = address;
  return at;
}

struct Block {
  std::uint32_t base;
  unsigned bits;
  std::string_view name;
};

// RFC 6890 section 2.2.2, with RFC 1112 (multicast), RFC 2544 and RFC 6598.
constexpr Block kBlocks[] = {
    {0x00000000, 8, "unspecified"},    {0x0A000000, 8, "private"},
    {0x64400000, 10, "shared"},        {0x7F000000, 8, "loopback"},
    {0xA9FE0000, 16, "link-local"},    {0xAC100000, 12, "private"},
    {0xC0000000, 24, "reserved"},      {0xC0000200, 24, "documentation"},
    {0xC0586300, 24, "reserved"},      {0xC0A80000, 16, "private"},
    {0xC6120000, 15, "benchmarking"},  {0xC6336400, 24, "documentation"},
    {0xCB007100, 24, "documentation"}, {0xE0000000, 4, "multicast"},
    {0xFFFFFFFF, 32, "broadcast"},     {0xF0000000, 4, "reserved"},
};

// Arcs whose object identifiers have four numbers (X.520, X.509 and RFC 8410:
// 2.5.4, 2.5.29, 1.3.101): binaries that handle certificates are full of them.
bool IsIdentifierArc(std::uint32_t address) {
  const std::uint32_t arc = address >> 8U;
  return arc == 0x020504 || arc == 0x02051D || arc == 0x010365;
}

std::string_view ClassOf(std::uint32_t address) {
  if (IsIdentifierArc(address)) {
    return "object-identifier";
  }
  for (const Block& block : kBlocks) {
    if ((address ^ block.base) >> (32U - block.bits) == 0 ||
        address == block.base) {
      return block.name;
    }
  }
  return "public";
}

// IPv6 as URLs write it: enough to name its block, RFC 4291 section 2.4.
std::optional<std::string_view> ClassOfSix(std::string_view text) {
  if (text.find(':') == std::string_view::npos || text.size() > 45 ||
      text.find_first_not_of("0123456789abcdefABCDEF:.%") !=
          std::string_view::npos) {
    return std::nullopt;
  }
  const std::string lower = Lower(text);
  if (lower == "::1") {
    return "loopback";
  }
  if (lower == "::") {
    return "unspecified";
  }
  const std::string_view head = std::string_view(lower).substr(0, 4);
  if (head.substr(0, 2) == "ff") {
    return "multicast";
  }
  if (head.substr(0, 3) == "fe8" || head.substr(0, 3) == "fe9" ||
      head.substr(0, 3) == "fea" || head.substr(0, 3) == "feb") {
    return "link-local";
  }
  if (head.substr(0, 2) == "fc" || head.substr(0, 2) == "fd") {
    return "private";
  }
  return lower.substr(0, 9) == "2001:db8:" ? "documentation" : "public";
}

// Words and signs that announce a version number on the same line.
bool AnnouncesVersion(std::string_view before) {
  const std::size_t line = before.rfind('\n');
  const std::string near =
      Lower(line == std::string_view::npos ? before : before.substr(line + 1));
  for (const std::string_view word :
       {"version", "release", "revision", "ver.", "ver ", "rev ",
        ">=", "<=", "==", "~>", ">> ", "<< ", "^", "section", "oid"}) {
    const std::size_t at = near.find(word);
    if (at != std::string::npos &&
        (at == 0 || near[at - 1] < 'a' || near[at - 1] > 'z')) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string_view> AddressClass(std::string_view text) {
  std::uint32_t address = 0;
  if (!text.empty() && QuadLength(text, &address) == text.size()) {
    return ClassOf(address);
  }
  return ClassOfSix(text);
}

std::optional<Range> QuadAround(std::string_view text, std::size_t dot,
                                bool whole) {
  std::size_t start = dot;
  while (start > 0 && dot - start < 4 && IsDigit(text[start - 1])) {
    --start;
  }
  if (start == dot || dot - start > 3) {
    return std::nullopt;
  }
  std::uint32_t address = 0;
  const std::size_t length = QuadLength(text.substr(start), &address);
  if (length == 0) {
    return std::nullopt;
  }
  const char before = start > 0 ? text[start - 1] : '\0';
  const std::string_view behind = text.substr(start + length);
  const char after = behind.empty() ? '\0' : behind[0];
  if (whole) {
    const std::size_t port =
        after == ':'
            ? std::min(behind.find_first_not_of("0123456789", 1), behind.size())
            : 0;
    const bool ends = port < behind.size() && behind[port] == '\0';
    return before == '\0' && ends ? std::optional(Range{start, length})
                                  : std::nullopt;
  }
  const bool longer =
      after == '.' && behind.size() > 1 && IsWordChar(behind[1]);
  if (IsWordChar(before) || before == '.' || IsWordChar(after) || longer ||
      AnnouncesVersion(text.substr(start - std::min<std::size_t>(start, 24),
                                   std::min<std::size_t>(start, 24)))) {
    return std::nullopt;
  }
  return Range{start, length};
}

}  // namespace assay::facts
