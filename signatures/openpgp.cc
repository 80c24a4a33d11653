#include "signatures/openpgp.h"

#include <fmt/format.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "signatures/anchor.h"
#include "signatures/openpgp_outcome.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

// Each signature hashes the whole message again.
constexpr std::size_t kMaxSignatures = 32;
constexpr std::uint32_t kMinRsaBits = 2048;

using Outcome = OpenPgpOutcome;
using Judged = JudgedSignature;

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* handle) const {
    static_cast<void>(destroy(handle));
  }
};
using Ffi = std::unique_ptr<rnp_ffi_st, Destroy<rnp_ffi_destroy>>;
using Input = std::unique_ptr<rnp_input_st, Destroy<rnp_input_destroy>>;
using VerifyOp =
    std::unique_ptr<rnp_op_verify_st, Destroy<rnp_op_verify_destroy>>;
using Key = std::unique_ptr<rnp_key_handle_st, Destroy<rnp_key_handle_destroy>>;
using Signature = std::unique_ptr<rnp_signature_handle_st,
                                  Destroy<rnp_signature_handle_destroy>>;

std::string TakeText(char* text) {
  std::string copy = text == nullptr ? "" : text;
  rnp_buffer_destroy(text);
  return copy;
}

template <typename Handle>
std::string TextOf(rnp_result_t (*get)(Handle*, char**), Handle* handle) {
  char* text = nullptr;
  return get(handle, &text) == RNP_SUCCESS ? TakeText(text) : "";
}

// False also when librnp cannot tell.
bool Is(rnp_result_t (*get)(rnp_key_handle_t, bool*), const Key& key) {
  bool value = false;
  return key && get(key.get(), &value) == RNP_SUCCESS && value;
}

std::uint32_t NumberOf(rnp_result_t (*get)(rnp_key_handle_t, std::uint32_t*),
                       const Key& key) {
  std::uint32_t value = 0;
  return get(key.get(), &value) == RNP_SUCCESS ? value : 0;
}

// librnp refuses empty memory, but an empty file can be signed.
bool ReadNothing(void* /*context*/, void* /*into*/, std::size_t /*size*/,
                 std::size_t* read) {
  *read = 0;
  return true;
}

Input InputOf(ByteView bytes) {
  rnp_input_t input = nullptr;
  if (bytes.empty()) {
    rnp_input_from_callback(&input, ReadNothing, nullptr, nullptr);
  } else {
    rnp_input_from_memory(&input, bytes.data(), bytes.size(), false);
  }
  return Input(input);
}

// RFC 9580 section 9.5: MD5, SHA-1 and RIPEMD-160.
bool IsWeakHash(std::uint8_t algorithm) {
  return algorithm >= 1 && algorithm <= 3;
}

// The keys that the signatures name, loaded into a fresh librnp.
class Verifier {
 public:
  Verifier(const Trust& trust, const std::vector<SignaturePacket>& wanted)
      : trust_(trust), at_(static_cast<std::uint64_t>(trust.at)) {
    rnp_ffi_t ffi = nullptr;
    if (rnp_ffi_create(&ffi, "GPG", "GPG") != RNP_SUCCESS) {
      return;
    }
    ffi_.reset(ffi);
    ready_ = SetRules();
    for (const TrustAnchor& anchor : trust.anchors) {
      if (anchor.type == TrustAnchor::Type::kOpenPgpCert) {
        Load(anchor, wanted);
      }
    }
  }

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  [[nodiscard]] Judged Judge(const SignaturePacket& packet, ByteView message,
                             SignedForm form) const;

 private:
  struct Known {
    std::string fingerprint;
    std::vector<std::string> key_ids;
    std::string anchor;
  };

