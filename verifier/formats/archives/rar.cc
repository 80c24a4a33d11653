// RAR archives, version 1.5 to 4 and 5. Headers are read here, with the
// checksum of each; stored members are windows on the archive, compressed ones
// are decoded by libarchive, and checked against the CRC that our headers
// state. Members that are encrypted or go on in another volume are opaque.
//
// Claims: headers, comments, recovery records and what services keep are
// metadata, which every reader passes over.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/blake2sp.h"
#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/archives/rar_block.h"
#include "verifier/formats/archives/rar_decoder.h"
#include "verifier/formats/format.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

using rar::Block;
using rar::BlockKind;
using rar::Blocks;

constexpr std::uint64_t kMostTarget = 4096;  // Linux PATH_MAX

// Passes content on and computes its CRC-32.
class CrcStream : public ByteStream {
 public:
  explicit CrcStream(ByteStream& inner) : inner_(inner) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = inner_.Read(into);
    if (count) {
      crc_ = Crc32(ByteView(into).first(*count), crc_);
      size_ += *count;
      ended_ = *count == 0 && !into.empty();
    }
    return count;
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  ByteStream& inner_;
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
  bool ended_ = false;
};

class Archive {
 public:
  Archive(const ByteSource& source, std::uint64_t signature,
          const std::vector<Block>& blocks, ArtifactSink& sink)
      : source_(source), signature_(signature), blocks_(blocks), sink_(sink) {}

  Result<void> Run() {
    sink_.Claim({0, signature_}, RegionUse::kMetadata);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      sink_.Claim(block.header, RegionUse::kMetadata);
      Result<void> added;
      if (block.kind == BlockKind::kFile) {
        added = AddFile(i);
      } else if (block.kind == BlockKind::kService && block.name == "STM") {
        added = AddStreamOf(block);
      } else if (block.data.length > 0) {
        sink_.Claim(block.data, RegionUse::kMetadata);
        sink_.PassOver(block.data);
      }
      if (!added) {
        return added;
      }
    }
    return {};
  }

 private:
  Result<void> AddFile(std::size_t index) {
    const Block& block = blocks_[index];
    Member member{.name = BoundedName(block.name, "rar", block.header, sink_),
                  .meta = block.meta};
    last_name_ = member.name;
    if (block.data.length > 0) {
      member.origin = block.data;
    }
    const FileType type = block.meta.type;
    if (type == FileType::kDirectory || type == FileType::kHardLink ||
        !block.meta.link_target.empty()) {
      return AddWithoutContent(block, std::move(member));
    }
    if (std::string why = OpaqueReason(block); !why.empty()) {
      if (!block.stored || block.solid) {
        chain_broken_ = true;
      }
      return sink_.AddOpaque(std::move(member), std::move(why));
    }
    if (block.stored) {
      return AddStored(block, std::move(member));
    }
    return AddCompressed(index, std::move(member));
  }

  // Nothing is to be there; if something is, nobody reads it.
  Result<void> AddWithoutContent(const Block& block, Member member) {
    member.origin.reset();
    if (block.data.length > 0) {
      sink_.Claim(block.data, RegionUse::kSlack);
      sink_.Report({.id = "rar.unread-data",
                    .range = block.data,
                    .detail = member.name + " is no file, but has data"});
    }
    return sink_.AddEmpty(std::move(member));
  }

  [[nodiscard]] static std::string OpaqueReason(const Block& block) {
    if (block.encrypted) {
      return "encrypted";
    }
    if (block.split_before || block.split_after) {
      return "continues in another volume";
    }
    return block.unsupported;
  }

  Result<void> AddStored(const Block& block, Member member) {
    const ByteSource content = *source_.Slice(block.data);
    if (block.size && *block.size != content.size()) {
      sink_.Report(
          {.id = "rar.size-mismatch",
           .range = block.header,
           .detail = fmt::format("{} is stored in {} bytes, {} are "
                                 "stated",
                                 member.name, content.size(), *block.size)});
    }
    if (block.crc) {
      CompareCrc(block, Crc32(content.bytes()), member.name);
    }
    // Of what is packed, the decoder compares it.
    if (block.blake2 && *block.blake2 != Blake2spOf(content.bytes())) {
      sink_.Report({.id = "rar.digest-mismatch",
                    .range = block.data,
                    .detail = member.name + ": another BLAKE2sp is stated"});
    }
    if (block.meta.type == FileType::kSymlink) {
      return AddLink(block, AsText(content.bytes()), std::move(member));
    }
    member.stored = true;
    return sink_.Add(std::move(member), content);
  }

  // Of old archives, the content of a link is where it points to.
  Result<void> AddLink(const Block& block, std::string_view target,
                       Member member) {
    sink_.Claim(block.data, RegionUse::kMetadata);
    member.origin.reset();
    member.meta.link_target = target.substr(0, kMostTarget);
    return sink_.AddEmpty(std::move(member));
  }

  void CompareCrc(const Block& block, std::uint32_t crc,
                  const std::string& name) {
    if (block.crc && crc != *block.crc) {
      sink_.Report({.id = "rar.checksum-mismatch",
                    .range = block.data,
                    .detail = fmt::format("{}: CRC {:08x} is stated, it is "
                                          "{:08x}",
                                          name, *block.crc, crc)});
    }
  }

  // Signature, main header and the members from `first` on that build on each
  // other. What is stored does not take part.
  [[nodiscard]] std::vector<Range> RunFrom(std::size_t first) const {
    std::vector<Range> run = {{0, signature_}};
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      if (block.kind == BlockKind::kMain) {
        run.push_back(block.header);
      }
      const bool compressed = i >= first && block.kind == BlockKind::kFile &&
                              !block.stored && block.data.length > 0;
      if (!compressed) {
        continue;
      }
      if (i > first && (!block.solid || !OpaqueReason(block).empty())) {
        break;
      }
      run.push_back(block.header);
      run.push_back(block.data);
    }
    if (!blocks_.empty() && blocks_.back().kind == BlockKind::kEnd) {
      run.push_back(blocks_.back().header);
    }
    return run;
  }

  Result<void> AddCompressed(std::size_t index, Member member) {
    const Block& block = blocks_[index];
    if (block.data.length == 0) {
      member.stored = true;
      return sink_.Add(std::move(member), {});
    }
    if (!block.solid) {
      chain_broken_ = false;
    }
    if (block.solid && chain_broken_) {
      return sink_.AddOpaque(std::move(member),
                             "builds on a member that is not decoded");
    }
    if (!block.solid || !decoder_) {
      decoder_.emplace(source_, rar::IsNew(signature_), RunFrom(index));
    }
    if (auto ok = decoder_->Next(block.size); !ok) {
      chain_broken_ = true;
      return sink_.AddOpaque(std::move(member), ok.error().what);
    }
    CrcStream content(decoder_->content());
    if (block.meta.type == FileType::kSymlink) {
      const auto target = ReadAll(content, kMostTarget);
      return target ? AddLink(block, AsText(*target), std::move(member))
                    : sink_.AddOpaque(std::move(member), target.error().what);
    }
    const std::string name = member.name;
    auto added = sink_.AddStream(std::move(member), content);
    if (!content.ended()) {
      chain_broken_ = true;
    } else {
      CompareCrc(block, content.crc(), name);
      if (block.size && content.size() != *block.size) {
        sink_.Report(
            {.id = "rar.size-mismatch",
             .range = block.header,
             .detail = fmt::format("{} has {} bytes, {} are stated", name,
                                   content.size(), *block.size)});
      }
    }
    return added;
  }

  // An NTFS stream of the file before.
  Result<void> AddStreamOf(const Block& block) {
    std::string name = rar::IsNew(signature_)
                           ? block.service_data
                           : TextOfUtf16(AsBytes(block.service_data));
    if (name.empty() || name.front() != ':') {
      name.insert(name.begin(), ':');
    }
    Member member{
        .name = BoundedName(last_name_ + name, "rar", block.header, sink_),
        .origin = block.data};
    if (std::string why = OpaqueReason(block); !why.empty()) {
      return sink_.AddOpaque(std::move(member), std::move(why));
    }
    if (!block.stored) {
      return sink_.AddOpaque(std::move(member),
                             "a compressed stream of a service");
    }
    return AddStored(block, std::move(member));
  }

  const ByteSource& source_;
  std::uint64_t signature_;
  const std::vector<Block>& blocks_;
  ArtifactSink& sink_;
  std::string last_name_;
  std::optional<rar::Decoder> decoder_;
  bool chain_broken_ = false;
};

