// The notes of an ELF object. Layout: gABI chapter 5, "Note Section".
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "verifier/formats/executables/elf_view.h"

namespace assay::sbom {

struct ElfNote {
  std::string_view owner = {};  // without its NUL
  std::uint32_t type = 0;
  ByteView content = {};  // borrowed from the object
  Range place = {};       // of the content
};

// Visits the notes of all note segments, or of the note sections of an object
// without such segments; stops in a segment at the first that does not fit.
void ForEachElfNote(const formats::ElfView& view,
                    const std::function<void(const ElfNote&)>& visit);

}  // namespace assay::sbom
