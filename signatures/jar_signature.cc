#include "signatures/jar_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/apk_signing_block.h"
#include "signatures/jar_manifest.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/zip_member.h"

namespace assay::signatures {
namespace {

using formats::ZipDirectory;
using formats::ZipEntry;

constexpr std::uint64_t kMaxMember = 16UL << 20U;
constexpr std::size_t kMaxSigners = 16;
constexpr std::string_view kFolder = "meta-inf/";
constexpr std::string_view kManifestName = "META-INF/MANIFEST.MF";

// The base name of "META-INF/base.suffix", lower case; "" for other names.
std::string BaseOf(std::string_view name, std::string_view suffix) {
  const std::string lower = Lower(name);
  if (!lower.starts_with(kFolder) || !lower.ends_with(suffix) ||
      lower.find('/', kFolder.size()) != std::string::npos) {
    return "";
  }
  return lower.substr(kFolder.size(),
                      lower.size() - kFolder.size() - suffix.size());
}

std::string BlockBaseOf(std::string_view name) {
  for (const std::string_view suffix : {".rsa", ".dsa", ".ec"}) {
    if (std::string base = BaseOf(name, suffix); !base.empty()) {
      return base;
    }
  }
  return "";
}

struct Compared {
  Digest expected = {};
  Digest found = {};
};

// The first digest that is not the one of `bytes`, or else the last one.
// Nothing when there are no digests.
std::optional<Compared> Compare(const std::vector<Digest>& digests,
                                ByteView bytes) {
  std::optional<Compared> compared;
  for (const Digest& digest : digests) {
    compared = {digest, DigestOf(digest.algorithm, bytes)};
    if (compared->expected != compared->found) {
      break;
    }
  }
  return compared;
}

bool Agrees(const std::optional<Compared>& compared) {
  return compared && compared->expected == compared->found;
}

class JarReader {
 public:
  JarReader(ByteView zip, ZipDirectory directory, std::uint64_t most)
      : zip_(zip),
        directory_(std::move(directory)),
        entries_(formats::ReadZipEntries(zip, directory_, most)) {
    for (const ZipEntry& entry : entries_) {
      if (std::string base = BaseOf(entry.name, ".sf"); !base.empty()) {
        files_.try_emplace(std::move(base), &entry);
      } else if (base = BlockBaseOf(entry.name); !base.empty()) {
        blocks_.emplace(std::move(base), &entry);
      }
    }
  }

  [[nodiscard]] bool Add(std::string_view scheme, Observations& into) {
    if (files_.empty() && blocks_.empty()) {
      return false;
    }
    CheckArchive();
    ReadManifest();
    std::size_t count = 0;
    for (const auto& [base, block] : blocks_) {
      const auto file = files_.find(base);
      into.candidates.push_back(Candidate(
          scheme, block, file == files_.end() ? nullptr : file->second));
      if (++count == kMaxSigners) {
        into.candidates.back().problems.emplace_back(
            "more than 16 signature blocks");
        return true;
      }
    }
    for (const auto& [base, file] : files_) {
      if (!blocks_.contains(base)) {
        into.candidates.push_back(Candidate(scheme, nullptr, file));
      }
    }
    return true;
  }

 private:
  // What makes the archive another one for another reader.
  void CheckArchive() {
    std::vector<std::string_view> names;
    for (const ZipEntry& entry : entries_) {
      names.push_back(entry.name);
    }
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names);
        twice != names.end()) {
      problems_.push_back(
          fmt::format("two entries are called {}", Escaped(*twice)));
    }
    const bool android = std::ranges::binary_search(names, kAndroidManifest);
    if (android && !formats::HasZipSignature(zip_, 0, formats::kZipLocal)) {
      problems_.emplace_back("no zip member begins at the first byte");
    }
    if (directory_.rival) {
      problems_.emplace_back("there is more than one end record");
    }
  }

  void ReadManifest() {
    const auto at = std::ranges::find(entries_, kManifestName, &ZipEntry::name);
    auto content = at == entries_.end()
                       ? Fail(ErrorCode::kTruncated, "there is no manifest")
                       : Read(*at);
    if (!content) {
      problems_.push_back(content.error().what);
      return;
    }
    manifest_text_ = std::move(*content);
    manifest_place_ = PlaceOf(*at);
    manifest_ = ParseJarManifest(manifest_text_);
    for (const JarSection& section : manifest_.sections) {
      if (!sections_.emplace(section.name, &section).second) {
        problems_.push_back(
            fmt::format("the manifest names {} twice", Escaped(section.name)));
      }
    }
    if (!manifest_.problem.empty()) {
      problems_.push_back("manifest: " + manifest_.problem);
    }
  }

