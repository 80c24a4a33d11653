#include "tests/support/image_sweep.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/recording_sink.h"

namespace assay::testing {
namespace {

void Try(const formats::Format& format, ByteView image, std::size_t at) {
  RecordingSink sink;
  const auto result = Unpack(format, image, sink);
  for (const formats::Region& region : sink.regions) {
    ASSERT_TRUE(Slice(image, region.range.offset, region.range.length))
        << at << ": " << region.range.offset << "+" << region.range.length;
  }
  if (!result) {
    return;
  }
  std::uint64_t end = image.size();
  if (format.measure != nullptr) {
    end = std::min(format.measure(image).value_or(end), end);
  }
  std::string why;
  EXPECT_TRUE(sink.Accounts(end, &why)) << at << ": " << why;
}

}  // namespace

void SweepPrefixes(const formats::Format& format, ByteView image,
                   std::size_t step) {
  for (std::size_t size = 0; size < image.size(); size += step) {
    Try(format, image.first(size), size);
  }
}

void SweepFlips(const formats::Format& format, ByteView image, std::size_t step,
                std::size_t first, std::size_t last) {
  Bytes damaged = CopyOf(image);
  const std::size_t end = last == 0 ? image.size() : last;
  for (std::size_t at = first; at < end; at += step) {
    for (const unsigned mask : {0x01U, 0x80U}) {
      const std::uint8_t whole = damaged[at];
      damaged[at] = static_cast<std::uint8_t>(whole ^ mask);
      Try(format, damaged, at);
      damaged[at] = whole;
    }
  }
}

}  // namespace assay::testing
