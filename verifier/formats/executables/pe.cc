// PE images: programs and libraries of Windows, UEFI applications and drivers,
// EFI stubs, unified kernel images. Layout: Microsoft's "PE Format"; unified
// kernel images: UAPI.5, systemd-stub(7).
//
// An image is a leaf and a container at once. Sections that linkers make (code,
// data, relocations ...) are content of this artifact, so that analyses see the
// program as a whole. What the program only carries becomes a member:
//   resources/TYPE/NAME/LANGUAGE   data of the resource tree
//   sections/NAME                  any other section without code, cut to its
//                                  VirtualSize: ".linux", ".initrd", ".sbat",
//                                  ".vendor_cert" ...
//   certificates/N                 what a WIN_CERTIFICATE holds
//   overlay                        what lies between the last section and the
//                                  certificates, as installers keep their files
// What follows the last of these is outside of the image's extent.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/pe_resources.h"
#include "verifier/formats/executables/pe_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kDosHeader = 64;
constexpr std::uint64_t kLargestStub = 1024;
constexpr std::uint64_t kCertificateAlignment = 8;

struct CertificateHeader {
  Le32 length;
  Le16 revision, type;
};
static_assert(sizeof(CertificateHeader) == 8 && FileStruct<CertificateHeader>);

bool IsInside(ByteView bytes, Range range) {
  return Slice(bytes, range.offset, range.length).has_value();
}

Range CutTo(ByteView bytes, Range range) {
  const std::uint64_t offset =
      std::min<std::uint64_t>(range.offset, bytes.size());
  return {offset, std::min<std::uint64_t>(range.length, bytes.size() - offset)};
}

// Where the described bytes end, without and with the certificates.
struct Extent {
  std::uint64_t described = 0;
  std::uint64_t whole = 0;
};

Extent ExtentOf(const PeView& view) {
  Extent extent{.described = view.DescribedEnd()};
  const auto certificates = view.Directory(pe::kCertificates);
  extent.whole = std::max(
      extent.described, certificates ? certificates->end() : std::uint64_t{0});
  return extent;
}

// DER: how many bytes the SEQUENCE at the start of `bytes` takes.
std::optional<std::uint64_t> DerLength(ByteView bytes) {
  const auto tag = ReadAt<std::uint8_t>(bytes, 0);
  const auto form = ReadAt<std::uint8_t>(bytes, 1);
  if (!tag || *tag != 0x30 || !form || *form < 0x81 || *form > 0x84) {
    return std::nullopt;
  }
  std::uint64_t length = 0;
  const std::uint64_t count = *form & 0x7fU;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto byte = ReadAt<std::uint8_t>(bytes, 2 + i);
    if (!byte) {
      return std::nullopt;
    }
    length = length << 8U | *byte;
  }
  return 2 + count + length;
}

class Image {
 public:
  Image(const ByteSource& source, const PeView& view, ArtifactSink& sink)
      : source_(source),
        view_(view),
        extent_(ExtentOf(view)),
        body_(view.bytes.first(static_cast<std::size_t>(extent_.whole))),
        sink_(sink) {}

  Result<void> Unpack() {
    ClaimHeaders();
    CheckSections();
    CheckSum();
    for (const auto part : {&Image::AddResources, &Image::AddSections,
                            &Image::AddOverlay, &Image::AddCertificates}) {
      if (auto ok = (this->*part)(); !ok) {
        return ok;
      }
    }
    coverage_.ClaimGaps(body_, sink_);
    return {};
  }

  [[nodiscard]] std::uint64_t end() const { return extent_.whole; }

 private:
  void Report(std::string id, Range range, std::string detail) {
    sink_.Report({std::move(id), range, std::move(detail)});
  }

  void ClaimHeaders() {
    for (const std::string& problem : view_.problems) {
      Report("pe.odd-header", view_.headers, problem);
    }
    Claim({0, std::min(kDosHeader, view_.headers.offset)},
          RegionUse::kMetadata);
    Claim(view_.headers, RegionUse::kMetadata);
    const auto stub = Slice(body_, view_.stub.offset, view_.stub.length);
    if (stub && stub->size() <= kLargestStub && !IsZero(*stub)) {
      Claim(view_.stub, RegionUse::kContent);  // a program for MS-DOS
    }
    const auto& directories = view_.directories;
    if (directories.size() > pe::kBoundImports &&
        directories[pe::kBoundImports].end() <= view_.headers_size) {
      Claim(directories[pe::kBoundImports], RegionUse::kMetadata);
    }
    Claim(view_.symbols, RegionUse::kMetadata);
  }

