// Attestations and container signatures: recognized, not verified by this
// version, and said so. Without this they would look like unsigned files.
// Layouts: DSSE v1.0 (secure-systems-lab/dsse, envelope.md); Sigstore bundle
// (sigstore/protobuf-specs, sigstore_bundle.proto); npm attestations; PEP 740;
// cosign SIGNATURE_SPEC.md; Notary Project signature envelope JWS; TUF
// specification 1.0, section 4.2.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "signatures/scheme.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 16UL << 20U;

bool HasList(const Json& object, std::string_view key) {
  return At(object, key).is_array();
}

bool HasObject(const Json& object, std::string_view key) {
  return At(object, key).is_object();
}

struct Kind {
  std::string_view title;
  // What the text must hold before it is worth parsing.
  std::string_view mark;
  bool (*is)(const Json& object);
};

bool IsDsse(const Json& object) {
  return At(object, "payload").is_string() && HasList(object, "signatures");
}

bool IsSigstoreBundle(const Json& object) {
  return TextAt(object, "mediaType")
             .starts_with("application/vnd.dev.sigstore.bundle") ||
         (HasObject(object, "verificationMaterial") &&
          (HasObject(object, "dsseEnvelope") ||
           HasObject(object, "messageSignature")));
}

bool IsNpm(const Json& object) {
  const Json& all = At(object, "attestations");
  return all.is_array() && !all.empty() &&
         At(all.front(), "predicateType").is_string() &&
         HasObject(all.front(), "bundle");
}

bool IsPep740(const Json& object) {
  return (HasObject(object, "verification_material") &&
          HasObject(object, "envelope")) ||
         HasList(object, "attestation_bundles");
}

bool IsCosignManifest(const Json& object) {
  const Json& layers = At(object, "layers");
  return layers.is_array() &&
         std::any_of(layers.begin(), layers.end(), [](const Json& layer) {
           return At(At(layer, "annotations"),
                     "dev.cosignproject.cosign/signature")
               .is_string();
         });
}

bool IsNotation(const Json& object) {
  return At(object, "payload").is_string() &&
         At(object, "protected").is_string() &&
         At(object, "signature").is_string();
}

bool IsTuf(const Json& object) {
  return HasList(object, "signatures") &&
         At(At(object, "signed"), "_type").is_string();
}

constexpr std::array<Kind, 7> kKinds = {{
    {"Sigstore bundle", "erificationMaterial", IsSigstoreBundle},
    {"npm attestations", "\"attestations\"", IsNpm},
    {"PEP 740 attestation", "attestation_bundles", IsPep740},
    {"PEP 740 attestation", "verification_material", IsPep740},
    {"DSSE envelope", "\"payloadType\"", IsDsse},
    {"cosign signature of an OCI image", "dev.cosignproject.cosign/signature",
     IsCosignManifest},
    {"TUF metadata", "\"_type\"", IsTuf},
}};

// Envelopes of Notation have no mark of their own.
constexpr Kind kNotation = {"JWS envelope (Notary Project)", "\"protected\"",
                            IsNotation};

const Kind* KindOf(std::string_view text) {
  const auto may_be = [&](const Kind& kind) {
    return text.find(kind.mark) != std::string_view::npos;
  };
  if (std::none_of(kKinds.begin(), kKinds.end(), may_be) &&
      !may_be(kNotation)) {
    return nullptr;
  }
  const auto object = ParseJson(text);
  if (!object) {
    return nullptr;
  }
  const auto* const kind = std::find_if(
      kKinds.begin(), kKinds.end(),
      [&](const Kind& one) { return may_be(one) && one.is(*object); });
  if (kind != kKinds.end()) {
    return kind;
  }
  return kNotation.is(*object) ? &kNotation : nullptr;
}

// One document, or one a line (JSON Lines: in-toto bundles of the SLSA
// generators). Each is a candidate of its own.
bool Find(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  if (content.empty() || content[0] != '{' || content.size() > kMaxSize) {
    return false;
  }
  const auto add = [&](std::string_view text, std::uint64_t offset) {
    const Kind* kind = KindOf(text);
    if (kind != nullptr) {
      into.candidates.push_back({.scheme = kAttestation.name,
                                 .place = {offset, text.size()},
                                 .key_hint = std::string(kind->title)});
    }
    return kind != nullptr;
  };
  if (add(AsText(content), 0)) {
    return true;
  }
  if (!std::string_view(subject.artifact.name).ends_with(".jsonl")) {
    return false;
  }
  bool any = false;
  std::uint64_t offset = 0;
  for (const std::string_view line : Split(AsText(content), '\n')) {
    any = (!line.empty() && add(line, offset)) || any;
    offset += line.size() + 1;
  }
  return any;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& /*trust*/) {
  SignatureCheck check;
  check.scheme = kAttestation.name;
  check.indication = Indication::kUnsupported;
  check.detail = fmt::format("{}: recognized, not verified by this version",
                             candidate.key_hint);
  return check;
}

}  // namespace

const SignatureScheme kAttestation = {
    .name = "attestation",
    .title = "attestation or container signature (recognized only)",
    .reference =
        "DSSE v1.0; Sigstore bundle 0.1-0.3; npm; PEP 740; cosign "
        "signature specification; Notary Project; TUF 1.0",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
