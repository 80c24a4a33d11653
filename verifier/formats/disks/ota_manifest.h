// What the head of an Android OTA payload says: partitions, and the operations
// that write them. Layout: AOSP system/update_engine, update_metadata.proto,
// payload_consumer/payload_metadata.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::ota {

// The fixed part of a version 2 payload.
struct Header {
  Be32 magic;
  Be64 version, manifest_size;
  Be32 signature_size;
};
static_assert(sizeof(Header) == 24 && FileStruct<Header>);

enum OperationType : std::uint64_t {
  kReplace = 0,
  kReplaceBz = 1,
  kZero = 6,
  kDiscard = 7,
  kReplaceXz = 8,
  kReplaceZstd = 14,
};

struct Operation {
  std::uint64_t type = kReplace;
  Range data = {};                         // in the payload
  std::vector<Range> destination = {};     // in the partition, in bytes
  std::optional<ByteView> data_hash = {};  // SHA-256
};

struct Partition {
  std::string name = {};
  std::uint64_t size = 0;
  std::optional<ByteView> hash = {};  // SHA-256 of the whole
  std::vector<Operation> operations = {};
  // The device writes a hash tree or error correction itself.
  bool completed_by_device = false;
  std::string version = {}, filesystem = {};
  std::string postinstall = {};  // a program that is run once it is written
};

struct Payload {
  Range manifest = {}, metadata_signature = {}, signature = {};
  std::uint64_t minor_version = 0;  // 0: a full update
  std::vector<Partition> partitions = {};
  std::uint64_t end = 0;
  bool cut = false;  // something that is stated lies past the end
};

// The header, unless it contradicts itself or is not followed by a manifest.
[[nodiscard]] std::optional<Header> ReadHeader(ByteView head);

// kTruncated when `bytes` do not hold the whole manifest. What is returned
// points into them.
[[nodiscard]] Result<Payload> ReadPayload(ByteView bytes);

// The type's name in update_metadata.proto, or its number.
[[nodiscard]] std::string NameOf(std::uint64_t type);
// Whether the operation needs nothing but its own data.
[[nodiscard]] bool IsFull(std::uint64_t type);

}  // namespace assay::formats::ota
