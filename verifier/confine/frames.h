// The stream from the confined process to its parent: frames of a length, a
// kind and a payload.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::confine {

enum class FrameKind : std::uint8_t {
  kReady,    // the walls stand
  kRefused,  // they do not; payload: why
  kBegin,    // a format looks into this artifact (payload) now
  kExamine,  // the analyses look at this artifact (payload) now
  kNode,     // a finished node, without its content
  kContent,  // the next bytes of the content of the last kNodeWithContent
  kNodeWithContent,
  kContentEnd,
  kTree,  // the next nodes of the folded tree, in order
  kDone,  // the end of the tree, and what unfolds it
};

inline constexpr std::size_t kMostFrame = 128UL << 20U;
inline constexpr std::size_t kContentPiece = 64UL << 10U;

struct Frame {
  FrameKind kind = FrameKind::kDone;
  ByteView payload = {};
};

// Many threads may send. What is sent in one call stays together.
class FrameWriter {
 public:
  explicit FrameWriter(int descriptor) : descriptor_(descriptor) {}
  // `at_once`: every frame is with the parent when Send returns, so that the
  // parent knows what was under way when this process ends.
  void set_at_once(bool at_once) { at_once_ = at_once; }

  void Send(FrameKind kind, ByteView payload);
  // A node and its content.
  void Send(ByteView node, ByteView content);
  void Flush();

 private:
  void Append(FrameKind kind, ByteView payload);
  void WriteOut();

  int descriptor_;
  bool at_once_ = false;
  std::mutex mutex_;
  Bytes buffer_;
};

// Cuts what arrives into frames.
class FrameReader {
 public:
  // Reads what is there; false at the end of the stream.
  [[nodiscard]] bool Fill(int descriptor);
  // The next whole frame; valid until the next call. Nothing when more bytes
  // are needed, or when malformed().
  [[nodiscard]] std::optional<Frame> Next();
  [[nodiscard]] bool malformed() const { return malformed_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  Bytes buffer_;
  std::size_t from_ = 0;  // what is not handed out yet
  std::size_t end_ = 0;
  std::uint64_t received_ = 0;
  bool malformed_ = false;
};

}  // namespace assay::confine
