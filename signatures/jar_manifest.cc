#include "signatures/jar_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kName = "Name";

struct Line {
  std::string_view text;
  std::size_t end = 0;  // behind its line break
};

// Ended by CR LF, LF, CR or the end of the text.
Line LineAt(std::string_view text, std::size_t at) {
  const std::size_t stop =
      std::min(text.find_first_of("\r\n", at), text.size());
  const bool pair = text.substr(stop, 2) == "\r\n";
  return {text.substr(at, stop - at),
          std::min(stop + (pair ? 2 : 1), text.size())};
}

std::optional<DigestAlgorithm> AlgorithmNamed(std::string_view name) {
  const std::string lower = Lower(name);
  return lower == "sha" ? DigestAlgorithm::kSha1 : DigestAlgorithmOf(name);
}

// What is not canonical base64 is no digest of anything: none is equal to it.
Digest DigestIn(std::string_view value, DigestAlgorithm algorithm) {
  const auto raw = FromBase64(value);
  return {algorithm, raw && Base64(*raw) == value ? HexOf(AsBytes(*raw)) : ""};
}

// "" or why the line is no attribute and no continuation of one.
std::string AddLine(std::string_view line, JarSection& section) {
  if (line.starts_with(' ')) {
    if (section.attributes.empty()) {
      return "a continuation of nothing";
    }
    section.attributes.back().second.append(line.substr(1));
    return "";
  }
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0) {
    return "a line without a name and a value";
  }
  section.attributes.emplace_back(line.substr(0, colon),
                                  line.substr(colon + 2));
  return "";
}

}  // namespace

const std::string* JarSection::Find(std::string_view attribute) const {
  const auto at = std::ranges::find_if(attributes, [&](const auto& one) {
    return Lower(one.first) == Lower(attribute);
  });
  return at == attributes.end() ? nullptr : &at->second;
}

std::vector<Digest> JarSection::Digests(std::string_view suffix,
                                        bool* unknown) const {
  std::vector<Digest> digests;
  const std::string wanted = Lower(suffix);
  for (const auto& [key, value] : attributes) {
    if (!Lower(key).ends_with(wanted) || key.size() == suffix.size()) {
      continue;
    }
    const auto algorithm = AlgorithmNamed(
        std::string_view(key).substr(0, key.size() - suffix.size()));
    if (algorithm) {
      digests.push_back(DigestIn(value, *algorithm));
    } else if (unknown != nullptr) {
      *unknown = true;
    }
  }
  return digests;
}

JarManifest ParseJarManifest(ByteView bytes) {
  JarManifest manifest;
  const std::string_view text = AsText(bytes);
  std::size_t at = 0;
  bool main = true;
  while (at < text.size()) {
    JarSection section;
    const std::size_t start = at;
    while (at < text.size()) {
      const Line line = LineAt(text, at);
      at = line.end;
      if (line.text.empty()) {
        break;
      }
      const std::string problem = AddLine(line.text, section);
      if (!problem.empty()) {
        manifest.problem = fmt::format("{}, before byte {}", problem, at);
        return manifest;
      }
    }
    section.raw = bytes.subspan(start, at - start);
    if (section.attributes.empty()) {
      continue;  // blank lines between sections
    }
    if (main == (Lower(section.attributes.front().first) == Lower(kName))) {
      manifest.problem = fmt::format("a section {} a name, before byte {}",
                                     main ? "with" : "without", at);
      return manifest;
    }
    if (main) {
      manifest.main = std::move(section);
      main = false;
      continue;
    }
    section.name = section.attributes.front().second;
    manifest.sections.push_back(std::move(section));
  }
  return manifest;
}

}  // namespace assay::signatures
