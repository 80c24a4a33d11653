// A partition of an Android OTA payload, put together from what its operations
// write. Semantics: AOSP system/update_engine,
// payload_consumer/delta_performer.cc.
#pragma once

#include <cstdint>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/disks/ota_manifest.h"

namespace assay::formats::ota {

// The content of a partition of full operations. kMalformed when operations
// contradict themselves or write to the same place; kLimit when one holds more
// than `memory` bytes. Places that no operation writes are holes.
[[nodiscard]] Result<disks::GuestDisk> Assemble(const ByteSource& payload,
                                                const Partition& partition,
                                                std::uint64_t memory);

// Decodes an operation's data, as GuestDisk wants it; the method is the type.
[[nodiscard]] bool DecodeOperation(unsigned method, ByteView packed,
                                   std::span<std::uint8_t> out);

}  // namespace assay::formats::ota
