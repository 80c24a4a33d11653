#include "verifier/report/json_artifact.h"

#include <fmt/format.h>

#include "verifier/base/text.h"
#include "verifier/report/names.h"

namespace assay::report {
namespace {

bool IsDevice(FileType type) {
  return type == FileType::kCharDevice || type == FileType::kBlockDevice;
}

void PutMetadata(JsonText& json, const FileMetadata& meta) {
  json.Text("type", NameOf(meta.type));
  if (meta.mode) {
    json.Text("mode", fmt::format("{:04o}", *meta.mode));
  }
  if (meta.uid) {
    json.Number("uid", *meta.uid);
  }
  if (meta.gid) {
    json.Number("gid", *meta.gid);
  }
  json.TextIf("owner", Escaped(meta.owner));
  json.TextIf("group", Escaped(meta.group));
  if (meta.mtime) {
    json.Signed("mtime", *meta.mtime);
  }
  json.TextIf("link_target", Escaped(meta.link_target));
  if (IsDevice(meta.type)) {
    json.Text("device",
              fmt::format("{}:{}", meta.device_major, meta.device_minor));
  }
  if (!meta.xattrs.empty()) {
    json.OpenArray("xattrs");
    for (const auto& [name, value] : meta.xattrs) {
      json.Element(fmt::format("{}={}", Escaped(name), Escaped(value)));
    }
    json.Close();
  }
}

void PutAnomalies(JsonText& json, const Artifact& artifact) {
  if (artifact.anomalies.empty()) {
    return;
  }
  json.OpenArray("anomalies");
  for (const AnomalyRecord& anomaly : artifact.anomalies) {
    json.OpenObject();
    json.Text("id", anomaly.id);
    json.Place(anomaly.range);
    json.TextIf("detail", anomaly.detail);
    json.Close();
  }
  json.Close();
}

void PutTraits(JsonText& json, std::span<const Trait> traits) {
  if (traits.empty()) {
    return;
  }
  json.OpenArray("traits");
  for (const Trait& trait : traits) {
    json.Element(fmt::format("{} {}", trait.kind, Escaped(trait.value)));
  }
  json.Close();
}

void PutContent(JsonText& json, const Artifact& artifact) {
  json.Number("size", artifact.size);
  json.OpenObject("digests");
  for (const Digest& digest : artifact.digests) {
    json.Text(assay::NameOf(digest.algorithm), digest.hex);
  }
  json.Close();
  json.OpenArray("structure");
  for (const StructureRange& entry : artifact.structure) {
    json.Element(fmt::format("{}+{} {}", entry.range.offset, entry.range.length,
                             NameOf(entry.role)));
  }
  json.Close();
  if (artifact.entropy) {
    json.Real("entropy", *artifact.entropy);
  }
}

// Of a member that could not be decoded, too; of a directory there is nothing
// to examine.
void PutExamination(JsonText& json, const Artifact& artifact) {
  if (artifact.has_content || artifact.examination == Examination::kOpaque) {
    json.Text("examination", NameOf(artifact.examination));
    json.TextIf("opaque_reason", artifact.opaque_reason);
  }
}

}  // namespace

void PutArtifact(JsonText& json, const Artifact& artifact,
                 const ArtifactContext& context) {
  json.OpenObject();
  json.Number("id", artifact.id);
  if (artifact.parent == kNoArtifact) {
    json.Null("parent");
  } else {
    json.Number("parent", artifact.parent);
  }
  json.Text("path", artifact.path);
  json.Text("name", Escaped(artifact.name));
  json.TextIf("inner_path", Escaped(artifact.inner_path));
  json.TextIf("format", artifact.format);
  PutMetadata(json, artifact.meta);
  if (artifact.origin) {
    json.OpenObject("origin");
    json.Place(*artifact.origin);
    json.Flag("stored", artifact.stored);
    json.Close();
  }
  if (artifact.has_content) {
    PutContent(json, artifact);
  }
  PutExamination(json, artifact);
  json.FlagIf("redacted", artifact.redacted);
  json.TextIf("component", context.component);
  PutTraits(json, context.traits);
  PutAnomalies(json, artifact);
  json.Close();
}

}  // namespace assay::report
