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

ExaminePlan PlanFor(const TreeRequest& request) {
  return {.limits = request.limits,
          .secrets = request.secrets,
          .jobs = request.jobs,
          .scope = Scope::kTree,
          .interrupted = request.interrupted,
          .confinement = request.unsafe_no_sandbox ? Confinement::kUnsafe
                                                   : Confinement::kProcess};
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
  auto survey = ExamineProduct(*product, PlanFor(request));
  if (!survey) {
    return Fail(survey.error());
  }
  return TreeOf(std::move(*survey));
}

Result<ByteSource> ReadArtifact(const TreeRequest& request,
                                const std::string& path) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  auto all = Fetch(*product, {path}, PlanFor(request));
  if (!all) {
    return Fail(all.error());
  }
  auto& fetched = all->front();
  if (!fetched) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: the product has no artifact \"{}\"",
                            request.product, path));
  }
  if (!fetched->artifact.has_content) {
    return Fail(ErrorCode::kUnreadable, fmt::format("{}: \"{}\" has no content",
                                                    request.product, path));
  }
  return std::move(fetched->content);
}

Result<Tree> WriteTree(const TreeRequest& request, const std::string& folder) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  if (const auto ready = PrepareFolder(folder); !ready) {
    return Fail(ready.error());
  }
  auto writer = DiskWriter::Open(folder);
  if (!writer) {
    return Fail(writer.error());
  }
  auto survey = Extract(*product, **writer, PlanFor(request));
  if (!survey) {
    return Fail(survey.error());
  }
  Tree tree = TreeOf(std::move(*survey));
  auto notes = (*writer)->Finish();
  if (!notes) {
    return Fail(notes.error());
  }
  tree.notes = std::move(*notes);
  return tree;
}

}  // namespace assay::engine
