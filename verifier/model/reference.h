// What distributions published, by digest: the strongest anchor (A1). Made by
// `assay reference build`, given with `--reference`.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/model/artifact.h"

namespace assay {

// A package or tree whose files are originals.
struct Publication {
  std::string name = {};    // of the file that was read
  std::string sha256 = {};  // of it
  // Who vouched for it when the set was built: the policy's anchor and what
  // its key says; "" when the user took it unsigned.
  std::string anchor = {};
  std::string signer = {};

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes = default for 0
  friend auto operator<=>(const Publication&, const Publication&) = default;
};

// How much of an artifact is as a publication has it.
enum class OriginalMatch : std::uint8_t {
  kNone,
  kContent,  // the bytes, at another place or with other rights
  kPlace,    // the bytes at the same place
  kFile,     // the bytes at the same place with the same rights
};

// An immutable set, read in place: a sorted table of originals. A lookup in a
// damaged table finds less, never more, for a digest has to be met in full.
//
//   "ASSAYREF" | u32 version 1 | u32 publications | u64 originals
//   | u64 length of the text | originals | text
//
// Little-endian. An original is the SHA-256 of its content (32 bytes), the
// first 8 bytes of the SHA-256 of its place and of its rights, and the number
// of its publication (u32). Rights are mode, owner, group, and the extended
// attributes that give more: file capabilities and access control lists. The
// text is a JSON list of publications.
class ReferenceSet {
 public:
  // kMalformed says what is wrong with the form.
  [[nodiscard]] static Result<ReferenceSet> Read(ByteSource content);

  struct Found {
    OriginalMatch match = OriginalMatch::kNone;
    const Publication* publication = nullptr;  // null when nothing was found
  };
  // The best match of an artifact's content, the first publication of equals.
  // Nothing for an empty file and for what has no content.
  [[nodiscard]] Found Find(const Artifact& artifact) const;

  [[nodiscard]] const std::vector<Publication>& publications() const {
    return publications_;
  }
  [[nodiscard]] std::uint64_t originals() const { return originals_; }

 private:
  ReferenceSet() = default;

  ByteSource content_;
  std::uint64_t originals_ = 0;
  std::vector<Publication> publications_;
};

// Collects originals; the same ones in any order give the same bytes.
class ReferenceBuilder {
 public:
  // The artifact has content. Empty files are left out.
  void Add(const Publication& publication, const Artifact& artifact);
  [[nodiscard]] Bytes Finish();

 private:
  struct Entry {
    std::array<std::uint8_t, 32> digest = {};
    std::array<std::uint8_t, 8> place = {};
    std::array<std::uint8_t, 8> rights = {};
    std::uint32_t publication = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): as above
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  std::map<Publication, std::uint32_t> publications_;  // in order of arrival
  std::vector<Entry> entries_;
};

}  // namespace assay
