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

// A text that a script writes to a place, looked at as if it were that file.
// Everything in it has its place in the script.
struct WrittenText {
  // From byte `from` of the text on it comes out of `place` of the script.
  struct Piece {
    std::uint64_t from = 0;
    Range place = {};
  };

  std::string path = {};  // as Artifact::inner_path: "etc/passwd"
  std::string text = {};  // until its patterns have been looked for
  std::uint64_t size = 0;
  std::vector<Piece> pieces = {};  // in order; at least one
  std::vector<Fact> facts = {};
  std::vector<HitRecord> hits = {};  // filled in by the engine

  [[nodiscard]] Range PlaceOf(std::uint64_t offset) const {
    Range place = {};
    for (const Piece& piece : pieces) {
      place = piece.from <= offset ? piece.place : place;
    }
    return place;
  }
};

struct Observations {
  std::vector<Fact> facts = {};
  std::vector<HitRecord> hits = {};  // filled in by the engine
  std::vector<SignatureCandidate> candidates = {};
  std::vector<EmbeddedKey> keys = {};
  std::vector<ComponentEvidence> components = {};
  std::vector<SbomDocument> documents = {};
  std::vector<WrittenText> written = {};
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
