#include "verifier/facts/key_parameters.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace assay::facts {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

// libcrypto checks the curve of larger numbers for minutes.
constexpr std::size_t kMaxDer = 4096;

struct Curve {
  Number p = {BN_new(), &BN_free};
  Number a = {BN_new(), &BN_free};
  Number b = {BN_new(), &BN_free};
};

bool Read(const EC_GROUP* group, Curve& curve) {
  return curve.p && curve.a && curve.b &&
         EC_GROUP_get_curve(group, curve.p.get(), curve.a.get(), curve.b.get(),
                            nullptr) == 1;
}

std::vector<int> KnownCurves() {
  std::vector<EC_builtin_curve> curves(EC_get_builtin_curves(nullptr, 0));
  EC_get_builtin_curves(curves.data(), curves.size());
  std::vector<int> numbers;
  for (const EC_builtin_curve& curve : curves) {
    numbers.push_back(curve.nid);
  }
  return numbers;
}

// {"prime256v1", "base point"}: the known curve over the same field, and what
// is not as there. Both "" when no known one has that field.
std::pair<std::string, std::string> Likeness(const EC_GROUP* group) {
  Curve curve;
  if (!Read(group, curve)) {
    return {};
  }
  std::pair<std::string, std::string> nearest;
  for (const int number : KnownCurves()) {
    const Group known(EC_GROUP_new_by_curve_name(number), &EC_GROUP_free);
    Curve theirs;
    if (!known || !Read(known.get(), theirs) ||
        BN_cmp(curve.p.get(), theirs.p.get()) != 0) {
      continue;
    }
    const bool same = BN_cmp(curve.a.get(), theirs.a.get()) == 0 &&
                      BN_cmp(curve.b.get(), theirs.b.get()) == 0;
    if (same || nearest.first.empty()) {
      nearest = {OBJ_nid2sn(number), same ? "base point" : "coefficients"};
    }
    if (same) {
      break;
    }
  }
  return nearest;
}

}  // namespace

std::optional<Fact> DhParametersFact(ByteView der, bool x942) {
  if (der.empty() || der.size() > kMaxDer) {
    return std::nullopt;
  }
  const unsigned char* at = der.data();
  const Key key(d2i_KeyParams(x942 ? EVP_PKEY_DHX : EVP_PKEY_DH, nullptr, &at,
                              static_cast<long>(der.size())),
                &EVP_PKEY_free);
  ERR_clear_error();
  if (!key) {
    return std::nullopt;
  }
  return Fact{.kind = "parameters",
              .value = "dh",
              .attributes = {
                  {"bits", fmt::format("{}", EVP_PKEY_get_bits(key.get()))}}};
}

std::optional<Fact> EcParametersFact(ByteView der) {
  if (der.empty() || der.size() > kMaxDer) {
    return std::nullopt;
  }
  const unsigned char* at = der.data();
  const Group group(
      d2i_ECPKParameters(nullptr, &at, static_cast<long>(der.size())),
      &EC_GROUP_free);
  ERR_clear_error();
  if (!group) {
    return std::nullopt;
  }
  // 0: any curve that libcrypto knows, not only those of NIST.
  const int known = EC_GROUP_check_named_curve(group.get(), 0, nullptr);
  auto likeness = known != NID_undef ? std::pair<std::string, std::string>(
                                           OBJ_nid2sn(known), std::string())
                                     : Likeness(group.get());
  ERR_clear_error();
  return Fact{.kind = "parameters",
              .value = "ec",
              .attributes = {
                  {"bits", fmt::format("{}", EC_GROUP_get_degree(group.get()))},
                  {"curve", std::move(likeness.first)},
                  {"differs", std::move(likeness.second)}}};
}

}  // namespace assay::facts
