#include "verifier/confine/worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/confine/attempt.h"
#include "verifier/confine/graft.h"

namespace assay::confine {
namespace {

// More than this many artifacts that crash us one after the other: from then
// on a whole file of the product stays closed for each.
constexpr std::size_t kMostCulprits = 24;
constexpr std::size_t kMostAttempts = 64;

// Compiles pattern sets and loads what libraries load late, while files can
// still be opened; children inherit it. One thread: others do not survive.
void WarmUp(const Task& task) {
  unpack::Product product{.name = "warm-up"};
  product.files.push_back(
      {.name = "warm-up",
       .open = [] { return ByteSource::Own(CopyOf(AsBytes("warm-up\n"))); }});
  unpack::WalkOptions options = task.options;
  options.jobs = 1;
  options.only = nullptr;
  options.interrupted = nullptr;
  options.progress = nullptr;
  (void)unpack::Walk(product, task.examiner, options);
}

class Campaign {
 public:
  explicit Campaign(const Task& task) : task_(task) {}

  Result<Survey> Run() {
    if (auto survey = TakenUp()) {
      return std::move(*survey);
    }
    WarmUp(task_);
    bool alone = false;
    for (std::size_t i = 0; i < kMostAttempts; ++i) {
      Attempt attempt(task_, knowledge_, delivered_, alone);
      const Ending ending = attempt.Run();
      if (ending == Ending::kRefused) {
        return Fail(ErrorCode::kConfinement, attempt.refusal());
      }
      if (ending == Ending::kDone) {
        return Finished(std::move(attempt.survey()));
      }
      if (Interrupted()) {
        return Unfinished();
      }
      if (alone && !Blame(attempt, ending)) {
        break;
      }
      Remember(std::move(attempt.finished()));
      alone = true;
    }
    return Fail(ErrorCode::kInternal,
                "the confined process ends again and again, and not over "
                "anything in the product");
  }

 private:
  // What earlier runs kept: the whole survey, or what is not to be analysed
  // again. A receiver needs contents, which it gets in whole walks only.
  std::optional<Survey> TakenUp() {
    if (task_.transcript == nullptr) {
      return std::nullopt;
    }
    if (auto frames = task_.transcript->Finished()) {
      Attempt attempt(task_, knowledge_, delivered_, false);
      if (attempt.Replay(std::move(*frames), false) == Ending::kDone) {
        return std::move(attempt.survey());
      }
    }
    if (task_.receiver == nullptr) {
      for (RecordedFrames& frames : task_.transcript->BrokenOff()) {
        Attempt attempt(task_, knowledge_, delivered_, false);
        (void)attempt.Replay(std::move(frames), true);
        Remember(std::move(attempt.finished()));
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool Interrupted() const {
    return task_.options.interrupted != nullptr && *task_.options.interrupted;
  }

  // What the child was busy with stays closed from now on; false when that is
  // nothing.
  bool Blame(Attempt& attempt, Ending ending) {
    const auto& in_work = attempt.in_work();
    if (in_work.empty()) {
      return false;
    }
    const bool many = knowledge_.culprits.size() >= kMostCulprits;
    const InWork& blamed = many ? in_work.front() : in_work.back();
    const std::string& path = blamed.artifact.path;
    Culprit& culprit = knowledge_.culprits[path];
    culprit.closed = culprit.closed || blamed.reading;
    culprit.hung = culprit.hung || ending == Ending::kHung;
    wall_clock_ = wall_clock_ || culprit.hung;
    if (blamed.reading) {
      const auto& finished = attempt.finished();
      grafts_[path].assign(
          finished.begin() + static_cast<std::ptrdiff_t>(blamed.first),
          finished.end());
    }
    return true;
  }

  void Remember(std::vector<Node> finished) {
    for (Node& node : finished) {
      std::string path = node.artifact.path;
      knowledge_.finished.insert_or_assign(std::move(path), std::move(node));
    }
  }

  Survey Finished(Survey survey) {
    survey.nodes = Grafted(std::move(survey.nodes), std::move(grafts_));
    survey.wall_clock = wall_clock_;
    return survey;
  }

  // An interrupt that the child did not hear.
  Survey Unfinished() const {
    Survey survey;
    survey.stopped = "interrupted";
    Node root;
    root.artifact.name = task_.product.name;
    root.artifact.path =
        task_.product.directory ? "." : Escaped(task_.product.name);
    survey.nodes.push_back(std::move(root));
    return survey;
  }

  const Task& task_;
  Knowledge knowledge_;
  Grafts grafts_;
  std::unordered_set<std::string> delivered_;
  bool wall_clock_ = false;
};

// Hands everything to the receiver at once.
class Adapter : public unpack::Examiner {
 public:
  explicit Adapter(const Task& task) : task_(task) {}

  bool Begin(const Artifact& artifact) const override {
    return task_.examiner.Begin(artifact);
  }

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override {
    task_.examiner.Examine(artifact, content, into);
    if (task_.receiver == nullptr) {
      return;
    }
    const bool wanted =
        task_.wants && task_.wants(artifact) && content.size() > 0;
    task_.receiver->Begin({artifact, into}, wanted);
    if (wanted) {
      task_.receiver->Append(content.bytes());
    }
    task_.receiver->End();
  }

 private:
  const Task& task_;
};

}  // namespace

Result<Survey> WalkConfined(const Task& task) {
  return Campaign(task).Run();
}

Survey WalkUnsafe(const Task& task) {
  unpack::WalkOptions options = task.options;
  options.jobs = task.receiver != nullptr ? 1 : options.jobs;
  return unpack::Walk(task.product, Adapter(task), options);
}

Result<int> StatusOfConfined(const std::function<int()>& body) {
  std::array<int, 2> pipe = {};
  std::array<int, 2> sockets = {};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0 ||
      ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) !=
          0) {
    return Fail(ErrorCode::kConfinement, "no channel to a child process");
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const auto walls = EnterConfinement(pipe[1], sockets[1], {});
    const char word = walls ? 'y' : 'n';
    (void)!::write(3, &word, 1);
    ::_exit(walls ? body() : 1);
  }
  ::close(pipe[1]);
  ::close(sockets[1]);
  char word = 'n';
  (void)!::read(pipe[0], &word, 1);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(pipe[0]);
  ::close(sockets[0]);
  if (child < 0 || word != 'y') {
    return Fail(ErrorCode::kConfinement, "a child process cannot be confined");
  }
  return status;
}

}  // namespace assay::confine
