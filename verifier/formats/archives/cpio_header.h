// The text headers of cpio: "newc", "newc" with sums, and "odc".
// Layout: Linux, Documentation/driver-api/early-userspace/buffer-format.rst;
// POSIX.1-2017 pax(1), "cpio Interchange Format" (odc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats {

inline constexpr std::string_view kCpioNewc = "070701";
inline constexpr std::string_view kCpioCrc = "070702";
inline constexpr std::string_view kCpioOdc = "070707";
inline constexpr std::size_t kCpioLargestHeader = 110;
inline constexpr std::uint64_t kCpioMaxName = 1U << 20U;

// Fields of all layouts, in newc's order.
enum CpioField : std::size_t {
  kInode,
  kMode,
  kUid,
  kGid,
  kLinks,
  kMtime,
  kSize,
  kDevMajor,
  kDevMinor,
  kRdevMajor,
  kRdevMinor,
  kNameSize,
  kCheck,
  kFieldCount,
};

struct CpioFieldPlace {
  CpioField id = kInode;
  std::size_t width = 0;
};

struct CpioLayout {
  std::string_view magic = {};
  std::span<const CpioFieldPlace> fields = {};
  unsigned base = 0;            // of the numbers
  std::uint64_t alignment = 0;  // of name and content, from the start

  [[nodiscard]] std::size_t size() const;  // of the header without the name
};

using CpioFields = std::array<std::uint64_t, kFieldCount>;

// The layout whose magic `head` begins with, or null.
[[nodiscard]] const CpioLayout* CpioLayoutOf(ByteView head);

// The numbers of the header that `head` begins with; nothing when one of them
// is no number or the header is not all there.
[[nodiscard]] std::optional<CpioFields> DecodeCpio(const CpioLayout& layout,
                                                   ByteView head);

// Whether `head` begins with a header. "070701" may stand in any text;
// thirteen numbers behind it do not.
[[nodiscard]] bool IsCpioHeader(ByteView head);

}  // namespace assay::formats
