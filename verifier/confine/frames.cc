#include "verifier/confine/frames.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace assay::confine {
namespace {

constexpr std::size_t kBuffered = 256UL << 10U;
constexpr std::size_t kReadAtOnce = 1UL << 20U;

struct Head {
  Le32 length = {};
  std::uint8_t kind = 0;
};
static_assert(FileStruct<Head> && sizeof(Head) == 5);

}  // namespace

void FrameWriter::Append(FrameKind kind, ByteView payload) {
  Head head;
  for (std::size_t i = 0; i < 4; ++i) {
    head.length.raw.at(i) =
        static_cast<std::uint8_t>(payload.size() >> (8 * i));
  }
  head.kind = static_cast<std::uint8_t>(kind);
  const ByteView bytes = BytesOf(head);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  buffer_.insert(buffer_.end(), payload.begin(), payload.end());
  if (at_once_ || buffer_.size() >= kBuffered) {
    WriteOut();
  }
}

// A parent that is gone ends this process.
void FrameWriter::WriteOut() {
  ByteView rest(buffer_);
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      ::_exit(1);
    }
    rest = rest.subspan(static_cast<std::size_t>(count));
  }
  buffer_.clear();
}

void FrameWriter::Send(FrameKind kind, ByteView payload) {
  const std::lock_guard lock(mutex_);
  Append(kind, payload);
}

void FrameWriter::Send(ByteView node, ByteView content) {
  const std::lock_guard lock(mutex_);
  Append(FrameKind::kNodeWithContent, node);
  while (!content.empty()) {
    const ByteView piece =
        content.first(std::min(content.size(), kContentPiece));
    Append(FrameKind::kContent, piece);
    content = content.subspan(piece.size());
  }
  Append(FrameKind::kContentEnd, {});
}

void FrameWriter::Flush() {
  const std::lock_guard lock(mutex_);
  WriteOut();
}

bool FrameReader::Fill(int descriptor) {
  buffer_.erase(buffer_.begin(),
                buffer_.begin() + static_cast<std::ptrdiff_t>(from_));
  from_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kReadAtOnce);
  ssize_t count = 0;
  do {
    count = ::read(descriptor, buffer_.data() + size, kReadAtOnce);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  received_ += buffer_.size() - size;
  return count > 0;
}

std::optional<Frame> FrameReader::Next() {
  const auto head = ReadAt<Head>(buffer_, from_);
  if (!head || malformed_) {
    return std::nullopt;
  }
  if (head->length > kMostFrame ||
      head->kind > static_cast<std::uint8_t>(FrameKind::kDone)) {
    malformed_ = true;
    return std::nullopt;
  }
  const auto payload = Slice(buffer_, from_ + sizeof(Head), head->length);
  if (!payload) {
    return std::nullopt;
  }
  from_ += sizeof(Head) + payload->size();
  return Frame{static_cast<FrameKind>(head->kind), *payload};
}

}  // namespace assay::confine
