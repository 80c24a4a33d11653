#include "verifier/formats/executables/module_signature.h"

#include <array>
#include <string_view>

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

constexpr std::uint8_t kPkcs7 = 2;
constexpr std::string_view kMagic = "~Module signature appended~\n";

// X.690, 8.1.3.5: a SEQUENCE whose length takes two octets, as every PKCS #7
// message of 256 bytes to 64 KiB has it.
struct DerHead {
  std::uint8_t tag = 0;
  std::uint8_t form = 0;
  Be16 length;
};
static_assert(sizeof(DerHead) == 4 && FileStruct<DerHead>);

}  // namespace

std::optional<std::uint64_t> ModuleSignatureSize(ByteView bytes) {
  const auto head = ReadAt<DerHead>(bytes, 0);
  if (!head || head->tag != 0x30 || head->form != 0x82) {
    return std::nullopt;
  }
  const std::uint64_t message = sizeof(DerHead) + std::uint64_t{head->length};
  const auto trailer = ReadAt<Trailer>(bytes, message);
  const auto magic = Slice(bytes, message + sizeof(Trailer), kMagic.size());
  if (!trailer || !magic || AsText(*magic) != kMagic ||
      trailer->id_type != kPkcs7 || trailer->signature_length != message) {
    return std::nullopt;
  }
  return message + sizeof(Trailer) + kMagic.size();
}

}  // namespace assay::formats
