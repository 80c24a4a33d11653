#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

// The whole text as a number of that base, or nothing.
template <typename Number>
std::optional<Number> NumberIn(std::string_view text, int base = 10) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end ? std::optional(number)
                                             : std::nullopt;
}

void ReadDevice(Fields& fields, FileMetadata& meta) {
  const std::string text = fields.Text("device");
  const std::string_view view = text;
  const std::size_t colon = view.find(':');
  const auto major = NumberIn<std::uint32_t>(view.substr(0, colon));
  const auto minor = colon == std::string::npos
                         ? std::nullopt
                         : NumberIn<std::uint32_t>(view.substr(colon + 1));
  if (!major || !minor) {
    fields.Refuse("device", "not MAJOR:MINOR");
  }
  meta.device_major = major.value_or(0);
  meta.device_minor = minor.value_or(0);
}

void ReadMode(Fields& fields, FileMetadata& meta) {
  const std::string text = fields.Text("mode");
  meta.mode = NumberIn<std::uint32_t>(text, 8);
  if (!meta.mode || fmt::format("{:04o}", *meta.mode) != text) {
    fields.Refuse("mode", "not an octal mode");
  }
}

FileMetadata MetadataFrom(Fields& fields) {
  FileMetadata meta;
  meta.type = fields.OneOf(
      "type",
      {FileType::kRegular, FileType::kDirectory, FileType::kSymlink,
       FileType::kHardLink, FileType::kCharDevice, FileType::kBlockDevice,
       FileType::kFifo, FileType::kSocket},
      "not a type of file");
  if (fields.Has("mode")) {
    ReadMode(fields, meta);
  }
  if (fields.Has("uid")) {
    meta.uid = fields.Number("uid");
  }
  if (fields.Has("gid")) {
    meta.gid = fields.Number("gid");
  }
  meta.owner = fields.RawIf("owner");
  meta.group = fields.RawIf("group");
  if (fields.Has("mtime")) {
    meta.mtime = fields.Signed("mtime");
  }
  meta.link_target = fields.RawIf("link_target");
  if (fields.Has("device")) {
    ReadDevice(fields, meta);
  }
  if (fields.Has("xattrs")) {
    for (const std::string& text : fields.RawTexts("xattrs")) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) {
        fields.Refuse("xattrs", "not NAME=VALUE");
        break;
      }
      meta.xattrs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return meta;
}

// "offset+length role"
std::optional<StructureRange> StructureOf(std::string_view text) {
  constexpr std::array kRoles = {Structure::kContent,  Structure::kMember,
                                 Structure::kMetadata, Structure::kPadding,
                                 Structure::kSlack,    Structure::kUnknown};
  const std::size_t plus = text.find('+');
  const std::size_t space = text.find(' ');
  if (plus > space || space == std::string_view::npos) {
    return std::nullopt;
  }
  const auto offset = NumberIn<std::uint64_t>(text.substr(0, plus));
  const auto length =
      NumberIn<std::uint64_t>(text.substr(plus + 1, space - plus - 1));
  for (const Structure role : kRoles) {
    if (offset && length && *length <= UINT64_MAX - *offset &&
        NameOf(role) == text.substr(space + 1)) {
      return StructureRange{{*offset, *length}, role};
    }
  }
  return std::nullopt;
}

// Of redacted content there are none.
std::vector<Digest> DigestsFrom(Fields fields, bool redacted) {
  std::vector<Digest> digests;
  if (!redacted) {
    digests.push_back({DigestAlgorithm::kSha256, fields.Sha256("sha256")});
  }
  for (const std::string& name : fields.Keys()) {
    const auto algorithm = DigestAlgorithmOf(name);
    if (algorithm && NameOf(*algorithm) == name && name != "sha256") {
      digests.push_back({*algorithm, fields.Hex(name)});
    }
  }
  fields.End();
  return digests;
}

void ReadContent(Fields& fields, Artifact& artifact) {
  artifact.has_content = true;
  artifact.size = fields.Number("size");
  artifact.digests = DigestsFrom(fields.Object("digests"), artifact.redacted);
  for (const std::string& text : fields.Texts("structure")) {
    const auto range = StructureOf(text);
    if (!range) {
      fields.Refuse("structure", "not parts as \"offset+length role\"");
      break;
    }
    artifact.structure.push_back(*range);
  }
  if (fields.Has("entropy")) {
    artifact.entropy = fields.Real("entropy");
  }
}

void ReadExamination(Fields& fields, Artifact& artifact) {
  artifact.examination = fields.OneOf(
      "examination",
      {Examination::kParsed, Examination::kScanned, Examination::kOpaque},
      "not a kind of examination");
  artifact.opaque_reason = fields.TextIf("opaque_reason");
}

void ReadParent(Fields& fields, std::size_t index, Artifact& artifact) {
  if (index > 0 || !fields.IsNull("parent")) {
    artifact.parent = static_cast<ArtifactId>(
        fields.Number("parent", index == 0 ? 0 : index - 1));
  }
  if (index == 0 && artifact.parent != kNoArtifact) {
    fields.Refuse("parent", "the product has no parent");
  }
}

}  // namespace

Artifact ArtifactFrom(Fields& fields, std::size_t index) {
  Artifact artifact;
  artifact.id = static_cast<ArtifactId>(fields.Number("id", kNoArtifact - 1));
  if (artifact.id != index) {
    fields.Refuse("id", "not the artifact's place in the list");
  }
  ReadParent(fields, index, artifact);
  artifact.path = fields.Text("path");
  artifact.name = fields.Raw("name");
  artifact.inner_path = fields.RawIf("inner_path");
  artifact.format = fields.TextIf("format");
  artifact.meta = MetadataFrom(fields);
  if (fields.Has("origin")) {
    Fields origin = fields.Object("origin");
    artifact.origin = PlaceFrom(origin);
    artifact.stored = origin.Flag("stored");
    origin.End();
  }
  artifact.redacted = fields.FlagIf("redacted");
  if (fields.Has("digests")) {
    ReadContent(fields, artifact);
  }
  if (artifact.has_content || fields.Has("examination")) {
    ReadExamination(fields, artifact);
  }
  if (fields.Has("anomalies")) {
    fields.Each("anomalies", [&artifact](Fields anomaly) {
      artifact.anomalies.push_back({.id = anomaly.Text("id"),
                                    .range = PlaceFrom(anomaly),
                                    .detail = anomaly.TextIf("detail")});
      anomaly.End();
    });
  }
  return artifact;
}

}  // namespace assay::report
