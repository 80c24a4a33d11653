#include "rules/example_reader.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rules/fields.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/model/fact.h"

namespace assay::rules {
namespace {

constexpr std::string_view kRoot = "product";

// The enumerator out of `all` that NameOf() gives this name.
template <typename Enum, std::size_t n>
std::optional<Enum> Named(const std::array<Enum, n>& all,
                          std::string_view name) {
  for (const Enum one : all) {
    if (NameOf(one) == name) {
      return one;
    }
  }
  return std::nullopt;
}

constexpr std::array kIndications = {
    Indication::kTotalPassed, Indication::kIndeterminate,
    Indication::kTotalFailed, Indication::kNone,
    Indication::kDigestOnly,  Indication::kUnsupported};
constexpr std::array kCoverages = {
    Coverage::kSigned, Coverage::kByDigest, Coverage::kByDerivedKey,
    Coverage::kUncoveredInert, Coverage::kUncoveredLive};
constexpr std::array kExaminations = {
    Examination::kParsed, Examination::kScanned, Examination::kOpaque};
constexpr std::array kTypes = {FileType::kRegular,    FileType::kDirectory,
                               FileType::kSymlink,    FileType::kHardLink,
                               FileType::kCharDevice, FileType::kBlockDevice,
                               FileType::kFifo,       FileType::kSocket};
constexpr std::array kRoles = {Structure::kContent,  Structure::kMember,
                               Structure::kMetadata, Structure::kPadding,
                               Structure::kSlack,    Structure::kUnknown};

class ExampleReader {
 public:
  ExampleReader(YamlReader& reader, Example& into)
      : reader_(reader), into_(into) {}

  void Read(const YAML::Node& node) {
    into_.mark = MarkOf(node);
    if (!reader_.IsMap(node, {"name", "files", "facts", "artifacts", "checks",
                              "discrepancies", "declared", "signed_sbom"})) {
      return;
    }
    into_.name = reader_.Text(node["name"]);
    for (const YAML::Node& file : reader_.Items(node["files"])) {
      ReadFile(file);
    }
    if (!into_.files.empty()) {
      return;
    }
    AddArtifact(std::string(kRoot), kNoArtifact);
    if (node["facts"]) {
      Node& file = AddArtifact("file", 0);
      ReadFacts(node["facts"], file);
    }
    for (const YAML::Node& artifact : reader_.Items(node["artifacts"])) {
      ReadArtifact(artifact);
    }
    for (const YAML::Node& check : reader_.Items(node["checks"])) {
      ReadCheck(check);
    }
    for (const YAML::Node& item : reader_.Items(node["discrepancies"])) {
      ReadDiscrepancy(item);
    }
    if (node["declared"]) {
      ReadDeclarations(node["declared"]);
    }
    if (reader_.Flag(node["signed_sbom"])) {
      AddSignedSbom();
    }
  }

 private:
  void ReadFile(const YAML::Node& node) {
    if (!reader_.IsMap(node, {"path", "text", "base64", "hex", "mode"})) {
      return;
    }
    reader_.Require(node, {"path"});
    ExampleFile file{.path = reader_.Text(node["path"]),
                     .mode = reader_.Text(node["mode"])};
    const auto content = ContentOf(node);
    if (!content) {
      reader_.Complain(node, "one of text, base64 or hex is needed, intact");
      return;
    }
    file.content = *content;
    into_.files.push_back(std::move(file));
  }

  std::optional<Bytes> ContentOf(const YAML::Node& node) {
    if (node["text"]) {
      return CopyOf(AsBytes(reader_.Text(node["text"])));
    }
    if (node["base64"]) {
      const auto decoded = FromBase64(reader_.Text(node["base64"]));
      return decoded ? std::optional(CopyOf(AsBytes(*decoded))) : std::nullopt;
    }
    return node["hex"] ? BytesFromHex(reader_.Text(node["hex"])) : std::nullopt;
  }

  Node& AddArtifact(const std::string& path, ArtifactId parent) {
    Node node;
    Artifact& artifact = node.artifact;
    artifact.id = static_cast<ArtifactId>(into_.dossier.survey.nodes.size());
    artifact.parent = parent;
    artifact.depth = parent == kNoArtifact ? 0 : 1;
    artifact.name = path;
    artifact.inner_path = parent == kNoArtifact ? "" : path;
    artifact.path =
        parent == kNoArtifact ? path : fmt::format("{}!/{}", kRoot, path);
    artifact.has_content = true;
    artifact.digests = {DigestOf(DigestAlgorithm::kSha256, AsBytes(path))};
    into_.dossier.survey.nodes.push_back(std::move(node));
    return into_.dossier.survey.nodes.back();
  }

