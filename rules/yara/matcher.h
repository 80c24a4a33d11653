// The strings of YARA rules as what the pattern scan looks for, and exactly:
// where they occur and how long they are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rules/yara/ast.h"
#include "rules/yara/automaton.h"
#include "verifier/base/bytes.h"
#include "verifier/base/pattern_set.h"

namespace assay::yara {

// One of the byte sequences that a string stands for: ascii, wide, encoded.
class Form {
 public:
  // A fixed text.
  Form(Bytes bytes, bool caseless, bool wide);
  // Parts with gaps between them: a hex string with long jumps. kLimit as
  // Automaton::Of.
  [[nodiscard]] static Result<Form> Of(const Regex& regex, bool wide);

  // What the scan looks for; whether it finds nothing else.
  [[nodiscard]] const Pattern& pattern() const { return pattern_; }
  [[nodiscard]] bool exact() const { return exact_; }
  // The scan takes more than the form.
  void Approximate() {
    exact_ = false;
    pattern_.approximate = true;
  }
  // There is nothing to look for: it cannot match.
  void Forget() { pattern_.text.clear(); }
  void WantWholeWords() {
    whole_word_ = true;
    exact_ = false;
  }

  [[nodiscard]] std::optional<std::uint64_t> MatchAt(ByteView data,
                                                     std::uint64_t start,
                                                     Automaton::Run& run,
                                                     Effort& effort) const;
  [[nodiscard]] bool MayBeginWith(std::uint8_t byte) const;
  // Where a match begins at the earliest, if the first one of all ends there.
  [[nodiscard]] std::uint64_t EarliestStart(std::uint64_t end) const;
  // The first place from `from` on, before `to`, where a match may begin.
  [[nodiscard]] std::uint64_t NextCandidate(ByteView data, std::uint64_t from,
                                            std::uint64_t to) const;

 private:
  struct Part {
    Automaton automaton;
    std::uint64_t gap_min = 0;  // before it
    std::uint64_t gap_max = 0;
  };
  Form() = default;
  [[nodiscard]] std::optional<std::uint64_t> TextAt(ByteView data,
                                                    std::uint64_t start) const;
  [[nodiscard]] std::optional<std::uint64_t> PartsAt(ByteView data,
                                                     std::uint64_t start,
                                                     std::size_t part,
                                                     Automaton::Run& run,
                                                     Effort& effort) const;

  Pattern pattern_;
  Bytes leading_;  // every match begins with it; a text is nothing else
  std::vector<Part> parts_;
  std::uint64_t least_ = 0;    // no match has fewer bytes
  std::uint64_t longest_ = 0;  // or more
  bool caseless_ = false;
  bool wide_ = false;
  bool shortest_ = false;
  bool whole_word_ = false;
  bool exact_ = true;
};

// The forms of a string. kConfig says why there are none: it matches almost
// anything, or its repeats are too many.
[[nodiscard]] Result<std::vector<Form>> FormsOf(const String& string);

}  // namespace assay::yara
