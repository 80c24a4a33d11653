#include "verifier/engine/explanations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/engine/exceptions.h"
#include "verifier/engine/manifest.h"
#include "verifier/engine/policy_signature.h"

namespace assay::engine {
namespace {

std::string NameOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return Escaped(slash == std::string::npos ? path : path.substr(slash + 1));
}

std::string_view Plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

std::string Described(const ReferenceSet& set) {
  const auto& publications = set.publications();
  const auto unsigned_ones =
      std::count_if(publications.begin(), publications.end(),
                    [](const Publication& one) { return one.anchor.empty(); });
  return fmt::format("{} original{} of {} publication{}, {} of them unsigned",
                     set.originals(), set.originals() == 1 ? "" : "s",
                     publications.size(), Plural(publications.size()),
                     unsigned_ones);
}

class Collector {
 public:
  Collector(const VerifyRequest& request, const Policy* policy)
      : request_(request), policy_(policy) {}

  Result<void> AddReference(const std::string& path,
                            const ByteSource& content) {
    auto set = ReferenceSet::Read(content);
    if (!set) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{}: {}", path, set.error().what));
    }
    Note(Described(*set));
    into_.references.push_back(std::move(*set));
    return {};
  }

  Result<void> AddExceptions(const std::string& path,
                             const ByteSource& content) {
    auto list = ReadExceptions(path, AsText(content.bytes()));
    if (!list) {
      return Fail(list.error());
    }
    std::string detail =
        fmt::format("{} exception{}", list->size(), Plural(list->size()));
    if (!request_.policy_key.empty()) {
      const auto signer = AuthenticatePolicy(path, content.bytes(),
                                             request_.policy_key, request_.at);
      if (!signer) {
        return Fail(signer.error());
      }
      detail += ", signed by " + *signer;
    }
    Note(std::move(detail));
    std::move(list->begin(), list->end(), std::back_inserter(into_.exceptions));
    return {};
  }

  Result<void> AddManifest(const std::string& path, const ByteSource& content) {
    const auto json = ParseJson(AsText(content.bytes()));
    if (!json || !IsManifest(*json)) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{}: not a manifest of declared functions{}",
                              path, json ? "" : ": " + json.error().what));
    }
    auto declared = ReadManifest(*json);
    if (!declared) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{}: {}", path, declared.error().what));
    }
    declared->holder = NameOf(path);
    Note(Authenticate(path, content.bytes(), *declared));
    into_.manifest = std::move(*declared);
    return {};
  }

  using Add = Result<void> (Collector::*)(const std::string&,
                                          const ByteSource&);

  Result<void> Take(std::string_view kind, const std::string& path, Add add) {
    const auto content = ByteSource::MapFile(path);
    if (!content) {
      return Fail(content.error());
    }
    into_.sources.push_back({.kind = std::string(kind),
                             .name = NameOf(path),
                             .sha256 = Sha256Hex(content->bytes())});
    return (this->*add)(path, *content);
  }

  Explanations Release() { return std::move(into_); }

 private:
  void Note(std::string detail) {
    into_.sources.back().detail = std::move(detail);
  }

  std::string Authenticate(const std::string& path, ByteView content,
                           Declarations& declared) const {
    if (policy_ == nullptr || !policy_->manifest_must_be_signed) {
      declared.authentic = true;
      return "taken as it is";
    }
    const auto signer = SignerBeside(path, content, *policy_, request_.at);
    declared.authentic = signer.has_value();
    return signer ? "signed by " + *signer
                  : "explains nothing: " + signer.error().what;
  }

  const VerifyRequest& request_;
  const Policy* policy_;
  Explanations into_;
};

}  // namespace

Result<Explanations> ReadExplanations(const VerifyRequest& request,
                                      const Policy* policy) {
  Collector collector(request, policy);
  for (const std::string& path : request.references) {
    if (auto ok = collector.Take("reference", path, &Collector::AddReference);
        !ok) {
      return Fail(ok.error());
    }
  }
  for (const std::string& path : request.exceptions) {
    if (auto ok = collector.Take("exceptions", path, &Collector::AddExceptions);
        !ok) {
      return Fail(ok.error());
    }
  }
  if (!request.manifest.empty()) {
    if (auto ok = collector.Take("manifest", request.manifest,
                                 &Collector::AddManifest);
        !ok) {
      return Fail(ok.error());
    }
  }
  return collector.Release();
}

}  // namespace assay::engine
