#include "sbom/file_list.h"

#include <fmt/format.h>

#include <utility>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

ComponentEvidence EmptyList(std::string_view text) {
  ComponentEvidence list{.place = {0, text.size()}, .files_from_root = true};
  list.component.type = kFileListType;
  return list;
}

}  // namespace

std::optional<Rooted> Below(std::string_view inner_path,
                            std::string_view folder) {
  for (std::size_t at = inner_path.find(folder); at != std::string_view::npos;
       at = inner_path.find(folder, at + 1)) {
    const std::size_t end = at + folder.size();
    const bool whole_steps = (at == 0 || inner_path[at - 1] == '/') &&
                             end < inner_path.size() && inner_path[end] == '/';
    if (whole_steps) {
      return Rooted{inner_path.substr(0, at == 0 ? 0 : at - 1),
                    inner_path.substr(end + 1)};
    }
  }
  return std::nullopt;
}

std::string UnderRoot(std::string_view root, std::string_view path) {
  return UnderRoot(root, path, "");
}

std::string UnderRoot(std::string_view root, std::string_view folder,
                      std::string_view name) {
  if (root.size() + folder.size() + name.size() > kMaxPath) {
    return {};
  }
  std::vector<std::string_view> steps;
  const std::string joined = fmt::format("{}/{}/{}", root, folder, name);
  for (const std::string_view step : Split(joined, '/')) {
    if (step == "..") {
      if (steps.empty()) {
        return {};
      }
      steps.pop_back();
    } else if (!step.empty() && step != ".") {
      steps.push_back(step);
    }
  }
  std::string clean;
  for (const std::string_view step : steps) {
    clean.append(clean.empty() ? "" : "/").append(step);
  }
  return clean;
}

std::optional<std::string> ListedPackage(std::string_view file_name,
                                         std::string_view suffix) {
  if (file_name.size() <= suffix.size() ||
      file_name.substr(file_name.size() - suffix.size()) != suffix ||
      file_name.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view stem =
      file_name.substr(0, file_name.size() - suffix.size());
  return std::string(stem.substr(0, stem.find(':')));
}

ComponentEvidence ReadPathList(std::string_view text, std::string_view root) {
  ComponentEvidence list = EmptyList(text);
  for (const std::string_view line : SplitLines(text)) {
    std::string path = UnderRoot(root, line.substr(0, line.find('\t')));
    if (!path.empty() && path != root) {
      list.component.files.push_back(std::move(path));
    }
  }
  return list;
}

ComponentEvidence ReadMd5Sums(std::string_view text, std::string_view root) {
  constexpr std::size_t kHex = 32;
  ComponentEvidence list = EmptyList(text);
  for (const std::string_view line : SplitLines(text)) {
    if (line.size() <= kHex + 2 || line[kHex] != ' ' ||
        !BytesFromHex(line.substr(0, kHex))) {
      continue;
    }
    std::string path = UnderRoot(root, Trim(line.substr(kHex)));
    if (!path.empty()) {
      list.component.files.push_back(std::move(path));
      list.file_digests.push_back(
          {DigestAlgorithm::kMd5, Lower(line.substr(0, kHex))});
    }
  }
  return list;
}

std::vector<ComponentEvidence> ReadDiversions(std::string_view text,
                                              std::string_view root) {
  std::vector<ComponentEvidence> diversions;
  const auto lines = SplitLines(text);
  for (std::size_t i = 0; i + 2 < lines.size(); i += 3) {
    ComponentEvidence one{.place = {0, text.size()}, .files_from_root = true};
    one.component.type = kDiversionType;
    one.component.name = lines[i + 2] == ":" ? "" : lines[i + 2];
    one.component.files = {UnderRoot(root, lines[i]),
                           UnderRoot(root, lines[i + 1])};
    diversions.push_back(std::move(one));
  }
  return diversions;
}

}  // namespace assay::sbom
