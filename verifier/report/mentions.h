// Finds names in text, whole words of it, however many names there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay::report {

// A name is a run of words (letters, digits, "_" and what is not ASCII) with
// what stands between them: "etc/init.d/S99debug". It is found where its first
// and last word are whole, whatever their case, as by `grep -wFi`. One pass
// over a text finds the longest name at every place.
class Mentions {
 public:
  Mentions() : nodes_(1) {}

  // What stands before its first and behind its last word does not count; a
  // name without words is never found.
  void Add(std::string_view name, std::string_view replacement);
  // The same, but the two below may take it back.
  void AddUnlessSpared(std::string_view name, std::string_view replacement);
  // Takes back the names that are whole steps of this path ...
  void SparePath(std::string_view path);
  // ... and those that stand anywhere in this text.
  void SpareText(std::string_view text);
  // What begins like a name and goes on as this one stays as it is.
  void Keep(std::string_view name);
  // A text that is found wherever its bytes stand, inside of words too.
  void AddRaw(std::string_view text, std::string_view replacement);

  [[nodiscard]] std::string Replaced(std::string_view text) const;
  // Without those of AddRaw() only.
  [[nodiscard]] std::string RawReplaced(std::string_view text) const;
  // Words and what stands between them, as often as they are kept.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool StandIn(std::string_view text) const {
    return Replaced(text) != text;
  }

 private:
  // A node is reached by words and what stands before each.
  struct Node {
    std::unordered_map<std::string, std::uint32_t> next = {};
    std::string replacement = {};
    bool ends = false;  // a name ends here
    bool sparable = false;
  };
  struct Raw {
    std::string text = {};  // lower case
    std::string replacement = {};
  };

  // The node where the name ends, made if need be; 0 for one without words.
  std::uint32_t NodeOf(std::string_view name);
  // Calls use(node, end) for every known run of words that begins at `start`,
  // the shortest first.
  template <typename Use>
  void Walk(std::string_view text, std::size_t start, Use use) const;
  void SpareNode(std::uint32_t node);

  std::vector<Node> nodes_;
  std::vector<Raw> raws_;
};

}  // namespace assay::report
