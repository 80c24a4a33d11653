#include "verifier/engine/started.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/product_index.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr std::array<std::string_view, 4> kPath = {
    "usr/bin/", "usr/sbin/", "usr/local/bin/", "usr/local/sbin/"};

// Programs that run what their arguments name.
constexpr std::array<std::string_view, 26> kRunners = {
    "sh",      "ash",
    "bash",    "dash",
    "ksh",     "zsh",
    "busybox", "python",
    "python2", "python3",
    "perl",    "lua",
    "node",    "php",
    "ruby",    "env",
    "exec",    "nohup",
    "setsid",  "nice",
    "timeout", "chroot",
    "su",      "sudo",
    "xargs",   "start-stop-daemon"};

std::string_view BaseOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool IsRunner(std::string_view program) {
  return std::find(kRunners.begin(), kRunners.end(), BaseOf(program)) !=
         kRunners.end();
}

// "/usr/sbin/x" and "./x" of a file in "opt/y" -> "usr/sbin/x", "opt/y/x".
std::string PlaceOf(std::string_view word, std::string_view starter) {
  if (word.substr(0, 1) == "/") {
    return std::string(word.substr(1));
  }
  if (word.substr(0, 2) != "./") {
    return std::string(word);
  }
  const auto slash = starter.rfind('/');
  return std::string(slash == std::string_view::npos
                         ? std::string_view()
                         : starter.substr(0, slash + 1))
      .append(word.substr(2));
}

class Starter {
 public:
  explicit Starter(Survey& survey)
      : survey_(survey), index_(survey), started_(survey.nodes.size(), false) {}

  void Run() {
    for (const Node& node : survey_.nodes) {
      if (const std::string_view by = KindOf(node); !by.empty()) {
        started_[node.artifact.id] = true;
        waiting_.push_back({node.artifact.id, by, ""});
      }
    }
    while (!waiting_.empty()) {
      const Waiting next = waiting_.front();
      waiting_.pop_front();
      Follow(next);
    }
  }

 private:
  struct Waiting {
    ArtifactId id = 0;
    std::string_view kind = {};
    std::string input = {};  // of the start-up entry that leads to it
  };

  // Why the file itself runs unasked, "" when it does not.
  static std::string_view KindOf(const Node& node) {
    for (const Fact& fact : node.seen.facts) {
      for (const std::string_view kind :
           {"startup", "cron", "package.script", "hook"}) {
        if (fact.kind == kind) {
          return kind;
        }
      }
    }
    return {};
  }

  static bool NamesPrograms(const Fact& fact) {
    return fact.kind == "command" || fact.kind == "startup" ||
           fact.kind == "cron" || fact.kind == "hook" ||
           (fact.kind == "listener" && !fact.Attribute("program").empty());
  }

  void Follow(const Waiting& starter) {
    // Facts are added to other nodes only, and nodes stay where they are.
    for (const Fact& fact : survey_.nodes[starter.id].seen.facts) {
      if (!NamesPrograms(fact)) {
        continue;
      }
      const std::string_view program = fact.Attribute("program");
      const bool all = fact.kind == "startup" || fact.kind == "cron" ||
                       fact.kind == "hook" || IsRunner(program);
      for (const std::string_view word :
           Split(fact.kind == "listener" ? program : fact.value, ' ')) {
        if (all || BaseOf(Trimmed(word)) == BaseOf(program)) {
          Start(Trimmed(word), starter, InputOf(fact, starter));
        }
      }
    }
  }

  // What it is given to read: the socket of whoever connects, if a super-server
  // starts it, or what a service hands on; what that one starts in turn
  // inherits it.
  static std::string InputOf(const Fact& fact, const Waiting& starter) {
    if (fact.kind == "hook") {
      return std::string(fact.Attribute("given"));
    }
    return fact.kind == "startup" ? std::string(fact.Attribute("input"))
                                  : starter.input;
  }

  // Without quotes, and without systemd's marks in front of a path.
  static std::string_view Trimmed(std::string_view word) {
    const auto first = word.find_first_not_of("'\"-@:+!");
    const auto last = word.find_last_not_of("'\";");
    return first == std::string_view::npos || last < first
               ? std::string_view()
               : word.substr(first, last - first + 1);
  }

  void Start(std::string_view word, const Waiting& starter,
             const std::string& input) {
    const ArtifactId found = Find(word, starter.id);
    if (found == kNoArtifact || started_[found]) {
      return;
    }
    started_[found] = true;
    survey_.nodes[found].seen.facts.push_back(
        {.kind = "started",
         .value = survey_.At(starter.id).path,
         .attributes = {{"kind", std::string(starter.kind)}}});
    if (!input.empty()) {
      survey_.nodes[found].seen.facts.back().attributes.emplace_back("input",
                                                                     input);
    }
    waiting_.push_back({found, starter.kind, input});
  }

  // What a word of a command means to the file that holds the command.
  ArtifactId Find(std::string_view word, ArtifactId by) {
    if (word.find('/') != std::string_view::npos) {
      return Nearest(PlaceOf(word, survey_.At(by).inner_path), by);
    }
    for (const std::string_view folder : kPath) {
      const ArtifactId found = Nearest(std::string(folder).append(word), by);
      if (found != kNoArtifact) {
        return found;
      }
    }
    return kNoArtifact;
  }

  // The program or script at the place that shares most of its address with
  // the starter.
  ArtifactId Nearest(const std::string& place, ArtifactId by) {
    ArtifactId nearest = kNoArtifact;
    std::size_t steps = 0;
    for (const ArtifactId id : index_.AnywhereAt(MergedPath(place))) {
      if (id == by || !Runs(survey_.nodes[id])) {
        continue;
      }
      const std::size_t shared = SharedSteps(id, by);
      if (nearest == kNoArtifact || shared > steps) {
        nearest = id;
        steps = shared;
      }
    }
    return nearest;
  }

  static bool Runs(const Node& node) {
    return node.artifact.has_content &&
           (sbom::IsExecutable(node.artifact) ||
            std::any_of(
                node.seen.facts.begin(), node.seen.facts.end(),
                [](const Fact& fact) { return fact.kind == "script"; }));
  }

  [[nodiscard]] std::size_t SharedSteps(ArtifactId a, ArtifactId b) const {
    while (a != b) {
      ArtifactId& deeper = survey_.At(a).depth >= survey_.At(b).depth ? a : b;
      deeper = survey_.At(deeper).parent;
    }
    return survey_.At(a).depth;
  }

  Survey& survey_;
  sbom::ProductIndex index_;
  std::vector<bool> started_;
  std::deque<Waiting> waiting_;
};

}  // namespace

void AddStarted(Survey& survey) {
  Starter(survey).Run();
}

}  // namespace assay::engine
