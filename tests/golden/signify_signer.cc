#include "tests/golden/signify_signer.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "verifier/base/bytes.h"
#include "verifier/base/text.h"

namespace assay::testing {
namespace {

std::string Line(ByteView value) {
  Bytes blob = CopyOf(AsBytes("Ed" + std::string(8, 'N')));
  blob.insert(blob.end(), value.begin(), value.end());
  return Base64(AsText(blob));
}

std::string Commented(const std::string& line) {
  return fmt::format("untrusted comment: test\n{}\n", line);
}

}  // namespace

SignifySigner::SignifySigner()
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {}

std::string SignifySigner::PublicLine() const {
  std::array<std::uint8_t, 32> raw = {};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size);
  return Line(raw);
}

std::string SignifySigner::Public() const {
  return Commented(PublicLine());
}

std::string SignifySigner::Sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<std::uint8_t, 64> value = {};
  std::size_t size = value.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
  const ByteView message = AsBytes(text);
  EVP_DigestSign(context.get(), value.data(), &size, message.data(),
                 message.size());
  return Commented(Line(value));
}

}  // namespace assay::testing