bool Matches(ByteView head) {
  const auto signature = rar::SignatureSize(head);
  const auto first = signature ? rar::ReadBlock(head, *signature, *signature)
                               : Result<Block>(Fail(Error{}));
  return first && (first->kind == BlockKind::kMain ||
                   first->kind == BlockKind::kEncryption);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto signature = rar::SignatureSize(bytes);
  if (!signature) {
    return Fail(ErrorCode::kNotThisFormat, "no RAR archive");
  }
  const Blocks blocks = rar::ReadBlocks(bytes, *signature, Limits{}.entries);
  if (blocks.damage) {
    return Fail(*blocks.damage);
  }
  if (blocks.encrypted) {
    return Fail(ErrorCode::kUnsupported,
                "rar: where it ends is encrypted like all headers");
  }
  return blocks.end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto signature = rar::SignatureSize(source.bytes());
  if (!signature) {
    return Fail(ErrorCode::kMalformed, "no RAR archive");
  }
  const Blocks blocks =
      rar::ReadBlocks(source.bytes(), *signature, sink.limits().entries);
  if (auto ok = Archive(source, *signature, blocks.all, sink).Run(); !ok) {
    return ok;
  }
  std::uint64_t end = blocks.end;
  if (blocks.encrypted && end < source.size()) {
    const Range rest{end, source.size() - end};
    if (auto ok = sink.AddOpaque({.name = "#encrypted", .origin = rest},
                                 "encrypted, with the names of its members");
        !ok) {
      return ok;
    }
    end = source.size();
  }
  if (blocks.damage) {
    return Fail(*blocks.damage);
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {std::string_view("Rar!\x1A\x07\0", 7)},
    {std::string_view("Rar!\x1A\x07\x01\0", 8)}};

}  // namespace

extern const Format kRar;
const Format kRar = {
    .name = "rar",
    .title = "RAR archive",
    .reference = "technote.txt of RAR 4; rarlab.com/technote.htm",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
