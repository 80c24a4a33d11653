#include "verifier/report/html/asks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "verifier/report/exchange.h"
#include "verifier/report/html/words.h"

namespace assay::report::html {
namespace {

// Requests in the order in which they came, each once.
class Collected {
 public:
  void Add(Ask ask) {
    const auto [known, fresh] = at_.try_emplace(ask.request, asks_.size());
    if (fresh) {
      asks_.push_back(std::move(ask));
    } else {
      ++asks_[known->second].more;
    }
  }

  [[nodiscard]] std::vector<Ask> Release(std::size_t most) {
    asks_.resize(std::min(asks_.size(), most));
    return std::move(asks_);
  }

 private:
  std::vector<Ask> asks_;
  std::unordered_map<std::string, std::size_t> at_;
};

void AddFindings(const Report& report, Collected& asks) {
  for (const Finding& finding : report.findings) {
    if (IsLoud(finding) && !finding.fix.empty()) {
      asks.Add({.about = finding.title,
                .request = finding.fix,
                .place = finding.subject,
                .finding = finding.id,
                .weight = std::string(NameOf(finding.severity))});
    }
  }
}

void AddSignatures(const Report& report, Collected& asks) {
  std::unordered_set<std::string_view> told;
  for (const Finding& finding : report.findings) {
    told.insert(finding.subject);
  }
  for (const SignatureCheck& check : report.checks) {
    if (check.indication == Indication::kTotalFailed &&
        !told.contains(check.target)) {
      asks.Add({.about = check.detail.empty()
                             ? fmt::format("a {} signature does not hold",
                                           check.scheme)
                             : fmt::format("a {} signature does not hold: {}",
                                           check.scheme, check.detail),
                .request = "Sign the file as it is delivered, with the key "
                           "that was announced for this product.",
                .place = check.target,
                .weight = "signature"});
    }
  }
}

void AddUnexamined(const Report& report, Collected& asks) {
  for (const NotExamined& part : report.not_examined) {
    asks.Add({.about = "not examined: " + part.reason,
              .request = "Deliver this part in a form that can be read, or "
                         "what opens it: a key, a password, a description of "
                         "its format.",
              .place = part.path,
              .weight = "not examined"});
  }
}

void AddSbom(const Report& report, Collected& asks) {
  if (report.verdict != Verdict::kPass &&
      report.reconciliation.documents.empty()) {
    asks.Add({.about = "no SBOM came with the product",
              .request = "Deliver an SBOM of this release, with the digest of "
                         "every file, and sign it.",
              .weight = "SBOM"});
  }
}

}  // namespace

std::vector<Ask> AsksOf(const Report& report, std::size_t most) {
  Collected asks;
  AddFindings(report, asks);
  AddSignatures(report, asks);
  AddUnexamined(report, asks);
  AddSbom(report, asks);
  return asks.Release(most);
}

}  // namespace assay::report::html
