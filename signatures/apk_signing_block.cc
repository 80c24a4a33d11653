#include "signatures/apk_signing_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/archives/zip_records.h"

namespace assay::signatures {
namespace {

constexpr std::uint64_t kPrefix = 4;
constexpr std::size_t kMaxPairs = 1024;
constexpr std::size_t kMaxItems = 64;  // signers, digests, certificates ...

// Fields of the end of central directory record.
constexpr std::uint64_t kDirectorySize = 12;
constexpr std::uint64_t kDirectoryOffset = 16;

void ReadPairs(ByteView apk, ApkLayout& layout) {
  constexpr std::uint64_t kSize = 8;
  constexpr std::uint64_t kFooter = 24;  // size again, magic
  const std::uint64_t end = layout.block.end() - kFooter;
  std::uint64_t at = layout.block.offset + kSize;
  while (at < end) {
    const auto length = ReadAt<Le64>(apk, at);
    if (!length || end - at < 12 || *length < 4 || *length > end - at - 8 ||
        layout.pairs.size() == kMaxPairs) {
      layout.problems.push_back(
          fmt::format("the signing block's pair at {} does not fit", at));
      return;
    }
    layout.pairs.push_back({.id = *ReadAt<Le32>(apk, at + 8),
                            .header = {at, 12},
                            .value = {at + 12, *length - 4}});
    at += 8 + *length;
  }
  for (const std::uint32_t id : {kApkV2Id, kApkV3Id, kApkV31Id}) {
    if (std::ranges::count(layout.pairs, id, &ApkPair::id) > 1) {
      layout.problems.push_back(
          fmt::format("more than one pair has the id {:#x}", id));
    }
  }
}

// Reads a signer field by field; the first that does not fit makes the rest
// empty.
class SignerReader {
 public:
  SignerReader(ByteView value, bool with_sdk)
      : value_(value), with_sdk_(with_sdk) {}

  ApkSigner Read(Range part) {
    PrefixedReader reader(value_, part);
    signer_.signed_data = Prefixed(reader, "signed data");
    const auto sdk = Sdk(reader);
    const Range signatures = Prefixed(reader, "signatures");
    signer_.public_key = Prefixed(reader, "public key");
    Claim(signer_.public_key);
    signer_.signatures = Items(signatures, "signatures");
    for (const ApkItem& item : signer_.signatures) {
      // Its own two lengths and the algorithm.
      constexpr std::uint64_t kHead = 3 * kPrefix;
      Claim({item.value.offset - kHead, item.value.length + kHead});
    }
    ReadSignedData();
    if (sdk.first != signer_.min_sdk || sdk.second != signer_.max_sdk) {
      Refuse("SDK versions");
    }
    return std::move(signer_);
  }

 private:
  void Refuse(std::string_view what) {
    if (signer_.problem.empty()) {
      signer_.problem = fmt::format("a signer's {} do not fit", what);
    }
  }
  void Claim(Range range) { signer_.framing.push_back(range); }

  Range Prefixed(PrefixedReader& reader, std::string_view what) {
    const std::uint64_t at = reader.at();
    const auto field = reader.TakePrefixed();
    if (!field) {
      Refuse(what);
      return {};
    }
    Claim({at, kPrefix});
    return *field;
  }

  std::pair<std::uint32_t, std::uint32_t> Sdk(PrefixedReader& reader) {
    if (!with_sdk_) {
      return {0, UINT32_MAX};
    }
    const std::uint64_t at = reader.at();
    const auto least = reader.TakeNumber();
    const auto most = reader.TakeNumber();
    if (!least || !most) {
      Refuse("SDK versions");
      return {};
    }
    Claim({at, 2 * kPrefix});
    return {*least, *most};
  }

  // Prefixed items: a number and a prefixed value (digests, signatures).
  std::vector<ApkItem> Items(Range part, std::string_view what) {
    std::vector<ApkItem> items;
    PrefixedReader reader(value_, part);
    while (!reader.empty()) {
      const auto item = reader.TakePrefixed();
      PrefixedReader inner(value_, item.value_or(Range{}));
      const auto id = inner.TakeNumber();
      const auto content = inner.TakePrefixed();
      if (!id || !content || items.size() == kMaxItems) {
        Refuse(what);
        break;
      }
      items.push_back({*id, *content});
    }
    return items;
  }

  void ReadSignedData() {
    PrefixedReader reader(value_, signer_.signed_data);
    signer_.digests = Items(reader.TakePrefixed().value_or(Range{}), "digests");
    PrefixedReader certificates(value_,
                                reader.TakePrefixed().value_or(Range{}));
    while (!certificates.empty()) {
      const auto one = certificates.TakePrefixed();
      if (!one || signer_.certificates.size() == kMaxItems) {
        Refuse("certificates");
        break;
      }
      signer_.certificates.push_back(*one);
    }
    if (with_sdk_) {
      const auto least = reader.TakeNumber();
      const auto most = reader.TakeNumber();
      signer_.min_sdk = least.value_or(0);
      signer_.max_sdk = most.value_or(0);
      if (!least || !most || signer_.min_sdk > signer_.max_sdk) {
        Refuse("SDK versions");
      }
    }
    const auto attributes = reader.TakePrefixed();
    if (!attributes) {
      Refuse("attributes");
      return;
    }
    PrefixedReader list(value_, *attributes);
    while (!list.empty()) {
      const auto one = list.TakePrefixed();
      PrefixedReader inner(value_, one.value_or(Range{}));
      const auto id = inner.TakeNumber();
      if (!id || signer_.attributes.size() == kMaxItems) {
        Refuse("attributes");
        break;
      }
      signer_.attributes.push_back({*id, inner.rest()});
    }
  }

