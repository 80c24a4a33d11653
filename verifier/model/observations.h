// What the analyses say about one artifact while its bytes are hot. Plain
// values: they could cross a pipe from a confined process.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/limits.h"
#include "verifier/base/pattern_set.h"
#include "verifier/model/artifact.h"
#include "verifier/model/component.h"
#include "verifier/model/fact.h"
#include "verifier/model/signature.h"

namespace assay {

// A hit of one of the rules' patterns.
struct HitRecord {
  PatternHit hit = {};
  std::array<std::uint8_t, 32> digest = {};  // SHA-256 of the bytes
  std::string excerpt = {};                  // the first 64 bytes, raw
};

struct Observations {
  std::vector<Fact> facts = {};
  std::vector<HitRecord> hits = {};  // filled in by the engine
  std::vector<SignatureCandidate> candidates = {};
  std::vector<EmbeddedKey> keys = {};
  std::vector<ComponentEvidence> components = {};
  std::vector<SbomDocument> documents = {};
};

// What an analysis is given. Everything is borrowed for the call.
struct Subject {
  const Artifact& artifact;  // id, parent and path are not yet final
  // All bytes of the artifact; empty for members without content and for
  // streamed containers, which were never held as a whole.
  ByteView content;
  const Limits& limits;
};

// An analysis of single artifacts: a fact extractor, a cataloguer, a signature
// parser. Called on many threads at once; holds no state.
struct Analysis {
  std::string_view name = {};
  std::string_view title = {};
  // Reads the subject and adds what it sees. Never throws on any input, and
  // adds at most limits.facts facts. Sets nothing when it is not concerned.
  // Returns whether it understood the artifact's content (its bytes then
  // count as parsed on the ledger's examination axis).
  bool (*examine)(const Subject& subject, Observations& into) = nullptr;
  // Whether it is given a container's bytes too, all of them, though children
  // have some: a container that describes itself has its header there.
  bool whole = false;
};

// One artifact and all that was observed about it.
struct Node {
  Artifact artifact = {};
  Observations seen = {};
};

}  // namespace assay
