#include "verifier/report/bundle/archive.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "verifier/base/crc32.h"

namespace assay::report {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint16_t kVersion = 20;  // that deflate needs
constexpr std::uint16_t kDeflate = 8;
constexpr std::uint16_t kFirstDay = 0x21;  // 1980-01-01: there is no "none"
constexpr std::size_t kMostName = 64;
constexpr std::size_t kLocalSize = 30;
constexpr int kLevel = 9;

// A report of ten thousand files deflates to a twentieth. Only bombs are under
// a part in this many, and small ones hurt nobody.
constexpr std::uint64_t kMostRatio = 250;
constexpr std::uint64_t kRatioFloor = 16ULL << 20U;

struct Free {
  void operator()(libdeflate_compressor* one) const {
    libdeflate_free_compressor(one);
  }
  void operator()(libdeflate_decompressor* one) const {
    libdeflate_free_decompressor(one);
  }
};

void Put(std::string& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) {
    to += static_cast<char>((value >> (8 * i)) & 0xFFU);
  }
}

// What local and central headers share, from "version needed" on.
void PutCommon(std::string& to, const ArchiveEntry& entry) {
  Put(to, kVersion, 2);
  Put(to, 0, 2);  // flags
  Put(to, kDeflate, 2);
  Put(to, 0, 2);  // midnight
  Put(to, kFirstDay, 2);
  Put(to, entry.crc, 4);
  Put(to, entry.packed, 4);
  Put(to, entry.size, 4);
  Put(to, entry.name.size(), 2);
  Put(to, 0, 2);  // extra field
}

std::string LocalHeader(const ArchiveEntry& entry) {
  std::string header;
  Put(header, kLocal, 4);
  PutCommon(header, entry);
  return header + entry.name;
}

// The central directory and its end.
std::string Directory(const std::vector<ArchiveEntry>& entries,
                      std::uint64_t at) {
  std::string text;
  for (const ArchiveEntry& entry : entries) {
    Put(text, kCentral, 4);
    Put(text, kVersion, 2);  // made by, on no system in particular
    PutCommon(text, entry);
    Put(text, 0, 2);  // comment
    Put(text, 0, 2);  // disk
    Put(text, 0, 2);  // internal attributes
    Put(text, 0, 4);  // external attributes
    Put(text, entry.header, 4);
    text += entry.name;
  }
  const std::size_t size = text.size();
  Put(text, kEnd, 4);
  Put(text, 0, 4);  // disks
  Put(text, entries.size(), 2);
  Put(text, entries.size(), 2);
  Put(text, size, 4);
  Put(text, at, 4);
  Put(text, 0, 2);  // comment
  return text;
}

bool Begins(ByteView bytes, std::uint64_t at, std::string_view text) {
  const auto there = Slice(bytes, at, text.size());
  return there && AsText(*there) == text;
}

Result<void> CheckSize(const ArchiveEntry& entry) {
  if (entry.size > kMostEntryBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("{}: {} bytes are more than a bundle's entry may "
                            "have, {}",
                            entry.name, entry.size, kMostEntryBytes));
  }
  if (entry.size > kRatioFloor &&
      entry.size / kMostRatio > std::uint64_t{entry.packed}) {
    return Fail(ErrorCode::kLimit, fmt::format("{}: expands more than {} times",
                                               entry.name, kMostRatio));
  }
  return {};
}

Result<Bytes> Deflated(std::string_view content) {
  const std::unique_ptr<libdeflate_compressor, Free> compressor(
      libdeflate_alloc_compressor(kLevel));
  if (!compressor) {
    return Fail(ErrorCode::kInternal, "no memory to compress with");
  }
  Bytes packed(
      libdeflate_deflate_compress_bound(compressor.get(), content.size()));
  packed.resize(libdeflate_deflate_compress(compressor.get(), content.data(),
                                            content.size(), packed.data(),
                                            packed.size()));
  packed.shrink_to_fit();
  return packed;
}

}  // namespace

bool IsBundleName(std::string_view name) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  return !name.empty() && name.size() <= kMostName && name.front() != '.' &&
         name.back() != '.' &&
         name.find_first_not_of(kLetters) == std::string_view::npos;
}

Result<void> ArchiveWriter::Add(std::string_view name,
                                std::string_view content) {
  const bool there =
      std::any_of(entries_.begin(), entries_.end(),
                  [&](const auto& one) { return one.first.name == name; });
  if (!IsBundleName(name) || there || entries_.size() == kMostBundleEntries) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("\"{}\" cannot be a further entry", name));
  }
  ArchiveEntry entry{.name = std::string(name)};
  if (content.size() > kMostEntryBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("{}: {} bytes are more than a bundle's entry may "
                            "have, {}",
                            name, content.size(), kMostEntryBytes));
  }
  auto packed = Deflated(content);
  if (!packed) {
    return Fail(packed.error());
  }
  entry.crc = Crc32(AsBytes(content));
  entry.packed = static_cast<std::uint32_t>(packed->size());
  entry.size = static_cast<std::uint32_t>(content.size());
  if (const auto good = CheckSize(entry); !good) {
    return good;
  }
  entries_.emplace_back(std::move(entry), std::move(*packed));
  return {};
}

