#include "verifier/confine/frames.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

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
  if (from_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(from_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
              buffer_.begin());
    end_ -= std::exchange(from_, 0);
  }
  if (buffer_.size() < end_ + kReadAtOnce) {
    buffer_.resize(end_ + kReadAtOnce);
  }
  ssize_t count = 0;
  do {
    count = ::read(descriptor, buffer_.data() + end_, kReadAtOnce);
  } while (count < 0 && errno == EINTR);
  const auto got = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  end_ += got;
  received_ += got;
  return count > 0;
}

std::optional<Frame> FrameReader::Next() {
  const ByteView there = ByteView(buffer_).first(end_);
  const auto head = ReadAt<Head>(there, from_);
  if (!head || malformed_) {
    return std::nullopt;
  }
  if (head->length > kMostFrame ||
      head->kind > static_cast<std::uint8_t>(FrameKind::kDone)) {
    malformed_ = true;
    return std::nullopt;
  }
  const auto payload = Slice(there, from_ + sizeof(Head), head->length);
  if (!payload) {
    return std::nullopt;
  }
  from_ += sizeof(Head) + payload->size();
  return Frame{static_cast<FrameKind>(head->kind), *payload};
}

}  // namespace assay::confine
