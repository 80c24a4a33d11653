// SPDX 2 as YAML: the JSON document in another notation. Specification: SPDX
// 2.3, clause 5.

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/registry.h"
#include "sbom/spdx2.h"
#include "sbom/spdx2_shape.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kVersion = "spdxVersion:";

// Builds the tree; an alias, which could multiply a document, ends the parse.
class Events : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (!TakesKey("", mark)) {
      builder_.Null(Line(mark));
    }
    Check(mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "an alias is refused");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t /*anchor*/, const std::string& value) override {
    if (TakesKey(value, mark)) {
      return;
    }
    const bool plain = tag == "?";
    if (plain && (value == "true" || value == "false")) {
      builder_.Bool(value == "true", Line(mark));
    } else if (plain && (value == "null" || value == "~")) {
      builder_.Null(Line(mark));
    } else {
      builder_.String(value, Line(mark));
    }
    Check(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(false, mark);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                  YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(true, mark);
  }
  void OnMapEnd() override { Close(); }

  [[nodiscard]] TreeBuilder& builder() { return builder_; }

 private:
  static std::uint32_t Line(const YAML::Mark& mark) {
    return static_cast<std::uint32_t>(mark.line) + 1U;
  }

  // Whether a scalar is the name of a member.
  bool TakesKey(std::string_view text, const YAML::Mark& mark) {
    if (open_.empty() || !open_.back().map) {
      return false;
    }
    open_.back().key = !open_.back().key;
    if (open_.back().key) {
      builder_.Key(text);
      Check(mark);
    }
    return open_.back().key;
  }

  void Open(bool map, const YAML::Mark& mark) {
    if (TakesKey("", mark)) {
      throw YAML::ParserException(mark, "a name that is no text");
    }
    if (map) {
      builder_.OpenObject(Line(mark));
    } else {
      builder_.OpenArray(Line(mark));
    }
    Check(mark);
    open_.push_back({.map = map});
  }

  void Close() {
    builder_.Close();
    open_.pop_back();
  }

  void Check(const YAML::Mark& mark) {
    if (!builder_.ok()) {
      throw YAML::ParserException(mark, builder_.problem());
    }
  }

  struct Level {
    bool map = false;
    bool key = false;  // the last scalar was a name
  };
  TreeBuilder builder_ = TreeBuilder::ForLines();
  std::vector<Level> open_;
};

bool Identify(const SbomSource& source) {
  constexpr std::size_t kLookedAt = 65536;
  const std::string_view head = source.text().substr(0, kLookedAt);
  const std::size_t at = head.find(kVersion);
  return at != std::string_view::npos && (at == 0 || head[at - 1] == '\n') &&
         !source.LooksLikeJson();
}

Result<Tree> YamlTree(std::string_view text) {
  Events events;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(events)) {
      return Fail(ErrorCode::kMalformed, "not YAML: nothing is there");
    }
    if (parser.HandleNextDocument(events)) {
      return Fail(ErrorCode::kMalformed, "not YAML: a second document follows");
    }
  } catch (const YAML::Exception& error) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("not YAML: line {}, column {}: {}", error.mark.line + 1,
                    error.mark.column + 1, Escaped(error.msg)));
  }
  if (!events.builder().ok()) {
    return Fail(ErrorCode::kMalformed,
                "not YAML: " + events.builder().problem());
  }
  return events.builder().Finish();
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto tree = YamlTree(source.text());
  if (!tree) {
    return Fail(tree.error());
  }
  if (!IsSpdx2(tree->root())) {
    return Fail(ErrorCode::kUnsupported, "YAML that names no version of SPDX");
  }
  return ReadSpdx2(*tree, "SPDX YAML");
}

SchemaCheck Validate(const SbomSource& source) {
  const auto tree = YamlTree(source.text());
  return tree ? CheckSpdx2(*tree) : SchemaCheck();
}

}  // namespace

const SbomReader kSpdxYaml = {
    .name = "spdx-yaml",
    .title = "SPDX 2.2-2.3, YAML",
    .reference = "SPDX 2.3, clauses 5 to 11",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
