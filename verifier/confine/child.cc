#include "verifier/confine/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/confine/broker.h"
#include "verifier/confine/frames.h"
#include "verifier/confine/walls.h"

namespace assay::confine {
namespace {

constexpr int kFrames = 3;
constexpr int kBroker = 4;
constexpr std::size_t kTreePiece = 1UL << 20U;
constexpr std::uint64_t kMemoryOfThread = 128ULL << 20U;  // stack and arena

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
BrokerClient* g_broker = nullptr;

int SpillFromBroker() {
  return g_broker->OpenSpill();
}

std::size_t HashOf(const Bytes& bytes) {
  return std::hash<std::string_view>()(AsText(bytes));
}

// An encoding that fits into a frame: what is too much is left out, and said.
Bytes EncodeBounded(Node& node) {
  constexpr std::size_t kMost = kMostFrame - 64;
  Bytes bytes = EncodeNode(node);
  Artifact& artifact = node.artifact;
  const auto leave_out = [&](std::string_view what) {
    artifact.anomalies.push_back(
        {"unpack.limit",
         {0, artifact.size},
         fmt::format("{} of more than {} bytes left out", what, kMost)});
    artifact.examination = Examination::kOpaque;
    bytes = EncodeNode(node);
  };
  if (bytes.size() > kMost) {
    node.seen = {};
    leave_out("observations");
  }
  if (bytes.size() > kMost) {
    artifact.structure.clear();
    artifact.anomalies.clear();
    leave_out("structure and anomalies");
  }
  return bytes;
}

void NoteCulprit(Artifact& artifact, const Culprit& culprit) {
  std::string detail = fmt::format(
      "{} {}, twice; it was left out",
      culprit.closed ? "reading it" : "its analysis",
      culprit.hung ? "made no progress" : "ended the confined process");
  if (artifact.origin) {
    detail += fmt::format(" (bytes {}+{} of its container)",
                          artifact.origin->offset, artifact.origin->length);
  }
  artifact.examination = Examination::kOpaque;
  artifact.opaque_reason = detail;
  artifact.anomalies.push_back(
      {"unpack.crashed", {0, artifact.size}, std::move(detail)});
}

// Stands between the walk and the analyses, and tells the parent everything.
class Reporter : public unpack::Examiner {
 public:
  Reporter(const ChildRequest& request, FrameWriter& frames)
      : request_(request), task_(request.task), frames_(frames) {}

  bool Begin(const Artifact& artifact) const override {
    request_.control.beats.fetch_add(1);
    if (request_.alone) {
      frames_.Send(FrameKind::kBegin, EncodeArtifact(artifact));
    }
    const Culprit* culprit = FindCulprit(artifact.path);
    return (culprit == nullptr || !culprit->closed) &&
           task_.examiner.Begin(artifact);
  }

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    request_.control.beats.fetch_add(1);
    if (const Culprit* culprit = FindCulprit(artifact.path)) {
      NoteCulprit(artifact, *culprit);
    } else if (!Recall(artifact, into)) {
      if (request_.alone) {
        frames_.Send(FrameKind::kExamine, EncodeArtifact(artifact));
      }
      task_.examiner.Examine(artifact, content, into);
    }
    SendNode(artifact, content, into);
  }

  // The folded tree, once the walk is over: nodes that were sent already and
  // did not change since are named by their number.
  void SendTree(Survey& survey) const {
    WireWriter piece;
    for (Node& node : survey.nodes) {
      const Bytes bytes = EncodeBounded(node);
      const auto sent = sent_.find(node.artifact.path);
      const bool known =
          sent != sent_.end() && sent->second.hash == HashOf(bytes);
      piece(known ? sent->second.number + 1 : std::uint64_t{0},
            known ? Bytes() : bytes);
      if (piece.bytes().size() > kTreePiece) {
        frames_.Send(FrameKind::kTree, piece.bytes());
        piece.bytes().clear();
      }
    }
    frames_.Send(FrameKind::kTree, piece.bytes());
  }

 private:
  struct Sent {
    std::uint64_t number = 0;
    std::size_t hash = 0;
  };

  [[nodiscard]] const Culprit* FindCulprit(const std::string& path) const {
    const auto found = request_.knowledge.culprits.find(path);
    return found == request_.knowledge.culprits.end() ? nullptr
                                                      : &found->second;
  }

  // What an earlier child said of the same artifact.
  bool Recall(Artifact& artifact, Observations& into) const {
    const auto found = request_.knowledge.finished.find(artifact.path);
    if (found == request_.knowledge.finished.end() ||
        found->second.artifact.digests != artifact.digests ||
        found->second.artifact.format != artifact.format) {
      return false;
    }
    into = found->second.seen;
    artifact.entropy = found->second.artifact.entropy;
    artifact.examination = found->second.artifact.examination;
    artifact.opaque_reason = found->second.artifact.opaque_reason;
    return true;
  }