  void ReadArtifact(const YAML::Node& node) {
    if (!reader_.IsMap(
            node, {"path", "format", "size", "mode", "type", "examination",
                   "opaque_reason", "entropy", "text", "facts", "anomalies",
                   "regions", "owner", "link_target"})) {
      return;
    }
    reader_.Require(node, {"path"});
    Node& made = AddArtifact(reader_.Text(node["path"]), 0);
    Artifact& artifact = made.artifact;
    artifact.format = reader_.Text(node["format"]);
    artifact.size = reader_.Number(node["size"]).value_or(0);
    artifact.opaque_reason = reader_.Text(node["opaque_reason"]);
    artifact.meta.link_target = reader_.Text(node["link_target"]);
    if (node["mode"]) {
      ReadMode(node["mode"], artifact);
    }
    if (node["entropy"]) {
      artifact.entropy = node["entropy"].as<double>(0);
    }
    ReadEnum(node["type"], kTypes, artifact.meta.type);
    ReadEnum(node["examination"], kExaminations, artifact.examination);
    ReadFacts(node["facts"], made);
    ReadAnomalies(node["anomalies"], artifact);
    ReadRegions(node["regions"], artifact);
    ReadOwner(node["owner"], artifact.id);
    if (node["text"]) {
      const std::string text = reader_.Text(node["text"]);
      artifact.size = text.size();
      into_.texts.emplace_back(artifact.id, CopyOf(AsBytes(text)));
    }
  }

