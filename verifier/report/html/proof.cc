#include "verifier/report/html/proof.h"

#include <charconv>
#include <string>
#include <vector>

#include "verifier/base/digest.h"

namespace assay::report::html {
namespace {

// What may be quoted: all of it, or what stands between quotes in a
// description of a fact, `kind "value" name=...`.
std::vector<std::string_view> QuotedIn(std::string_view excerpt) {
  std::vector<std::string_view> quoted = {excerpt};
  const std::size_t begin = excerpt.find('"');
  const std::size_t last = excerpt.rfind('"');
  if (begin != std::string_view::npos && last > begin) {
    const std::size_t next = excerpt.find('"', begin + 1);
    quoted.push_back(excerpt.substr(begin + 1, last - begin - 1));
    quoted.push_back(excerpt.substr(begin + 1, next - begin - 1));
  }
  return quoted;
}

bool TakeHex(std::string_view digits, std::uint8_t& byte) {
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, byte, 16);
  return error == std::errc() && stop == end;
}

}  // namespace

std::optional<Bytes> Unescaped(std::string_view text) {
  Bytes bytes;
  while (!text.empty()) {
    if (text.front() != '\\') {
      bytes.push_back(static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const std::string_view digits = text.substr(0, 4).substr(1);
    std::uint8_t byte = 0;
    if (digits.size() != 3 || digits.front() != 'x' ||
        !TakeHex(digits.substr(1), byte)) {
      return std::nullopt;
    }
    bytes.push_back(byte);
    text.remove_prefix(4);
  }
  return bytes;
}

std::optional<Bytes> ProvenBytes(const Evidence& evidence) {
  if (evidence.kind != Evidence::Kind::kBytes || !evidence.place ||
      evidence.digest.empty()) {
    return std::nullopt;
  }
  for (const std::string_view quoted : QuotedIn(evidence.excerpt)) {
    auto bytes = Unescaped(quoted);
    if (bytes && bytes->size() == evidence.place->length &&
        Sha256Hex(*bytes) == evidence.digest) {
      return bytes;
    }
  }
  return std::nullopt;
}

}  // namespace assay::report::html
