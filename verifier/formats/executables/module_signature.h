// The signature that the Linux kernel appends to its modules, after the ELF
// object: a PKCS #7 message in DER, a 12-byte trailer and a magic line.
// Layout: struct module_signature in the kernel's include/linux/
// module_signature.h. Only the framing is read here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats {

inline constexpr std::string_view kModuleSignatureMagic =
    "~Module signature appended~\n";

// The length of the appended signature that `bytes` begin with, if they do:
// all its length fields agree and its magic line stands at its end.
[[nodiscard]] std::optional<std::uint64_t> ModuleSignatureSize(ByteView bytes);

// What a file that ends in the magic line says of its signature. Read from
// the end, as the kernel does (kernel/module_signature.c, mod_check_sig).
struct AppendedSignature {
  Range body = {};     // what is signed: all before `whole`
  Range message = {};  // the PKCS #7 message, or what older kernels had there
  Range whole = {};    // with the trailer and the magic line
  std::uint8_t id_type = 0;
  // "" or why the kernel refuses it; `message` is then empty, and `whole` as
  // much of it as is certain.
  std::string problem = {};
};
inline constexpr std::uint8_t kModuleSignaturePkcs7 = 2;  // id_type

// Nothing when the file does not end in the magic line.
[[nodiscard]] std::optional<AppendedSignature> ReadAppendedSignature(
    ByteView file);

}  // namespace assay::formats
