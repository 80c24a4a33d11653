// UEFI capsules: what a firmware update is handed over in. Layout: UEFI
// Specification 2.10, section 8.5.3 "Update Capsule"; those for the firmware
// management protocol: section 23.3 "Delivering Capsules Containing Updates to
// Firmware Management Protocol".
//
// Of capsules for that protocol, drivers are members ("driver0"), and so are
// the parts of payloads ("payload0-TYPE/image", ".../certificate",
// ".../vendor-code"). Of all others, what follows the header is one.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kFmp =
    "\xed\xd5\xcb\x6d\x2d\xe8\x44\x4c\xbd\xa1\x71\x94\x19\x9a\xd9\x2a"sv;

struct Header {
  Guid name;
  Le32 header_size, flags, size;
};
static_assert(sizeof(Header) == 28 && FileStruct<Header>);
constexpr std::uint32_t kKnownFlags = 0x0007ffff;
constexpr std::uint32_t kLargestHeader = 64U << 10U;

struct FmpHeader {
  Le32 version;
  Le16 drivers, payloads;
};
static_assert(sizeof(FmpHeader) == 8 && FileStruct<FmpHeader>);

struct PayloadHeader {
  Le32 version;
  Guid type;
  std::uint8_t index = 0;
  std::array<std::uint8_t, 3> reserved = {};
  Le32 image_size, vendor_size;
};
static_assert(sizeof(PayloadHeader) == 32 && FileStruct<PayloadHeader>);

// EFI_FIRMWARE_IMAGE_AUTHENTICATION, in front of a signed image.
struct Authentication {
  Le64 count;
  Le32 length;
  Le16 revision, type;
  Guid certificate_type;
};
static_assert(sizeof(Authentication) == 32 && FileStruct<Authentication>);
constexpr std::uint64_t kCount = 8;  // is not part of `length`
constexpr std::uint16_t kRevision = 0x0200;
constexpr std::uint16_t kGuidType = 0x0ef1;

// EDK II, FmpDevicePkg: FMP_PAYLOAD_HEADER, in front of some images.
struct VersionHeader {
  Be32 signature;  // "MSS1"
  Le32 header_size, version, lowest;
};
static_assert(sizeof(VersionHeader) == 16 && FileStruct<VersionHeader>);

std::optional<Header> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  return header && header->header_size >= sizeof(Header) &&
                 header->header_size <= kLargestHeader &&
                 header->size >= header->header_size &&
                 (header->flags & ~kKnownFlags) == 0
             ? header
             : std::nullopt;
}

class Capsule {
 public:
  Capsule(const ByteSource& source, const Header& header, ArtifactSink& sink)
      : source_(source),
        bytes_(source.bytes()),
        body_(header.header_size),
        sink_(sink) {
    Claim({0, body_});
    fmp_ = AsText(BytesOf(header.name)) == kFmp;
  }

  Result<void> Unpack() {
    auto done =
        fmp_ ? AddItems() : Add("image", {body_, bytes_.size() - body_});
    coverage_.ClaimGaps(bytes_, sink_);
    return done;
  }

 private:
  void Claim(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report({std::move(id), range, std::move(detail)});
  }

  Result<void> Add(std::string name, Range range) {
    const auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    if (range.length == 0) {
      return {};
    }
    Member member{.name = std::move(name)};
    if (!coverage_.Touches(range)) {
      member.origin = range;
      member.stored = true;
    } else {
      Report("capsule.overlapping-items", range,
             fmt::format("{} shares bytes with another part", member.name));
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
    }
    coverage_.Add(range);
    return sink_.Add(std::move(member), *content);
  }

