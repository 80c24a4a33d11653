#include "verifier/report/bundle/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "verifier/base/digest.h"

namespace assay::report {
namespace {

constexpr auto kParts = std::to_array<BundlePart>({
    {kBundledReport, "json"},
    {"report.csv", "csv"},
    {"report.html", "html"},
    {"report.sarif", "sarif"},
    {"report.txt", "text"},
    {"svr.dsse.json", "svr"},
    {"vsa.dsse.json", "vsa"},
});

// Both are parsed before anybody vouches for them. A delivery of a hundred
// thousand files needs a fifth of it.
constexpr std::uint64_t kMostStatementBytes = 64ULL << 20U;

Result<void> CheckStatementSize(std::string_view name, std::uint64_t size) {
  return size <= kMostStatementBytes
             ? Result<void>()
             : Fail(ErrorCode::kLimit,
                    fmt::format("{}: {} bytes are more than {}", name, size,
                                kMostStatementBytes));
}

// What a zip entry of that name begins with; section 4.3.7 of APPNOTE.TXT.
bool BeginsWithEntry(ByteView bytes, std::string_view name) {
  constexpr std::string_view kMark = "PK\x03\x04";
  constexpr std::size_t kName = 30;
  const auto mark = Slice(bytes, 0, kMark.size());
  const auto there = Slice(bytes, kName, name.size());
  return mark && there && AsText(*mark) == kMark && AsText(*there) == name;
}

}  // namespace

std::span<const BundlePart> BundleParts() {
  return kParts;
}

Result<void> BundleWriter::Add(std::string_view name,
                               std::string_view content) {
  auto added = archive_.Add(name, content);
  if (added) {
    entries_.push_back({.name = std::string(name),
                        .size = content.size(),
                        .sha256 = Sha256Hex(AsBytes(content))});
  }
  return added;
}

std::string BundleWriter::Statement(const Report& report) const {
  std::vector<BundleEntry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end(),
            [](const BundleEntry& a, const BundleEntry& b) {
              return a.name < b.name;
            });
  return BundleStatement(report, sorted);
}

Result<std::string> BundleWriter::Finish(std::string_view statement,
                                         std::string_view envelope) {
  for (const auto& [name, content] : {std::pair(kBundleStatement, statement),
                                      std::pair(kBundleEnvelope, envelope)}) {
    if (content.empty()) {
      continue;
    }
    if (const auto good = CheckStatementSize(name, content.size()); !good) {
      return Fail(good.error());
    }
    if (const auto added = archive_.Add(name, content); !added) {
      return Fail(added.error());
    }
  }
  return archive_.Finish();
}

bool Bundle::Begins(ByteView bytes) {
  return BeginsWithEntry(bytes, kBundleStatement) ||
         BeginsWithEntry(bytes, kBundleEnvelope);
}

Result<Bundle> Bundle::Open(ByteView bytes) {
  auto archive = Archive::Open(bytes);
  if (!archive) {
    return Fail(archive.error());
  }
  Bundle bundle(std::move(*archive));
  for (const auto& [name, text] :
       {std::pair(kBundleStatement, &bundle.statement_),
        std::pair(kBundleEnvelope, &bundle.envelope_)}) {
    const ArchiveEntry* entry = bundle.archive_.Find(name);
    if (entry == nullptr && name == kBundleEnvelope) {
      continue;
    }
    if (const auto good =
            CheckStatementSize(name, entry == nullptr ? 0 : entry->size);
        !good) {
      return Fail(good.error());
    }
    auto content = bundle.Read(name);
    if (!content) {
      return Fail(content.error());
    }
    *text = std::move(*content);
  }
  auto claims = ReadBundleStatement(bundle.statement_);
  if (!claims) {
    return Fail(claims.error().code,
                fmt::format("{}: {}", kBundleStatement, claims.error().what));
  }
  bundle.claims_ = std::move(*claims);
  return bundle;
}

Result<std::string> Bundle::Read(std::string_view name) const {
  const ArchiveEntry* entry = archive_.Find(name);
  if (entry == nullptr) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: not there", name));
  }
  return archive_.Read(*entry);
}

std::string Bundle::ProblemOf(const BundleEntry& entry) const {
  const ArchiveEntry* there = archive_.Find(entry.name);
  if (there == nullptr) {
    return "is missing";
  }
  if (there->size != entry.size) {
    return fmt::format("has {} bytes; the bundle's statement says {}",
                       there->size, entry.size);
  }
  const auto content = archive_.Read(*there);
  if (!content) {
    return "is damaged";
  }
  const std::string sha256 = Sha256Hex(AsBytes(*content));
  return sha256 == entry.sha256
             ? ""
             : fmt::format("has SHA-256 {}; the bundle's statement says {}",
                           sha256, entry.sha256);
}

std::vector<Bundle::Checked> Bundle::Check() const {
  std::vector<Checked> checked;
  std::set<std::string_view> listed = {kBundleStatement, kBundleEnvelope};
  for (const BundleEntry& entry : claims_.entries) {
    const bool once = listed.insert(entry.name).second;
    checked.push_back(
        {entry.name, once ? ProblemOf(entry) : "is listed more than once"});
  }
  for (const ArchiveEntry& entry : archive_.entries()) {
    if (listed.count(entry.name) == 0) {
      checked.push_back({entry.name, "is not in the bundle's statement"});
    }
  }
  if (listed.count(kBundledReport) == 0) {
    checked.push_back({std::string(kBundledReport), "is missing"});
  }
  return checked;
}

}  // namespace assay::report