  void Claim(Range range, RegionUse use) {
    coverage_.ClaimFree(CutTo(body_, range), use, sink_);
  }

  void CheckSections() {
    Coverage seen;
    for (const PeSection& section : view_.sections) {
      const Range raw = CutTo(body_, section.raw);
      if (raw != section.raw && section.raw.length > 0) {
        Report("pe.outside", view_.headers,
               fmt::format("section {} of {} bytes at {} ends past {} bytes",
                           section.name, section.raw.length, section.raw.offset,
                           body_.size()));
      }
      if (seen.Touches(raw)) {
        Report(
            "pe.overlapping-sections", raw,
            fmt::format("section {} shares bytes with another", section.name));
      }
      seen.Add(raw);
    }
    if (view_.directories.size() > pe::kCertificates &&
        view_.directories[pe::kCertificates].length > 0 &&
        !view_.Directory(pe::kCertificates)) {
      const Range& stated = view_.directories[pe::kCertificates];
      Report("pe.outside", view_.headers,
             fmt::format("certificates of {} bytes at {} end past {} bytes",
                         stated.length, stated.offset, body_.size()));
    }
  }

  // UEFI ignores the sum, Windows checks it for drivers.
  void CheckSum() {
    const std::uint32_t whole = view_.ComputeChecksum(view_.bytes);
    if (view_.checksum != 0 && view_.checksum != whole &&
        view_.checksum != view_.ComputeChecksum(body_)) {
      Report("pe.checksum-mismatch", {view_.checksum_offset, 4},
             fmt::format("the header says {:#x}, the bytes give {:#x}",
                         view_.checksum, whole));
    }
  }

  // Adds what lies in the file. What another part has claimed already stays
  // with that part.
  Result<void> Add(std::string name, Range range) {
    const auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    if (range.offset == 0) {
      // It would hold itself, and at every level as often as it says so.
      Report("pe.overlapping-members", range,
             fmt::format("{} begins with the image's own header", name));
      Claim(range, RegionUse::kContent);
      return {};
    }
    Member member{.name = std::move(name)};
    if (!coverage_.Touches(range)) {
      member.origin = range;
      member.stored = true;
    } else {
      Report("pe.overlapping-members", range,
             fmt::format("{} shares bytes with another part", member.name));
      Claim(range, RegionUse::kMember);
    }
    coverage_.Add(range);
    return sink_.Add(std::move(member), *content);
  }

  Result<void> AddResources() {
    const PeResources tree = PeResources::Of(view_);
    for (const std::string& problem : tree.problems) {
      Report("pe.bad-resource", view_.headers, problem);
    }
    for (const Range& table : tree.tables) {
      Claim(table, RegionUse::kMetadata);
    }
    for (const PeResource& resource : tree.resources) {
      if (!IsInside(body_, resource.data)) {
        Report("pe.outside", CutTo(body_, resource.data),
               fmt::format("resource {} of {} bytes at {} ends past {} bytes",
                           resource.path, resource.data.length,
                           resource.data.offset, body_.size()));
      } else if (auto ok = Add("resources/" + resource.path, resource.data);
                 !ok) {
        return ok;
      }
    }
    return {};
  }

  // What the resource tree does not describe of its section is a gap.
  [[nodiscard]] bool HoldsResources(const PeSection& section) const {
    return view_.directories.size() > pe::kResources &&
           view_.directories[pe::kResources].length > 0 &&
           view_.directories[pe::kResources].offset == section.address;
  }

