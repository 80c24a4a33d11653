// Protocol Buffers as they lie in a file: fields of a message, one after the
// other. Layout: protobuf.dev, "Encoding".
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats {

struct ProtobufField {
  enum class Type : std::uint8_t {
    kVarint = 0,
    kFixed64,
    kBytes,
    kFixed32 = 5
  };

  std::uint32_t number = 0;
  Type type = Type::kVarint;
  std::uint64_t value = 0;  // of a number, whatever its type
  ByteView bytes = {};      // of a string, bytes or message
};

class ProtobufReader {
 public:
  explicit ProtobufReader(ByteView message) : reader_(message) {}

  // The next field; nothing at the end, and where the bytes are no field.
  [[nodiscard]] std::optional<ProtobufField> Next();
  // Whether what was read so far, up to the end, is a message.
  [[nodiscard]] bool ok() const { return !failed_; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> TakeVarint();
  [[nodiscard]] bool TakeValue(ProtobufField& field);

  ByteReader reader_;
  bool failed_ = false;
};

}  // namespace assay::formats