  // The default rules of librnp change with its release; ours are stated.
  [[nodiscard]] bool SetRules() {
    bool ok = rnp_set_timestamp(ffi_.get(), at_) == RNP_SUCCESS &&
              rnp_remove_security_rule(ffi_.get(), nullptr, nullptr, 0,
                                       RNP_SECURITY_REMOVE_ALL, 0,
                                       nullptr) == RNP_SUCCESS;
    if (!trust_.legacy_algorithms) {
      for (const char* weak : {"MD5", "SHA1", "RIPEMD160"}) {
        ok = ok && rnp_add_security_rule(ffi_.get(), RNP_FEATURE_HASH_ALG, weak,
                                         RNP_SECURITY_OVERRIDE, 0,
                                         RNP_SECURITY_INSECURE) == RNP_SUCCESS;
      }
    }
    return ok;
  }

  void Load(const TrustAnchor& anchor,
            const std::vector<SignaturePacket>& wanted) {
    const auto found = CertificatesOf(anchor);
    if (!found) {
      notes_.push_back(found.error().what);
      return;
    }
    for (const Certificate& certificate : found->certificates) {
      const bool named =
          std::ranges::any_of(wanted, [&](const SignaturePacket& signature) {
            return std::ranges::find(certificate.key_ids, signature.key_id) !=
                   certificate.key_ids.end();
          });
      if (!named) {
        continue;
      }
      if (!certificate.unusable.empty()) {
        notes_.push_back(fmt::format("certificate {} of anchor {}: {}",
                                     certificate.fingerprint, anchor.name,
                                     certificate.unusable));
        continue;
      }
      const Input input = InputOf(certificate.packets);
      if (rnp_import_keys(ffi_.get(), input.get(),
                          RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE,
                          nullptr) == RNP_SUCCESS) {
        known_.push_back(
            {certificate.fingerprint, certificate.key_ids, anchor.name});
      } else {
        notes_.push_back(fmt::format("librnp cannot read {} of anchor {}",
                                     certificate.fingerprint, anchor.name));
      }
    }
  }

  [[nodiscard]] bool HasKey(const std::string& key_id) const {
    return std::ranges::any_of(known_, [&](const Known& known) {
      return std::ranges::find(known.key_ids, key_id) != known.key_ids.end();
    });
  }

  [[nodiscard]] Key Primary(const Key& key) const;
  [[nodiscard]] Outcome JudgeKey(const Key& key, const Key& primary,
                                 UnixTime made) const;
  void Execute(const SignaturePacket& packet, ByteView message,
               Judged& into) const;
  void Conclude(rnp_result_t status, rnp_signature_handle_t signature,
                Judged& into) const;

  const Trust& trust_;
  std::uint64_t at_;
  Ffi ffi_;
  bool ready_ = false;
  std::vector<Known> known_;
  std::vector<std::string> notes_;
};

Key Verifier::Primary(const Key& key) const {
  // A primary key has no primary of its own.
  std::string fingerprint = TextOf(rnp_key_get_primary_fprint, key.get());
  if (fingerprint.empty()) {
    fingerprint = TextOf(rnp_key_get_fprint, key.get());
  }
  rnp_key_handle_t primary = nullptr;
  rnp_locate_key(ffi_.get(), "fingerprint", fingerprint.c_str(), &primary);
  return Key(primary);
}

// Whether a signature made at `made` by this key may count at Trust::at. It
// must have been in its time when it signed (its claim), and still be now
// (for nothing else proves that claim).
Outcome Verifier::JudgeKey(const Key& key, const Key& primary,
                           UnixTime made) const {
  if (Is(rnp_key_is_revoked, key) || Is(rnp_key_is_revoked, primary)) {
    return Outcome::kRevoked;
  }
  for (const Key* one : {&key, &primary}) {
    const UnixTime created = NumberOf(rnp_key_get_creation, *one);
    const UnixTime lifetime = NumberOf(rnp_key_get_expiration, *one);
    const bool ended = lifetime != 0 && (created + lifetime <= made ||
                                         created + lifetime <= trust_.at);
    if (created > made || created > trust_.at || ended) {
      return Outcome::kKeyExpired;
    }
  }
  bool may_sign = false;
  if (!Is(rnp_key_is_valid, key) || !Is(rnp_key_is_valid, primary) ||
      rnp_key_allows_usage(key.get(), "sign", &may_sign) != RNP_SUCCESS ||
      !may_sign) {
    return Outcome::kKeyUnfit;
  }
  const std::string algorithm = TextOf(rnp_key_get_alg, key.get());
  const bool finite_field = algorithm == "RSA" || algorithm == "DSA";
  if (finite_field && !trust_.legacy_algorithms &&
      NumberOf(rnp_key_get_bits, key) < kMinRsaBits) {
    return Outcome::kWeak;
  }
  return Outcome::kGood;
}

