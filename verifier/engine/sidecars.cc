#include "verifier/engine/sidecars.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "sbom/read.h"
#include "sbom/reconcile.h"
#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/engine/manifest.h"
#include "verifier/engine/product.h"

namespace assay::engine {
namespace {

constexpr std::uint64_t kLargest = 64ULL << 20U;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

// Names that say "I am an SBOM".
bool IsNamedSbom(const std::string& name) {
  constexpr std::array<std::string_view, 11> kEnds = {
      ".cdx.json", ".spdx.json", ".bom.json",  "bom.json",
      ".cdx.xml",  "bom.xml",    ".spdx.yaml", ".spdx",
      ".swidtag",  ".coswid",    ".uswid"};
  const std::string lower = Lower(name);
  for (const std::string_view end : kEnds) {
    if (EndsWith(lower, end)) {
      return true;
    }
  }
  return false;
}

HeldDocument Broken(const std::string& holder, const Error& error) {
  HeldDocument held;
  held.holder = holder;
  held.document.format = "unreadable";
  held.document.problems.push_back({"", "sbom.unreadable", error.what});
  return held;
}

// Any JSON may be an SBOM or a manifest; of others the name has to say so.
bool IsWorthReading(const std::string& name) {
  return EndsWith(Lower(name), ".json") || IsNamedSbom(name);
}

// `known` collects the digests of SBOMs.
void ReadFile(const unpack::ProductFile& file, std::set<std::string>& known,
              Sidecars& into) {
  if (file.meta.type != FileType::kRegular || !IsWorthReading(file.name)) {
    return;
  }
  const auto content = file.open();
  if (!content || content->size() > kLargest) {
    return;  // the walk reports a file that cannot be opened
  }
  const std::string path = PathOfProductFile(file.name);
  const auto json = ParseJson(AsText(content->bytes()));
  if (json && IsManifest(*json)) {
    if (auto declared = ReadManifest(*json)) {
      into.declarations = std::move(*declared);
      into.declarations.holder = path;
    }
    return;
  }
  auto document = sbom::ReadSbom(content->bytes());
  if (document) {
    known.insert(Sha256Hex(content->bytes()));
    into.documents.push_back(
        {.holder = path, .document = std::move(*document)});
  } else if (IsNamedSbom(file.name)) {
    into.documents.push_back(Broken(path, document.error()));
  }
}

}  // namespace

Result<Sidecars> ReadSidecars(const unpack::Product& product,
                              const std::vector<std::string>& sboms) {
  Sidecars sidecars;
  std::set<std::string> known;
  if (product.directory) {
    for (const unpack::ProductFile& file : product.files) {
      ReadFile(file, known, sidecars);
    }
  }
  for (const std::string& path : sboms) {
    const auto content = ByteSource::MapFile(path);
    if (!content) {
      return Fail(content.error());
    }
    auto document = sbom::ReadSbom(content->bytes());
    if (!document) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{}: {}", path, document.error().what));
    }
    if (!known.insert(Sha256Hex(content->bytes())).second) {
      continue;
    }
    const auto slash = path.rfind('/');
    sidecars.documents.push_back(
        {.holder = Escaped(slash == std::string::npos ? path
                                                      : path.substr(slash + 1)),
         .document = std::move(*document)});
  }
  sidecars.digests.Insert(sbom::PlannedDigests(sidecars.documents));
  return sidecars;
}

void PlaceDocuments(Survey& survey, std::vector<HeldDocument>& documents) {
  for (HeldDocument& held : documents) {
    for (Node& node : survey.nodes) {
      if (node.artifact.depth == 1 && node.artifact.path == held.holder) {
        held.artifact = node.artifact.id;
        node.seen.documents.clear();
      }
    }
  }
}

}  // namespace assay::engine
