// RPM packages, versions 3 and 4: a lead, a signature header padded to 8
// bytes, the header, and the payload, a compressed cpio archive. Scripts that
// the header holds are members too, since installing runs them.
//
// The digests and sizes in the signature header only catch accidents; whether
// a signature holds is the business of signatures/.
//
// Reference: rpm 4.18, docs/manual/format_v3.md, format_v4.md,
// format_lead.md, tags.md.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/rpm_header.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Lead {
  Be32 magic;
  std::uint8_t major = 0, minor = 0;
  Be16 type;  // 0: binary, 1: source
  Be16 architecture;
  std::array<std::uint8_t, 66> name = {};  // NUL-terminated
  Be16 system;
  Be16 signature_type;  // 5: a header follows
  std::array<std::uint8_t, 16> reserved = {};
};
static_assert(sizeof(Lead) == 96 && FileStruct<Lead>);

constexpr std::uint32_t kMagic = 0xedabeedb;
constexpr std::uint64_t kAlignment = 8;

// Tags of the signature header.
enum SignatureTag : std::uint32_t {
  kSignatureRegion = 62,
  kSignatureSha1 = 269,
  kSignatureLongSize = 270,
  kSignatureSha256 = 273,
  kSignatureSize = 1000,
  kSignatureMd5 = 1004,
};

// Tags of the header.
enum Tag : std::uint32_t {
  kHeaderRegion = 63,
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kPayloadFormat = 1124,
  kPayloadCompressor = 1125,
  kPayloadDigest = 5092,
  kPayloadDigestAlgorithm = 5093,
};
constexpr std::uint64_t kSha256Algorithm = 8;  // as in OpenPGP

constexpr std::array<std::pair<std::uint32_t, std::string_view>, 7> kScripts = {
    {{1023, "scripts/prein"},
     {1024, "scripts/postin"},
     {1025, "scripts/preun"},
     {1026, "scripts/postun"},
     {1079, "scripts/verify"},
     {1151, "scripts/pretrans"},
     {1152, "scripts/posttrans"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5>
    kSuffixes = {{{"gzip", ".gz"},
                  {"bzip2", ".bz2"},
                  {"xz", ".xz"},
                  {"lzma", ".lzma"},
                  {"zstd", ".zst"}}};

// Of header and payload.
std::optional<std::uint64_t> SizeAfterSignature(const RpmHeader& signature) {
  return signature.Number(signature.has(kSignatureLongSize) ? kSignatureLongSize
                                                            : kSignatureSize);
}

// Takes a header that begins here, whole.
Result<ByteSource> TakeHeader(Input& input, std::string_view what) {
  const auto head = input.Peek(sizeof(RpmIntro));
  if (!head) {
    return Fail(head.error());
  }
  if (head->size() < sizeof(RpmIntro)) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("the input ends in the {} at offset {}", what,
                            input.position()));
  }
  const auto size = RpmHeaderSize(*head);
  if (!size) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("no {} at offset {}", what, input.position()));
  }
  return TakeWhole(input, *size, what);
}

std::string_view LeadName(const Lead& lead) {
  const std::string_view name = AsText(lead.name);
  return name.substr(0, name.find('\0'));
}

class Package {
 public:
  Package(Input& input, ArtifactSink& sink) : input_(input), sink_(sink) {}

  Result<void> Run() {
    if (auto ok = TakeHeaders(); !ok) {
      return ok;
    }
    const auto signature = RpmHeader::Parse(signature_.bytes());
    const auto header = RpmHeader::Parse(header_.bytes());
    if (!signature || !header) {
      return Fail(signature ? header.error() : signature.error());
    }
    CheckRegions(*signature, *header);
    CheckLead(*header);
    if (auto ok = AddScripts(*header); !ok) {
      return ok;
    }
    return AddPayload(*signature, *header);
  }

