#include "verifier/unpack/fold.h"

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/unpack/walker.h"

namespace assay::unpack {
namespace {

bool Equal(const Artifact& one, const Artifact& other) {
  return one.depth == other.depth && one.size == other.size &&
         one.digests == other.digests;
}

class Unfolder {
 public:
  Unfolder(FoldedSurvey folded, std::uint64_t most)
      : from_(std::move(folded.survey.nodes)),
        end_(from_.size(), from_.size()),
        parent_(from_.size()),
        original_(from_.size()),
        nameless_(from_.size()),
        shared_(from_.size()) {
    FindEnds();
    sound_ = Adopt(folded);
    if (sound_) {
      const std::uint64_t count = Count(folded.copies, most);
      sound_ = count <= most;
      whole_.reserve(sound_ ? static_cast<std::size_t>(count) : 0);
    }
  }

  // False: not what it claims to be, or too much.
  bool Run() {
    std::vector<Part> parts = {{.end = from_.size()}};
    while (sound_ && !parts.empty()) {
      Part& part = parts.back();
      if (part.next == part.end) {
        parts.pop_back();
      } else if (const auto inside = Place(part)) {
        parts.push_back(*inside);
      }
    }
    return sound_;
  }

  [[nodiscard]] std::vector<Node>& whole() { return whole_; }

 private:
  // A run of the folded tree that is to be laid out. Below a copy it is what
  // `source` holds, for `target` of the whole tree to hold.
  struct Part {
    std::size_t next = 0;
    std::size_t end = 0;
    std::size_t source = 0;
    ArtifactId target = kNoArtifact;
  };

  void FindEnds() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < from_.size(); ++i) {
      original_[i] = i;
      while (!open.empty() &&
             from_[open.back()].artifact.depth >= from_[i].artifact.depth) {
        end_[open.back()] = i;
        open.pop_back();
      }
      parent_[i] = open.empty() ? i : open.back();
      open.push_back(i);
    }
  }

  // How many nodes the whole has; more than `most`, when it is more.
  std::uint64_t Count(std::vector<FoldedSurvey::Copy> copies,
                      std::uint64_t most) const {
    const auto depth = [&](const FoldedSurvey::Copy& pair) {
      return from_[pair.copy].artifact.depth;
    };
    // What a copy holds may hold copies, which lie deeper.
    std::sort(copies.begin(), copies.end(), [&](const auto& a, const auto& b) {
      return depth(a) > depth(b);
    });
    std::vector<std::uint64_t> gained(from_.size());
    std::uint64_t all = from_.size();
    for (const auto& [copy, original] : copies) {
      const std::uint64_t inside =
          end_[original] - original - 1 + gained[original];
      all += inside;
      for (std::size_t at = copy; parent_[at] != at; at = parent_[at]) {
        gained[at] += inside;
      }
      if (all > most) {
        break;
      }
    }
    return all;
  }

  bool Adopt(const FoldedSurvey& folded) {
    for (const auto& [copy, original] : folded.copies) {
      if (copy >= from_.size() || original >= from_.size() ||
          copy == original || original_[copy] != copy ||
          end_[copy] != copy + 1 ||
          !Equal(from_[copy].artifact, from_[original].artifact)) {
        return false;
      }
      original_[copy] = original;
      if (!shared_[original]) {
        std::fill(shared_.begin() + static_cast<std::ptrdiff_t>(original),
                  shared_.begin() + static_cast<std::ptrdiff_t>(end_[original]),
                  true);
      }
    }
    for (const std::uint64_t place : folded.nameless) {
      if (place >= from_.size()) {
        return false;
      }
      nameless_[place] = true;
    }
    return std::all_of(
        folded.copies.begin(), folded.copies.end(), [&](const auto& pair) {
          return original_[pair.original] == pair.original;  // not a copy
        });
  }

  // Lays the next node out; what it holds comes next, when that does not
  // simply follow.
  std::optional<Part> Place(Part& part) {
    const std::size_t at = part.next++;
    Node node = shared_[at] ? from_[at] : std::move(from_[at]);
    Artifact& artifact = node.artifact;
    const bool moved = part.target != kNoArtifact;
    if (moved && !Move(part, at, artifact)) {
      sound_ = false;
      return std::nullopt;
    }
    const auto id = static_cast<ArtifactId>(whole_.size());
    chain_.resize(std::min<std::size_t>(chain_.size(), artifact.depth));
    artifact.id = id;
    artifact.parent = chain_.empty() ? kNoArtifact : chain_.back();
    chain_.push_back(id);
    const bool renamed = moved && artifact.name != from_[at].artifact.name;
    whole_.push_back(std::move(node));
    const std::size_t source = original_[at];
    if (source == at && !renamed) {
      return std::nullopt;
    }
    part.next = end_[at];
    return Part{source + 1, end_[source], source, id};
  }

  // From below the part's source to below its target.
  bool Move(const Part& part, std::size_t at, Artifact& artifact) const {
    const Artifact& source = from_[part.source].artifact;
    const Artifact& target = whole_[part.target].artifact;
    const std::string& path = artifact.path;
    if (path.compare(0, source.path.size(), source.path) != 0) {
      return false;
    }
    const bool child = artifact.depth == target.depth + 1;
    const std::string name =
        child && nameless_[at] ? DecodedName(target) : artifact.name;
    if (name == artifact.name) {
      artifact.path = target.path + path.substr(source.path.size());
      return true;
    }
    artifact.name = name;
    artifact.inner_path = NormalPath(name);
    artifact.path = ChildPath(target, Escaped(artifact.inner_path));
    return true;
  }

  std::vector<Node> from_;
  std::vector<std::size_t> end_;       // behind the inside of each node
  std::vector<std::size_t> parent_;    // of each node; its own place when none
  std::vector<std::size_t> original_;  // of each node; its own place when none
  std::vector<bool> nameless_;
  std::vector<bool> shared_;  // needed more than once
  bool sound_ = false;
  std::vector<Node> whole_;
  std::vector<ArtifactId> chain_;  // of the last node, by depth
};

}  // namespace

std::optional<Survey> Unfolded(FoldedSurvey folded, std::uint64_t most) {
  Survey survey{.decoded_bytes = folded.survey.decoded_bytes,
                .stopped = folded.survey.stopped,
                .wall_clock = folded.survey.wall_clock};
  Unfolder unfolder(std::move(folded), most);
  if (!unfolder.Run()) {
    return std::nullopt;
  }
  survey.nodes = std::move(unfolder.whole());
  return survey;
}

}  // namespace assay::unpack
