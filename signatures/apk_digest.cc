#include "signatures/apk_digest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "verifier/formats/disks/avb_tree.h"

namespace assay::signatures {
namespace {

constexpr std::uint64_t kChunk = 1U << 20U;
constexpr std::uint64_t kDirectoryOffset = 16;  // in the end record

constexpr std::array<ApkAlgorithm, 10> kAlgorithms = {{
    {0x0101, "RSASSA-PSS with SHA-256", "RSA", DigestAlgorithm::kSha256,
     ApkContentDigest::kChunkedSha256, Padding::kPss},
    {0x0102, "RSASSA-PSS with SHA-512", "RSA", DigestAlgorithm::kSha512,
     ApkContentDigest::kChunkedSha512, Padding::kPss},
    {0x0103, "RSASSA-PKCS1-v1_5 with SHA-256", "RSA", DigestAlgorithm::kSha256,
     ApkContentDigest::kChunkedSha256},
    {0x0104, "RSASSA-PKCS1-v1_5 with SHA-512", "RSA", DigestAlgorithm::kSha512,
     ApkContentDigest::kChunkedSha512},
    {0x0201, "ECDSA with SHA-256", "EC", DigestAlgorithm::kSha256,
     ApkContentDigest::kChunkedSha256},
    {0x0202, "ECDSA with SHA-512", "EC", DigestAlgorithm::kSha512,
     ApkContentDigest::kChunkedSha512},
    {0x0301, "DSA with SHA-256", "DSA", DigestAlgorithm::kSha256,
     ApkContentDigest::kChunkedSha256},
    {0x0421, "RSASSA-PKCS1-v1_5 with SHA-256, verity", "RSA",
     DigestAlgorithm::kSha256, ApkContentDigest::kVeritySha256},
    {0x0423, "ECDSA with SHA-256, verity", "EC", DigestAlgorithm::kSha256,
     ApkContentDigest::kVeritySha256},
    {0x0425, "DSA with SHA-256, verity", "DSA", DigestAlgorithm::kSha256,
     ApkContentDigest::kVeritySha256},
}};

void Put(Bytes& into, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    into.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

// What is digested, in order; the end record is a copy.
struct Content {
  ByteView members;
  ByteView directory;
  Bytes end;
};

Content ContentOf(ByteView apk, const ApkLayout& layout) {
  const auto part = [&](Range range) {
    return Slice(apk, range.offset, range.length).value_or(ByteView{});
  };
  Content content{.members = part({0, layout.block.offset}),
                  .directory = part(layout.directory),
                  .end = CopyOf(part(layout.end))};
  Bytes offset;
  Put(offset, layout.block.offset, 4);
  if (content.end.size() >= kDirectoryOffset + offset.size()) {
    std::ranges::copy(offset, content.end.begin() + kDirectoryOffset);
  }
  return content;
}

// 0x5a, number of chunks, for each chunk the digest of 0xa5, its length and
// its bytes.
std::string ChunkedDigest(const Content& content, DigestAlgorithm algorithm) {
  constexpr std::uint8_t kOfChunks = 0x5a;
  constexpr std::uint8_t kOfChunk = 0xa5;
  Bytes digests;
  std::uint32_t count = 0;
  for (const ByteView section :
       {content.members, content.directory, ByteView(content.end)}) {
    for (std::uint64_t at = 0; at < section.size(); at += kChunk) {
      const ByteView chunk = *Slice(
          section, at, std::min<std::uint64_t>(kChunk, section.size() - at));
      Bytes head = {kOfChunk};
      Put(head, chunk.size(), 4);
      Hasher hasher({algorithm});
      hasher.Update(head);
      hasher.Update(chunk);
      std::ranges::copy(*BytesFromHex(hasher.Finish().back().hex),
                        std::back_inserter(digests));
      ++count;
    }
  }
  Bytes all = {kOfChunks};
  Put(all, count, 4);
  std::ranges::copy(digests, std::back_inserter(all));
  return DigestOf(algorithm, all).hex;
}

// The root of the tree over all of the content, and the content's size.
std::string VerityDigest(const Content& content) {
  constexpr std::uint64_t kBlock = 4096;
  constexpr std::array<std::uint8_t, 8> kSalt = {};
  Bytes whole = CopyOf(content.members);
  std::ranges::copy(content.directory, std::back_inserter(whole));
  std::ranges::copy(content.end, std::back_inserter(whole));
  const auto tree = formats::avb::ComputeTree("sha256", kSalt, whole, kBlock);
  if (!tree) {  // no APK is so small
    return "";
  }
  Bytes digest = tree->root;
  Put(digest, whole.size(), 8);
  return HexOf(digest);
}

}  // namespace

const ApkAlgorithm* FindApkAlgorithm(std::uint32_t id) {
  const auto* const at = std::ranges::find(kAlgorithms, id, &ApkAlgorithm::id);
  return at == kAlgorithms.end() ? nullptr : at;
}

const ApkItem* BestSignature(const ApkSigner& signer) {
  const ApkItem* best = nullptr;
  ApkContentDigest strongest = {};
  for (const ApkItem& one : signer.signatures) {
    const ApkAlgorithm* algorithm = FindApkAlgorithm(one.id);
    if (algorithm != nullptr &&
        (best == nullptr || algorithm->content > strongest)) {
      best = &one;
      strongest = algorithm->content;
    }
  }
  return best;
}

std::string ContentDigestOf(ByteView apk, const ApkLayout& layout,
                            ApkContentDigest kind) {
  const Content content = ContentOf(apk, layout);
  switch (kind) {
    case ApkContentDigest::kChunkedSha256:
      return ChunkedDigest(content, DigestAlgorithm::kSha256);
    case ApkContentDigest::kChunkedSha512:
      return ChunkedDigest(content, DigestAlgorithm::kSha512);
    case ApkContentDigest::kVeritySha256:
      return VerityDigest(content);
  }
  return "";
}

}  // namespace assay::signatures