Result<std::string> ArchiveWriter::Finish() {
  auto entries = std::exchange(entries_, {});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.first.name < b.first.name;
  });
  std::string archive;
  std::vector<ArchiveEntry> listed;
  for (auto& [entry, packed] : entries) {
    entry.header = archive.size();
    archive += LocalHeader(entry);
    archive += AsText(packed);
    Bytes().swap(packed);
    listed.push_back(entry);
  }
  archive += Directory(listed, archive.size());
  if (archive.size() > kMostBundleBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("a bundle of {} bytes is more than {}",
                            archive.size(), kMostBundleBytes));
  }
  return archive;
}

// Takes the entry at `at`, and moves behind it.
Result<void> Archive::Take(std::uint64_t& at) {
  const auto head = Slice(bytes_, at, kLocalSize);
  const auto bad = [at](std::string_view what) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("the entry at byte {} {}", at, what));
  };
  if (!head) {
    return bad("is cut off");
  }
  ArchiveEntry entry{.crc = *ReadAt<Le32>(*head, 14),
                     .packed = *ReadAt<Le32>(*head, 18),
                     .size = *ReadAt<Le32>(*head, 22),
                     .header = at};
  const auto name = Slice(bytes_, at + kLocalSize, *ReadAt<Le16>(*head, 26));
  if (!name || !IsBundleName(AsText(*name))) {
    return bad("has a name that no entry of a bundle has");
  }
  entry.name = AsText(*name);
  const std::string header = LocalHeader(entry);
  if (!Begins(bytes_, at, header)) {
    return bad(
        fmt::format("({}) is not in the form that bundles have", entry.name));
  }
  if (Find(entry.name) != nullptr) {
    return bad(fmt::format("({}) is there twice", entry.name));
  }
  if (!entries_.empty() && entry.name < entries_.back().name) {
    return bad(fmt::format("({}) is not in its place", entry.name));
  }
  if (!Slice(bytes_, at + header.size(), entry.packed)) {
    return bad(fmt::format("({}) is cut off", entry.name));
  }
  if (entries_.size() == kMostBundleEntries) {
    return Fail(ErrorCode::kLimit,
                fmt::format("more than {} entries", kMostBundleEntries));
  }
  at += header.size() + entry.packed;
  const auto good = CheckSize(entry);
  entries_.push_back(std::move(entry));
  return good;
}

Result<Archive> Archive::Open(ByteView bytes) {
  if (bytes.size() > kMostBundleBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("a bundle of {} bytes is more than {}",
                            bytes.size(), kMostBundleBytes));
  }
  Archive archive(bytes);
  std::uint64_t at = 0;
  for (;;) {
    const auto mark = ReadAt<Le32>(bytes, at);
    if (!mark || *mark != kLocal) {
      break;
    }
    if (const auto taken = archive.Take(at); !taken) {
      return Fail(taken.error());
    }
  }
  const std::string directory = Directory(archive.entries_, at);
  if (archive.entries_.empty() || !Begins(bytes, at, directory)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("no zip as bundles are one: byte {} begins neither "
                            "an entry nor a list of the {} before it",
                            at, archive.entries_.size()));
  }
  if (bytes.size() != at + directory.size()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{} bytes behind its end",
                            bytes.size() - at - directory.size()));
  }
  return archive;
}

const ArchiveEntry* Archive::Find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [&](const ArchiveEntry& one) { return one.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

Result<std::string> Archive::Read(const ArchiveEntry& entry) const {
  const auto packed = Slice(
      bytes_, entry.header + kLocalSize + entry.name.size(), entry.packed);
  const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!packed || !decompressor) {
    return Fail(ErrorCode::kInternal,
                fmt::format("{}: could not be read", entry.name));
  }
  std::string content(entry.size, '\0');
  std::size_t consumed = 0;
  std::size_t made = 0;
  const bool decoded =
      libdeflate_deflate_decompress_ex(
          decompressor.get(), packed->data(), packed->size(), content.data(),
          content.size(), &consumed, &made) == LIBDEFLATE_SUCCESS;
  if (!decoded || consumed != packed->size() || made != content.size() ||
      Crc32(AsBytes(content)) != entry.crc) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: its bytes are damaged", entry.name));
  }
  return content;
}

}  // namespace assay::report