void Verifier::Conclude(rnp_result_t status, rnp_signature_handle_t signature,
                        Judged& into) const {
  std::uint32_t made = 0;
  rnp_signature_get_creation(signature, &made);
  into.made = made;
  rnp_key_handle_t handle = nullptr;
  rnp_signature_get_signer(signature, &handle);
  const Key key(handle);
  const Key primary = key ? Primary(key) : nullptr;
  if (status == RNP_ERROR_KEY_NOT_FOUND || !key || !primary) {
    into.outcome = Outcome::kUnknownKey;
    return;
  }
  into.key = TextOf(rnp_key_get_fprint, key.get());
  into.algorithm = UseOf(TextOf(rnp_key_get_alg, key.get()),
                         NumberOf(rnp_key_get_bits, key), into.hash);
  into.certificate = TextOf(rnp_key_get_fprint, primary.get());
  into.user_id = Escaped(TextOf(rnp_key_get_primary_uid, primary.get()));
  const auto known =
      std::ranges::find(known_, into.certificate, &Known::fingerprint);
  into.anchor = known == known_.end() ? "" : known->anchor;
  const Outcome fitness = JudgeKey(key, primary, made);
  const bool expired = status == RNP_ERROR_SIGNATURE_EXPIRED;
  if ((expired || status == RNP_SUCCESS) && made > trust_.at) {
    into.outcome = Outcome::kNotYetMade;
  } else if (expired || status == RNP_SUCCESS) {
    into.outcome = expired ? Outcome::kSignatureExpired : fitness;
  } else {
    // librnp also says "invalid" when it did not look because of the key.
    into.outcome = fitness == Outcome::kGood ? Outcome::kBad : fitness;
  }
}

void Verifier::Execute(const SignaturePacket& packet, ByteView message,
                       Judged& into) const {
  const Input data = InputOf(message);
  const Input encoded = InputOf(packet.whole);
  rnp_op_verify_t operation = nullptr;
  rnp_op_verify_detached_create(&operation, ffi_.get(), data.get(),
                                encoded.get());
  const VerifyOp op(operation);
  if (op) {
    // librnp insists on telling stderr about signatures of the future; so
    // none is, and Conclude() asks for the time.
    rnp_set_timestamp(ffi_.get(), std::max<std::uint64_t>(at_, packet.made));
    // Its result sums up what is read per signature below.
    static_cast<void>(rnp_op_verify_execute(op.get()));
    rnp_set_timestamp(ffi_.get(), at_);
  }
  std::size_t count = 0;
  rnp_op_verify_signature_t result = nullptr;
  rnp_signature_handle_t handle = nullptr;
  if (!op ||
      rnp_op_verify_get_signature_count(op.get(), &count) != RNP_SUCCESS ||
      count != 1 ||
      rnp_op_verify_get_signature_at(op.get(), 0, &result) != RNP_SUCCESS ||
      rnp_op_verify_signature_get_handle(result, &handle) != RNP_SUCCESS) {
    into.outcome = Outcome::kUnsupported;
    into.detail = "librnp cannot read the signature packet";
    return;
  }
  const Signature signature(handle);
  into.hash = TextOf(rnp_signature_get_hash_alg, signature.get());
  const rnp_result_t status = rnp_op_verify_signature_get_status(result);
  if (status == RNP_ERROR_SIGNATURE_UNKNOWN) {
    into.outcome = Outcome::kUnsupported;
    into.detail = "librnp does not know this kind of signature";
    return;
  }
  Conclude(status, signature.get(), into);
}

