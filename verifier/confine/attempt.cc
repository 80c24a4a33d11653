#include "verifier/confine/attempt.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <new>
#include <optional>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/confine/broker.h"

namespace assay::confine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMostReceived = 16ULL << 30U;  // without content
constexpr int kPipe = 1 << 20;
constexpr int kTick = 50;  // milliseconds
// After an interrupt nobody waits longer.
constexpr std::chrono::milliseconds kGrace = std::chrono::seconds(30);

}  // namespace

// A process, the channels to it, and the memory shared with it.
struct Attempt::Child {
  std::array<int, 2> pipe = {-1, -1};
  std::array<int, 2> sockets = {-1, -1};
  void* shared = MAP_FAILED;
  Control* control = nullptr;
  pid_t process = -1;

  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    for (int* descriptor : {&pipe[0], &pipe[1], &sockets[0], &sockets[1]}) {
      Close(*descriptor);
    }
    End();
    if (shared != MAP_FAILED) {
      ::munmap(shared, sizeof(Control));
    }
  }

  static void Close(int& descriptor) {
    if (descriptor >= 0) {
      ::close(std::exchange(descriptor, -1));
    }
  }

  void End() {
    if (process > 0) {
      ::kill(process, SIGKILL);
      while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
      }
      process = -1;
    }
  }

  bool Open() {
    shared = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || ::pipe2(pipe.data(), O_CLOEXEC) != 0 ||
        ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                     sockets.data()) != 0) {
      return false;
    }
    control = new (shared) Control;
    (void)::fcntl(pipe[1], F_SETPIPE_SZ, kPipe);
    return true;
  }
};

Attempt::Attempt(const Task& task, const Knowledge& knowledge,
                 std::unordered_set<std::string>& delivered, bool alone)
    : task_(task),
      knowledge_(knowledge),
      delivered_(delivered),
      alone_(alone),
      words_(VocabularyOf(task.expected)) {}

Ending Attempt::Run() {
  Child child;
  if (!child.Open()) {
    refusal_ = "no confinement: no channel to a child process";
    return Ending::kRefused;
  }
  child.process = ::fork();
  if (child.process < 0) {
    refusal_ = "no confinement: no child process";
    return Ending::kRefused;
  }
  if (child.process == 0) {
    RunChild({.task = task_,
              .knowledge = knowledge_,
              .alone = alone_,
              .frames = child.pipe[1],
              .broker = child.sockets[1],
              .control = *child.control});
  }
  Child::Close(child.pipe[1]);
  Child::Close(child.sockets[1]);
  const Ending ending = Watch(child);
  if (receiving_ && to_receiver_) {
    task_.receiver->Drop();
  }
  return ending;
}

Ending Attempt::Watch(Child& child) {
  FrameReader frames;
  std::array<pollfd, 2> waiting = {
      {{child.pipe[0], POLLIN, 0}, {child.sockets[0], POLLIN, 0}}};
  auto last = Clock::now();
  std::uint64_t beats = 0;
  while (true) {
    const int count = ::poll(waiting.data(), waiting.size(), kTick);
    Relay(*child.control);
    const std::uint64_t now_beats =
        child.control->beats.load() + child.control->progress.load();
    if (count > 0 || now_beats != beats) {
      beats = now_beats;
      last = Clock::now();
    }
    const bool interrupted = child.control->interrupted.load();
    if (Clock::now() - last >
        (interrupted ? std::min(task_.patience, kGrace) : task_.patience)) {
      return Ending::kHung;
    }
    if (waiting[1].revents != 0 && !Answer(child.sockets[0], task_.product)) {
      waiting[1].fd = -1;  // the end, or nonsense: no more files
    }
    if (waiting[0].revents == 0) {
      continue;
    }
    const bool more = frames.Fill(child.pipe[0]);
    while (const auto frame = frames.Next()) {
      if (!Take(*frame, interrupted)) {
        return refusal_.empty() ? Ending::kCrashed : Ending::kRefused;
      }
    }
    if (done_) {
      return Ending::kDone;
    }
    if (!more || frames.malformed() ||
        frames.received() - all_content_ > kMostReceived) {
      return Ending::kCrashed;
    }
  }
}

Ending Attempt::Replay(RecordedFrames frames, bool broken_off) {
  while (const auto frame = frames.Next()) {
    if ((broken_off && frame->kind == FrameKind::kTree) || !Accept(*frame)) {
      break;
    }
  }
  if (receiving_ && to_receiver_) {
    task_.receiver->Drop();
  }
  return done_ ? Ending::kDone : Ending::kCrashed;
}

// What a child says after it was told to stop holds for this run alone.
bool Attempt::Take(const Frame& frame, bool interrupted) {
  if (!Accept(frame)) {
    return false;
  }
  if (task_.transcript != nullptr) {
    if (interrupted || alone_) {
      task_.transcript->Stop();
    } else {
      task_.transcript->Add(frame);
    }
  }
  return true;
}

void Attempt::Relay(Control& control) const {
  if (task_.options.progress != nullptr) {
    *task_.options.progress = control.progress.load();
  }
  if (task_.options.interrupted != nullptr && *task_.options.interrupted) {
    control.interrupted = true;
  }
}

