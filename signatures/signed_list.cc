#include "signatures/signed_list.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view NextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  return line;
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && IsBlank(line[at])) {
      ++at;
    }
    const std::size_t start = at;
    while (at < line.size() && !IsBlank(line[at])) {
      ++at;
    }
    if (at > start) {
      words.push_back(line.substr(start, at - start));
    }
  }
  return words;
}

std::optional<Digest> DigestFrom(std::string_view hex) {
  if (!BytesFromHex(hex)) {
    return std::nullopt;
  }
  // BLAKE2b-512 is as long as SHA-512; only a BSD line can name it.
  for (const DigestAlgorithm algorithm :
       {DigestAlgorithm::kMd5, DigestAlgorithm::kSha1, DigestAlgorithm::kSha256,
        DigestAlgorithm::kSha384, DigestAlgorithm::kSha512}) {
    if (hex.size() == 2 * SizeOf(algorithm)) {
      return Digest{algorithm, Lower(hex)};
    }
  }
  return std::nullopt;
}

// coreutils writes "\\" for a backslash, "\n" for a newline and "\r".
std::string Unescaped(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\' || i + 1 == name.size()) {
      out.push_back(name[i]);
      continue;
    }
    const char next = name[++i];
    out.push_back(next == 'n' ? '\n' : next == 'r' ? '\r' : next);
  }
  return out;
}

std::optional<ListedFile> GnuLine(std::string_view line,
                                  std::string_view lone_name) {
  const bool escaped = line.starts_with('\\');
  line.remove_prefix(escaped ? 1 : 0);
  const std::size_t end = line.find_first_of(" \t");
  const auto digest = DigestFrom(line.substr(0, end));
  if (!digest) {
    return std::nullopt;
  }
  std::string_view name =
      end == std::string_view::npos ? std::string_view() : line.substr(end);
  if (Trim(name).empty()) {
    name = lone_name;
  } else {
    // "  name" (text) or " *name" (binary); further blanks are the name's.
    name.remove_prefix(
        name.size() > 1 && (IsBlank(name[1]) || name[1] == '*') ? 2 : 1);
  }
  if (name.empty()) {
    return std::nullopt;
  }
  return ListedFile{.name = escaped ? Unescaped(name) : std::string(name),
                    .digests = {*digest}};
}

std::optional<ListedFile> BsdLine(std::string_view line) {
  const std::size_t open = line.find(" (");
  const std::size_t close = line.rfind(") = ");
  if (open == std::string_view::npos || close == std::string_view::npos ||
      close < open + 3) {
    return std::nullopt;
  }
  const std::string_view hex = line.substr(close + 4);
  const std::string_view name = line.substr(0, open);
  const auto algorithm =  // b2sum's name for its default length
      name == "BLAKE2b" ? std::optional(DigestAlgorithm::kBlake2b512)
                        : DigestAlgorithmOf(name);
  if (!algorithm || !BytesFromHex(hex) ||
      hex.size() != 2 * SizeOf(*algorithm)) {
    return std::nullopt;
  }
  return ListedFile{
      .name = std::string(line.substr(open + 2, close - open - 2)),
      .digests = {{*algorithm, Lower(hex)}}};
}

}  // namespace

std::optional<ListField> FieldOf(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = NextLine(text);
    if (line.empty()) {
      return std::nullopt;  // the paragraph ends
    }
    if (line.size() <= name.size() || line[name.size()] != ':' ||
        Lower(line.substr(0, name.size())) != Lower(name)) {
      continue;
    }
    ListField field{.value = Trim(line.substr(name.size() + 1))};
    while (!text.empty() && IsBlank(text.front())) {
      field.lines.push_back(NextLine(text).substr(1));
    }
    return field;
  }
  return std::nullopt;
}

std::vector<ListedFile> ParseControlList(std::string_view text) {
  std::vector<ListedFile> listed;
  for (const std::string_view name : {"SHA256", "Checksums-Sha256"}) {
    const auto field = FieldOf(text, name);
    if (!field) {
      continue;
    }
    for (const std::string_view line : field->lines) {
      // Debian policy 5.6.24: digest, size, name.
      const auto words = WordsOf(line);
      const auto digest =
          words.size() == 3 ? DigestFrom(words[0]) : std::nullopt;
      const auto size = digest ? NumberOf(words[1]) : std::nullopt;
      if (size && digest->algorithm == DigestAlgorithm::kSha256) {
        listed.push_back({.name = std::string(words[2]),
                          .size = *size,
                          .digests = {*digest}});
      }
    }
  }
  return listed;
}

bool IsRelease(std::string_view text) {
  return FieldOf(text, "SHA256").has_value();
}

StatedAge AgeOfControl(std::string_view text) {
  const auto time = [&](std::string_view name) {
    const auto field = FieldOf(text, name);
    return field ? ParseMailTime(field->value) : std::nullopt;
  };
  return {.date = time("Date"), .valid_until = time("Valid-Until")};
}

void JudgeAge(std::string_view text, UnixTime at, SignatureCheck& check) {
  check.age = AgeOfControl(text);
  check.age.scheme = IsRelease(text) ? kAptArchive : std::string_view();
  const auto until = FieldOf(text, "Valid-Until");
  std::string why;
  if (check.age.date && *check.age.date > at) {
    why = fmt::format("its Date {} is after the time of this verification, {}",
                      FormatTime(*check.age.date), FormatTime(at));
  } else if (until && !until->value.empty() &&
             (!check.age.valid_until || *check.age.valid_until < at)) {
    why = fmt::format("it is valid until {}, verified at {}",
                      Escaped(until->value), FormatTime(at));
  }
  if (check.indication == Indication::kTotalPassed && !why.empty()) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "OUT_OF_BOUNDS_NO_POE";
    check.detail = std::move(why);
    check.good_keys.clear();
  }
}

std::vector<ListedFile> ParseChecksums(std::string_view text,
                                       std::string_view lone_name) {
  std::vector<ListedFile> listed;
  while (!text.empty()) {
    const std::string_view line = NextLine(text);
    auto file = GnuLine(line, lone_name);
    if (!file) {
      file = BsdLine(line);
    }
    if (file) {
      listed.push_back(std::move(*file));
    }
  }
  return listed;
}

}  // namespace assay::signatures