Judged Verifier::Judge(const SignaturePacket& packet, ByteView message,
                       SignedForm form) const {
  Judged judged{.key = packet.issuer};
  const bool typed = packet.type == 0
                         ? form != SignedForm::kClearsigned
                         : packet.type == 1 && form != SignedForm::kBinary;
  if (const std::string what = WhatIsUnsupported(packet); !what.empty()) {
    judged.outcome = Outcome::kUnsupported;
    judged.detail = what;
  } else if (!HasKey(packet.key_id)) {
    judged.outcome = Outcome::kUnknownKey;
  } else if (!typed) {
    judged.outcome = Outcome::kWrongType;
    judged.detail = fmt::format("signature type 0x{:02x}", packet.type);
  } else if (IsWeakHash(packet.hash_algorithm) && !trust_.legacy_algorithms) {
    judged.outcome = Outcome::kWeak;
    judged.detail = fmt::format("hash algorithm {} (MD5, SHA-1, RIPEMD-160)",
                                packet.hash_algorithm);
  } else {
    Execute(packet, message, judged);
  }
  return judged;
}

}  // namespace

void WarmUpOpenPgp() {
  rnp_ffi_t ffi = nullptr;
  static_cast<void>(rnp_ffi_create(&ffi, "GPG", "GPG"));
  rnp_ffi_destroy(ffi);
}

Result<AnchorCertificates> CertificatesOf(const TrustAnchor& anchor) {
  const auto named = [&](const Error& error) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: {}", anchor.name, error.what));
  };
  auto keyring = KeyringBytes(anchor.key);
  if (!keyring) {
    return named(keyring.error());
  }
  auto certificates = SplitCertificates(keyring->bytes());
  if (!certificates) {
    return named(certificates.error());
  }
  std::erase_if(*certificates, [&](const Certificate& certificate) {
    return !AllowsFingerprint(anchor, certificate.fingerprint);
  });
  return AnchorCertificates{std::move(*keyring), std::move(*certificates)};
}

SignatureCheck CheckOpenPgp(std::string_view scheme, ByteView packets,
                            ByteView message, const Trust& trust,
                            SignedForm form) {
  SignatureCheck check{.scheme = std::string(scheme)};
  const auto fail = [&](Indication indication, std::string_view sub,
                        std::string detail) {
    check.indication = indication;
    check.sub_indication = sub;
    check.detail = std::move(detail);
    return check;
  };
  // Zero would mean the wall clock to librnp, and times are 32 bits wide.
  if (trust.at <= 0 || trust.at > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Indication::kIndeterminate, "POLICY_PROCESSING_ERROR",
                "the time of verification is outside of OpenPGP's time");
  }
  const auto signatures = SplitSignatures(packets);
  if (!signatures) {
    return fail(Indication::kTotalFailed, "FORMAT_FAILURE",
                signatures.error().what);
  }
  if (signatures->size() > kMaxSignatures) {
    return fail(Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
                fmt::format("{} signatures are over the limit of {}",
                            signatures->size(), kMaxSignatures));
  }
  const Verifier verifier(trust, *signatures);
  if (!verifier.ready()) {
    return fail(Indication::kIndeterminate, "POLICY_PROCESSING_ERROR",
                "librnp could not be set up");
  }
  std::vector<Judged> all;
  for (const SignaturePacket& signature : *signatures) {
    all.push_back(verifier.Judge(signature, message, form));
  }
  check.steps = verifier.notes();
  Summarize(all, check);
  return check;
}

}  // namespace assay::signatures
