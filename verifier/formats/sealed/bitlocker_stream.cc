#include "verifier/formats/sealed/bitlocker_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats::bitlocker {
namespace {

constexpr std::uint64_t kAtOnce = 64U << 10U;

bool Holds(const Range& range, std::uint64_t at) {
  return at >= range.offset && at - range.offset < range.length;
}

}  // namespace

Method MethodOf(std::uint16_t number) {
  switch (number) {
    case 0x8000:
      return {.name = "AES-128-CBC with the Elephant diffuser"};
    case 0x8001:
      return {.name = "AES-256-CBC with the Elephant diffuser"};
    case 0x8002:
      return {"AES-128-CBC", "aes-cbc-eboiv", 16};
    case 0x8003:
      return {"AES-256-CBC", "aes-cbc-eboiv", 32};
    case 0x8004:
      return {"AES-128-XTS", "aes-xts-plain64", 32};
    case 0x8005:
      return {"AES-256-XTS", "aes-xts-plain64", 64};
    default:
      return {.name = "an unknown method"};
  }
}

DeviceStream::DeviceStream(ByteSource sealed, const Volume& volume,
                           sealed::SectorCipher cipher)
    : sealed_(std::move(sealed)), volume_(volume), cipher_(std::move(cipher)) {}

bool DeviceStream::ReadsAsZeros(std::uint64_t at) const {
  return Holds(volume_.header, at) ||
         std::any_of(volume_.areas.begin(), volume_.areas.end(),
                     [&](const Range& area) { return Holds(area, at); });
}

Result<void> DeviceStream::Refill() {
  ready_.clear();
  given_ = 0;
  const std::uint64_t unit = volume_.sector;
  // A cipher in CBC mode counts bytes, one in XTS mode sectors.
  const bool bytes = MethodOf(volume_.method).cipher == "aes-cbc-eboiv";
  for (; ready_.size() < kAtOnce; at_ += unit) {
    const std::uint64_t from =
        at_ < volume_.header.length ? volume_.header.offset + at_ : at_;
    const auto sector = Slice(sealed_.bytes(), from, unit);
    if (at_ >= volume_.size || !sector) {
      break;
    }
    const std::size_t done = ready_.size();
    if (from == at_ && ReadsAsZeros(at_)) {
      ready_.resize(done + sector->size());
    } else if (from >= volume_.encrypted) {
      ready_.insert(ready_.end(), sector->begin(), sector->end());
    } else {
      ready_.resize(done + sector->size());
      if (!cipher_.Decrypt(bytes ? from : from / unit, *sector,
                           std::span(ready_).subspan(done))) {
        return Fail(ErrorCode::kInternal,
                    fmt::format("sector at {} is not decrypted", from));
      }
    }
  }
  return {};
}

Result<std::size_t> DeviceStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    if (given_ == ready_.size()) {
      if (auto ok = Refill(); !ok) {
        return Fail(ok.error());
      }
      if (ready_.empty()) {
        break;
      }
    }
    const std::size_t piece =
        std::min(ready_.size() - given_, into.size() - filled);
    std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(given_), piece,
                into.subspan(filled).begin());
    given_ += piece;
    filled += piece;
  }
  return filled;
}

}  // namespace assay::formats::bitlocker
