// Lists of checksums: SHA256SUMS, name.sha256 and the like.
// Layout: the coreutils manual, "md5sum invocation"; BSD digest(1).
//
// A list proves nothing about origin, for whoever changes a file can change
// the list. It is reported as DIGEST-ONLY unless a signature over the list
// itself holds (see listed_files.h).

#include <array>
#include <string>

#include "signatures/scheme.h"
#include "signatures/signed_list.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 64UL << 20U;

constexpr std::array<std::string_view, 7> kSuffixes = {
    ".sha256", ".sha512",    ".sha384",   ".sha1",
    ".md5",    ".sha256sum", ".sha512sum"};

// The name of the file that a list called "name.sha256" is about; "" for a
// list of several; nothing when the name is no list's.
std::optional<std::string> SubjectOf(std::string_view name) {
  const std::string lower = Lower(name);
  for (const std::string_view word :
       {"sha256sums", "sha512sums", "sha384sums", "sha1sums", "md5sums",
        "sha256sum", "sha512sum", "md5sum", "checksums", "checksum"}) {
    if (lower == word || lower == std::string(word) + ".txt") {
      return "";
    }
  }
  for (const std::string_view suffix : kSuffixes) {
    if (lower.size() > suffix.size() && lower.ends_with(suffix)) {
      return std::string(name.substr(0, name.size() - suffix.size()));
    }
  }
  return std::nullopt;
}

bool Find(const Subject& subject, Observations& into) {
  // The control archive of a package lists the files of another archive.
  const std::string& path = subject.artifact.name;
  const auto lone_name = path == "./md5sums" ? std::optional<std::string>()
                                             : SubjectOf(BaseName(path));
  if (!lone_name || subject.content.empty()) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kChecksumList.name,
                               .place = {0, subject.content.size()}};
  if (subject.content.size() > kMaxSize) {
    candidate.problems.emplace_back("the list is over the limit of 64 MiB");
    into.candidates.push_back(std::move(candidate));
    return false;
  }
  candidate.listed = ParseChecksums(AsText(subject.content), *lone_name);
  if (candidate.listed.empty()) {
    return false;
  }
  for (const ListedFile& file : candidate.listed) {
    candidate.targets.push_back(file.name);
  }
  into.candidates.push_back(std::move(candidate));
  return true;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& /*trust*/) {
  SignatureCheck check{.scheme = std::string(kChecksumList.name),
                       .indication = Indication::kDigestOnly};
  check.detail = "a list of checksums; nothing says who wrote it";
  if (!candidate.problems.empty()) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
  }
  return check;
}

}  // namespace

const SignatureScheme kChecksumList = {
    .name = "checksum_list",
    .title = "list of checksums (no authenticity)",
    .reference = "GNU coreutils manual, md5sum invocation; BSD digest(1)",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
