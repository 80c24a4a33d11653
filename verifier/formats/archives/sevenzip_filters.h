// Decoders that 7z chains, each a stream that reads from others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::sevenzip {

using StreamPtr = std::unique_ptr<ByteStream>;

// Hands out bytes at rest.
[[nodiscard]] StreamPtr MakeSourceStream(ByteSource source);
// `size` bytes of `inner`: kTruncated when there are fewer, and, if `exact`,
// kMalformed once more is read when there are more.
[[nodiscard]] StreamPtr MakeSizedStream(StreamPtr inner, std::uint64_t size,
                                        bool exact);

// LZMA and LZMA2, `size` bytes of output. kUnsupported for properties that
// liblzma does not decode, kLimit for dictionaries beyond kLzmaMemory.
[[nodiscard]] Result<StreamPtr> MakeLzma(StreamPtr inner, ByteView properties,
                                         std::uint64_t size);
[[nodiscard]] Result<StreamPtr> MakeLzma2(StreamPtr inner, ByteView properties,
                                          std::uint64_t size);
// One of liblzma's filters that keep the size (BCJ, delta), by its id.
// `option` is the start offset, or the distance of delta.
[[nodiscard]] Result<StreamPtr> MakeSimpleFilter(StreamPtr inner,
                                                 std::uint64_t filter,
                                                 std::uint32_t option);
// x86 with the targets of calls and jumps in streams of their own: main,
// calls, jumps, and range coder ("BCJ2").
[[nodiscard]] StreamPtr MakeBcj2(std::vector<StreamPtr> inners);
[[nodiscard]] Result<StreamPtr> MakeDeflate(StreamPtr inner);
[[nodiscard]] Result<StreamPtr> MakeBzip2(StreamPtr inner);
// AES-256-CBC with the key derivation of 7-Zip.
[[nodiscard]] Result<StreamPtr> MakeAes(StreamPtr inner, ByteView properties,
                                        const std::string& password);

}  // namespace assay::formats::sevenzip