  void SendNode(Artifact& artifact, const ByteSource& content,
                Observations& into) const {
    Node node{artifact, std::move(into)};
    const Bytes bytes = EncodeBounded(node);
    artifact = std::move(node.artifact);
    into = std::move(node.seen);
    {
      const std::lock_guard lock(mutex_);
      const Sent sent{count_, HashOf(bytes)};
      const auto [at, first] = sent_.emplace(artifact.path, sent);
      if (!first && at->second.hash == sent.hash && !request_.alone) {
        return;  // a repeated walk
      }
      at->second = sent;
      ++count_;
      if (!task_.wants || !task_.wants(artifact) || content.size() == 0) {
        frames_.Send(FrameKind::kNode, bytes);
        return;
      }
    }
    frames_.Send(bytes, content.bytes());
  }

  const ChildRequest& request_;
  const Task& task_;
  FrameWriter& frames_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Sent> sent_;
  mutable std::uint64_t count_ = 0;
};

unpack::Product BehindBroker(const unpack::Product& product,
                             BrokerClient& broker) {
  unpack::Product behind = product;
  for (std::size_t i = 0; i < behind.files.size(); ++i) {
    behind.files[i].open = [&broker, &product, i] {
      return broker.OpenFile(i, product.files[i]);
    };
  }
  return behind;
}

// The kernel, when memory runs out, shall take this process and no other.
void OfferToKernel() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file >= 0) {
    (void)!::write(file, "1000", 4);
    ::close(file);
  }
}

// Signals that end a program from a terminal are the parent's business.
void LeaveSignalsToParent() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ}) {
    (void)std::signal(number, SIG_IGN);  // NOLINT(cert-err33-c)
  }
  if (HasWalls()) {
    for (const int number :
         {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGPIPE}) {
      (void)std::signal(number, SIG_DFL);  // NOLINT(cert-err33-c)
    }
  }
}

bool KeepOnly(int frames, int broker) {
  constexpr int kOutOfTheWay = 64;
  const int high_frames = ::fcntl(frames, F_DUPFD, kOutOfTheWay);
  const int high_broker = ::fcntl(broker, F_DUPFD, kOutOfTheWay);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  // What a sanitizer has to say must be seen.
  const bool silent = HasWalls();
  return ::dup2(nothing, STDIN_FILENO) >= 0 &&
         ::dup2(nothing, STDOUT_FILENO) >= 0 &&
         (!silent || ::dup2(nothing, STDERR_FILENO) >= 0) &&
         ::dup2(high_frames, kFrames) >= 0 &&
         ::dup2(high_broker, kBroker) >= 0 &&
         ::close_range(kBroker + 1, ~0U, 0) == 0;
}

}  // namespace

Result<void> EnterConfinement(int frames, int broker,
                              const unpack::WalkOptions& options) {
  LeaveSignalsToParent();
  OfferToKernel();
  if (!KeepOnly(frames, broker)) {
    return Fail(ErrorCode::kConfinement,
                "no confinement: descriptors cannot be closed");
  }
  // Out of memory ends the process: which thread meets the bound is chance,
  // and alone on one thread it may well do.
  std::set_new_handler([] { std::abort(); });
  Bounds bounds;
  bounds.memory += kMemoryOfThread * options.jobs;
  bounds.file_size = std::max(options.limits.unpacked, options.limits.member);
  return Confine(bounds);
}

void RunChild(const ChildRequest& request) {
  const auto walls =
      EnterConfinement(request.frames, request.broker, request.task.options);
  FrameWriter frames(kFrames);
  if (!walls) {
    frames.Send(FrameKind::kRefused, AsBytes(walls.error().what));
    frames.Flush();
    ::_exit(0);
  }
  frames.Send(FrameKind::kReady, {});
  frames.Flush();
  frames.set_at_once(request.alone);
  BrokerClient broker(kBroker);
  g_broker = &broker;
  SetSpillOpener(&SpillFromBroker);

  unpack::WalkOptions options = request.task.options;
  options.jobs =
      request.alone || request.task.receiver != nullptr ? 1 : options.jobs;
  options.interrupted = &request.control.interrupted;
  options.progress = &request.control.progress;
  const Reporter reporter(request, frames);
  unpack::FoldedSurvey folded = unpack::WalkFolded(
      BehindBroker(request.task.product, broker), reporter, options);
  if (request.task.keep_tree) {
    reporter.SendTree(folded.survey);
  }
  frames.Send(FrameKind::kDone, EncodeRest(folded));
  frames.Flush();
  ::_exit(0);
}

}  // namespace assay::confine
