// U-Boot FIT images: a devicetree that holds images, the configurations that
// combine them, and signatures over a configuration or a single image.
// Layout: U-Boot doc/usage/fit/signature.rst; boot/image-fit-sig.c.
//
// A configuration's signature covers 700 bytes of nodes; the images are bound
// to it by the hash nodes alone. So a signature that holds says nothing until
// every image that the configuration names has the digest that it states.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/fit_regions.h"
#include "signatures/raw_signature.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/boot/fdt_view.h"

namespace assay::signatures {
namespace {

using formats::FdtProperty;
using formats::FdtView;
using Kind = RawSignature::Kind;

constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxMessage = 1UL << 20U;
constexpr std::size_t kMaxRanges = 4096;  // of one signature
constexpr std::size_t kMaxProblems = 8;

struct Algorithm {
  std::string_view name;
  Kind kind;
  std::uint32_t bits;
};
constexpr std::array<Algorithm, 7> kAlgorithms = {{
    {"rsa2048", Kind::kRsaPkcs1, 2048},
    {"rsa3072", Kind::kRsaPkcs1, 3072},
    {"rsa4096", Kind::kRsaPkcs1, 4096},
    {"ecdsa256", Kind::kEcdsaRaw, 256},
    {"ecdsa384", Kind::kEcdsaRaw, 384},
    {"ecdsa521", Kind::kEcdsaRaw, 521},
    {"secp521r1", Kind::kEcdsaRaw, 521},
}};

// "sha256,rsa2048", and "padding" when it is not PKCS #1 v1.5.
RawSignature SignatureOf(const FdtView& tree, std::size_t node) {
  RawSignature signature;
  const std::string_view algo = TextOf(tree, node, "algo");
  const std::string_view padding = TextOf(tree, node, "padding");
  signature.algorithm = algo;
  if (!padding.empty()) {
    signature.algorithm += fmt::format(",{}", padding);
  }
  if (const FdtProperty* value = tree.Find(node, "value")) {
    signature.value = CopyOf(tree.Value(*value));
  }
  const std::size_t comma = std::min(algo.find(','), algo.size());
  const auto digest = DigestAlgorithmOf(algo.substr(0, comma));
  const std::string_view key = algo.substr(std::min(comma + 1, algo.size()));
  const auto* known = std::ranges::find_if(
      kAlgorithms, [&](const Algorithm& one) { return one.name == key; });
  if (!digest || known == kAlgorithms.end()) {
    return signature;
  }
  const bool rsa = known->kind == Kind::kRsaPkcs1;
  if (!padding.empty() && padding != "pkcs-1.5" && (padding != "pss" || !rsa)) {
    return signature;
  }
  signature.kind = padding == "pss" ? Kind::kRsaPss : known->kind;
  signature.bits = known->bits;
  signature.digest = digest;
  return signature;
}

// One FIT while its signatures are looked for.
class Finder {
 public:
  Finder(const FdtView& tree, ByteView file, Observations& into)
      : tree_(tree), file_(file), into_(into) {}

  void FindAll() {
    CheckTree();
    for (const char* parent : {"configurations", "images"}) {
      const auto node = tree_.Child(0, parent);
      for (const std::size_t owner :
           node ? ChildrenOf(tree_, *node) : FdtNodes{}) {
        for (const std::size_t signature : ChildrenOf(tree_, owner)) {
          if (tree_.nodes[signature].name.starts_with("signature")) {
            AddSignature(owner, signature, parent[0] == 'c');
          }
        }
      }
    }
  }

 private:
  // libfdt takes names that differ from '@' on for the same.
  void CheckTree() {
    if (tree_.damage) {
      AddProblem(tree_.damage->what);
    }
    if (!tree_.nodes.front().name.empty()) {
      AddProblem("the root node has a name");
    }
    std::map<std::pair<std::size_t, std::string_view>, int> seen;
    for (std::size_t i = 1; i < tree_.nodes.size(); ++i) {
      const std::string_view name = tree_.nodes[i].name;
      if (name.find('@') != std::string_view::npos) {
        AddProblem(fmt::format("the node name {} contains '@'", Escaped(name)));
      }
      if (++seen[{tree_.nodes[i].parent, name}] == 2) {
        AddProblem(fmt::format("two nodes are called {}", Escaped(name)));
      }
    }
    seen.clear();
    for (const FdtProperty& property : tree_.properties) {
      if (++seen[{property.node, property.name}] == 2) {
        AddProblem(fmt::format("a node has two properties {}",
                               Escaped(property.name)));
      }
    }
  }

  void AddProblem(std::string what) {
    if (problems_.size() < kMaxProblems) {
      problems_.push_back(std::move(what));
    }
  }

