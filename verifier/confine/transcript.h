// What the confined process said in one walk, kept in a file. Another run over
// the same product takes it up instead of walking; when the walk was broken
// off, instead of analysing again what was finished. It is believed no more
// than the process itself is.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/confine/frames.h"

namespace assay::confine {

// The frames of one walk, in order, as far as they are whole.
class RecordedFrames {
 public:
  explicit RecordedFrames(ByteSource file, std::uint64_t from)
      : file_(std::move(file)), at_(from) {}
  // Valid as long as this object.
  [[nodiscard]] std::optional<Frame> Next();
  [[nodiscard]] std::uint64_t at() const { return at_; }

 private:
  ByteSource file_;
  std::uint64_t at_ = 0;
};

class Transcript {
 public:
  // `path`: of the file of a finished walk. One that is not finished lies at
  // `path`.part. `most`: bytes of such a file; a longer one is not kept.
  Transcript(std::string path, std::uint64_t most);
  ~Transcript();
  Transcript(const Transcript&) = delete;
  Transcript& operator=(const Transcript&) = delete;

  // The walk that was finished, if any was.
  [[nodiscard]] std::optional<RecordedFrames> Finished() const;
  // Walks that were broken off, the first one first; none while another
  // process records the same walk.
  [[nodiscard]] std::vector<RecordedFrames> BrokenOff();

  // Adds a frame of the walk that is going on; nothing when another process
  // records the same walk, or the disk is full.
  void Add(const Frame& frame);
  // Nothing more is recorded. What was, stays as a walk that was broken off.
  void Stop();
  // The walk is over, and may be taken up as it is.
  void Keep();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  [[nodiscard]] bool Open();

  std::string path_;
  std::uint64_t most_;
  std::uint64_t written_ = 0;
  std::unique_ptr<std::FILE, Closer> file_;
  bool stopped_ = false;
};

}  // namespace assay::confine
