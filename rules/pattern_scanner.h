// Looks in content for the patterns of rules, and only for those that matter
// there: most are about scripts of one language, or files of one name.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rules/guards.h"
#include "rules/rule.h"
#include "verifier/base/bytes.h"
#include "verifier/base/pattern_set.h"
#include "verifier/base/result.h"
#include "verifier/model/artifact.h"
#include "verifier/model/fact.h"

namespace assay::rules {

// Immutable after compiling; Scan may run on many threads at once.
class PatternScanner {
 public:
  // `patterns` are those of the rules, which are linked.
  [[nodiscard]] static Result<PatternScanner> Compile(
      const std::vector<Rule>& rules, const std::vector<Pattern>& patterns);

  // Hits in order of offset, then pattern. `facts` has all that the content
  // itself gives (IsOwnFact).
  [[nodiscard]] std::vector<PatternHit> Scan(const Artifact& artifact,
                                             std::span<const Fact> facts,
                                             ByteView content) const;

 private:
  // Patterns with one guard.
  struct Group {
    PatternSet set;
    std::vector<std::uint32_t> patterns = {};  // by place in `set`
  };
  using Groups = std::vector<std::uint32_t>;  // by place in `groups_`
  using Places = std::map<std::string, Groups, std::less<>>;
  using Wanted = std::set<std::uint32_t>;

  PatternScanner() = default;
  [[nodiscard]] Result<void> Add(const Guard& guard,
                                 const std::vector<std::uint32_t>& members,
                                 const std::vector<Pattern>& patterns);
  [[nodiscard]] Wanted GroupsFor(const Artifact& artifact,
                                 std::span<const Fact> facts) const;

  // By the smallest pattern: those that guard a group come before it.
  std::vector<Group> groups_;
  Groups open_;
  Places by_fact_;
  Places by_glob_;
  std::map<std::uint32_t, Groups> by_pattern_;
};

}  // namespace assay::rules
