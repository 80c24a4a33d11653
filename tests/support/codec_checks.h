// What a user relies on of every compression format.
#pragma once

#include <string>

#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::testing {

// The output of `seq 1 200`: the content of the samples named seq.
[[nodiscard]] std::string Seq();

// `packed` decodes to `content`, at rest and as a stream in steps of a few
// bytes, and ends where it ends whatever follows; measure agrees.
void CheckDecodes(const formats::Format& format, ByteView packed,
                  std::string_view content);
// `packed` twice in a row is one member with the content twice.
void CheckConcatenates(const formats::Format& format, ByteView packed,
                       std::string_view content);
// Every proper prefix that is recognized at all says that it is cut short,
// after having handed out nothing but the start of the content.
void CheckPrefixes(const formats::Format& format, ByteView packed,
                   std::string_view content);
// No flipped byte changes the content without an error. At rest and as a
// stream, the same is said.
void CheckFlips(const formats::Format& format, ByteView packed,
                std::string_view content);
// A sink that stops at its limit is served no further: `bomb`, which holds
// far more than the sink takes, ends with the sink's problem.
void CheckBomb(const formats::Format& format, ByteView bomb);
// `bytes` so many times in a row.
[[nodiscard]] Bytes Repeat(ByteView bytes, std::size_t times);

}  // namespace assay::testing
