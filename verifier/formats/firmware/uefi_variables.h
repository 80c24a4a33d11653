// Variables in the stores that EDK II keeps in flash.
// Layout: EDK II, MdeModulePkg/Include/Guid/VariableFormat.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/time.h"
#include "verifier/formats/firmware/uefi_guid.h"

namespace assay::formats {

struct UefiStoreHeader {
  Guid signature;
  Le32 size;
  std::uint8_t format = 0, state = 0;
  Le16 reserved;
  Le32 reserved1;

  // Whether its variables carry a time and a key.
  [[nodiscard]] bool Authenticated() const;
};
static_assert(sizeof(UefiStoreHeader) == 28 && FileStruct<UefiStoreHeader>);

inline constexpr std::string_view kAuthenticatedStore =
    "\x78\x2c\xf3\xaa\x7b\x94\x9a\x43\xa1\x80\x2e\x14\x4e\xc3\x77\x92";
inline constexpr std::string_view kPlainStore =
    "\x16\x36\xcf\xdd\x75\x32\x64\x41\x98\xb6\xfe\x85\x70\x7f\xfe\x7d";

// The store whose header `bytes` begin with, if its size is plausible.
[[nodiscard]] std::optional<UefiStoreHeader> UefiStoreAt(ByteView bytes);

struct UefiVariable {
  std::string name = {};
  Guid vendor = {};
  std::uint32_t attributes = 0;
  std::optional<UnixTime> time = {};  // of the last authenticated write
  bool live = false;  // else deleted, replaced or never finished
  Range header = {};  // with the name
  Range data = {};
};

// The variable in `range` of `bytes`, from its start; nothing when none is
// there or it ends past the range.
[[nodiscard]] std::optional<UefiVariable> UefiVariableAt(ByteView bytes,
                                                         Range range,
                                                         bool authenticated);

// The live variables of the first store that begins at a multiple of 8 in
// `image`: a store, a firmware volume around it, a flash image.
[[nodiscard]] std::vector<UefiVariable> UefiVariablesIn(ByteView image);

}  // namespace assay::formats
