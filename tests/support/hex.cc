#include "tests/support/hex.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::testing {

Bytes Hex(std::string_view text) {
  std::string digits;
  for (std::string_view line : SplitLines(text)) {
    line = line.substr(0, line.find('#'));
    if (line.substr(0, 1) == "@") {  // zeros up to that offset
      const auto offset = std::stoull(std::string(line.substr(1)), nullptr, 16);
      digits.resize(std::max<std::size_t>(digits.size(), 2 * offset), '0');
      continue;
    }
    for (const char c : line) {
      if (c != ' ' && c != '\t') {
        digits.push_back(c);
      }
    }
  }
  const auto bytes = BytesFromHex(digits);
  if (!bytes) {
    std::cerr << "not hex: " << text << '\n';
    std::abort();
  }
  return *bytes;
}

std::string SamplePath(std::string_view path) {
  return std::string(ASSAY_SOURCE_DIR "/samples/").append(path);
}

Bytes Sample(std::string_view path) {
  std::ifstream file(SamplePath(path), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << "no sample " << path << '\n';
    std::abort();
  }
  const bool hex = path.size() > 4 && path.substr(path.size() - 4) == ".hex";
  return hex ? Hex(text.str()) : CopyOf(AsBytes(text.str()));
}

Bytes Concat(ByteView a, ByteView b) {
  Bytes both = CopyOf(a);
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

}  // namespace assay::testing
