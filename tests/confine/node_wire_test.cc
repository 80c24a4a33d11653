#include "verifier/confine/node_wire.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>

namespace assay::confine {
namespace {

Expectations Expected() {
  return {.cataloguers = {"dpkg"}, .schemes = {"minisign"}, .patterns = 3};
}

std::optional<Node> Decoded(const Bytes& bytes) {
  return DecodeNode(bytes, VocabularyOf(Expected()), Expected());
}

Component ExampleComponent() {
  Component component;
  component.ref = "ref";
  component.name = "libc6";
  component.licences = {"LGPL-2.1", ""};
  component.digests = {{DigestAlgorithm::kMd5, std::string(32, 'a')}};
  component.files = {"lib/libc.so"};
  component.source_version = "2.36";
  component.pointer = "/components/0";
  return component;
}

Artifact ExampleArtifact() {
  Artifact artifact;
  artifact.depth = 2;
  artifact.path = "a.tar!/b\\x0a!/c";
  artifact.name = std::string("b\n\0c", 4);
  artifact.inner_path = "b\nc";
  artifact.format = "elf";
  artifact.size = 1000;
  artifact.digests = {{DigestAlgorithm::kSha256, std::string(64, '0')},
                      {DigestAlgorithm::kMd5, std::string(32, 'f')}};
  artifact.meta.type = FileType::kRegular;
  artifact.meta.mode = 04755;
  artifact.meta.uid = 1ULL << 40U;
  artifact.meta.mtime = -5;
  artifact.meta.link_target = "../x";
  artifact.meta.device_minor = 7;
  artifact.meta.xattrs = {{"security.capability", std::string("\1\0\2", 3)}};
  artifact.origin = Range{512, 1000};
  artifact.stored = true;
  artifact.has_content = true;
  artifact.structure = {{{0, 100}, Structure::kMetadata},
                        {{100, 900}, Structure::kContent}};
  artifact.examination = Examination::kOpaque;
  artifact.opaque_reason = "because";
  artifact.anomalies = {{"elf.odd", {5, 6}, "seven"}};
  artifact.entropy = 7.25;
  return artifact;
}

Node Example() {
  Node node{.artifact = ExampleArtifact()};
  Fact fact{.kind = "elf.header", .value = "x86-64"};
  fact.attributes = {{"type", "dyn"}, {"stripped", "yes"}};
  fact.place = Range{0, 64};
  fact.place_digest.fill(0xAB);
  node.seen.facts = {fact, {.kind = "elf.import", .value = "system"}};
  node.seen.hits = {{{2, 10, 20}, {}, "excerpt"}};
  SignatureCandidate candidate;
  candidate.scheme = "minisign";
  candidate.signature = {1, 2, 3};
  candidate.message = {4};
  candidate.targets = {"a.bin"};
  candidate.listed = {
      {.name = "x",
       .size = 5,
       .digests = {{DigestAlgorithm::kSha1, std::string(40, '1')}},
       .also = {"x.img"},
       .part = DigestedPart{7, {8}, 512, {1, 2}, {3, 4}}}};
  candidate.age = {
      .scheme = "minisign", .rollback_index = 9, .version = "1.2", .date = -1};
  candidate.problems = {"odd"};
  node.seen.candidates = {candidate};
  ComponentEvidence evidence{.component = ExampleComponent(),
                             .cataloguer = "dpkg"};
  evidence.strength = Strength::kVerifiedRow;
  evidence.file_digests = {{DigestAlgorithm::kMd5, ""}};
  node.seen.components = {evidence};
  SbomDocument document;
  document.format = "CycloneDX JSON";
  document.authors = {"me"};
  document.subject = ExampleComponent();
  document.components = {ExampleComponent(), ExampleComponent()};
  document.dependencies = {{"a", "b"}};
  document.problems = {{"/x", "sbom.odd", "why"}};
  node.seen.documents = {document};
  return node;
}

TEST(NodeWireTest, EverythingComesBack) {
  const Bytes bytes = EncodeNode(Example());
  const auto node = Decoded(bytes);
  ASSERT_TRUE(node);
  EXPECT_EQ(EncodeNode(*node), bytes);
  EXPECT_EQ(node->artifact.name, Example().artifact.name);
  EXPECT_EQ(node->artifact.meta.mtime, -5);
  EXPECT_EQ(node->artifact.entropy, 7.25);
  EXPECT_EQ(node->seen.facts[0].Attribute("type"), "dyn");
  EXPECT_EQ(node->seen.documents[0].components[1].licences[0], "LGPL-2.1");
  const auto artifact = DecodeArtifact(EncodeArtifact(Example().artifact));
  ASSERT_TRUE(artifact);
  EXPECT_EQ(EncodeArtifact(*artifact), EncodeArtifact(Example().artifact));
}

TEST(NodeWireTest, AnEmptyNodeComesBack) {
  Node node;
  node.artifact.path = "x";
  EXPECT_TRUE(Decoded(EncodeNode(node)));
}

// Words live in static storage, whatever the bytes were.
TEST(NodeWireTest, WordsOutliveTheBytes) {
  Bytes bytes = EncodeNode(Example());
  const auto node = Decoded(bytes);
  bytes.assign(bytes.size(), 0xFF);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->seen.facts[0].kind, "elf.header");
  EXPECT_EQ(node->seen.candidates[0].scheme, "minisign");
  EXPECT_EQ(node->seen.candidates[0].age.scheme, "minisign");
}

TEST(NodeWireTest, NothingIsOfNoScheme) {
  Node node = Example();
  node.seen.candidates[0].age.scheme = "";
  EXPECT_TRUE(Decoded(EncodeNode(node)));
  node.seen.candidates[0].scheme = "";
  EXPECT_FALSE(Decoded(EncodeNode(node)));
}

TEST(NodeWireTest, EveryProperPrefixIsRefused) {
  const Bytes bytes = EncodeNode(Example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(
        Decoded(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size))))
        << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(Decoded(longer));
}

