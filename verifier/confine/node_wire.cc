#include "verifier/confine/node_wire.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/confine/node_checks.h"
#include "verifier/confine/signature_fields.h"

namespace assay::confine {

template <>
inline constexpr FileType kLast<FileType> = FileType::kSocket;
template <>
inline constexpr Structure kLast<Structure> = Structure::kUnknown;
template <>
inline constexpr Examination kLast<Examination> = Examination::kOpaque;
template <>
inline constexpr Coverage kLast<Coverage> = Coverage::kUncoveredLive;
template <>
inline constexpr TrustAnchor::Type kLast<TrustAnchor::Type> =
    TrustAnchor::Type::kRevoked;
template <>
inline constexpr Strength kLast<Strength> = Strength::kDigest;
template <>
inline constexpr DigestAlgorithm kLast<DigestAlgorithm> =
    DigestAlgorithm::kBlake2b512;

// Each list names the fields by a structured binding, so that a field which is
// added to the model and forgotten here does not compile.
template <>
struct FieldsOf<Range> {
  static void Visit(auto& wire, auto& value) {
    auto& [offset, length] = value;
    wire(offset, length);
  }
};

template <>
struct FieldsOf<Digest> {
  static void Visit(auto& wire, auto& value) {
    auto& [algorithm, hex] = value;
    wire(algorithm, hex);
  }
};

template <>
struct FieldsOf<FileMetadata> {
  static void Visit(auto& wire, auto& value) {
    auto& [type, mode, uid, gid, owner, group, mtime, link_target, major, minor,
           xattrs] = value;
    wire(type, mode, uid, gid, owner, group, mtime, link_target, major, minor,
         xattrs);
  }
};

template <>
struct FieldsOf<StructureRange> {
  static void Visit(auto& wire, auto& value) {
    auto& [range, role] = value;
    wire(range, role);
  }
};

template <>
struct FieldsOf<AnomalyRecord> {
  static void Visit(auto& wire, auto& value) {
    auto& [id, range, detail] = value;
    wire(id, range, detail);
  }
};

template <>
struct FieldsOf<Artifact> {
  // What is redacted is so in reports, not in products.
  static void Visit(auto& wire, auto& value) {
    auto& [id, parent, depth, path, name, inner_path, format, size, digests,
           meta, origin, stored, has_content, structure, examination,
           opaque_reason, anomalies, entropy, redacted] = value;
    static_cast<void>(redacted);
    wire(depth, path, name, inner_path, format, size, digests, meta, origin,
         stored, has_content, structure, examination, opaque_reason, anomalies,
         entropy);
  }
};

template <>
struct FieldsOf<Fact> {
  static void Visit(auto& wire, auto& value) {
    auto& [kind, text, attributes, place, place_digest] = value;
    wire(kind, text, attributes, place, place_digest);
  }
};

template <>
struct FieldsOf<PatternHit> {
  static void Visit(auto& wire, auto& value) {
    auto& [pattern, offset, length] = value;
    wire(pattern, offset, length);
  }
};

template <>
struct FieldsOf<HitRecord> {
  static void Visit(auto& wire, auto& value) {
    auto& [hit, digest, excerpt] = value;
    wire(hit, digest, excerpt);
  }
};

template <>
struct FieldsOf<WrittenText::Piece> {
  static void Visit(auto& wire, auto& value) {
    auto& [from, place] = value;
    wire(from, place);
  }
};

// The text itself has served its purpose.
template <>
struct FieldsOf<WrittenText> {
  static void Visit(auto& wire, auto& value) {
    auto& [path, text, size, pieces, facts, hits] = value;
    static_cast<void>(text);
    wire(path, size, pieces, facts, hits);
  }
};

template <>
struct FieldsOf<EmbeddedKey> {
  static void Visit(auto& wire, auto& value) {
    auto& [scheme, type, what, key, place] = value;
    wire(scheme, type, what, key, place);
  }
};

template <>
struct FieldsOf<ClaimedDigest> {
  static void Visit(auto& wire, auto& value) {
    auto& [algorithm, hex] = value;
    wire(algorithm, hex);
  }
};

template <>
struct FieldsOf<ExternalReference> {
  static void Visit(auto& wire, auto& value) {
    auto& [type, url] = value;
    wire(type, url);
  }
};

template <>
struct FieldsOf<Property> {
  static void Visit(auto& wire, auto& value) {
    auto& [name, content] = value;
    wire(name, content);
  }
};

template <>
struct FieldsOf<IdentityEvidence> {
  static void Visit(auto& wire, auto& value) {
    auto& [field, technique, confidence, found] = value;
    wire(field, technique, confidence, found);
  }
};

template <>
struct FieldsOf<Component> {
  static void Visit(auto& wire, auto& value) {
    auto& [ref, type, group, name, version, purl, supplier, licences, digests,
           files, source_name, source_version, scope, parent, pointer, cpe,
           swid, manufacturer, author, copyright, description, declared,
           concluded, claimed_digests, references, properties, evidence] =
        value;
    wire(ref, type, group, name, version, purl, supplier, licences, digests,
         files, source_name, source_version, scope, parent, pointer, cpe, swid,
         manufacturer, author, copyright, description, declared, concluded,
         claimed_digests, references, properties, evidence);
  }
};

template <>
struct FieldsOf<ComponentEvidence> {
  static void Visit(auto& wire, auto& value) {
    auto& [component, cataloguer, strength, place, files_from_root,
           file_digests] = value;
    wire(component, cataloguer, strength, place, files_from_root, file_digests);
  }
};

template <>
struct FieldsOf<SbomProblem> {
  static void Visit(auto& wire, auto& value) {
    auto& [pointer, rule, detail, reference, line, column, offset, violation] =
        value;
    wire(pointer, rule, detail, reference, line, column, offset, violation);
  }
};

template <>
struct FieldsOf<SbomDocument::Dependency> {
  static void Visit(auto& wire, auto& value) {
    auto& [from, to, completeness] = value;
    wire(from, to, completeness);
  }
};

template <>
struct FieldsOf<Composition> {
  static void Visit(auto& wire, auto& value) {
    auto& [aggregate, assemblies, dependencies] = value;
    wire(aggregate, assemblies, dependencies);
  }
};

template <>
struct FieldsOf<SbomDocument> {
  static void Visit(auto& wire, auto& value) {
    auto& [format, spec_version, serial, timestamp, authors, tools, subject,
           components, dependencies, problems, name, version, data_licence,
           manufacturer, supplier, phases, listed, compositions, references,
           properties, has_signature] = value;
    wire(format, spec_version, serial, timestamp, authors, tools, subject,
         components, dependencies, problems, name, version, data_licence,
         manufacturer, supplier, phases, listed, compositions, references,
         properties, has_signature);
  }
};

template <>
struct FieldsOf<Observations> {
  static void Visit(auto& wire, auto& value) {
    auto& [facts, hits, candidates, keys, components, documents, written] =
        value;
    wire(facts, hits, candidates, keys, components, documents, written);
  }
};

template <>
struct FieldsOf<Node> {
  static void Visit(auto& wire, auto& value) {
    auto& [artifact, seen] = value;
    wire(artifact, seen);
  }
};

template <>
struct FieldsOf<unpack::FoldedSurvey::Copy> {
  static void Visit(auto& wire, auto& value) {
    auto& [copy, original] = value;
    wire(copy, original);
  }
};

Vocabulary VocabularyOf(const Expectations& expected) {
  Vocabulary words = {""};  // an age that states no scheme
  for (const FactKind& kind : FactKinds()) {
    words.insert(kind.name);
    words.insert(kind.attributes.begin(), kind.attributes.end());
  }
  words.insert(expected.cataloguers.begin(), expected.cataloguers.end());
  words.insert(expected.schemes.begin(), expected.schemes.end());
  return words;
}

Bytes EncodeNode(const Node& node) {
  WireWriter wire;
  wire(node);
  return std::move(wire.bytes());
}

Bytes EncodeArtifact(const Artifact& artifact) {
  WireWriter wire;
  wire(artifact);
  return std::move(wire.bytes());
}

std::optional<Node> DecodeNode(ByteView bytes, const Vocabulary& words,
                               const Expectations& expected) {
  Node node;
  WireReader wire(bytes, words);
  wire(node);
  if (!wire.whole() || !IsSound(node.artifact) ||
      !IsSound(node.seen, node.artifact.size, expected)) {
    return std::nullopt;
  }
  return node;
}

std::optional<Artifact> DecodeArtifact(ByteView bytes) {
  Artifact artifact;
  const Vocabulary none;
  WireReader wire(bytes, none);
  wire(artifact);
  if (!wire.whole() || !IsSound(artifact)) {
    return std::nullopt;
  }
  return artifact;
}

Bytes EncodeRest(const unpack::FoldedSurvey& folded) {
  WireWriter wire;
  wire(folded.survey.decoded_bytes, folded.survey.stopped, folded.copies,
       folded.nameless);
  return std::move(wire.bytes());
}

bool DecodeRest(ByteView bytes, unpack::FoldedSurvey& folded) {
  const Vocabulary none;
  WireReader wire(bytes, none);
  wire(folded.survey.decoded_bytes, folded.survey.stopped, folded.copies,
       folded.nameless);
  return wire.whole() && IsValidUtf8(folded.survey.stopped);
}

}  // namespace assay::confine
