#include "verifier/formats/executables/module_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace assay::formats {
namespace {

struct Trailer {
  std::uint8_t algorithm = 0;  // these two are 0 for PKCS #7
  std::uint8_t hash = 0;
  std::uint8_t id_type = 0;
  std::uint8_t signer_length = 0;
  std::uint8_t key_id_length = 0;
  std::array<std::uint8_t, 3> padding = {};
  Be32 signature_length;
};
static_assert(sizeof(Trailer) == 12 && FileStruct<Trailer>);

constexpr std::string_view kMagic = kModuleSignatureMagic;
constexpr std::uint64_t kFrame = sizeof(Trailer) + kMagic.size();

// The size of the DER SEQUENCE of 128 bytes to 64 KiB that `bytes` begin with,
// as every PKCS #7 message is one; X.690, 8.1.3.5.
std::optional<std::uint64_t> SequenceSize(ByteView bytes) {
  const auto head = ReadAt<Be16>(bytes, 0);
  const auto short_length = Slice(bytes, 2, 1);
  const auto long_length = ReadAt<Be16>(bytes, 2);
  if (head && *head == 0x3081U && short_length) {
    return 3 + std::uint64_t{short_length->front()};
  }
  if (head && *head == 0x3082U && long_length) {
    return 4 + std::uint64_t{*long_length};
  }
  return std::nullopt;
}

std::string ProblemOf(const Trailer& trailer) {
  const bool bare = trailer.algorithm == 0 && trailer.hash == 0 &&
                    trailer.signer_length == 0 && trailer.key_id_length == 0;
  if (trailer.id_type == kModuleSignaturePkcs7 && !bare) {
    return "fields of the trailer that PKCS #7 has no use for are not 0";
  }
  return trailer.padding == std::array<std::uint8_t, 3>{}
             ? ""
             : "the trailer's padding is not 0";
}

}  // namespace

std::optional<std::uint64_t> ModuleSignatureSize(ByteView bytes) {
  const auto message = SequenceSize(bytes);
  if (!message) {
    return std::nullopt;
  }
  const auto trailer = ReadAt<Trailer>(bytes, *message);
  const auto magic = Slice(bytes, *message + sizeof(Trailer), kMagic.size());
  if (!trailer || !magic || AsText(*magic) != kMagic ||
      trailer->id_type != kModuleSignaturePkcs7 ||
      trailer->signature_length != *message) {
    return std::nullopt;
  }
  return *message + kFrame;
}

std::optional<AppendedSignature> ReadAppendedSignature(ByteView file) {
  if (!AsText(file).ends_with(kMagic)) {
    return std::nullopt;
  }
  const std::uint64_t frame = std::min<std::uint64_t>(kFrame, file.size());
  AppendedSignature found{.whole = {file.size() - frame, frame}};
  found.body = {0, found.whole.offset};
  const auto trailer =
      frame < kFrame ? std::nullopt : ReadAt<Trailer>(file, found.whole.offset);
  if (!trailer) {
    found.problem = "the file is too short for the signature's trailer";
    return found;
  }
  found.id_type = trailer->id_type;
  // Before PKCS #7, the signer's name and key id stood in front.
  const std::uint64_t length = std::uint64_t{trailer->signer_length} +
                               trailer->key_id_length +
                               std::uint64_t{trailer->signature_length};
  found.problem = ProblemOf(*trailer);
  if (length > found.body.length) {
    found.problem = fmt::format(
        "the signature's {} bytes do not fit the {} "
        "bytes before the trailer",
        length, found.body.length);
  }
  if (found.problem.empty()) {
    found.body.length -= length;
    found.message = {found.body.length, length};
    found.whole = {found.body.length, length + kFrame};
  }
  return found;
}

}  // namespace assay::formats
