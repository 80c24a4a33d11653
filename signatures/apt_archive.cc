#include "signatures/apt_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "signatures/lz4.h"
#include "signatures/package_index.h"
#include "signatures/signed_list.h"
#include "signatures/xz.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::signatures {
namespace {

constexpr std::uint64_t kMaxIndex = 1ULL << 30U;
constexpr std::string_view kClearsigned = "-----BEGIN PGP SIGNED MESSAGE-----";

struct SignedRelease {
  std::string text = {};  // of a passed check only, and of what it verified
  SignatureCheck check = {};
};

// apt saves "name_1%3a2.0_arch.deb"; the pool leaves the epoch out.
std::string PoolName(std::string_view path) {
  std::string name(BaseName(path));
  const std::size_t epoch = name.find("%3a");
  const std::size_t version = name.find('_');
  if (epoch != std::string::npos && version != std::string::npos &&
      version < epoch) {
    name.erase(version + 1, epoch + 3 - (version + 1));
  }
  return name;
}

void Set(SignatureCheck& check, Indication indication,
         std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
  check.good_keys.clear();
}

Observations FindIn(const SignatureScheme& scheme, std::string name,
                    ByteView content) {
  Artifact artifact;
  artifact.name = std::move(name);
  const Limits limits;
  Observations seen;
  static_cast<void>(scheme.find(
      Subject{.artifact = artifact, .content = content, .limits = limits},
      seen));
  return seen;
}

std::optional<SignedRelease> InRelease(const ContextFile& file,
                                       const Trust& trust) {
  const std::string_view text = AsText(file.bytes.bytes());
  const bool named = BaseName(file.name).ends_with("InRelease");
  if (!text.starts_with(kClearsigned) && !named) {
    return std::nullopt;
  }
  // Read as InRelease, so that text before the message is a problem.
  Observations seen =
      FindIn(kOpenpgpClearsigned, "InRelease", file.bytes.bytes());
  if (seen.candidates.empty()) {
    return std::nullopt;
  }
  const SignatureCandidate& candidate = seen.candidates.front();
  SignedRelease release{
      .text = std::string(AsText(candidate.message)),
      .check = kOpenpgpClearsigned.verify(candidate, {}, trust)};
  if (!named && candidate.problems.empty() && !IsRelease(release.text)) {
    return std::nullopt;  // a .dsc, .changes ...
  }
  return release;
}

std::optional<SignedRelease> DetachedRelease(
    const ContextFile& file, const std::vector<ContextFile>& files,
    const Trust& trust) {
  const auto message =
      std::ranges::find_if(files, [&](const ContextFile& other) {
        return file.name == other.name + ".gpg";
      });
  if (message == files.end() || !IsRelease(AsText(message->bytes.bytes()))) {
    return std::nullopt;
  }
  const Observations seen =
      FindIn(kOpenpgpDetached, file.name, file.bytes.bytes());
  if (seen.candidates.empty()) {
    return std::nullopt;
  }
  SignedRelease release{
      .text = std::string(AsText(message->bytes.bytes())),
      .check = kOpenpgpDetached.verify(seen.candidates.front(),
                                       message->bytes.bytes(), trust)};
  JudgeAge(release.text, trust.at, release.check);  // whatever its name is
  return release;
}

std::string_view ValueOf(std::string_view text, std::string_view name) {
  const auto field = FieldOf(text, name);
  return field ? field->value : std::string_view();
}

void CheckTimes(SignatureCheck& check) {
  if (!check.age.date) {
    Set(check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
        "the Release has no Date that can be read");
  } else if (!check.age.valid_until) {
    check.steps.emplace_back(
        "the Release has no Valid-Until: nothing tells how old it may be");
  }
}

void DescribeRelease(const SignedRelease& release, SignatureCheck& check) {
  std::string signers;
  for (const GoodKey& good : check.good_keys) {
    signers += (signers.empty() ? "" : ", ") + good.key;
  }
  check.steps.push_back(fmt::format(
      "{} (Origin {}, Codename {}, Date {}) signed by {} (anchor {})",
      check.holder, Escaped(ValueOf(release.text, "Origin")),
      Escaped(ValueOf(release.text, "Codename")),
      Escaped(ValueOf(release.text, "Date")), signers, check.anchor));
}

SignatureCheck CheckRelease(const SignedRelease& release,
                            const std::string& name, std::uint32_t signatures) {
  SignatureCheck check = release.check;
  check.scheme = kAptArchive;
  check.holder = Escaped(name);
  check.target = check.holder;
  if (check.indication != Indication::kTotalPassed) {
    return check;
  }
  DescribeRelease(release, check);
  if (check.good_keys.size() < signatures) {
    Set(check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
        fmt::format("{} good signatures of {} required", check.good_keys.size(),
                    signatures));
    return check;
  }
  CheckTimes(check);
  return check;
}

}  // namespace

struct AptContext::State {
  struct Index {
    ByteSource bytes;  // plain text; keeps the views alive
    std::size_t check = 0;
  };
  struct Entry {
    std::size_t index = 0;
    PoolFile file = {};
  };

  std::vector<SignatureCheck> checks;  // releases first
  std::size_t releases = 0;
  std::vector<Index> indexes;
  std::unordered_map<std::string_view, Entry> by_sha256;
  std::unordered_multimap<std::string_view, Entry> by_name;

  void AddIndex(const ContextFile& file, const ListedFile& listed,
                std::size_t release);
  void Read(std::size_t index);
};

