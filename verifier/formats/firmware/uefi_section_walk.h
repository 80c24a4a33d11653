// Sections: what UEFI's firmware files and what their compressed parts consist
// of. Layout: UEFI Platform Initialization Specification 1.8, volume 3, section
// 3.2.4 "Firmware File Sections".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// One section as it lies in a stream of them.
struct UefiSection {
  // The section that `bytes` begin with, if its size fits into them.
  [[nodiscard]] static std::optional<UefiSection> At(ByteView bytes);

  std::uint8_t type = 0;
  std::uint64_t header = 0;  // length of the common header
  std::uint64_t size = 0;    // with the header
};

// Whether `head` begins with a chain of sections that ends where the bytes do.
// Unless `whole`, more may follow `head`, and a section that reaches past it
// must show by its content what it is.
[[nodiscard]] bool HasUefiSections(ByteView head, bool whole);

// Where the chain of sections that `bytes` begin with ends.
[[nodiscard]] std::uint64_t UefiSectionsExtent(ByteView bytes);

// The name for people in a chain of sections; empty without one.
[[nodiscard]] std::string UefiNameIn(ByteView sections);

// Gives each section of a chain to the sink: plain content as it lies there,
// compressed parts decoded (what comes out is a chain of its own), wrappers
// without encoding opened on the spot.
class UefiSectionWalk {
 public:
  UefiSectionWalk(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  // Claims all of `range`. Names of members begin with `prefix`.
  [[nodiscard]] Result<void> Run(Range range, const std::string& prefix);

 private:
  struct Chain {
    Range range = {};
    std::string prefix = {};
    std::size_t level = 0;
  };

  [[nodiscard]] Result<void> RunChain(const Chain& chain);
  [[nodiscard]] Result<void> AddSection(const UefiSection& section, Range at,
                                        const Chain& chain);
  [[nodiscard]] Result<void> AddCompressed(Range at, Range body,
                                           const Chain& chain);
  [[nodiscard]] Result<void> AddGuided(const UefiSection& section, Range at,
                                       const Chain& chain);
  [[nodiscard]] Result<void> AddEncoded(const Guid& guid, Range body,
                                        const Chain& chain, bool processed);
  [[nodiscard]] Result<void> AddTiano(Range body, bool tiano,
                                      const std::string& name);
  [[nodiscard]] Result<void> AddBrotli(Range body, const std::string& name);
  [[nodiscard]] Result<void> AddLzma(Range body, bool x86,
                                     const std::string& name);
  [[nodiscard]] Result<void> AddPlain(Range body, const std::string& name);
  [[nodiscard]] Result<void> Descend(Range body, const Chain& chain,
                                     const std::string& label);
  void CheckCrc(Range at, Range body);
  [[nodiscard]] std::string NameFor(const Chain& chain,
                                    const std::string& label);
  [[nodiscard]] ByteView BytesAt(Range range) const;
  void Report(std::string id, Range range, std::string detail);

  const ByteSource& source_;
  ArtifactSink& sink_;
  std::vector<Chain> pending_;
  std::map<std::string, unsigned> names_;
};

}  // namespace assay::formats
