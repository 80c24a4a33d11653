// The fields of signature candidates on the wire (wire.h).
#pragma once

#include "verifier/confine/wire.h"
#include "verifier/model/signature.h"

namespace assay::confine {

template <>
struct FieldsOf<DigestedPart> {
  static void Visit(auto& wire, auto& value) {
    auto& [length, salt, block, tree, correction] = value;
    wire(length, salt, block, tree, correction);
  }
};

template <>
struct FieldsOf<ListedFile> {
  static void Visit(auto& wire, auto& value) {
    auto& [name, size, digests, also, part] = value;
    wire(name, size, digests, also, part);
  }
};

template <>
struct FieldsOf<StatedAge> {
  static void Visit(auto& wire, auto& value) {
    auto& [scheme, rollback_index, version, date, valid_until] = value;
    wire(scheme, rollback_index, version, date, valid_until);
  }
};

template <>
struct FieldsOf<ClaimedRange> {
  static void Visit(auto& wire, auto& value) {
    auto& [range, coverage, what, expected, found] = value;
    wire(range, coverage, what, expected, found);
  }
};

template <>
struct FieldsOf<SignatureCandidate> {
  static void Visit(auto& wire, auto& value) {
    auto& [scheme, signature, place, message, message_digests, ranges, targets,
           key_hint, listed, listed_inside, age, problems] = value;
    wire(scheme, signature, place, message, message_digests, ranges, targets,
         key_hint, listed, listed_inside, age, problems);
  }
};

}  // namespace assay::confine
