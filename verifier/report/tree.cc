#include "verifier/report/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/json_artifact.h"
#include "verifier/report/layout.h"
#include "verifier/report/schema.h"

namespace assay::report {
namespace {

char LetterOf(FileType type) {
  switch (type) {
    case FileType::kRegular:
      return '-';
    case FileType::kDirectory:
      return 'd';
    case FileType::kSymlink:
      return 'l';
    case FileType::kHardLink:
      return 'h';
    case FileType::kCharDevice:
      return 'c';
    case FileType::kBlockDevice:
      return 'b';
    case FileType::kFifo:
      return 'p';
    case FileType::kSocket:
      return 's';
  }
  return '?';
}

std::string OwnerText(const FileMetadata& meta) {
  const auto side = [](const std::string& name,
                       const std::optional<std::uint64_t>& number) {
    return number ? fmt::format("{}", *number) : Escaped(name);
  };
  const std::string user = side(meta.owner, meta.uid);
  const std::string group = side(meta.group, meta.gid);
  return user.empty() && group.empty() ? "" : user + ":" + group;
}

std::string NameText(const Artifact& artifact) {
  // The path ends in the escaped name that is unique among its siblings.
  const std::size_t step = artifact.path.rfind("!/");
  std::string name = step == std::string::npos ? artifact.path
                                               : artifact.path.substr(step + 2);
  if (!artifact.meta.link_target.empty()) {
    name += " -> " + Escaped(artifact.meta.link_target);
  }
  if (artifact.examination == Examination::kOpaque) {
    name +=
        fmt::format(" [not examined: {}]", Printable(artifact.opaque_reason));
  }
  return name;
}

void PutLine(Layout& layout, const Artifact& artifact) {
  const FileMetadata& meta = artifact.meta;
  const std::string mode = meta.mode ? fmt::format("{:04o}", *meta.mode) : "";
  const std::string size = artifact.has_content ? SizeText(artifact.size) : "";
  layout.Line(fmt::format(
      "{}{:<5} {:<9} {:>9} {:<14} {:<12}  {:{}}{}", LetterOf(meta.type), mode,
      OwnerText(meta), size, Printable(artifact.format),
      artifact.sha256().substr(0, 12), "",
      2 * std::min<std::uint32_t>(artifact.depth, 32), NameText(artifact)));
}

}  // namespace

std::string WriteTree(std::span<const Artifact> artifacts, const Style& style) {
  Layout layout(style);
  for (const Artifact& artifact : artifacts) {
    PutLine(layout, artifact);
  }
  return layout.Finish();
}

std::string WriteTreeJson(std::span<const Artifact> artifacts) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", kTreeSchema);
  json.OpenArray("artifacts");
  for (const Artifact& artifact : artifacts) {
    PutArtifact(json, artifact, {});
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace assay::report