// Whatever is read from damaged bytes is a value like any other.
TEST(NodeWireTest, EveryFlippedByteIsRefusedOrHarmless) {
  const Bytes bytes = EncodeNode(Example());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes damaged = bytes;
      damaged[at] = static_cast<std::uint8_t>(value);
      if (const auto node = Decoded(damaged)) {
        EXPECT_TRUE(Decoded(EncodeNode(*node))) << at << " " << value;
      }
    }
  }
}

TEST(NodeWireTest, RandomDamageIsRefusedOrHarmless) {
  const Bytes bytes = EncodeNode(Example());
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes damaged = bytes;
    for (unsigned count = 1 + random() % 8; count > 0; --count) {
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) {
      damaged.resize(random() % damaged.size());
    }
    if (const auto node = Decoded(damaged)) {
      EXPECT_TRUE(Decoded(EncodeNode(*node)));
    }
  }
}

// A list of 2^40 items, and one with as many items as bytes, all empty.
TEST(NodeWireTest, CountsBeyondTheBytesTakeNoMemory) {
  const Vocabulary none;
  std::vector<std::pair<std::string, std::vector<std::string>>> list;
  WireWriter lie;
  lie(std::uint64_t{1} << 40U);
  WireReader liar(lie.bytes(), none);
  liar(list);
  EXPECT_FALSE(liar.ok());
  EXPECT_TRUE(list.empty());
  Bytes many = {0x80, 0x80, 0x40};  // 2^20
  many.resize(1U << 20U, 0);
  WireReader greedy(many, none);
  greedy(list);
  EXPECT_FALSE(greedy.ok());
  EXPECT_TRUE(list.empty());
}

TEST(NodeWireTest, NumbersMustFit) {
  const Vocabulary none;
  std::uint64_t number = 0;
  const Bytes overlong(11, 0xFF);
  WireReader reader(overlong, none);
  reader(number);
  EXPECT_FALSE(reader.ok());
  WireWriter wire;
  wire(std::uint64_t{300});
  std::uint8_t small = 0;
  WireReader narrow(wire.bytes(), none);
  narrow(small);
  EXPECT_FALSE(narrow.ok());
}

TEST(NodeWireTest, WhatTheModelForbidsIsRefused) {
  const std::vector<std::pair<const char*, std::function<void(Node&)>>> lies = {
      {"no path", [](Node& node) { node.artifact.path.clear(); }},
      {"a control character", [](Node& n) { n.artifact.path = "a\033[2J"; }},
      {"no UTF-8", [](Node& node) { node.artifact.path = "\xC3("; }},
      {"a format's name", [](Node& node) { node.artifact.format = "\n"; }},
      {"a wrapping origin",
       [](Node& node) {
         node.artifact.origin = Range{~0ULL, 2};
       }},
      {"a gap",
       [](Node& node) { node.artifact.structure[1].range.offset = 101; }},
      {"too little structure",
       [](Node& node) { node.artifact.structure.pop_back(); }},
      {"too much structure",
       [](Node& node) { node.artifact.structure[1].range.length = 901; }},
      {"a wrapping structure",
       [](Node& node) { node.artifact.structure[1].range.length = ~0ULL; }},
      {"a short digest",
       [](Node& node) { node.artifact.digests[0].hex.pop_back(); }},
      {"a digest of another alphabet",
       [](Node& node) { node.artifact.digests[0].hex[5] = 'g'; }},
      {"SHA-256 not first",
       [](Node& n) { n.artifact.digests.erase(n.artifact.digests.begin()); }},
      {"an entropy",
       [](Node& node) {
         node.artifact.entropy = std::numeric_limits<double>::quiet_NaN();
       }},
      {"an anomaly's range",
       [](Node& node) {
         node.artifact.anomalies[0].range = {~0ULL, 1};
       }},
      {"another kind's attribute",
       [](Node& node) {
         node.seen.facts[1].attributes = {{"type", ""}};
       }},
      {"a scheme as a fact",
       [](Node& node) { node.seen.facts[1].kind = "minisign"; }},
      {"an unknown word", [](Node& n) { n.seen.facts[1].kind = "no.such"; }},
      {"a fact elsewhere",
       [](Node& node) {
         node.seen.facts[0].place = Range{999, 2};
       }},
      {"a pattern that is none",
       [](Node& node) { node.seen.hits[0].hit.pattern = 3; }},
      {"a hit elsewhere",
       [](Node& node) { node.seen.hits[0].hit.length = ~0ULL; }},
      {"a fact as a scheme",
       [](Node& n) { n.seen.candidates[0].scheme = "elf.import"; }},
      {"a scheme as a cataloguer",
       [](Node& n) { n.seen.components[0].cataloguer = "minisign"; }},
      {"a file's digest",
       [](Node& n) { n.seen.components[0].file_digests[0].hex = "1"; }}};
  for (const auto& [what, lie] : lies) {
    Node node = Example();
    lie(node);
    EXPECT_FALSE(Decoded(EncodeNode(node))) << what;
  }
}

}  // namespace
}  // namespace assay::confine
