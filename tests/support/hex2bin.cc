// hex2bin SAMPLES OUT: seeds for the fuzzers. SAMPLES/<area>/<name>/* becomes
// OUT/<area>/<name>/*, with commented hex as the bytes it stands for.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/hex.h"

namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Convert(const fs::path& from, const fs::path& to) {
  constexpr std::uintmax_t kLargestSeed = 1U << 20U;
  if (!fs::is_regular_file(from) || fs::file_size(from) > kLargestSeed) {
    return;
  }
  const std::string text = ReadFile(from);
  std::ofstream file(to, std::ios::binary);
  if (from.extension() == ".hex") {
    const assay::Bytes bytes = assay::testing::Hex(text);
    file << assay::AsText(bytes);
  } else {
    file << text;
  }
}

void ConvertAll(const fs::path& samples, const fs::path& out) {
  for (const auto& entry : fs::recursive_directory_iterator(samples)) {
    const fs::path relative = entry.path().lexically_relative(samples);
    const auto depth = std::distance(relative.begin(), relative.end());
    if (depth < 3 || *relative.begin() == "products") {
      continue;
    }
    const auto area = relative.begin();
    const fs::path folder = out / *area / *std::next(area);
    fs::create_directories(folder);
    Convert(entry.path(), folder / entry.path().filename());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: hex2bin SAMPLES OUT\n", stderr);
    return 64;
  }
  try {
    ConvertAll(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hex2bin: %s\n", error.what());
    return 74;
  }
  return 0;
}
