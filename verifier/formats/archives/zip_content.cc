#include "verifier/formats/archives/zip_content.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/base/byte_stream.h"
#include "verifier/base/crc32.h"
#include "verifier/base/text.h"

namespace assay::formats {
namespace {

// Compression methods (APPNOTE 4.4.5).
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kAtOnce = 1U << 20U;  // of content

// Methods whose data are a whole file of a format of ours.
std::string_view FormatOf(std::uint16_t method) {
  switch (method) {
    case 12:
      return "bzip2";
    case 20:
    case 93:
      return "zstd";
    case 95:
      return "xz";
    default:
      return {};
  }
}

const Format* FormatNamed(std::string_view name) {
  const auto all = AllFormats();
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [&](const Format* format) { return format->name == name; });
  return found == all.end() ? nullptr : *found;
}

// Raw deflate (RFC 1951).
class InflateStream : public ByteStream {
 public:
  explicit InflateStream(ByteSource packed) : packed_(std::move(packed)) {
    isal_inflate_init(state_.get());
  }

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !error_ &&
           state_->block_state != ISAL_BLOCK_FINISH) {
      filled += Step(into.subspan(filled));
    }
    if (filled == 0 && error_) {
      return Fail(*error_);
    }
    return filled;
  }

  // Bytes of the packed data that were read; exact once the stream has ended.
  [[nodiscard]] std::uint64_t used() const { return used_; }

 private:
  std::size_t Step(std::span<std::uint8_t> into) {
    constexpr std::size_t kPiece = 1UL << 30U;  // the library counts in 32 bits
    const ByteView left = packed_.From(used_).bytes();
    const auto in = static_cast<std::uint32_t>(std::min(left.size(), kPiece));
    const auto out = static_cast<std::uint32_t>(std::min(into.size(), kPiece));
    // The library's input pointer lacks the const; it only reads.
    state_->next_in = const_cast<std::uint8_t*>(left.data());  // NOLINT
    state_->avail_in = in;
    state_->next_out = into.data();
    state_->avail_out = out;
    const int code = isal_inflate(state_.get());
    const std::uint32_t consumed = in - state_->avail_in;
    const std::uint32_t produced = out - state_->avail_out;
    used_ += consumed;
    if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT &&
        code != ISAL_OUT_OVERFLOW) {
      error_ =
          Error{ErrorCode::kMalformed,
                fmt::format("deflate data are damaged before byte {}", used_)};
    } else if (consumed == 0 && produced == 0 &&
               state_->block_state != ISAL_BLOCK_FINISH) {
      error_ = Error{ErrorCode::kTruncated,
                     fmt::format("deflate data end at byte {}", used_)};
    }
    return produced;
  }

  ByteSource packed_;
  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  std::uint64_t used_ = 0;
  std::optional<Error> error_;
};

// Where the data lie that `packed` holds, decrypted or not.
Range PlaceOf(const Member& member, const ZipEntry& entry,
              const ByteSource& packed) {
  return {member.origin.value_or(Range{}).offset + entry.lead, packed.size()};
}

// Passes a stream on and keeps its length and CRC.
class CheckedStream : public ByteStream {
 public:
  explicit CheckedStream(ByteStream& inner) : inner_(inner) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = inner_.Read(into);
    if (count) {
      crc_ = Crc32(ByteView(into).first(*count), crc_);
      size_ += *count;
    }
    // Fewer bytes than asked for come at the end or before an error, which
    // the next call returns.
    ended_ = count && *count < into.size();
    return count;
  }

  // Whether it was read to its end without an error.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  ByteStream& inner_;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
  bool ended_ = false;
};

// Stands between a codec and the real sink: the codec's nameless member
// becomes the archive's.
class RenamingSink : public ArtifactSink {
 public:
  RenamingSink(ArtifactSink& sink, Member member)
      : sink_(sink), member_(std::move(member)) {}

  Result<void> Add(Member /*member*/, ByteSource content) override {
    used_ = true;
    return sink_.Add(member_, std::move(content));
  }
  Result<void> AddStream(Member /*member*/, ByteStream& content) override {
    used_ = true;
    CheckedStream checked(content);
    auto result = sink_.AddStream(member_, checked);
    ended_ = checked.ended();
    size_ = checked.size();
    crc_ = checked.crc();
    return result;
  }
  Result<void> AddEmpty(Member /*member*/) override { return {}; }
  Result<void> AddOpaque(Member /*member*/, std::string why) override {
    used_ = true;
    return sink_.AddOpaque(member_, std::move(why));
  }
  // The codec counts from the start of the packed data, all of which the
  // member has claimed.
  void Claim(Range /*range*/, RegionUse /*use*/) override {}
  void Report(Anomaly anomaly) override {
    anomaly.range.offset += member_.origin.value_or(Range{}).offset;
    sink_.Report(std::move(anomaly));
  }
  [[nodiscard]] const Limits& limits() const override { return sink_.limits(); }