  // Where the items begin, as offsets in the capsule.
  Result<std::vector<std::uint64_t>> Offsets(const FmpHeader& header) {
    const std::uint64_t count = std::uint64_t{header.drivers} + header.payloads;
    const Range list{body_ + sizeof(FmpHeader), count * sizeof(Le64)};
    if (!Slice(bytes_, list.offset, list.length)) {
      return Fail(ErrorCode::kTruncated, "the list of items is cut short");
    }
    Claim({body_, sizeof(FmpHeader) + list.length});
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t offset =
          *ReadAt<Le64>(bytes_, list.offset + i * sizeof(Le64));
      if (offset > bytes_.size() - body_) {
        return Fail(ErrorCode::kTruncated,
                    fmt::format("item {} begins at {} of {} bytes", i, offset,
                                bytes_.size() - body_));
      }
      offsets.push_back(body_ + offset);
    }
    return offsets;
  }

  Result<void> AddItems() {
    const auto header = ReadAt<FmpHeader>(bytes_, body_);
    if (!header) {
      return Fail(ErrorCode::kTruncated, "no header of the items");
    }
    const auto offsets = Offsets(*header);
    if (!offsets) {
      return Fail(offsets.error());
    }
    for (std::size_t i = 0; i < offsets->size(); ++i) {
      const std::uint64_t start = (*offsets)[i];
      auto done = i < header->drivers ? AddDriver(i, start, *offsets)
                                      : AddPayload(i - header->drivers, start);
      if (!done) {
        return done;
      }
    }
    return {};
  }

  // A driver states no size: it ends where another item begins.
  Result<void> AddDriver(std::size_t index, std::uint64_t start,
                         const std::vector<std::uint64_t>& offsets) {
    std::uint64_t end = bytes_.size();
    for (const std::uint64_t other : offsets) {
      end = other > start ? std::min(end, other) : end;
    }
    return Add(fmt::format("driver{}", index), {start, end - start});
  }

  Result<void> AddPayload(std::size_t index, std::uint64_t start) {
    const auto header = ReadAt<PayloadHeader>(bytes_, start);
    if (!header) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("the header of payload {} is cut short", index));
    }
    // Versions 2 and 3 each append 8 bytes.
    const std::uint64_t fixed =
        sizeof(PayloadHeader) +
        8 * (std::clamp<std::uint64_t>(header->version, 1, 3) - 1);
    const std::uint64_t data =
        std::uint64_t{header->image_size} + header->vendor_size;
    if (!Slice(bytes_, start, fixed + data)) {
      return Fail(
          ErrorCode::kTruncated,
          fmt::format("payload {} of {} bytes is cut short", index, data));
    }
    Claim({start, fixed});
    const std::string name =
        fmt::format("payload{}-{}", index, header->type.Text());
    const Range image{start + fixed, header->image_size};
    if (auto ok = AddImage(name, image); !ok) {
      return ok;
    }
    return Add(name + "/vendor-code", {image.end(), header->vendor_size});
  }

  Result<void> AddImage(const std::string& name, Range range) {
    const ByteView bytes = *Slice(bytes_, range.offset, range.length);
    std::uint64_t at = 0;
    const auto proof = ReadAt<Authentication>(bytes, 0);
    if (proof && proof->revision == kRevision && proof->type == kGuidType &&
        proof->length >= sizeof(Authentication) - kCount &&
        proof->length <= bytes.size() - kCount) {
      Claim({range.offset, sizeof(Authentication)});
      at = kCount + proof->length;
      if (auto ok =
              Add(name + "/certificate", {range.offset + sizeof(Authentication),
                                          at - sizeof(Authentication)});
          !ok) {
        return ok;
      }
    }
    const auto version = ReadAt<VersionHeader>(bytes, at);
    if (version && version->signature == 0x4d535331 &&
        version->header_size >= sizeof(VersionHeader) &&
        version->header_size <= bytes.size() - at) {
      Claim({range.offset + at, version->header_size});
      at += version->header_size;
    }
    return Add(name + "/image", {range.offset + at, range.length - at});
  }

  const ByteSource& source_;
  const ByteView bytes_;
  const std::uint64_t body_;
  ArtifactSink& sink_;
  bool fmp_ = false;
  Coverage coverage_;
};

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no capsule header");
  }
  if (header->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("capsule: {} bytes, but {} are there",
                            std::uint32_t{header->size}, bytes.size()));
  }
  return std::uint64_t{header->size};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "no capsule header");
  }
  const auto source = input.source().Slice({0, header->size});
  if (!source) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("a capsule of {} bytes is cut short at {}",
                    std::uint32_t{header->size}, input.source().size()));
  }
  if (auto ok = Capsule(*source, *header, sink).Unpack(); !ok) {
    return ok;
  }
  return input.Skip(header->size);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {kFmp, 0},
    // 3B6686BD-0D76-4030-B70E-B5519E2FC5A0: EDK II's first
    {"\xbd\x86\x66\x3b\x76\x0d\x30\x40\xb7\x0e\xb5\x51\x9e\x2f\xc5\xa0"sv, 0},
    // 4A3CA68B-7723-48FB-803D-578CC1FEC44D: AMI
    {"\x8b\xa6\x3c\x4a\x23\x77\xfb\x48\x80\x3d\x57\x8c\xc1\xfe\xc4\x4d"sv, 0},
    // 3BE07062-1D51-45D2-832B-F093257ED461: Toshiba
    {"\x62\x70\xe0\x3b\x51\x1d\xd2\x45\x83\x2b\xf0\x93\x25\x7e\xd4\x61"sv, 0},
    // 539182B9-ABB5-4391-B69A-E3A943F72FCC: UEFI's, in older tools
    {"\xb9\x82\x91\x53\xb5\xab\x91\x43\xb6\x9a\xe3\xa9\x43\xf7\x2f\xcc"sv, 0},
    // 0C996046-BCC0-4D04-85EC-E1FCEDF1C6F8: accept an update
    {"\x46\x60\x99\x0c\xc0\xbc\x04\x4d\x85\xec\xe1\xfc\xed\xf1\xc6\xf8"sv, 0},
    // ACD58B4B-C0E8-475F-99B5-6B3F7E07AAF0: revert an update
    {"\x4b\x8b\xd5\xac\xe8\xc0\x5f\x47\x99\xb5\x6b\x3f\x7e\x07\xaa\xf0"sv, 0}};

}  // namespace

extern const Format kCapsule;
const Format kCapsule = {
    .name = "capsule",
    .title = "UEFI capsule",
    .reference = "UEFI Specification 2.10, sections 8.5.3 and 23.3",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
