// A walk in one confined child process. What it finishes streams to the
// parent, so that its end loses nothing; what it says is believed only as far
// as it can be checked.
#pragma once

#include <chrono>
#include <functional>

#include "verifier/base/result.h"
#include "verifier/confine/node_wire.h"
#include "verifier/confine/transcript.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/walk.h"

namespace assay::confine {

// Gets every artifact as it is finished, in the parent and on its thread.
class Receiver {
 public:
  Receiver() = default;
  virtual ~Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // `content`: whether its bytes follow, in pieces.
  virtual void Begin(const Node& node, bool content) = 0;
  virtual void Append(ByteView piece) = 0;
  virtual void End() = 0;
  // Instead of End: the bytes broke off, and will come again.
  virtual void Drop() = 0;
};

struct Task {
  const unpack::Product& product;
  // Runs in the child; may keep nothing for the parent.
  const unpack::Examiner& examiner;
  unpack::WalkOptions options = {};
  Expectations expected = {};
  // With a receiver the walk has one thread. `wants` says, in the child, whose
  // content the receiver needs.
  Receiver* receiver = nullptr;
  std::function<bool(const Artifact&)> wants = {};
  bool keep_tree = true;
  // What an earlier run kept of this very walk is taken up, and what this one
  // gives is kept; null: neither. To be kept for good it has to be told so, by
  // Transcript::Keep.
  Transcript* transcript = nullptr;
  // After so long without any sign of progress the child is given up.
  std::chrono::milliseconds patience = std::chrono::minutes(10);
};

// When the child crashes, is killed or hangs, the walk is repeated alone on
// one thread, without analysing again what was finished. What it was busy with
// when it ends there too stays closed from then on, with the anomaly
// "unpack.crashed", and the walk goes on. kConfinement: the walls cannot be
// put up. kInternal: the child ends although it reads nothing of the product.
[[nodiscard]] Result<Survey> WalkConfined(const Task& task);

// The same in this very process, without walls.
[[nodiscard]] Survey WalkUnsafe(const Task& task);

// Runs `body` as the walk would be: in a child, confined. What waitpid says.
[[nodiscard]] Result<int> StatusOfConfined(const std::function<int()>& body);

}  // namespace assay::confine
