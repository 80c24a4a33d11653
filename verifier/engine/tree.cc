#include "verifier/engine/tree.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "verifier/engine/disk_writer.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/product.h"

namespace assay::engine {
namespace {

Tree TreeOf(Survey survey) {
  Tree tree;
  tree.stopped = std::move(survey.stopped);
  tree.artifacts.reserve(survey.nodes.size());
  for (Node& node : survey.nodes) {
    tree.artifacts.push_back(std::move(node.artifact));
  }
  return tree;
}

Result<void> PrepareFolder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Fail(ErrorCode::kUnwritable,
                fmt::format("{}: {}", folder, error.message()));
  }
  if (!fs::is_empty(folder, error) || error) {
    return Fail(ErrorCode::kUnwritable,
                fmt::format("{}: not an empty directory", folder));
  }
  return {};
}

}  // namespace

Result<Tree> ListTree(const TreeRequest& request) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  return TreeOf(ExamineProduct(*product, {.limits = request.limits,
                                          .jobs = request.jobs,
                                          .analyse = false,
                                          .interrupted = request.interrupted}));
}

Result<ByteSource> ReadArtifact(const TreeRequest& request,
                                const std::string& path) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  auto fetched = Fetch(*product, {path}, request.limits, false);
  if (!fetched.front()) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: the product has no artifact \"{}\"",
                            request.product, path));
  }
  if (!fetched.front()->artifact.has_content) {
    return Fail(ErrorCode::kUnreadable, fmt::format("{}: \"{}\" has no content",
                                                    request.product, path));
  }
  return std::move(fetched.front()->content);
}

Result<Tree> WriteTree(const TreeRequest& request, const std::string& folder) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  if (const auto ready = PrepareFolder(folder); !ready) {
    return Fail(ready.error());
  }
  DiskWriter writer(folder);
  unpack::WalkOptions options;
  options.limits = request.limits;
  options.interrupted = request.interrupted;
  Tree tree = TreeOf(unpack::Walk(*product, writer, options));
  auto notes = writer.Finish();
  if (!notes) {
    return Fail(notes.error());
  }
  tree.notes = std::move(*notes);
  return tree;
}

}  // namespace assay::engine
