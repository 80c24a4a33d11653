// identify [--random MIB] FILE...: how fast and how soundly formats are found
// at any offset. For each file, and for so many MiB of random bytes in pieces
// of 64 MiB: chunks accepted, seconds of one core, GB/s over all magics.

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <string>

#include "verifier/base/byte_source.h"
#include "verifier/unpack/carve.h"

namespace {

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Total {
  std::size_t chunks = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;

  void Scan(const std::string& name, assay::ByteView bytes_in) {
    const double start = CpuSeconds();
    const assay::unpack::Carving carving = assay::unpack::Carve(bytes_in);
    seconds += CpuSeconds() - start;
    bytes += bytes_in.size();
    chunks += carving.chunks.size();
    for (const auto& chunk : carving.chunks) {
      fmt::print("{}: {} at {}+{}\n", name, chunk.format->name,
                 chunk.range.offset, chunk.range.length);
    }
    if (carving.gave_up_at) {
      fmt::print("{}: gave up at {}\n", name, *carving.gave_up_at);
    }
  }
};

// The key stream of AES-128 in counter mode: random, and the same every time.
assay::Bytes RandomBytes(std::uint8_t seed, std::size_t count) {
  const std::array<std::uint8_t, 16> key = {seed};
  const std::array<std::uint8_t, 16> counter = {};
  assay::Bytes bytes(count);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, key.data(),
                     counter.data());
  EVP_EncryptUpdate(context.get(), bytes.data(), &written, bytes.data(),
                    static_cast<int>(count));
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  Total total;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--random" && i + 1 < argc) {
      const std::string text = argv[++i];
      unsigned pieces = 0;
      std::from_chars(text.data(), text.data() + text.size(), pieces);
      for (unsigned piece = 0; piece < pieces / 64; ++piece) {
        total.Scan(fmt::format("random-{}", piece),
                   RandomBytes(static_cast<std::uint8_t>(piece), 64U << 20U));
      }
      continue;
    }
    const auto source = assay::ByteSource::MapFile(argument);
    if (!source) {
      fmt::print(stderr, "{}\n", source.error().what);
      return 66;
    }
    total.Scan(argument, source->bytes());
  }
  fmt::print("{} chunks in {} bytes, {:.2f} s, {:.2f} GB/s\n", total.chunks,
             total.bytes, total.seconds,
             static_cast<double>(total.bytes) / 1e9 / total.seconds);
  return 0;
}
