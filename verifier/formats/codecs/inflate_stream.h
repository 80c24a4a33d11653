// Deflate data with or without the frame of zlib, by zlib itself, since it
// tells to the byte where they end.
#pragma once

#include <memory>
#include <string_view>

#include "verifier/formats/codecs/codec_stream.h"

struct z_stream_s;

namespace assay::formats {

class InflateStream : public CodecStream {
 public:
  enum class Frame { kNone, kZlib };

  InflateStream(Input& input, std::string_view name, Frame frame);
  ~InflateStream() override;
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override;

 private:
  std::unique_ptr<z_stream_s> state_;
  bool ready_ = false;
};

}  // namespace assay::formats
