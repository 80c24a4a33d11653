// What explains a finding: declared functions, an authentic SBOM, a signed
// original, a distribution's original, a reviewed exception. Never a name, a
// path or a string inside the product, which who planted a function would carry
// along.
#pragma once

#include <string>
#include <vector>

#include "rules/index.h"
#include "rules/matcher.h"
#include "rules/rule.h"
#include "verifier/model/reference.h"

namespace assay::rules {

// Borrows the index.
class Anchors {
 public:
  explicit Anchors(const Index& index);

  // What explains the witnesses of a finding of `rule`, for people: "declared
  // functions: manifest.json". "" when nothing does. Beside what the rule's
  // `unless` names, a reviewed exception explains every rule, and a
  // distribution's original those of the families HF.
  [[nodiscard]] std::string Explain(const Rule& rule,
                                    const Group& witnesses) const;

  // Whether the authentic manifest names all of what the witnesses show, and
  // they show something that a manifest can name.
  [[nodiscard]] bool IsDeclared(const Group& witnesses) const;
  // Whether an SBOM claims all artifacts of the witnesses, none of them with
  // another digest, and every SBOM itself is signed by an anchor.
  [[nodiscard]] bool IsInSignedSbom(const Group& witnesses) const;
  // Whether the digest of every witness's artifact, or of something it lies
  // in, stands in a list that an anchor signed (a distribution's repository).
  // A signature over the product as a whole is no such thing: it says who
  // delivers, not that the content is somebody's known original.
  [[nodiscard]] bool IsSignedOriginal(const Group& witnesses) const;
  // The publication whose originals are all that the witnesses show: what
  // stands in the bytes has to stand in an original's, what follows from place
  // or rights needs the original at its place, with its rights. What lies in a
  // container that is an original is one as well. Null when there is none, and
  // where the finding is that a claim or a signature does not hold.
  [[nodiscard]] const Publication* OriginalOf(const Group& witnesses) const;

 private:
  // What of the rule's `unless` does.
  [[nodiscard]] std::string ExplainedByRule(const Rule& rule,
                                            const Group& witnesses) const;
  [[nodiscard]] bool IsListed(ArtifactId id) const;
  [[nodiscard]] const Publication* OriginalOf(const Witness& witness) const;
  [[nodiscard]] const ReviewedException* ExceptionFor(
      const Rule& rule, const Group& witnesses) const;

  const Index& index_;
  bool sboms_are_signed_ = false;
  // By artifact: the ranges that a signed list covers by their digest.
  std::vector<std::vector<Range>> listed_;
};

}  // namespace assay::rules