bool Attempt::Accept(const Frame& frame) {
  if (done_ || (ready_ == (frame.kind == FrameKind::kReady ||
                           frame.kind == FrameKind::kRefused))) {
    return false;
  }
  if (receiving_ != (frame.kind == FrameKind::kContent ||
                     frame.kind == FrameKind::kContentEnd)) {
    return false;
  }
  switch (frame.kind) {
    case FrameKind::kReady:
      ready_ = true;
      return true;
    case FrameKind::kRefused:
      refusal_ = "no confinement";
      if (IsValidUtf8(AsText(frame.payload)) && !frame.payload.empty()) {
        refusal_ = AsText(frame.payload);
      }
      return false;
    case FrameKind::kBegin:
    case FrameKind::kExamine:
      return AcceptWork(frame);
    case FrameKind::kNode:
    case FrameKind::kNodeWithContent:
      return AcceptNode(frame);
    case FrameKind::kContent:
    case FrameKind::kContentEnd:
      return AcceptContent(frame);
    case FrameKind::kTree:
      return AcceptTree(frame);
    case FrameKind::kDone:
      return AcceptDone(frame);
  }
  return false;
}

void Attempt::LeaveWork(std::uint32_t depth) {
  while (!in_work_.empty() && in_work_.back().artifact.depth >= depth) {
    in_work_.pop_back();
  }
}

bool Attempt::AcceptWork(const Frame& frame) {
  auto artifact = DecodeArtifact(frame.payload);
  if (!alone_ || !artifact) {
    return false;
  }
  LeaveWork(artifact->depth);
  in_work_.push_back({.artifact = std::move(*artifact),
                      .reading = frame.kind == FrameKind::kBegin,
                      .first = finished_.size()});
  return true;
}

bool Attempt::AcceptNode(const Frame& frame) {
  auto node = DecodeNode(frame.payload, words_, task_.expected);
  if (!node || finished_.size() > 4 * task_.expected.limits.entries + 16) {
    return false;
  }
  LeaveWork(node->artifact.depth);
  const bool content = frame.kind == FrameKind::kNodeWithContent;
  if (content && task_.receiver == nullptr) {
    return false;
  }
  to_receiver_ =
      task_.receiver != nullptr && delivered_.count(node->artifact.path) == 0;
  receiving_ = content;
  content_ = 0;
  if (to_receiver_) {
    task_.receiver->Begin(*node, content);
  }
  finished_.push_back(std::move(*node));
  if (to_receiver_ && !content) {
    task_.receiver->End();
    delivered_.insert(finished_.back().artifact.path);
  }
  return true;
}

bool Attempt::AcceptContent(const Frame& frame) {
  const Artifact& artifact = finished_.back().artifact;
  if (frame.kind == FrameKind::kContent) {
    content_ += frame.payload.size();
    all_content_ += frame.payload.size();
    // What one level holds twice, with every level of nesting.
    const Limits& limits = task_.expected.limits;
    if (content_ > artifact.size ||
        all_content_ / (limits.depth + 2) > limits.unpacked) {
      return false;
    }
    if (to_receiver_) {
      task_.receiver->Append(frame.payload);
    }
    return true;
  }
  if (content_ != artifact.size) {
    return false;
  }
  receiving_ = false;
  if (to_receiver_) {
    task_.receiver->End();
    delivered_.insert(artifact.path);
  }
  return true;
}

bool Attempt::AcceptTree(const Frame& frame) {
  const Vocabulary none;
  WireReader wire(frame.payload, none);
  placed_.resize(finished_.size());
  while (wire.more()) {
    std::uint64_t number = 0;
    Bytes bytes;
    wire(number, bytes);
    if (number > finished_.size()) {
      return false;
    }
    std::optional<Node> node;
    if (number == 0) {
      node = DecodeNode(bytes, words_, task_.expected);
    } else if (const auto at = static_cast<std::size_t>(number - 1);
               !placed_[at]) {
      placed_[at] = true;
      node = std::move(finished_[at]);
    }
    if (!node || !Place(std::move(*node))) {
      return false;
    }
  }
  return wire.ok();
}

// The root and the files of a delivery are no entries.
std::uint64_t Attempt::MostNodes() const {
  return task_.expected.limits.entries + task_.product.files.size() + 1;
}

// Depth first, every node below the last one or beside one of its ancestors.
bool Attempt::Place(Node node) {
  auto& nodes = folded_.survey.nodes;
  const std::uint32_t depth = node.artifact.depth;
  if (nodes.empty() ? depth != 0
                    : depth == 0 || depth > nodes.back().artifact.depth + 1) {
    return false;
  }
  if (nodes.size() >= MostNodes()) {
    return false;
  }
  nodes.push_back(std::move(node));
  return true;
}

bool Attempt::AcceptDone(const Frame& frame) {
  if (!DecodeRest(frame.payload, folded_) ||
      task_.keep_tree == folded_.survey.nodes.empty()) {
    return false;
  }
  if (!task_.keep_tree) {
    folded_.copies.clear();
    folded_.nameless.clear();
  }
  auto whole = unpack::Unfolded(std::move(folded_), MostNodes());
  done_ = whole.has_value();
  if (done_) {
    survey_ = std::move(*whole);
  }
  return done_;
}

}  // namespace assay::confine
