#include "verifier/confine/transcript.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "verifier/base/crc32.h"

namespace assay::confine {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivate = 0600;
// Of a product that ends every child there would be one more after every run.
constexpr std::size_t kMostBrokenOff = 8;

struct Head {
  Le32 length = {};
  Le32 crc = {};  // of kind and payload
  std::uint8_t kind = 0;
};
static_assert(FileStruct<Head> && sizeof(Head) == 9);

void Store(Le32& field, std::uint64_t value) {
  for (std::size_t i = 0; i < field.raw.size(); ++i) {
    field.raw.at(i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::uint32_t CrcOf(std::uint8_t kind, ByteView payload) {
  return Crc32(payload, Crc32(ByteView(&kind, 1)));
}

std::string PartOf(const std::string& path) {
  return path + ".part";
}

// Where the walks in the file begin: every one with the frame kReady.
std::vector<RecordedFrames> WalksIn(const std::string& path) {
  std::vector<RecordedFrames> walks;
  auto file = ByteSource::MapFile(path);
  if (!file) {
    return walks;
  }
  RecordedFrames frames(*file, 0);
  std::uint64_t at = 0;
  while (const auto frame = frames.Next()) {
    if (frame->kind == FrameKind::kReady) {
      walks.emplace_back(*file, at);
    }
    at = frames.at();
  }
  return walks;
}

// Whether the file is still the one of that name: who wrote it may have given
// it another, and its lock free, since it was opened.
bool IsFileAt(int descriptor, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 &&
         ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

std::optional<Frame> RecordedFrames::Next() {
  const auto head = ReadAt<Head>(file_.bytes(), at_);
  if (!head || head->length > kMostFrame ||
      head->kind > static_cast<std::uint8_t>(FrameKind::kDone)) {
    return std::nullopt;
  }
  const auto payload =
      assay::Slice(file_.bytes(), at_ + sizeof(Head), head->length);
  if (!payload || CrcOf(head->kind, *payload) != head->crc) {
    return std::nullopt;
  }
  at_ += sizeof(Head) + payload->size();
  return Frame{static_cast<FrameKind>(head->kind), *payload};
}

Transcript::Transcript(std::string path, std::uint64_t most)
    : path_(std::move(path)), most_(most) {}

Transcript::~Transcript() = default;

std::optional<RecordedFrames> Transcript::Finished() const {
  auto walks = WalksIn(path_);
  if (walks.empty()) {
    return std::nullopt;
  }
  // Used now: what is used is the last to be thrown away.
  (void)::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0);
  return std::move(walks.back());
}

std::vector<RecordedFrames> Transcript::BrokenOff() {
  if (!Open()) {
    Stop();
    return {};
  }
  return WalksIn(PartOf(path_));
}

// A lock tells whether somebody writes. What is behind the last whole frame,
// where the writer was ended, is cut off.
bool Transcript::Open() {
  if (file_ != nullptr) {
    return true;
  }
  const int descriptor =
      ::open(PartOf(path_).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
             kPrivate);
  if (descriptor < 0) {
    return false;
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 ||
      !IsFileAt(descriptor, PartOf(path_))) {
    ::close(descriptor);
    return false;
  }
  std::uint64_t end = 0;
  if (auto walks = WalksIn(PartOf(path_));
      !walks.empty() && walks.size() < kMostBrokenOff) {
    while (walks.front().Next()) {
    }
    end = walks.front().at();
  }
  file_.reset(::fdopen(descriptor, "w"));
  if (file_ == nullptr) {
    ::close(descriptor);
    return false;
  }
  written_ = end;
  return ::ftruncate(descriptor, static_cast<off_t>(end)) == 0 &&
         ::fseeko(file_.get(), static_cast<off_t>(end), SEEK_SET) == 0;
}

void Transcript::Add(const Frame& frame) {
  if (stopped_) {
    return;
  }
  Head head;
  head.kind = static_cast<std::uint8_t>(frame.kind);
  Store(head.length, frame.payload.size());
  Store(head.crc, CrcOf(head.kind, frame.payload));
  written_ += sizeof(Head) + frame.payload.size();
  const auto put = [this](ByteView bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) ==
           bytes.size();
  };
  if (!Open() || written_ > most_ || !put(BytesOf(head)) ||
      !put(frame.payload)) {
    Stop();
  }
}

void Transcript::Stop() {
  stopped_ = true;
  file_.reset();
}

void Transcript::Keep() {
  if (stopped_ || file_ == nullptr) {
    return;
  }
  const bool whole = std::fflush(file_.get()) == 0;
  std::error_code error;
  if (whole) {
    fs::rename(PartOf(path_), path_, error);
  }
  Stop();
}

}  // namespace assay::confine