  Result<void> AddSections() {
    for (const PeSection& section : view_.sections) {
      const Range loaded = CutTo(body_, section.Loaded());
      if (HoldsResources(section) || loaded.length == 0) {
        continue;
      }
      if (!section.IsCarried()) {
        Claim(loaded, RegionUse::kContent);
        ClaimTail(CutTo(body_, section.raw), loaded);
      } else if (auto ok = Add("sections/" + section.name, loaded); !ok) {
        return ok;
      }
    }
    for (const Range& data : view_.DebugData()) {
      Claim(data, RegionUse::kContent);
    }
    return {};
  }

  // Linkers fill code up with int3 and data with zeros.
  void ClaimTail(Range raw, Range loaded) {
    const Range tail{loaded.end(), raw.end() - loaded.end()};
    const auto bytes = Slice(body_, tail.offset, tail.length);
    if (bytes && !bytes->empty() && AllAre(*bytes, 0xcc)) {
      Claim(tail, RegionUse::kPadding);
    }
  }

  Result<void> AddOverlay() {
    const auto certificates = view_.Directory(pe::kCertificates);
    if (!certificates || certificates->offset <= extent_.described) {
      return {};
    }
    const Range overlay{extent_.described,
                        certificates->offset - extent_.described};
    const auto bytes = Slice(body_, overlay.offset, overlay.length);
    return IsZero(*bytes) ? Result<void>() : Add("overlay", overlay);
  }

  Result<void> AddCertificates() {
    const auto table = view_.Directory(pe::kCertificates);
    std::uint64_t at = table ? table->offset : 0;
    for (std::uint64_t i = 0;
         table && table->end() - at >= sizeof(CertificateHeader); ++i) {
      const auto header = ReadAt<CertificateHeader>(body_, at);
      if (header->length == 0) {
        break;  // what is left is a gap
      }
      if (header->length < sizeof(CertificateHeader) ||
          header->length > table->end() - at) {
        Report("pe.bad-certificate", {at, table->end() - at},
               fmt::format("certificate {} states {} bytes", i,
                           std::uint32_t{header->length}));
        break;
      }
      const Range data{at + sizeof(CertificateHeader),
                       header->length - sizeof(CertificateHeader)};
      Claim({at, sizeof(CertificateHeader)}, RegionUse::kMetadata);
      CheckCertificate(i, data);
      if (auto ok = Add(fmt::format("certificates/{}", i), data); !ok) {
        return ok;
      }
      at = data.end();
      at += std::min(GapTo(kCertificateAlignment, at), table->end() - at);
    }
    return {};
  }

  // No digest covers what follows the DER message: the classic hiding place.
  void CheckCertificate(std::uint64_t index, Range data) {
    const ByteView bytes = *Slice(body_, data.offset, data.length);
    const auto used = DerLength(bytes);
    if (!used || *used >= bytes.size()) {
      return;
    }
    const ByteView rest = bytes.subspan(static_cast<std::size_t>(*used));
    if (!IsZero(rest)) {
      Report("pe.trailing-data", {data.offset + *used, rest.size()},
             fmt::format("{} bytes after the message in certificate {}",
                         rest.size(), index));
    }
  }

  const ByteSource& source_;
  const PeView& view_;
  const Extent extent_;
  const ByteView body_;  // the image without what follows it
  ArtifactSink& sink_;
  Coverage coverage_;
};

bool Matches(ByteView head) {
  const auto view = PeView::Parse(head);
  return view && view->headers_size >= view->headers.offset;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto view = PeView::Parse(bytes);
  if (!view) {
    return Fail(view.error());
  }
  for (const PeSection& section : view->sections) {
    if (section.raw.length > 0 && !IsInside(bytes, section.raw)) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("pe: section {} ends past the input's {} bytes",
                              section.name, bytes.size()));
    }
  }
  return ExtentOf(*view).whole;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto view = PeView::Parse(input.source().bytes());
  if (!view) {
    return Fail(ErrorCode::kMalformed, view.error().what);
  }
  Image image(input.source(), *view, sink);
  if (auto ok = image.Unpack(); !ok) {
    return ok;
  }
  return input.Skip(image.end());
}

constexpr Magic kMagics[] = {{"MZ", 0}};  // NOLINT: a table

}  // namespace

extern const Format kPe;
const Format kPe = {
    .name = "pe",
    .title = "PE image",
    .reference = "Microsoft, PE Format",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
