#include "signatures/authenticode_image.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "signatures/cms.h"
#include "signatures/cms_value.h"
#include "signatures/der.h"
#include "signatures/x509.h"
#include "verifier/formats/boot/efi_signatures.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::signatures {
namespace {

using formats::PeSection;
using formats::PeView;

constexpr std::uint64_t kEntryAlignment = 8;
constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxSbat = 64UL << 10U;
constexpr char kNestedSignature[] = "1.3.6.1.4.1.311.2.4.1";

struct EntryHeader {
  Le32 length;  // with this header
  Le16 revision, type;
};
static_assert(sizeof(EntryHeader) == 8 && FileStruct<EntryHeader>);

struct Entry {
  EntryHeader header = {};
  Range der = {};  // as far as it goes; else all of the entry
  std::vector<std::string> problems = {};
};

// The certificate table, as the directory says where it is.
struct Table {
  Range range = {};
  std::vector<Entry> entries = {};
  std::vector<ClaimedRange> inert = {};
  std::vector<std::string> problems = {};  // of every signature in it
};

bool IsZero(ByteView bytes) {
  return std::ranges::all_of(bytes,
                             [](std::uint8_t byte) { return byte == 0; });
}

void ReadEntry(ByteView file, std::uint64_t at, const EntryHeader& header,
               Table& table) {
  Entry entry{.header = header};
  const Range data{at + sizeof(header), header.length - sizeof(header)};
  const ByteView bytes = *Slice(file, data.offset, data.length);
  const auto der = ReadDer(bytes);
  entry.der = {data.offset, der ? der->whole.size() : data.length};
  table.inert.push_back({{at, sizeof(header) + entry.der.length},
                         Coverage::kUncoveredInert,
                         "signature"});
  const Range rest{entry.der.end(), data.end() - entry.der.end()};
  if (!der) {
    entry.problems.emplace_back("the certificate is not DER");
  } else if (rest.length >= kEntryAlignment ||
             !IsZero(*Slice(file, rest.offset, rest.length))) {
    entry.problems.push_back(
        fmt::format("{} bytes of unsigned data in the certificate, at {}",
                    rest.length, rest.offset));
  } else if (rest.length > 0) {
    table.inert.push_back({rest, Coverage::kUncoveredInert, "padding"});
  }
  table.entries.push_back(std::move(entry));
}

void ReadEntries(ByteView file, Table& table) {
  std::uint64_t at = table.range.offset;
  while (at < table.range.end()) {
    const auto header = ReadAt<EntryHeader>(file, at);
    const std::uint64_t room = table.range.end() - at;
    if (!header || room < sizeof(EntryHeader) ||
        header->length <= sizeof(EntryHeader) || header->length > room ||
        table.entries.size() == kMaxSignatures) {
      table.problems.push_back(
          fmt::format("the certificate table has no whole entry at {}", at));
      return;
    }
    ReadEntry(file, at, *header, table);
    const std::uint64_t end = at + header->length;
    const Range gap{end, (kEntryAlignment - header->length % kEntryAlignment) %
                             kEntryAlignment};
    if (gap.end() > table.range.end() ||
        !IsZero(*Slice(file, gap.offset, gap.length))) {
      table.problems.push_back(
          fmt::format("no padding with zeros to 8 bytes at {}", end));
      return;
    }
    if (gap.length > 0) {
      table.inert.push_back({gap, Coverage::kUncoveredInert, "padding"});
    }
    at = gap.end();
  }
}

// What makes a file's bytes count that no signature in it reaches.
void ReadPlace(const PeView& view, Table& table) {
  if (table.range.offset % kEntryAlignment != 0) {
    table.problems.emplace_back("the certificate table is not 8-aligned");
  }
  if (table.range.end() < view.bytes.size()) {
    table.problems.push_back(
        fmt::format("{} bytes after the certificate table",
                    view.bytes.size() - table.range.end()));
  }
  if (table.range.offset < view.headers.end()) {
    table.problems.emplace_back("the certificate table lies in the headers");
  }
  for (const PeSection& section : view.sections) {
    if (section.raw.length > 0 && section.raw.end() > table.range.offset) {
      table.problems.push_back(fmt::format(
          "section {} reaches into the certificate table", section.name));
    }
  }
}

Table ReadTable(const PeView& view, Range range) {
  Table table{.range = range};
  if (!Slice(view.bytes, range.offset, range.length)) {
    table.problems.push_back(
        fmt::format("a certificate table of {} bytes at {} ends past the file",
                    range.length, range.offset));
    table.range = {view.bytes.size(), 0};
    return table;
  }
  ReadPlace(view, table);
  ReadEntries(view.bytes, table);
  return table;
}

// All but the check sum, the table and the directory's entry for it.
std::vector<ClaimedRange> RangesOf(const PeView& view, const Table& table) {
  const Range checksum{view.checksum_offset, sizeof(Le32)};
  const Range directory{
      view.directories_offset + formats::pe::kCertificates * 8, 8};
  const std::uint64_t end = std::max(table.range.offset, directory.end());
  std::vector<ClaimedRange> ranges = {
      {{0, checksum.offset}, Coverage::kSigned, "headers"},
      {checksum, Coverage::kUncoveredInert, "check sum"},
      {{checksum.end(), directory.offset - checksum.end()},
       Coverage::kSigned,
       "headers"},
      {directory, Coverage::kUncoveredInert, "place of the signatures"},
      {{directory.end(), end - directory.end()}, Coverage::kSigned, "image"}};
  ranges.insert(ranges.end(), table.inert.begin(), table.inert.end());
  return ranges;
}

std::vector<Digest> DigestsOfImage(const PeView& view,
                                   const std::vector<ClaimedRange>& ranges,
                                   const Table& table) {
  std::vector<ByteView> parts;
  for (const ClaimedRange& one : ranges) {
    if (one.coverage == Coverage::kSigned) {
      parts.push_back(*Slice(view.bytes, one.range.offset, one.range.length));
    }
  }
  return DigestsFor(*Slice(view.bytes, table.range.offset, table.range.length),
                    parts);
}

// The boot protocols' own magics: Documentation/arch/x86/boot.rst and
// arch/{arm64,riscv}/kernel/head.S.
bool IsLinuxKernel(ByteView file) {
  constexpr std::uint32_t kX86 = 0x53726448;
  constexpr std::uint32_t kArm64 = 0x644d5241;
  constexpr std::uint32_t kRiscV = 0x05435352;
  const auto x86 = ReadAt<Le32>(file, 0x202);
  const auto other = ReadAt<Le32>(file, 0x38);
  return (x86 && *x86 == kX86) ||
         (other && (*other == kArm64 || *other == kRiscV));
}

Bytes TraitsOf(const PeView& view, const EntryHeader& header) {
  ImageTraits traits;
  traits.subsystem.raw = {static_cast<std::uint8_t>(view.subsystem & 0xffU),
                          static_cast<std::uint8_t>(view.subsystem >> 8U)};
  traits.revision = header.revision;
  traits.type = header.type;
  traits.linux_kernel = IsLinuxKernel(view.bytes) ? 1 : 0;
  std::optional<ByteView> sbat;
  for (const PeSection& section : view.sections) {
    const Range loaded = section.Loaded();
    if (section.name == ".sbat" && traits.sbat_count < 2) {
      ++traits.sbat_count;
      sbat = Slice(view.bytes, loaded.offset,
                   std::min<std::uint64_t>(loaded.length, kMaxSbat));
    }
  }
  Bytes bytes = CopyOf(BytesOf(traits));
  if (sbat) {
    bytes.insert(bytes.end(), sbat->begin(), sbat->end());
  }
  return bytes;
}

// Adds the entry and, one after the other, what is nested in it.
void AddSignatures(const Entry& entry, ByteView file,
                   const SignatureCandidate& common, Observations& into) {
  struct Nested {
    Bytes der;
    std::uint64_t offset;
  };
  std::vector<Nested> waiting = {
      {CopyOf(*Slice(file, entry.der.offset, entry.der.length)),
       entry.der.offset}};
  std::size_t budget = kMaxSignatures;
  while (!waiting.empty() && budget > 0) {
    --budget;
    const Nested one = std::move(waiting.back());
    waiting.pop_back();
    SignatureCandidate candidate = common;
    candidate.signature = one.der;
    candidate.place = {one.offset, one.der.size()};
    if (budget == 0 && !waiting.empty()) {
      candidate.problems.emplace_back("too many nested signatures");
    }
    into.candidates.push_back(std::move(candidate));
    for (Bytes& inner : NestedSignaturesOf(one.der)) {
      const auto found = std::search(one.der.begin(), one.der.end(),
                                     inner.begin(), inner.end());
      const auto at = found == one.der.end() ? 0 : found - one.der.begin();
      waiting.push_back(
          {std::move(inner), one.offset + static_cast<std::uint64_t>(at)});
    }
  }
}

void AddAll(const PeView& view, const Table& table, Observations& into) {
  SignatureCandidate common{.scheme = kAuthenticodeName,
                            .place = table.range,
                            .ranges = RangesOf(view, table),
                            .problems = table.problems};
  common.message_digests = DigestsOfImage(view, common.ranges, table);
  for (const Entry& entry : table.entries) {
    SignatureCandidate one = common;
    one.message = TraitsOf(view, entry.header);
    one.problems.insert(one.problems.end(), entry.problems.begin(),
                        entry.problems.end());
    AddSignatures(entry, view.bytes, one, into);
  }
  if (table.entries.empty()) {
    if (common.problems.empty()) {
      common.problems.emplace_back("the certificate table has no entry");
    }
    into.candidates.push_back(std::move(common));
  }
}

std::string NameOfList(ByteView list, std::string_view what) {
  const unsigned char* at = list.data();
  const X509Ptr one(d2i_X509(nullptr, &at, static_cast<long>(list.size())));
  ERR_clear_error();
  return one ? fmt::format("{} {}", what, SubjectNameOf(*one))
             : std::string(what);
}

// shim's cert_table (cert.S): sizes and places, counted from here, of what may
// and what may not boot; one certificate or signature lists.
struct VendorTable {
  Le32 allowed_size, forbidden_size, allowed_offset, forbidden_offset;
};
static_assert(sizeof(VendorTable) == 16 && FileStruct<VendorTable>);

void AddVendorKeys(const PeView& view, Observations& into) {
  for (const PeSection& section : view.sections) {
    const Range raw = section.Loaded();
    const auto bytes = Slice(view.bytes, raw.offset, raw.length);
    const auto table = bytes ? ReadAt<VendorTable>(*bytes, 0) : std::nullopt;
    if (section.name != ".vendor_cert" || !table) {
      continue;
    }
    const auto add = [&](std::uint64_t offset, std::uint64_t size,
                         TrustAnchor::Type type, std::string_view what) {
      const auto list = Slice(*bytes, offset, size);
      if (list && size > 0) {
        into.keys.push_back({.scheme = kAuthenticodeName,
                             .type = type,
                             .what = NameOfList(*list, what),
                             .key = CopyOf(*list),
                             .place = {raw.offset + offset, size}});
      }
    };
    add(table->allowed_offset, table->allowed_size, TrustAnchor::Type::kUefiDb,
        "shim's vendor certificate");
    add(table->forbidden_offset, table->forbidden_size,
        TrustAnchor::Type::kUefiDbx, "shim's vendor_dbx");
  }
}

}  // namespace

