// One child and what came of it: the parent's side of a walk.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "verifier/confine/child.h"
#include "verifier/confine/frames.h"
#include "verifier/confine/worker.h"
#include "verifier/unpack/fold.h"

namespace assay::confine {

// What the child was busy with, outermost first.
struct InWork {
  Artifact artifact = {};
  bool reading = true;    // a format; otherwise an analysis
  std::size_t first = 0;  // how many nodes were finished when it began
};

enum class Ending : std::uint8_t {
  kDone,
  kRefused,  // no confinement
  kCrashed,  // ended early, or sent what nobody may send
  kHung,
};

class Attempt {
 public:
  // `delivered`: the addresses that the receiver has got already.
  Attempt(const Task& task, const Knowledge& knowledge,
          std::unordered_set<std::string>& delivered, bool alone);

  [[nodiscard]] Ending Run();
  // Without a child: believes what an earlier one said. When that was broken
  // off, its finished nodes are all that counts.
  [[nodiscard]] Ending Replay(RecordedFrames frames, bool broken_off);
  // kRefused: why.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  // kDone: the whole survey.
  [[nodiscard]] Survey& survey() { return survey_; }
  // What was finished before the end, in the order of finishing.
  [[nodiscard]] std::vector<Node>& finished() { return finished_; }
  [[nodiscard]] const std::vector<InWork>& in_work() const { return in_work_; }

 private:
  struct Child;
  Ending Watch(Child& child);
  [[nodiscard]] bool Take(const Frame& frame, bool interrupted);
  void Relay(Control& control) const;
  [[nodiscard]] bool Accept(const Frame& frame);
  [[nodiscard]] bool AcceptWork(const Frame& frame);
  [[nodiscard]] bool AcceptNode(const Frame& frame);
  [[nodiscard]] bool AcceptContent(const Frame& frame);
  [[nodiscard]] bool AcceptTree(const Frame& frame);
  [[nodiscard]] bool AcceptDone(const Frame& frame);
  [[nodiscard]] std::uint64_t MostNodes() const;
  [[nodiscard]] bool Place(Node node);
  void LeaveWork(std::uint32_t depth);

  const Task& task_;
  const Knowledge& knowledge_;
  std::unordered_set<std::string>& delivered_;
  const bool alone_;
  const Vocabulary words_;
  std::vector<Node> finished_;
  std::vector<bool> placed_;  // of finished_, in the tree
  std::vector<InWork> in_work_;
  unpack::FoldedSurvey folded_;  // as it comes
  Survey survey_;
  std::string refusal_;
  std::uint64_t content_ = 0;  // bytes of the content that is coming
  std::uint64_t all_content_ = 0;
  bool receiving_ = false;    // content comes
  bool to_receiver_ = false;  // and the receiver has not got it yet
  bool ready_ = false;
  bool done_ = false;
};

}  // namespace assay::confine