  void ReadMode(const YAML::Node& node, Artifact& artifact) {
    std::uint32_t mode = 0;
    for (const char digit : reader_.Text(node)) {
      if (digit < '0' || digit > '7' || mode > 07777) {
        reader_.Complain(node, "a mode is octal digits");
        return;
      }
      mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    artifact.meta.mode = mode;
  }

  template <typename Enum, std::size_t n>
  void ReadEnum(const YAML::Node& node, const std::array<Enum, n>& all,
                Enum& to) {
    if (!node) {
      return;
    }
    const auto value = Named(all, reader_.Text(node));
    if (!value) {
      reader_.Complain(node, fmt::format("unknown value \"{}\"",
                                         Escaped(reader_.Text(node))));
      return;
    }
    to = *value;
  }

  void ReadFacts(const YAML::Node& list, Node& to) {
    for (const YAML::Node& node : reader_.Items(list)) {
      if (!reader_.IsMap(node, {"kind", "value", "attributes"})) {
        continue;
      }
      const FactKind* kind = FindFactKind(reader_.Text(node["kind"]));
      if (kind == nullptr) {
        reader_.Complain(node, "unknown kind of fact");
        continue;
      }
      Fact fact{.kind = kind->name, .value = reader_.Text(node["value"])};
      if (node["attributes"] && reader_.IsMap(node["attributes"])) {
        ReadAttributes(node["attributes"], *kind, fact);
      }
      // Facts of one example never share a place.
      fact.place = Range{to.seen.facts.size(), 1};
      // An example with changes had a release before it.
      into_.dossier.has_previous =
          into_.dossier.has_previous || fact.kind == "new";
      to.seen.facts.push_back(std::move(fact));
    }
  }

  void ReadAttributes(const YAML::Node& map, const FactKind& kind, Fact& to) {
    for (const auto& entry : map) {
      const std::string name = reader_.Text(entry.first);
      bool known = false;
      for (const std::string_view attribute : kind.attributes) {
        if (attribute == name) {
          to.attributes.emplace_back(attribute, reader_.Text(entry.second));
          known = true;
        }
      }
      if (!known) {
        reader_.Complain(entry.first, fmt::format("{} has no attribute \"{}\"",
                                                  kind.name, Escaped(name)));
      }
    }
  }

  void ReadAnomalies(const YAML::Node& list, Artifact& to) {
    for (const YAML::Node& node : reader_.Items(list)) {
      if (reader_.IsMap(node, {"id", "detail"})) {
        to.anomalies.push_back({.id = reader_.Text(node["id"]),
                                .detail = reader_.Text(node["detail"])});
      }
    }
  }

  void ReadRegions(const YAML::Node& list, Artifact& to) {
    std::uint64_t at = 0;
    for (const YAML::Node& node : reader_.Items(list)) {
      if (reader_.IsMap(node, {"role", "size"})) {
        StructureRange region;
        region.range = {at, reader_.Number(node["size"]).value_or(0)};
        ReadEnum(node["role"], kRoles, region.role);
        at = region.range.end();
        to.structure.push_back(region);
      }
    }
  }

  void ReadOwner(const YAML::Node& node, ArtifactId artifact) {
    if (!node) {
      return;
    }
    const std::string owner = reader_.Text(node);
    if (owner != "sbom" && owner != "record") {
      reader_.Complain(node, "an owner is sbom or record");
    }
    into_.dossier.reconciliation.owners.push_back(
        {.artifact = artifact,
         .provenance =
             owner == "sbom" ? Provenance::kSbom : Provenance::kRecord});
  }

  // The artifact of that inner path, or the product itself.
  [[nodiscard]] ArtifactId Find(const std::string& path) const {
    for (const Node& node : into_.dossier.survey.nodes) {
      if (node.artifact.inner_path == path) {
        return node.artifact.id;
      }
    }
    return 0;
  }

  void ReadCheck(const YAML::Node& node) {
    if (!reader_.IsMap(node, {"scheme", "target", "indication", "anchor",
                              "sub_indication", "covers"})) {
      return;
    }
    SignatureCheck check{.scheme = reader_.Text(node["scheme"])};
    check.artifact = Find(reader_.Text(node["target"]));
    check.holder = into_.dossier.survey.At(check.artifact).path;
    check.target = check.holder;
    check.sub_indication = reader_.Text(node["sub_indication"]);
    check.anchor = reader_.Text(node["anchor"]);
    ReadEnum(node["indication"], kIndications, check.indication);
    if (node["covers"]) {
      CoveredRange covered{
          .artifact = check.artifact,
          .range = {0, into_.dossier.survey.At(check.artifact).size}};
      ReadEnum(node["covers"], kCoverages, covered.coverage);
      check.covers.push_back(covered);
    }
    into_.dossier.checks.push_back(std::move(check));
  }

  void ReadDiscrepancy(const YAML::Node& node) {
    constexpr std::uint64_t kUsualWeight = 5;
    if (!reader_.IsMap(node, {"kind", "component", "path", "claimed", "found",
                              "document", "weight"})) {
      return;
    }
    const auto kind = DiscrepancyKindOf(reader_.Text(node["kind"]));
    if (!kind) {
      reader_.Complain(node, "unknown kind of discrepancy");
      return;
    }
    into_.dossier.reconciliation.discrepancies.push_back(
        {.kind = *kind,
         .component = reader_.Text(node["component"]),
         .artifact =
             node["path"] ? Find(reader_.Text(node["path"])) : kNoArtifact,
         .claimed = reader_.Text(node["claimed"]),
         .found = reader_.Text(node["found"]),
         .document = reader_.Text(node["document"]),
         .weight = static_cast<std::uint8_t>(
             reader_.Number(node["weight"]).value_or(kUsualWeight)),
         .code = CodeOf(*kind)});
  }

  void ReadDeclarations(const YAML::Node& node) {
    if (!reader_.IsMap(node,
                       {"listeners", "accounts", "startup", "endpoints",
                        "certificates", "keys", "setuid", "install_hooks"})) {
      return;
    }
    Declarations& to = into_.dossier.declarations;
    to.holder = "manifest.json";
    to.authentic = true;
    for (const YAML::Node& item : reader_.Items(node["listeners"])) {
      to.listeners.push_back({.protocol = reader_.Text(item["protocol"]),
                              .port = static_cast<std::uint32_t>(
                                  reader_.Number(item["port"]).value_or(0)),
                              .program = reader_.Text(item["program"])});
    }
    for (const YAML::Node& item : reader_.Items(node["accounts"])) {
      to.accounts.push_back({.name = reader_.Text(item["name"]),
                             .uid = reader_.Number(item["uid"])});
    }
    for (const YAML::Node& item : reader_.Items(node["install_hooks"])) {
      to.install_hooks.push_back({.package = reader_.Text(item["package"]),
                                  .script = reader_.Text(item["script"])});
    }
    to.startup = reader_.Texts(node["startup"]);
    to.endpoints = reader_.Texts(node["endpoints"]);
    to.certificates = reader_.Texts(node["certificates"]);
    to.keys = reader_.Texts(node["keys"]);
    to.setuid = reader_.Texts(node["setuid"]);
  }

  void AddSignedSbom() {
    const std::string holder = "product.cdx.json";
    into_.dossier.reconciliation.documents.push_back({.holder = holder});
    into_.dossier.checks.push_back({.holder = holder + ".minisig",
                                    .target = holder,
                                    .indication = Indication::kTotalPassed,
                                    .anchor = "maker"});
  }

  YamlReader& reader_;
  Example& into_;
};

}  // namespace

Example ReadExample(const YAML::Node& node, Example::Expect expect,
                    YamlReader& reader) {
  Example example{.expect = expect};
  ExampleReader(reader, example).Read(node);
  return example;
}

}  // namespace assay::rules
