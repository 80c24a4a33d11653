// Words in compiled programs to whose every byte one constant was added, or
// with which it was exclusive-ored. Such a mask leaves the difference of each
// byte to the next as it was, so that one pass finds it whatever the constant.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"

namespace assay::facts {
namespace {

constexpr std::uint64_t kMaxFacts = 64;
constexpr std::size_t kMostText = 256;
constexpr std::uint8_t kOtherCase = 0x20;

// No shorter than seven bytes: differences of six are no chance.
constexpr std::string_view kWords[] = {
    "/bin/sh",      "/bin/bash",  "/bin/ash",     "/bin/busybox",
    "http://",      "https://",   "/etc/passwd",  "/etc/shadow",
    "/dev/tcp/",    "LD_PRELOAD", "telnetd",      "dropbear",
    "authorized_k", "iptables -", "User-Agent: ", "/proc/self/",
    "/dev/mem",     "/dev/mtd",   "password",     "rm -rf /",
    "wget http",    "curl http",  "ssh-rsa ",     "crontab",
    "/etc/init.d",  "/usr/sbin/", "cmd.exe",      "kernel32.dll"};

enum class Mask { kXor, kSum };

std::uint8_t Difference(Mask mask, std::uint8_t a, std::uint8_t b) {
  return static_cast<std::uint8_t>(mask == Mask::kXor ? a ^ b : b - a);
}
// What `masked` stands for under the constant that makes `word` of `first`.
std::uint8_t Constant(Mask mask, std::uint8_t first, char word) {
  return Difference(mask, static_cast<std::uint8_t>(word), first);
}
char Plain(Mask mask, std::uint8_t masked, std::uint8_t constant) {
  return static_cast<char>(mask == Mask::kXor ? masked ^ constant
                                              : masked - constant);
}

// Which pairs of differences stand somewhere among the first of a word: every
// word has one at a multiple of kStride.
using Pairs = std::bitset<65536>;
constexpr std::size_t kStride = 5;  // the shortest word has as many pairs

std::size_t PairAt(Mask mask, ByteView bytes, std::size_t at) {
  return std::size_t{Difference(mask, bytes[at], bytes[at + 1])} << 8U |
         Difference(mask, bytes[at + 1], bytes[at + 2]);
}

std::unique_ptr<const Pairs> PairsOfWords(Mask mask) {
  auto pairs = std::make_unique<Pairs>();
  for (const std::string_view word : kWords) {
    for (std::size_t at = 0; at < kStride; ++at) {
      pairs->set(PairAt(mask, AsBytes(word), at));
    }
  }
  return pairs;
}

// The constant, if a masked word stands at `at`.
std::optional<std::uint8_t> ConstantAt(Mask mask, ByteView bytes,
                                       std::size_t at) {
  for (const std::string_view word : kWords) {
    const auto seen = Slice(bytes, at, word.size());
    if (!seen) {
      continue;
    }
    const std::uint8_t constant = Constant(mask, (*seen)[0], word[0]);
    const bool other_case =
        constant == kOtherCase ||
        (mask == Mask::kSum &&
         constant == static_cast<std::uint8_t>(-kOtherCase));
    if (constant == 0 || other_case) {
      continue;
    }
    std::size_t i = 1;
    while (i < word.size() && Plain(mask, (*seen)[i], constant) == word[i]) {
      ++i;
    }
    if (i == word.size()) {
      return constant;
    }
  }
  return std::nullopt;
}

bool IsPrintable(char c) {
  return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
}

// All of the text around `at` that the constant makes readable.
Range Around(Mask mask, ByteView bytes, std::size_t at, std::uint8_t constant) {
  std::size_t from = at;
  while (from > 0 && at - from < kMostText &&
         IsPrintable(Plain(mask, bytes[from - 1], constant))) {
    --from;
  }
  std::size_t end = at;
  while (end < bytes.size() && end - from < kMostText &&
         IsPrintable(Plain(mask, bytes[end], constant))) {
    ++end;
  }
  return {from, end - from};
}

// The word at `at`, with the text that it stands in; behind what is found, or
// `at` when nothing is.
std::size_t FindAt(Mask mask, ByteView bytes, std::size_t at,
                   FactWriter& facts) {
  const auto constant = ConstantAt(mask, bytes, at);
  // Where no sum is carried over, both are the same.
  if (!constant || (mask == Mask::kSum && ConstantAt(Mask::kXor, bytes, at))) {
    return at;
  }
  const Range place = Around(mask, bytes, at, *constant);
  std::string text;
  for (std::size_t i = 0; i < place.length; ++i) {
    text += Plain(mask, bytes[place.offset + i], *constant);
  }
  facts.Add({.kind = "encoded",
             .value = std::move(text),
             .attributes = {{"encoding", mask == Mask::kXor ? "xor" : "sum"},
                            {"key", fmt::format("0x{:02x}", *constant)}},
             .place = place});
  return place.end();
}

void Find(Mask mask, const Pairs& pairs, ByteView bytes, FactWriter& facts) {
  std::size_t next = 0;  // what a text was found in is not looked at again
  for (std::size_t at = 0; bytes.size() - at > 2 && !facts.full();
       at += std::min(kStride, bytes.size() - at)) {
    if (!pairs[PairAt(mask, bytes, at)]) {
      continue;
    }
    next = std::max(next, at < kStride ? 0 : at + 1 - kStride);
    for (; next <= at && !facts.full(); ++next) {
      const std::size_t end = FindAt(mask, bytes, next, facts);
      next = end == next ? next : end - 1;
    }
  }
}

bool Examine(const Subject& subject, Observations& into) {
  static const auto kXorPairs = PairsOfWords(Mask::kXor);
  static const auto kSumPairs = PairsOfWords(Mask::kSum);
  const std::string_view text = AsText(subject.content);
  if (!text.starts_with("\x7f"
                        "ELF") &&
      !text.starts_with("MZ")) {
    return false;
  }
  FactWriter facts("masked_text", subject, into, kMaxFacts);
  Find(Mask::kXor, *kXorPairs, subject.content, facts);
  Find(Mask::kSum, *kSumPairs, subject.content, facts);
  return false;
}

}  // namespace

const Analysis kMaskedText = {
    .name = "masked_text",
    .title = "Words of programs under a constant mask",
    .examine = Examine,
};

}  // namespace assay::facts