  void AddSignature(std::size_t owner, std::size_t node, bool configuration) {
    if (++count_ > kMaxSignatures) {
      if (count_ == kMaxSignatures + 1) {
        into_.candidates.push_back(
            {.scheme = kFit.name,
             .place = tree_.structure,
             .problems = {"more than 64 signatures in one FIT"}});
      }
      return;
    }
    const RawSignature signature = SignatureOf(tree_, node);
    const FdtProperty* value = tree_.Find(node, "value");
    SignatureCandidate candidate{
        .scheme = kFit.name,
        .signature = Encode(signature),
        .place = value != nullptr ? value->value : tree_.nodes[node].begin,
        .key_hint = Escaped(TextOf(tree_, node, "key-name-hint")),
        .problems = problems_};
    if (value == nullptr) {
      candidate.problems.push_back(
          fmt::format("{} has no value", Escaped(tree_.nodes[node].name)));
    }
    if (configuration) {
      CoverConfiguration(owner, node, candidate);
    } else {
      CoverImage(owner, signature, candidate);
    }
    AddInert(node, candidate);
    into_.candidates.push_back(std::move(candidate));
  }

  void CoverConfiguration(std::size_t configuration, std::size_t node,
                          SignatureCandidate& candidate) {
    FitRegions regions = RegionsOf(tree_, configuration, node);
    std::ranges::move(regions.problems, std::back_inserter(candidate.problems));
    for (const Range& range : regions.ranges) {
      const ByteView bytes = *Slice(file_, range.offset, range.length);
      if (bytes.size() > kMaxMessage - candidate.message.size() ||
          candidate.ranges.size() >= kMaxRanges) {
        candidate.problems.emplace_back(
            "the signed nodes are over 1 MiB, or scattered");
        break;
      }
      candidate.message.insert(candidate.message.end(), bytes.begin(),
                               bytes.end());
      candidate.ranges.push_back(
          {.range = range,
           .what = fmt::format("configurations/{}",
                               tree_.nodes[configuration].name)});
    }
    if (const std::string missing = LeftOutOf(tree_, regions.images, node);
        !missing.empty()) {
      candidate.key_hint +=
          fmt::format(" (its hashed-nodes leaves out {})", missing);
    }
    for (const std::size_t image : regions.images) {
      CoverByHash(image, candidate);
    }
  }

  // An image's own signature is over its data, and over nothing that says
  // what is done with them.
  void CoverImage(std::size_t image, const RawSignature& signature,
                  SignatureCandidate& candidate) {
    const auto data = DataOf(image, candidate);
    if (!data) {
      return;
    }
    candidate.ranges.push_back({.range = *data, .what = NameOf(image)});
    const auto algorithm = signature.digest.value_or(DigestAlgorithm::kSha256);
    if (auto digest = DigestOfData(algorithm, *data, candidate)) {
      candidate.message_digests.push_back(std::move(*digest));
    }
  }

  // Where the image's bytes lie: one of data, data-offset, data-position.
  std::optional<Range> DataOf(std::size_t image,
                              SignatureCandidate& candidate) const {
    std::vector<Range> found;
    const auto size = tree_.Cell(image, "data-size");
    if (const FdtProperty* data = tree_.Find(image, "data")) {
      found.push_back(data->value);
    }
    if (const auto at = tree_.Cell(image, "data-position"); at && size) {
      found.push_back({*at, *size});
    }
    if (const auto at = tree_.Cell(image, "data-offset"); at && size) {
      found.push_back(
          {(std::uint64_t{tree_.bytes.size()} + 3) / 4 * 4 + *at, *size});
    }
    if (found.size() != 1 ||
        !Slice(file_, found.front().offset, found.front().length)) {
      candidate.problems.push_back(
          fmt::format("{} has {}", NameOf(image),
                      found.size() > 1 ? "its data more than once"
                      : found.empty()  ? "no data"
                                       : "data that end past the file"));
      return std::nullopt;
    }
    return found.front();
  }

  void CoverByHash(std::size_t image, SignatureCandidate& candidate) {
    const auto data = DataOf(image, candidate);
    if (!data) {
      return;
    }
    std::size_t hashes = 0;
    std::vector<ClaimedRange> strong;
    std::vector<ClaimedRange> weak;
    for (const std::size_t node : ChildrenOf(tree_, image)) {
      if (!tree_.nodes[node].name.starts_with("hash")) {
        continue;
      }
      ++hashes;
      const std::string_view algo = TextOf(tree_, node, "algo");
      const auto algorithm = DigestAlgorithmOf(algo);
      const FdtProperty* value = tree_.Find(node, "value");
      if (!algorithm || value == nullptr) {
        weak.push_back(
            {.range = *data,
             .coverage = Coverage::kUncoveredLive,
             .what = fmt::format("{} ({})", NameOf(image),
                                 algo.empty() ? "no hash" : Escaped(algo))});
        continue;
      }
      ClaimedRange claimed{
          .range = *data,
          .coverage = Coverage::kByDigest,
          .what = NameOf(image),
          .expected = Digest{*algorithm, HexOf(tree_.Value(*value))},
          .found = DigestOfData(*algorithm, *data, candidate)};
      const bool is_weak = *algorithm == DigestAlgorithm::kMd5 ||
                           *algorithm == DigestAlgorithm::kSha1;
      (is_weak ? weak : strong).push_back(std::move(claimed));
    }
    if (hashes == 0) {
      candidate.problems.push_back(
          fmt::format("{} has no hash node", NameOf(image)));
    }
    // A CRC beside a strong digest adds nothing, a wrong one is still wrong.
    std::erase_if(weak, [&](const ClaimedRange& one) {
      return !strong.empty() && one.coverage == Coverage::kUncoveredLive;
    });
    for (auto* list : {&strong, &weak}) {
      std::ranges::move(*list, std::back_inserter(candidate.ranges));
    }
  }

