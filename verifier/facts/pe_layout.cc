#include "verifier/facts/pe_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/facts/entropy.h"
#include "verifier/formats/coverage.h"

namespace assay::facts {
namespace {

using formats::PeSection;
using formats::PeView;
namespace pe = formats::pe;

// As in elf_layout.cc: bits per byte that no usual machine code reaches.
constexpr double kDense = 7.4;
constexpr std::uint64_t kSmallestDense = 8192;
constexpr std::uint32_t kSmallestEmpty = 4096;

bool IsCode(const PeSection& section) {
  return (section.flags & pe::kSectionExecute) != 0;
}

bool Holds(const PeSection& section, std::uint32_t address) {
  const std::uint64_t size =
      std::max<std::uint64_t>(section.virtual_size, section.raw.length);
  return address >= section.address && address - section.address < size;
}

std::string RightsOf(const PeSection& section) {
  std::string rights;
  rights += (section.flags & pe::kSectionRead) != 0 ? 'r' : '-';
  rights += (section.flags & pe::kSectionWrite) != 0 ? 'w' : '-';
  rights += IsCode(section) ? 'x' : '-';
  return rights;
}

class SectionWriter {
 public:
  SectionWriter(const PeView& view, FactWriter& facts)
      : view_(view), facts_(facts), left_(view.bytes.size()) {}

  void AddAll() {
    for (const PeSection& section : view_.sections) {
      facts_.Add(
          {.kind = "pe.section",
           .value = section.name,
           .attributes = {{"rights", RightsOf(section)},
                          {"size", fmt::format("{}", section.raw.length)},
                          {"memory", fmt::format("{}", section.virtual_size)}},
           .place = PlaceOf(section)});
      if (IsCode(section)) {
        AddCode(section);
      }
    }
    AddEntry();
  }

 private:
  [[nodiscard]] std::optional<Range> PlaceOf(const PeSection& section) const {
    const Range raw = section.Loaded();
    return raw.length > 0 && Slice(view_.bytes, raw.offset, raw.length)
               ? std::optional(raw)
               : std::nullopt;
  }

  void AddOddity(std::string_view oddity, const PeSection& section) {
    facts_.Add({.kind = "pe.oddity",
                .value = std::string(oddity),
                .attributes = {{"section", section.name}},
                .place = PlaceOf(section)});
  }

  void AddCode(const PeSection& section) {
    if ((section.flags & pe::kSectionWrite) != 0) {
      AddOddity("writable-code", section);
    }
    const auto place = PlaceOf(section);
    if (!place && section.virtual_size >= kSmallestEmpty) {
      AddOddity("empty-code", section);
    }
    // Sections do not overlap; if they do, no byte is read more than once for
    // each byte of the image.
    if (place && place->length >= kSmallestDense && place->length <= left_) {
      left_ -= place->length;
      if (EntropyOf(*Slice(view_.bytes, place->offset, place->length)) >=
          kDense) {
        AddOddity("dense-code", section);
      }
    }
  }

  // A library may have no entry. UEFI's images may have only one section.
  void AddEntry() {
    const auto code =
        std::find_if(view_.sections.begin(), view_.sections.end(), IsCode);
    if (view_.entry == 0 || code == view_.sections.end()) {
      return;
    }
    const auto entered = std::find_if(
        view_.sections.begin(), view_.sections.end(),
        [&](const PeSection& section) { return Holds(section, view_.entry); });
    if (entered == view_.sections.end()) {
      facts_.Add({.kind = "pe.oddity", .value = "entry-in-data"});
    } else if (!IsCode(*entered)) {
      AddOddity("entry-in-data", *entered);
    } else if (entered != code && entered + 1 == view_.sections.end()) {
      AddOddity("entry-late", *entered);
    }
  }

  const PeView& view_;
  FactWriter& facts_;
  std::uint64_t left_;
};

void AddTail(const PeView& view, std::uint64_t start, std::uint64_t end,
             std::string_view covered, FactWriter& facts) {
  if (start >= end) {
    return;
  }
  const auto bytes = Slice(view.bytes, start, end - start);
  if (bytes && !formats::IsZero(*bytes)) {
    facts.Add({.kind = "pe.overlay",
               .value = fmt::format("{}", bytes->size()),
               .attributes = {{"covered", std::string(covered)}},
               .place = Range{start, bytes->size()}});
  }
}

}  // namespace

void AddSections(const PeView& view, FactWriter& facts) {
  SectionWriter(view, facts).AddAll();
}

// Authenticode's digest covers all in front of the certificates. Their table
// has to end the file: what comes behind is nobody's.
void AddOverlay(const PeView& view, FactWriter& facts) {
  const std::uint64_t described = view.DescribedEnd();
  const std::uint64_t size = view.bytes.size();
  const auto certificates = view.Directory(pe::kCertificates);
  if (!certificates) {
    AddTail(view, described, size, "", facts);
    return;
  }
  AddTail(view, described, certificates->offset, "yes", facts);
  AddTail(view, std::max(described, certificates->end()), size, "no", facts);
}

}  // namespace assay::facts