// `file` has the size and digest that the release lists.
void AptContext::State::AddIndex(const ContextFile& file,
                                 const ListedFile& listed,
                                 std::size_t release) {
  SignatureCheck check = checks[release];
  check.steps.push_back(fmt::format("{} lists {}, {} bytes, sha256 {}",
                                    check.holder, Escaped(listed.name),
                                    file.bytes.size(), listed.digests[0].hex));
  check.target = Escaped(file.name);
  const bool passed = check.indication == Indication::kTotalPassed;
  const std::string_view name = BaseName(listed.name);
  const bool is_index =
      name.starts_with("Packages") || name.starts_with("Sources");
  checks.push_back(std::move(check));
  if (!passed || !is_index) {
    return;
  }
  if (name == "Packages" || name == "Sources") {
    indexes.push_back({.bytes = file.bytes, .check = checks.size() - 1});
  } else if (name.ends_with(".xz")) {
    auto decoded = DecodeXz(file.bytes.bytes(), kMaxIndex);
    if (!decoded) {
      checks.back().steps.push_back(decoded.error().what);
      return;
    }
    indexes.push_back({.bytes = ByteSource::Own(std::move(*decoded)),
                       .check = checks.size() - 1});
  } else {
    checks.back().steps.emplace_back("its compression is not read: not used");
    return;
  }
  Read(indexes.size() - 1);
}

void AptContext::State::Read(std::size_t index) {
  ForEachPoolFile(AsText(indexes[index].bytes.bytes()),
                  [&](const PoolFile& file) {
                    by_sha256.try_emplace(file.sha256, Entry{index, file});
                    by_name.emplace(BaseName(file.name), Entry{index, file});
                  });
}

namespace {

// apt keeps its lists as .lz4, which no Release lists: they count as what
// they hold. What does not decode stays as it is, and is not found.
std::vector<ContextFile> Expanded(std::vector<ContextFile> files) {
  for (ContextFile& file : files) {
    if (!IsLz4(file.bytes.bytes())) {
      continue;
    }
    if (auto decoded = DecodeLz4(file.bytes.bytes(), kMaxIndex)) {
      file.bytes = ByteSource::Own(std::move(*decoded));
    }
  }
  return files;
}

}  // namespace

AptContext AptContext::Build(const std::vector<ContextFile>& given,
                             const Trust& trust, std::uint32_t signatures) {
  const std::vector<ContextFile> files = Expanded(given);
  auto state = std::make_unique<State>();
  std::vector<SignedRelease> releases;
  for (const ContextFile& file : files) {
    auto release = InRelease(file, trust);
    if (!release && BaseName(file.name).ends_with(".gpg")) {
      release = DetachedRelease(file, files, trust);
    }
    if (release) {
      state->checks.push_back(CheckRelease(*release, file.name, signatures));
      releases.push_back(std::move(*release));
    }
  }
  state->releases = releases.size();
  // Each list is searched by digest: names of context files prove nothing.
  std::unordered_map<std::string, const ContextFile*> by_digest;
  for (const ContextFile& file : files) {
    if (!releases.empty()) {
      by_digest.try_emplace(Sha256Hex(file.bytes.bytes()), &file);
    }
  }
  for (std::size_t i = 0; i < releases.size(); ++i) {
    std::vector<const ContextFile*> taken;  // by-hash repeats some files
    for (const ListedFile& listed : ParseControlList(releases[i].text)) {
      const auto found = by_digest.find(listed.digests[0].hex);
      if (found != by_digest.end() &&
          found->second->bytes.size() == listed.size &&
          std::ranges::find(taken, found->second) == taken.end()) {
        taken.push_back(found->second);
        state->AddIndex(*found->second, listed, i);
      }
    }
  }
  return AptContext(std::move(state));
}

AptContext::AptContext(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
AptContext::~AptContext() = default;
AptContext::AptContext(AptContext&&) noexcept = default;
AptContext& AptContext::operator=(AptContext&&) noexcept = default;

const std::vector<SignatureCheck>& AptContext::checks() const {
  return state_->checks;
}

SignatureCheck AptContext::CheckFile(std::string_view sha256,
                                     std::uint64_t size,
                                     std::string_view target) const {
  const State& state = *state_;
  SignatureCheck check{.scheme = std::string(kAptArchive)};
  check.sub_indication = "SIGNED_DATA_NOT_FOUND";
  check.detail = "no index of a passed Release lists this file";
  if (state.releases > 0 && state.indexes.empty()) {
    check = state.checks.front();
    if (check.indication == Indication::kTotalPassed) {
      Set(check, Indication::kIndeterminate, "SIGNED_DATA_NOT_FOUND",
          "no index that the Release lists was given");
    }
  }
  check.holder.clear();
  const std::string name = PoolName(target);
  const auto found = state.by_sha256.find(sha256);
  if (found != state.by_sha256.end() && found->second.file.size == size) {
    const State::Entry& entry = found->second;
    check = state.checks[state.indexes[entry.index].check];
    const PoolFile& file = entry.file;
    check.steps.push_back(fmt::format("{} lists {}{}{}, sha256 {}, {} bytes",
                                      check.target, Escaped(file.directory),
                                      file.directory.empty() ? "" : "/",
                                      Escaped(file.name), sha256, size));
  } else if (const auto other = state.by_name.find(name);
             other != state.by_name.end()) {
    const State::Entry& entry = other->second;
    check = state.checks[state.indexes[entry.index].check];
    Set(check, Indication::kTotalFailed, "HASH_FAILURE",
        fmt::format("{} lists {} with {} bytes, sha256 {}; found {} bytes, "
                    "sha256 {}",
                    check.target, Escaped(entry.file.name), entry.file.size,
                    Escaped(entry.file.sha256), size, Escaped(sha256)));
  }
  check.target = target;
  return check;
}

}  // namespace assay::signatures