  // What no signature can cover and what places the data.
  void AddInert(std::size_t signature, SignatureCandidate& candidate) const {
    static constexpr std::array<std::string_view, 10> kOwn = {
        "value",        "algo",          "padding",        "key-name-hint",
        "timestamp",    "signer-name",   "signer-version", "comment",
        "hashed-nodes", "hashed-strings"};
    const std::size_t most = candidate.ranges.size() + kMaxRanges;
    const auto inert = [&](Range range, std::string what) {
      if (candidate.ranges.size() >= most) {
        return;  // the rest counts as what nobody reaches
      }
      candidate.ranges.push_back({.range = range,
                                  .coverage = Coverage::kUncoveredInert,
                                  .what = std::move(what)});
    };
    inert(tree_.header, "devicetree header");
    if (tree_.reservations.length == 16) {
      inert(tree_.reservations, "empty memory reservations");
    }
    for (const FdtProperty& property : tree_.properties) {
      if (property.node == signature &&
          (std::ranges::find(kOwn, property.name) != kOwn.end() ||
           property.name == "sign-images")) {
        inert(property.whole,
              fmt::format("{} of the signature", property.name));
      } else if (property.name == "data-size" ||
                 property.name == "data-offset" ||
                 property.name == "data-position") {
        inert(property.whole, std::string(property.name));
      } else if (property.name == "data") {
        inert({property.whole.offset,
               property.value.offset - property.whole.offset},
              "header of data");
        const Range padding{property.value.end(),
                            property.whole.end() - property.value.end()};
        if (std::ranges::all_of(Slice(file_, padding.offset, padding.length)
                                    .value_or(ByteView()),
                                [](std::uint8_t byte) { return byte == 0; })) {
          inert(padding, "padding of data");
        }
      }
    }
  }

  std::string NameOf(std::size_t image) const {
    return fmt::format("images/{}", Escaped(tree_.nodes[image].name));
  }

  // Images may share their data, which are read once; a FIT whose images
  // overlap each other without end is not read on.
  std::optional<Digest> DigestOfData(DigestAlgorithm algorithm, Range data,
                                     SignatureCandidate& candidate) {
    auto [at, fresh] = digests_.try_emplace({data, algorithm});
    if (fresh) {
      if (data.length / 8 > file_.size() - read_ / 8) {
        candidate.problems.emplace_back("images overlap each other");
        digests_.erase(at);
        return std::nullopt;
      }
      read_ += data.length;
      at->second = DigestOf(algorithm, *Slice(file_, data.offset, data.length));
    }
    return at->second;
  }

  const FdtView& tree_;
  ByteView file_;
  Observations& into_;
  std::vector<std::string> problems_;  // of the tree: every signature's
  std::map<std::pair<Range, DigestAlgorithm>, Digest> digests_;
  std::uint64_t read_ = 0;  // bytes of images, for all digests
  std::size_t count_ = 0;
};

bool Find(const Subject& subject, Observations& into) {
  if (!FdtView::HasHeader(subject.content)) {
    return false;
  }
  const auto tree = FdtView::Parse(subject.content);
  if (!tree || tree->nodes.empty() || !tree->Child(0, "images")) {
    return false;
  }
  Finder(*tree, subject.content, into).FindAll();
  return true;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  RawRules rules{.scheme = kFit.name};
  for (const ClaimedRange& range : candidate.ranges) {
    const bool weak = range.coverage == Coverage::kUncoveredLive ||
                      (range.expected && !trust.legacy_algorithms &&
                       (range.expected->algorithm == DigestAlgorithm::kMd5 ||
                        range.expected->algorithm == DigestAlgorithm::kSha1));
    const bool strong_too =
        std::ranges::any_of(candidate.ranges, [&](const ClaimedRange& other) {
          return other.expected && other.range == range.range &&
                 SizeOf(other.expected->algorithm) >= 32;
        });
    if (weak && !strong_too) {
      rules.weakness = fmt::format("no strong digest binds {}", range.what);
    }
  }
  return CheckRaw(candidate, candidate.message, trust, rules);
}

}  // namespace

const SignatureScheme kFit = {
    .name = "fit",
    .title = "U-Boot FIT signature",
    .reference = "U-Boot doc/usage/fit/signature.rst; boot/image-fit-sig.c",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