 private:
  Result<void> TakeHeaders() {
    const auto lead = TakeWhole(input_, sizeof(Lead), "RPM lead");
    if (!lead) {
      return Fail(lead.error());
    }
    if (!ReadAt<Lead>(lead->bytes(), 0) ||
        ReadAt<Be32>(lead->bytes(), 0) != kMagic) {
      return Fail(ErrorCode::kMalformed, "no RPM lead");
    }
    lead_ = *ReadAt<Lead>(lead->bytes(), 0);
    auto signature = TakeHeader(input_, "RPM signature header");
    if (!signature) {
      return Fail(signature.error());
    }
    signature_ = std::move(*signature);
    sink_.Claim({0, input_.position()}, RegionUse::kMetadata);
    const std::uint64_t gap = GapTo(kAlignment, signature_.size());
    if (auto ok = PassFiller(input_, gap, 0, sink_); !ok) {
      return ok;
    }
    header_at_ = input_.position();
    auto header = TakeHeader(input_, "RPM header");
    if (!header) {
      return Fail(header.error());
    }
    header_ = std::move(*header);
    return {};
  }

  void CheckRegions(const RpmHeader& signature, const RpmHeader& header) {
    const auto check = [&](const RpmHeader& one, std::uint32_t tag,
                           std::string_view what, Range place) {
      const auto outside = one.OutsideRegion(tag);
      if (outside.value_or(0) > 0 || (!outside && one.has(tag))) {
        sink_.Report(
            {.id = "rpm.hidden-entries",
             .range = place,
             .detail = outside ? fmt::format("{} entries of the {} lie outside "
                                             "the region that is signed",
                                             *outside, what)
                               : fmt::format("the region of the {} is damaged",
                                             what)});
      }
    };
    check(signature, kSignatureRegion, "signature header",
          {sizeof(Lead), signature_.size()});
    check(header, kHeaderRegion, "header", {header_at_, header_.size()});
  }

  void CheckLead(const RpmHeader& header) {
    const std::string full =
        fmt::format("{}-{}-{}", header.String(kName), header.String(kVersion),
                    header.String(kRelease));
    const std::string_view name = LeadName(lead_);
    const std::size_t longest = lead_.name.size() - 1;
    if (!name.empty() && name != full.substr(0, longest)) {
      sink_.Report({.id = "rpm.name-mismatch",
                    .range = {0, sizeof(Lead)},
                    .detail = fmt::format(
                        "the lead says \"{}\", the header \"{}\"",
                        Escaped(name), Escaped(full.substr(0, longest)))});
    }
  }

  // Scripts are members, what lies between them is metadata.
  Result<void> AddScripts(const RpmHeader& header) {
    Coverage coverage;
    for (const auto& [tag, name] : kScripts) {
      const auto place = header.PlaceOf(tag);
      if (!place || place->length == 0) {
        continue;
      }
      const Range origin{header_at_ + place->offset, place->length};
      const auto content = header_.Slice(*place);
      if (!content || coverage.Touches(origin)) {
        sink_.Report({.id = "rpm.overlapping-scripts",
                      .range = origin,
                      .detail = fmt::format("{} shares bytes with another "
                                            "script",
                                            name)});
        continue;
      }
      coverage.Add(origin);
      if (auto ok = sink_.Add(
              {.name = std::string(name), .origin = origin, .stored = true},
              *content);
          !ok) {
        return ok;
      }
    }
    coverage.ClaimFree({header_at_, header_.size()}, RegionUse::kMetadata,
                       sink_);
    return {};
  }

