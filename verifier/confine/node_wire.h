// Artifacts and what was seen in them, across the border of the confined
// process.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"
#include "verifier/base/limits.h"
#include "verifier/confine/wire.h"
#include "verifier/model/observations.h"
#include "verifier/unpack/fold.h"

namespace assay::confine {

// What the parent knows in advance about the values that may come.
struct Expectations {
  std::vector<std::string_view> cataloguers = {};
  std::vector<std::string_view> schemes = {};
  std::uint64_t patterns = 0;  // in the rules' pattern set
  Limits limits = {};
};

[[nodiscard]] Vocabulary VocabularyOf(const Expectations& expected);

// Without the artifact's id and its parent's, which only a whole tree has.
[[nodiscard]] Bytes EncodeNode(const Node& node);
[[nodiscard]] Bytes EncodeArtifact(const Artifact& artifact);

// Nothing unless all of it is as the model demands: kinds of facts, schemes,
// cataloguers and patterns that exist, ranges that do not wrap around and lie
// in the artifact where they must, digests of the right length, a structure
// that is a partition, addresses that are escaped UTF-8.
[[nodiscard]] std::optional<Node> DecodeNode(ByteView bytes,
                                             const Vocabulary& words,
                                             const Expectations& expected);
[[nodiscard]] std::optional<Artifact> DecodeArtifact(ByteView bytes);

// All of a survey but its nodes. What the decoder sets fits the types, no
// more; false when not even that.
[[nodiscard]] Bytes EncodeRest(const unpack::FoldedSurvey& folded);
[[nodiscard]] bool DecodeRest(ByteView bytes, unpack::FoldedSurvey& folded);

}  // namespace assay::confine
