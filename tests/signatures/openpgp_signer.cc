#include "tests/signatures/openpgp_signer.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <cstdlib>
#include <iostream>

#include "verifier/base/text.h"

namespace assay::signatures::testing {
namespace {

void Must(rnp_result_t result, const char* what) {
  if (result != RNP_SUCCESS) {
    std::cerr << what << ": " << rnp_result_to_string(result) << '\n';
    std::abort();
  }
}

bool ReadNothing(void* /*context*/, void* /*into*/, std::size_t /*size*/,
                 std::size_t* read) {
  *read = 0;
  return true;
}

// Ends the operation; returns the new key's fingerprint.
std::string Generated(rnp_op_generate_t op, std::uint32_t lifetime) {
  rnp_key_handle_t key = nullptr;
  char* fingerprint = nullptr;
  Must(rnp_op_generate_set_expiration(op, lifetime), "lifetime");
  Must(rnp_op_generate_execute(op), "generate");
  Must(rnp_op_generate_get_key(op, &key), "key");
  Must(rnp_key_get_fprint(key, &fingerprint), "fingerprint");
  std::string result = fingerprint;
  rnp_buffer_destroy(fingerprint);
  rnp_key_handle_destroy(key);
  rnp_op_generate_destroy(op);
  return result;
}

Bytes TakeOutput(rnp_output_t output) {
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  Must(rnp_output_memory_get_buf(output, &data, &size, false), "output");
  Bytes bytes(data, data + size);
  rnp_output_destroy(output);
  return bytes;
}

}  // namespace

struct OpenPgpSigner::State {
  rnp_ffi_t ffi = nullptr;

  rnp_key_handle_t Key(const std::string& fingerprint) const {
    rnp_key_handle_t key = nullptr;
    Must(rnp_locate_key(ffi, "fingerprint", fingerprint.c_str(), &key), "key");
    return key;
  }

  Bytes Sign(bool clear, const std::vector<std::string>& fingerprints,
             std::string_view message, const SignOptions& options) const {
    rnp_input_t input = nullptr;
    rnp_output_t output = nullptr;
    rnp_op_sign_t op = nullptr;
    Must(message.empty()
             ? rnp_input_from_callback(&input, ReadNothing, nullptr, nullptr)
             : rnp_input_from_memory(&input, AsBytes(message).data(),
                                     message.size(), true),
         "input");
    Must(rnp_output_to_memory(&output, 0), "output");
    Must(clear ? rnp_op_sign_cleartext_create(&op, ffi, input, output)
               : rnp_op_sign_detached_create(&op, ffi, input, output),
         "sign");
    Must(rnp_op_sign_set_hash(op, options.hash.c_str()), "hash");
    Must(rnp_op_sign_set_creation_time(op,
                                       static_cast<std::uint32_t>(options.at)),
         "time");
    Must(rnp_op_sign_set_expiration_time(op, options.lifetime), "lifetime");
    if (!clear) {
      Must(rnp_op_sign_set_armor(op, options.armored), "armor");
    }
    for (const std::string& fingerprint : fingerprints) {
      rnp_key_handle_t key = Key(fingerprint);
      Must(rnp_op_sign_add_signature(op, key, nullptr), "add signature");
      rnp_key_handle_destroy(key);
    }
    Must(rnp_op_sign_execute(op), "execute");
    rnp_op_sign_destroy(op);
    rnp_input_destroy(input);
    return TakeOutput(output);
  }
};

OpenPgpSigner::OpenPgpSigner() : state_(std::make_unique<State>()) {
  Must(rnp_ffi_create(&state_->ffi, "GPG", "GPG"), "ffi");
  Must(rnp_set_timestamp(state_->ffi, kBorn), "timestamp");
}

OpenPgpSigner::~OpenPgpSigner() {
  rnp_ffi_destroy(state_->ffi);
}

std::string OpenPgpSigner::AddKey(std::string_view user_id, UnixTime created,
                                  std::uint32_t lifetime) {
  Must(rnp_set_timestamp(state_->ffi, static_cast<std::uint64_t>(created)),
       "timestamp");
  rnp_op_generate_t op = nullptr;
  Must(rnp_op_generate_create(&op, state_->ffi, "EDDSA"), "generate");
  Must(rnp_op_generate_set_userid(op, std::string(user_id).c_str()), "user");
  return Generated(op, lifetime);
}

std::string OpenPgpSigner::AddSubkey(const std::string& primary,
                                     std::uint32_t lifetime) {
  rnp_op_generate_t op = nullptr;
  rnp_key_handle_t key = state_->Key(primary);
  Must(rnp_op_generate_subkey_create(&op, state_->ffi, key, "EDDSA"), "subkey");
  Must(rnp_op_generate_add_usage(op, "sign"), "usage");
  rnp_key_handle_destroy(key);
  return Generated(op, lifetime);
}

void OpenPgpSigner::Revoke(const std::string& fingerprint) {
  rnp_key_handle_t key = state_->Key(fingerprint);
  Must(rnp_key_revoke(key, 0, "SHA256", "superseded", "test"), "revoke");
  rnp_key_handle_destroy(key);
}

Bytes OpenPgpSigner::PublicKey(const std::string& fingerprint,
                               bool armored) const {
  rnp_output_t output = nullptr;
  Must(rnp_output_to_memory(&output, 0), "output");
  rnp_key_handle_t key = state_->Key(fingerprint);
  Must(rnp_key_export(key, output,
                      RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_SUBKEYS |
                          (armored ? RNP_KEY_EXPORT_ARMORED : 0U)),
       "export");
  rnp_key_handle_destroy(key);
  return TakeOutput(output);
}

TrustAnchor OpenPgpSigner::Anchor(const std::string& fingerprint,
                                  std::string name) const {
  return {.name = std::move(name),
          .type = TrustAnchor::Type::kOpenPgpCert,
          .key = PublicKey(fingerprint)};
}

Bytes OpenPgpSigner::Detached(const std::vector<std::string>& fingerprints,
                              std::string_view message,
                              const SignOptions& options) const {
  return state_->Sign(false, fingerprints, message, options);
}

std::string OpenPgpSigner::Clearsigned(
    const std::vector<std::string>& fingerprints, std::string_view text,
    const SignOptions& options) const {
  return std::string(AsText(state_->Sign(true, fingerprints, text, options)));
}

std::string Armored(ByteView packets) {
  std::string text = "-----BEGIN PGP SIGNATURE-----\n\n";
  const std::string encoded = Base64(AsText(packets));
  for (std::size_t at = 0; at < encoded.size(); at += 64) {
    text += encoded.substr(at, 64) + "\n";
  }
  return text + "-----END PGP SIGNATURE-----\n";
}

}  // namespace assay::signatures::testing
