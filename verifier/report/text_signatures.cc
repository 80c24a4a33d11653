#include <fmt/format.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/names.h"
#include "verifier/report/text_sections.h"

namespace assay::report {
namespace {

constexpr std::size_t kListShown = 10;

Colour ColourOf(Indication indication) {
  switch (indication) {
    case Indication::kTotalPassed:
      return Colour::kGreen;
    case Indication::kTotalFailed:
      return Colour::kRed;
    default:
      return Colour::kYellow;
  }
}

std::string SignerText(const SignatureCheck& check) {
  std::string text;
  const auto add = [&text](std::string_view word, const std::string& value) {
    if (!value.empty()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", word, value);
    }
  };
  add("by", check.signer);
  add("key", check.key);
  add("anchor", check.anchor);
  add("algorithm", TextOf(check.algorithm));
  if (check.signed_at) {
    add("claims", TimeText(*check.signed_at));
  }
  if (check.proven_at) {
    add("proven", TimeText(*check.proven_at));
  }
  if (check.time != TimeModel::kNow) {
    add("time", std::string(NameOf(check.time)));
  }
  return text;
}

void PutCheck(Layout& layout, const SignatureCheck& check) {
  std::string word(NameOf(check.indication));
  if (!check.sub_indication.empty()) {
    word.append(" ").append(Printable(check.sub_indication));
  }
  layout.Line(fmt::format("  {}  {}",
                          layout.Paint(ColourOf(check.indication), word),
                          Printable(check.scheme)));
  layout.Prose(4, "on   ", check.target.empty() ? "nothing" : check.target);
  if (check.holder != check.target && !check.holder.empty()) {
    layout.Prose(4, "in   ", check.holder);
  }
  const std::string signer = SignerText(check);
  if (!signer.empty()) {
    layout.Prose(4, "     ", signer);
  }
  for (const std::string& step : check.steps) {
    layout.Prose(4, "   - ", step);
  }
  for (const std::string& what : check.skipped) {
    layout.Prose(4, "   ? not checked: ", what);
  }
  if (!check.detail.empty()) {
    layout.Prose(4, "     ", check.detail);
  }
  if (layout.style().verbose && !check.reproduce.empty()) {
    layout.Prose(4, "   repeat: ", check.reproduce);
  }
}

// Signatures that say the same of different files: one scheme, one outcome,
// one key, one chain.
struct Group {
  const SignatureCheck* first = nullptr;
  const SignatureCheck* last = nullptr;
  std::size_t count = 0;
};

std::vector<Group> GroupsOf(const std::vector<SignatureCheck>& checks,
                            bool verbose) {
  std::vector<Group> groups;
  std::map<std::tuple<std::string, Indication, std::string, std::string,
                      std::string, std::vector<std::string>, std::string>,
           std::size_t>
      alike;
  for (const SignatureCheck& check : checks) {
    const auto [known, fresh] =
        alike.try_emplace({check.scheme, check.indication, check.sub_indication,
                           check.key, check.anchor, check.steps, check.detail},
                          groups.size());
    if (fresh || verbose) {
      groups.push_back({&check, &check, 1});
      continue;
    }
    Group& group = groups[known->second];
    group.last = &check;
    ++group.count;
  }
  return groups;
}

}  // namespace

void PutSignatures(Layout& layout, const Report& report) {
  if (report.checks.empty()) {
    layout.Heading("Signatures: none found");
    return;
  }
  layout.Heading("Signatures");
  const auto groups = GroupsOf(report.checks, layout.style().verbose);
  const std::size_t shown = layout.Shown(groups.size(), kListShown);
  std::size_t told = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    PutCheck(layout, *groups[i].first);
    told += groups[i].count;
    if (groups[i].count > 1) {
      layout.Prose(4, "and  ",
                   fmt::format("{} more of this kind, the last on {}",
                               groups[i].count - 1, groups[i].last->target));
    }
  }
  layout.Omitted(2, report.checks.size() - told);
}

}  // namespace assay::report
