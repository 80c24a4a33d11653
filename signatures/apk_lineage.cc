#include "signatures/apk_lineage.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "signatures/apk_digest.h"
#include "signatures/apk_signing_block.h"
#include "signatures/public_key.h"
#include "signatures/x509.h"

namespace assay::signatures {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxNodes = 64;

struct Node {
  ByteView signed_data;
  X509Ptr certificate;
  std::uint32_t signed_by = 0;   // algorithm of the signature, as signed
  std::uint32_t signs_with = 0;  // algorithm for the next one
  ByteView signature;
};

std::optional<Node> ReadNode(ByteView value, Range part) {
  PrefixedReader reader(value, part);
  const auto data = reader.TakePrefixed();
  const auto flags = reader.TakeNumber();
  const auto signs_with = reader.TakeNumber();
  const auto signature = reader.TakePrefixed();
  PrefixedReader inner(value, data.value_or(Range{}));
  const auto encoded = inner.TakePrefixed();
  const auto signed_by = inner.TakeNumber();
  if (!flags || !signs_with || !signature || !encoded || !signed_by) {
    return std::nullopt;
  }
  X509Ptr certificate =
      CertificateFromDer(*Slice(value, encoded->offset, encoded->length));
  if (!certificate) {
    return std::nullopt;
  }
  return Node{.signed_data = *Slice(value, data->offset, data->length),
              .certificate = std::move(certificate),
              .signed_by = *signed_by,
              .signs_with = *signs_with,
              .signature = *Slice(value, signature->offset, signature->length)};
}

// Whether `before` has signed `node`.
bool Vouches(const Node& before, const Node& node) {
  const ApkAlgorithm* algorithm = FindApkAlgorithm(before.signs_with);
  EVP_PKEY* key = X509_get0_pubkey(before.certificate.get());
  return algorithm != nullptr && key != nullptr &&
         node.signed_by == before.signs_with &&
         UseOf(*key, {}).key == algorithm->key &&
         HoldsOverMessage(*key, algorithm->digest, node.signed_data,
                          node.signature, algorithm->padding);
}

}  // namespace

ApkLineage CheckApkLineage(ByteView value, const X509& signer) {
  ApkLineage lineage;
  PrefixedReader reader(value, {0, value.size()});
  const auto version = reader.TakeNumber();
  if (version != kVersion) {
    lineage.problem = "the proof of rotation has another version than 1";
    return lineage;
  }
  std::vector<Node> nodes;
  while (!reader.empty()) {
    const auto part = reader.TakePrefixed();
    auto node = part ? ReadNode(value, *part) : std::nullopt;
    if (!node || nodes.size() == kMaxNodes) {
      lineage.problem = "the proof of rotation is cut short";
      return lineage;
    }
    const bool again = std::ranges::any_of(nodes, [&](const Node& other) {
      return X509_cmp(other.certificate.get(), node->certificate.get()) == 0;
    });
    if (again || (!nodes.empty() && !Vouches(nodes.back(), *node))) {
      lineage.problem = fmt::format(
          "the proof of rotation: {} is not signed by the one before it",
          SubjectNameOf(*node->certificate));
      return lineage;
    }
    if (!nodes.empty()) {
      lineage.steps.push_back(
          fmt::format("{} succeeds {} ({})", SubjectNameOf(*node->certificate),
                      SubjectNameOf(*nodes.back().certificate),
                      FingerprintOf(*nodes.back().certificate)));
    }
    nodes.push_back(std::move(*node));
  }
  if (nodes.empty() || X509_cmp(nodes.back().certificate.get(), &signer) != 0) {
    lineage.problem = "the proof of rotation does not end in the signer";
  }
  return lineage;
}

}  // namespace assay::signatures