  Result<void> AddPayload(const RpmHeader& signature, const RpmHeader& header) {
    const Range rest{input_.position(), 0};
    const auto size = SizeAfterSignature(signature);
    if (size && *size < header_.size()) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("header and payload should be {} bytes, the "
                              "header alone is {}",
                              *size, header_.size()));
    }
    auto payload =
        size ? TakeWhole(input_, *size - header_.size(), "RPM payload")
             : input_.TakeRest();
    if (!payload) {
      return Fail(payload.error());
    }
    const Range origin{rest.offset, payload->size()};
    CheckDigests(signature, header, *payload, origin);
    return sink_.Add(
        {.name = PayloadName(header), .origin = origin, .stored = true},
        std::move(*payload));
  }

  static std::string PayloadName(const RpmHeader& header) {
    const std::string_view format = header.String(kPayloadFormat);
    const std::string_view compressor = header.String(kPayloadCompressor);
    const auto* suffix =
        std::find_if(kSuffixes.begin(), kSuffixes.end(),
                     [&](const auto& row) { return row.first == compressor; });
    return fmt::format("payload{}{}", format == "drpm" ? ".drpm" : ".cpio",
                       suffix == kSuffixes.end() ? "" : suffix->second);
  }

  void CheckDigests(const RpmHeader& signature, const RpmHeader& header,
                    const ByteSource& payload, Range payload_at) {
    const Range header_at{header_at_, header_.size()};
    if (const auto md5 = signature.Binary(kSignatureMd5)) {
      Hasher hasher({DigestAlgorithm::kMd5});
      hasher.Update(header_.bytes());
      hasher.Update(payload.bytes());
      Compare("MD5 of header and payload", HexOf(*md5),
              hasher.Finish().front().hex,
              {header_at_, payload_at.end() - header_at_});
    }
    if (signature.has(kSignatureSha1)) {
      Compare("SHA-1 of the header", signature.String(kSignatureSha1),
              DigestOf(DigestAlgorithm::kSha1, header_.bytes()).hex, header_at);
    }
    if (signature.has(kSignatureSha256)) {
      Compare("SHA-256 of the header", signature.String(kSignatureSha256),
              Sha256Hex(header_.bytes()), header_at);
    }
    if (header.has(kPayloadDigest) &&
        header.Number(kPayloadDigestAlgorithm) == kSha256Algorithm) {
      const auto digests = header.Strings(kPayloadDigest);
      Compare("SHA-256 of the payload",
              digests.empty() ? std::string_view() : digests.front(),
              Sha256Hex(payload.bytes()), payload_at);
    }
  }

  void Compare(std::string_view what, std::string_view stored,
               std::string_view computed, Range range) {
    if (stored != computed) {
      sink_.Report({.id = "rpm.checksum-mismatch",
                    .range = range,
                    .detail = fmt::format("{}: the package says {}, it is {}",
                                          what, Escaped(stored), computed)});
    }
  }

  Input& input_;
  ArtifactSink& sink_;
  Lead lead_;
  ByteSource signature_;
  ByteSource header_;
  std::uint64_t header_at_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  return Package(input, sink).Run();
}

// Both headers, and what the signature header says follows it.
Result<std::uint64_t> Measure(ByteView bytes) {
  const auto parts = PartsOfRpm(bytes);
  if (!parts) {
    return Fail(parts.error());
  }
  const auto part = [&](Range range) {
    return RpmHeader::Parse(*Slice(bytes, range.offset, range.length));
  };
  const auto signature = part(parts->signature);
  const auto header = part(parts->header);
  if (!signature || !header) {
    return Fail(signature ? header.error() : signature.error());
  }
  const auto after = SizeAfterSignature(*signature);
  if (after && *after < parts->header.length) {
    return Fail(ErrorCode::kMalformed,
                "the RPM header is larger than header and payload together");
  }
  if (!after || *after > bytes.size() - parts->header.offset) {
    return Fail(ErrorCode::kTruncated, "the RPM package ends past the input");
  }
  return parts->header.offset + *after;
}

constexpr Magic kMagics[] = {{"\xed\xab\xee\xdb", 0}};  // NOLINT: a table

}  // namespace

extern const Format kRpm;
const Format kRpm = {
    .name = "rpm",
    .title = "RPM package (versions 3 and 4)",
    .reference = "rpm 4.18, docs/manual/format_v4.md",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = IsRpmPackage,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