  ByteView value_;
  bool with_sdk_;
  ApkSigner signer_;
};

const ApkItem* FindItem(const std::vector<ApkItem>& items, std::uint32_t id) {
  const auto at = std::ranges::find(items, id, &ApkItem::id);
  return at == items.end() ? nullptr : &*at;
}

// The block's last magic alone: whoever changed the rest must not thereby make
// the archive an unsigned one.
std::optional<ApkLayout> Damaged(ByteView apk, std::uint64_t directory) {
  constexpr std::string_view kMagic = "APK Sig Block 42";
  if (directory < kMagic.size()) {
    return std::nullopt;
  }
  const Range magic{directory - kMagic.size(), kMagic.size()};
  const auto bytes = Slice(apk, magic.offset, magic.length);
  if (!bytes || AsText(*bytes) != kMagic) {
    return std::nullopt;
  }
  return ApkLayout{.block = magic,
                   .problems = {"the signing block's two sizes disagree"}};
}

}  // namespace

const ApkPair* ApkLayout::Find(std::uint32_t id) const {
  const auto at = std::ranges::find(pairs, id, &ApkPair::id);
  return at == pairs.end() ? nullptr : &*at;
}

const ApkItem* ApkSigner::Attribute(std::uint32_t id) const {
  return FindItem(attributes, id);
}

std::optional<ApkLayout> ReadApkLayout(ByteView apk) {
  const auto found = formats::FindZipDirectory(apk);
  if (!found) {
    return std::nullopt;
  }
  const std::uint64_t end = found->end.offset;
  const std::uint64_t offset =
      ReadAt<Le32>(apk, end + kDirectoryOffset).value_or(Le32{});
  const std::uint64_t size =
      ReadAt<Le32>(apk, end + kDirectorySize).value_or(Le32{});
  auto block = formats::FindApkSigningBlock(apk, offset);
  if (!block) {
    block = formats::FindApkSigningBlock(apk, found->directory.offset);
  }
  if (!block) {
    return Damaged(apk, offset);
  }
  ApkLayout layout{
      .block = *block, .directory = {offset, size}, .end = found->end};
  if (!apk.empty() && !formats::HasZipSignature(apk, 0, formats::kZipLocal)) {
    layout.problems.emplace_back("no zip member begins at the first byte");
  }
  if (block->end() != offset || offset > end || size != end - offset) {
    layout.problems.emplace_back(
        "signing block, central directory and end record do not follow each "
        "other without a gap");
    layout.directory = {block->end(), end - block->end()};
  }
  if (found->end.end() != apk.size()) {
    layout.problems.emplace_back("bytes stand behind the end record");
  }
  if (found->rival || found->zip64_end || found->locator) {
    layout.problems.emplace_back("there is more than one end record");
  }
  ReadPairs(apk, layout);
  return layout;
}

std::vector<ApkSigner> ReadApkSigners(ByteView value, bool with_sdk) {
  std::vector<ApkSigner> signers;
  PrefixedReader outer(value, {0, value.size()});
  const auto list = outer.TakePrefixed();
  PrefixedReader reader(value, list.value_or(Range{}));
  while (!reader.empty() && signers.size() < kMaxItems) {
    const std::uint64_t at = reader.at();
    const auto part = reader.TakePrefixed();
    ApkSigner signer;
    if (part) {
      signer = SignerReader(value, with_sdk).Read(*part);
      signer.framing.push_back({at, kPrefix});
    } else {
      signer.problem = "a signer's length does not fit";
    }
    signers.push_back(std::move(signer));
    if (!signers.back().problem.empty()) {
      return signers;
    }
  }
  if (!list || signers.empty() || !reader.empty()) {
    signers.push_back({.problem = "no list of signers, or too many of them"});
  } else {
    signers.front().framing.push_back({0, kPrefix});
  }
  return signers;
}

std::optional<std::uint32_t> PrefixedReader::TakeNumber() {
  const auto number =
      end_ - at_ < kPrefix ? std::nullopt : ReadAt<Le32>(whole_, at_);
  if (!number) {
    return std::nullopt;
  }
  at_ += kPrefix;
  return *number;
}

std::optional<Range> PrefixedReader::TakePrefixed() {
  const std::uint64_t before = at_;
  const auto length = TakeNumber();
  if (!length || *length > end_ - at_) {
    at_ = before;
    return std::nullopt;
  }
  const Range field{at_, *length};
  at_ += *length;
  return field;
}

}  // namespace assay::signatures