std::vector<Bytes> NestedSignaturesOf(ByteView encoded) {
  std::vector<Bytes> nested;
  const auto opened = OpenCms(encoded);
  const unsigned char* at = opened ? opened->detached.data() : nullptr;
  const std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>> cms(
      opened ? d2i_CMS_ContentInfo(nullptr, &at,
                                   static_cast<long>(opened->detached.size()))
             : nullptr);
  STACK_OF(CMS_SignerInfo)* signers =
      cms ? CMS_get0_SignerInfos(cms.get()) : nullptr;
  for (int i = 0; i < sk_CMS_SignerInfo_num(signers); ++i) {
    std::vector<Bytes> values = UnsignedValuesOf(
        *sk_CMS_SignerInfo_value(signers, i), kNestedSignature);
    std::ranges::move(values, std::back_inserter(nested));
  }
  ERR_clear_error();
  return nested;
}

bool FindInImage(ByteView content, Observations& into) {
  if (content.size() < 2 || content[0] != 'M' || content[1] != 'Z') {
    return false;
  }
  const auto view = PeView::Parse(content);
  if (!view) {
    return false;
  }
  AddVendorKeys(*view, into);
  if (view->directories.size() > formats::pe::kCertificates &&
      view->directories[formats::pe::kCertificates].length > 0) {
    AddAll(*view,
           ReadTable(*view, view->directories[formats::pe::kCertificates]),
           into);
  }
  return true;
}

}  // namespace assay::signatures