  SignatureCandidate Candidate(std::string_view scheme, const ZipEntry* block,
                               const ZipEntry* file) {
    SignatureCandidate candidate{.scheme = scheme,
                                 .place = PlaceOf(block ? *block : *file),
                                 .listed_inside = true,
                                 .problems = problems_};
    if (block == nullptr || file == nullptr) {
      candidate.problems.push_back(
          fmt::format("{} has no {}", Escaped(block ? block->name : file->name),
                      block ? "signature file" : "signature block"));
      return candidate;
    }
    auto signature = Read(*block);
    auto message = Read(*file);
    for (const auto* member : {&signature, &message}) {
      if (!*member) {
        candidate.problems.push_back(member->error().what);
        return candidate;
      }
    }
    candidate.signature = std::move(*signature);
    candidate.message = std::move(*message);
    candidate.ranges = {
        {PlaceOf(*block), Coverage::kUncoveredInert, std::string(block->name)},
        {PlaceOf(*file), Coverage::kSigned, std::string(file->name)}};
    const JarManifest list = ParseJarManifest(candidate.message);
    if (!list.problem.empty() || !list.main.Find("Signature-Version")) {
      candidate.problems.push_back(
          "signature file: " +
          (list.problem.empty() ? "it has no version" : list.problem));
      return candidate;
    }
    CompareManifest(list, candidate);
    CheckStripping(list, candidate);
    return candidate;
  }

  // "Signed JAR File", "Signature Validation": the whole manifest, or else its
  // main attributes and each section.
  void CompareManifest(const JarManifest& list,
                       SignatureCandidate& candidate) const {
    const auto whole =
        Compare(list.main.Digests("-Digest-Manifest"), manifest_text_);
    if (Agrees(whole)) {
      AddDigest(std::string(kManifestName), *whole, candidate);
    } else if (const auto main = Compare(
                   list.main.Digests("-Digest-Manifest-Main-Attributes"),
                   manifest_.main.raw);
               main && !Agrees(main)) {
      AddDigest("main attributes of the manifest", *main, candidate);
    }
    for (const JarSection& section : list.sections) {
      const auto named = sections_.find(section.name);
      if (named == sections_.end()) {
        candidate.problems.push_back(fmt::format(
            "{} is signed and not in the manifest", Escaped(section.name)));
        continue;
      }
      const auto digest =
          Compare(section.Digests("-Digest"), named->second->raw);
      if (!Agrees(whole) && !Agrees(digest)) {
        // With neither, the check is UNSUPPORTED.
        if (const auto& wrong = digest ? digest : whole) {
          AddDigest(fmt::format("{} in the manifest", Escaped(section.name)),
                    *wrong, candidate);
        }
        continue;
      }
      candidate.listed.push_back(
          {.name = section.name, .digests = named->second->Digests("-Digest")});
    }
  }

  void AddDigest(std::string what, const Compared& compared,
                 SignatureCandidate& candidate) const {
    candidate.ranges.push_back({manifest_place_, Coverage::kByDigest,
                                std::move(what), compared.expected,
                                compared.found});
  }

  // "X-Android-APK-Signed: 2, 3" says which signatures stand beside this one.
  void CheckStripping(const JarManifest& list,
                      SignatureCandidate& candidate) const {
    const std::string* schemes = list.main.Find("X-Android-APK-Signed");
    if (schemes == nullptr) {
      return;
    }
    const auto layout = ReadApkLayout(zip_);
    constexpr std::array<std::pair<std::string_view, std::uint32_t>, 2> kIds = {
        {{"2", kApkV2Id}, {"3", kApkV3Id}}};
    for (const std::string_view part : Split(*schemes, ',')) {
      for (const auto& [name, id] : kIds) {
        if (Trim(part) == name && (!layout || layout->Find(id) == nullptr)) {
          candidate.problems.push_back(fmt::format(
              "an APK signature v{} is said to be there, and it is not", name));
        }
      }
    }
  }

  [[nodiscard]] Result<Bytes> Read(const ZipEntry& entry) const {
    return formats::ReadZipMember(zip_, directory_, entry, kMaxMember);
  }
  [[nodiscard]] Range PlaceOf(const ZipEntry& entry) const {
    return formats::FindZipData(zip_, directory_, entry)
        .value_or(Range{entry.at, entry.header_size});
  }

  ByteView zip_;
  ZipDirectory directory_;
  std::vector<ZipEntry> entries_;
  std::map<std::string, const ZipEntry*> files_;
  std::multimap<std::string, const ZipEntry*> blocks_;
  Bytes manifest_text_;
  Range manifest_place_ = {};
  JarManifest manifest_;
  std::map<std::string, const JarSection*> sections_;
  std::vector<std::string> problems_;
};

}  // namespace

bool FindJarSignatures(const Subject& subject, std::string_view scheme,
                       Observations& into) {
  const std::string& name = subject.artifact.name;
  if (!formats::LooksLikeZip(subject.content) && !name.ends_with(".apk") &&
      !name.ends_with(".jar")) {
    return false;
  }
  auto directory = formats::FindZipDirectory(subject.content);
  return directory && JarReader(subject.content, std::move(*directory),
                                subject.limits.entries)
                          .Add(scheme, into);
}

}  // namespace assay::signatures