  [[nodiscard]] bool used() const { return used_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  ArtifactSink& sink_;
  Member member_;
  bool used_ = false;
  bool ended_ = false;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace

void ZipDecoder::Free::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

ZipDecoder::ZipDecoder(ArtifactSink& sink)
    : sink_(sink),
      opener_(sink),
      decompressor_(libdeflate_alloc_decompressor()) {}

ZipDecoder::~ZipDecoder() = default;

Result<void> ZipDecoder::Deliver(Member member, const ZipEntry& entry,
                                 ByteSource packed) {
  if (IsZipEncrypted(entry)) {
    ZipEntry plain = entry;
    auto opened = opener_.Open(plain, packed, member.origin.value_or(Range{}));
    return opened ? Deliver(std::move(member), plain, std::move(*opened))
                  : sink_.AddOpaque(std::move(member), opened.error().what);
  }
  if (entry.method == kStored) {
    return DeliverStored(std::move(member), entry, std::move(packed));
  }
  if (entry.method == kDeflated) {
    return DeliverDeflated(std::move(member), entry, packed);
  }
  const Format* format = FormatNamed(FormatOf(entry.method));
  if (format == nullptr) {
    return sink_.AddOpaque(
        std::move(member),
        fmt::format("compression method {} is not supported", entry.method));
  }
  return DeliverAs(*format, std::move(member), entry, packed);
}

Result<void> ZipDecoder::DeliverStored(Member member, const ZipEntry& entry,
                                       ByteSource packed) {
  member.stored = entry.lead == 0;
  Check(entry, PlaceOf(member, entry, packed), packed.size(),
        Crc32(packed.bytes()));
  return DeliverWhole(std::move(member), std::move(packed));
}

Result<void> ZipDecoder::DeliverDeflated(Member member, const ZipEntry& entry,
                                         const ByteSource& packed) {
  const Range range = PlaceOf(member, entry, packed);
  if (entry.size <= kAtOnce && decompressor_) {
    Bytes content(static_cast<std::size_t>(entry.size));
    std::size_t used = 0;
    std::size_t size = 0;
    const ByteView in = packed.bytes();
    if (libdeflate_deflate_decompress_ex(
            decompressor_.get(), in.data(), in.size(), content.data(),
            content.size(), &used, &size) == LIBDEFLATE_SUCCESS) {
      content.resize(size);
      Check(entry, range, size, Crc32(content));
      CheckTail(range, used);
      return DeliverWhole(std::move(member),
                          ByteSource::Own(std::move(content)));
    }
    // Damaged, or longer than it says: the stream tells how far it goes.
  }
  InflateStream stream(packed);
  CheckedStream checked(stream);
  auto result = sink_.AddStream(std::move(member), checked);
  if (result && checked.ended()) {
    Check(entry, range, checked.size(), checked.crc());
    CheckTail(range, stream.used());
  }
  return result;
}

Result<void> ZipDecoder::DeliverAs(const Format& format, Member member,
                                   const ZipEntry& entry,
                                   const ByteSource& packed) {
  const Range range = PlaceOf(member, entry, packed);
  Input input(packed);
  RenamingSink renaming(sink_, member);
  auto result = format.unpack(input, renaming);
  if (!renaming.used()) {
    return sink_.AddOpaque(std::move(member), result
                                                  ? "the codec found no content"
                                                  : result.error().what);
  }
  if (result && renaming.ended()) {
    Check(entry, range, renaming.size(), renaming.crc());
    CheckTail(range, input.position());
  }
  return result;
}

// A symbolic link's content is its target.
Result<void> ZipDecoder::DeliverWhole(Member member, ByteSource content) {
  if (member.meta.type != FileType::kSymlink ||
      content.size() > sink_.limits().name) {
    return sink_.Add(std::move(member), std::move(content));
  }
  member.meta.link_target = std::string(AsText(content.bytes()));
  return sink_.AddEmpty(std::move(member));
}

void ZipDecoder::Check(const ZipEntry& entry, Range range, std::uint64_t size,
                       std::uint32_t crc) {
  if (size != entry.size) {
    sink_.Report(
        {.id = "zip.size-mismatch",
         .range = range,
         .detail = fmt::format("\"{}\": the header says {} bytes, there are {}",
                               Escaped(entry.name), entry.size, size)});
  }
  if (entry.has_crc && crc != entry.crc) {
    sink_.Report(
        {.id = "zip.crc-mismatch",
         .range = range,
         .detail = fmt::format(
             "\"{}\": the header says {:08x}, the content gives {:08x}",
             Escaped(entry.name), entry.crc, crc)});
  }
}

void ZipDecoder::CheckTail(Range range, std::uint64_t used) {
  if (used < range.length) {
    sink_.Report({.id = "zip.trailing-data",
                  .range = {range.offset + used, range.length - used},
                  .detail = fmt::format("{} bytes behind the end of the "
                                        "compressed data",
                                        range.length - used)});
  }
}

}  // namespace assay::formats
