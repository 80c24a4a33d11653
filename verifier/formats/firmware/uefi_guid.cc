#include "verifier/formats/firmware/uefi_guid.h"

#include <fmt/format.h>

namespace assay::formats {

std::string Guid::Text() const {
  constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                  8, 9, 10, 11, 12, 13, 14, 15};
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += fmt::format("{:02X}", raw.at(kOrder.at(i)));
  }
  return text;
}

}  // namespace assay::formats
