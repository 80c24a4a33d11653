#include "verifier/report/opening.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/report/fields.h"
#include "verifier/report/norm.h"
#include "verifier/report/only_removed.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

constexpr std::size_t kIdDigits = 16;

Json ToJson(const RemovedParts& removed) {
  Json parts = Json::array();
  for (const Removed& part : removed.parts) {
    parts.push_back({{"at", part.at}, {"was", part.was}});
  }
  return {{"kind", removed.kind}, {"removed", std::move(parts)}};
}

// The member that one step of a pointer leads to, or null.
Json* StepTo(Json& value, std::string_view step) {
  if (value.is_object()) {
    const auto found = value.find(std::string(step));
    return found == value.end() ? nullptr : &*found;
  }
  const auto index = NumberOf(step);
  return value.is_array() && index && *index < value.size() ? &value[*index]
                                                            : nullptr;
}

// No key of a report needs an escape; null when there is no such place.
Json* Find(Json& document, std::string_view pointer) {
  if (pointer.empty() || pointer.front() != '/') {
    return nullptr;
  }
  Json* value = &document;
  for (const std::string_view step : Split(pointer.substr(1), '/')) {
    value = value == nullptr ? nullptr : StepTo(*value, step);
  }
  return value;
}

// Redaction touches elements of lists and single texts, and never the ledger;
// only of rules that matched nothing a whole list.
bool MayBeRedacted(std::string_view pointer, const Json& value) {
  const std::string_view step = pointer.substr(pointer.rfind('/') + 1);
  if (pointer.starts_with("/ledger/")) {
    return false;
  }
  return value.is_string() || pointer == "/rules/passed" ||
         (value.is_object() && NumberOf(step));
}

// Puts back what was removed; what was put otherwise is a problem.
void PutBack(const Opening& opening, Json& document, Opened& opened) {
  std::set<std::string_view> seen;
  for (const RemovedParts& removed : opening.removed) {
    for (const Removed& part : removed.parts) {
      Json* const place = Find(document, part.at);
      if (place == nullptr || !seen.insert(part.at).second ||
          !MayBeRedacted(part.at, *place)) {
        opened.problems.push_back(
            fmt::format("{}: no place that may be redacted", part.at));
        continue;
      }
      const OnlyRemoved check(opening.salt);
      if (part.at != "/tlp" && !check.Holds(part.was, *place)) {
        opened.problems.push_back(fmt::format(
            "{}: it was changed, not only taken away from", part.at));
      }
      *place = part.was;
    }
  }
}

void CheckRecords(const Redaction& redaction, const Opening& opening,
                  Opened& opened) {
  if (redaction.records.size() != opening.removed.size()) {
    opened.problems.emplace_back("the opening has not as many records");
    return;
  }
  for (std::size_t i = 0; i < redaction.records.size(); ++i) {
    const RedactionRecord& said = redaction.records[i];
    const RedactionRecord is = RecordOf(opening.salt, opening.removed[i]);
    if (said.kind != is.kind || said.count != is.count ||
        said.commitment != is.commitment) {
      opened.problems.push_back(fmt::format(
          "the record of kind {} is about something else", said.kind));
    }
  }
}

// What is left of a finding could also be counted for another pack.
bool SameNorm(const Report& original, const Report& redacted) {
  const auto was = NormReport(original);
  const auto is = NormReport(redacted);
  return std::equal(was.begin(), was.end(), is.begin(), is.end(),
                    [](const PackReport& a, const PackReport& b) {
                      return a.state == b.state && a.findings == b.findings &&
                             a.notes == b.notes && a.evaluated == b.evaluated;
                    });
}

void CheckOriginal(const Report& redacted, const Report& original,
                   const Opening& opening, Opened& opened) {
  const Redaction& redaction = *redacted.redaction;
  const std::string sha256 = Sha256Hex(AsBytes(opened.original));
  if (Committed(opening.salt, opened.original) != redaction.original ||
      sha256 != opening.original_sha256 ||
      (!redaction.original_sha256.empty() &&
       redaction.original_sha256 != sha256)) {
    opened.problems.emplace_back(
        "what they give back is not the report that was redacted");
  }
  if (redaction.reason != opening.reason) {
    opened.problems.emplace_back("another reason was given");
  }
  if (redaction.findings != RedactedFindings(redacted)) {
    opened.problems.emplace_back(
        "another number of findings is redacted than it says");
  }
  if (redaction.rules != UnnamedRules(original, redacted)) {
    opened.problems.emplace_back(
        "another number of rules is unnamed than it says");
  }
  if (!SameNorm(original, redacted)) {
    opened.problems.emplace_back("it says something else about the norm");
  }
}

RemovedParts PartsFrom(Fields fields, const Json& record) {
  RemovedParts removed{.kind = fields.Text("kind")};
  std::size_t index = 0;
  fields.Each("removed", [&](Fields part) {
    part.Allow({"was"});
    removed.parts.push_back(
        {part.Text("at"), At(At(record, "removed")[index++], "was")});
    part.End();
  });
  fields.End();
  return removed;
}

// Evaluated rules by pack, as far as they are named.
std::map<std::string, std::uint64_t> NamedRules(const Report& report) {
  std::set<std::string_view> names(report.rules.passed.begin(),
                                   report.rules.passed.end());
  for (const Finding& finding : report.findings) {
    if (!finding.rule.ends_with(kRedacted)) {
      names.insert(finding.rule);
    }
  }
  std::map<std::string, std::uint64_t> rules;
  for (const std::string_view name : names) {
    ++rules[std::string(PackOf(name))];
  }
  return rules;
}

}  // namespace

std::string Committed(const Bytes& salt, std::string_view text) {
  Hasher hasher;
  hasher.Update(salt);
  hasher.Update(AsBytes(text));
  return hasher.Finish().front().hex;
}

RedactionRecord RecordOf(const Bytes& salt, const RemovedParts& removed) {
  return {.kind = removed.kind,
          .count = removed.parts.size(),
          .commitment = Committed(salt, ToJson(removed).dump())};
}

std::string RedactedId(const Bytes& salt, std::string_view id) {
  return "f-" +
         Committed(salt, fmt::format("finding {}", id)).substr(0, kIdDigits);
}

std::string_view PackOf(std::string_view rule) {
  const std::string_view pack = rule.substr(0, rule.find('-'));
  const bool ours = pack.starts_with("NI") && pack != rule &&
                    NumberOf(pack.substr(2)).has_value();
  return ours ? pack : "other";
}

std::map<Severity, std::uint64_t> RedactedFindings(const Report& redacted) {
  std::map<Severity, std::uint64_t> counts;
  for (const Finding& finding : redacted.findings) {
    if (finding.rule.ends_with(kRedacted)) {
      ++counts[finding.severity];
    }
  }
  return counts;
}

std::map<std::string, std::uint64_t> UnnamedRules(const Report& original,
                                                  const Report& redacted) {
  auto named = NamedRules(redacted);
  std::map<std::string, std::uint64_t> unnamed;
  for (const auto& [pack, count] : NamedRules(original)) {
    if (count > named[pack]) {
      unnamed[pack] = count - named[pack];
    }
  }
  return unnamed;
}

std::string WriteOpening(const Opening& opening) {
  Json records = Json::array();
  for (const RemovedParts& removed : opening.removed) {
    records.push_back(ToJson(removed));
  }
  const Json document = {{"schema", kOpeningSchema},
                         {"salt", HexOf(opening.salt)},
                         {"original_sha256", opening.original_sha256},
                         {"reason", opening.reason},
                         {"records", std::move(records)}};
  return document.dump(1) + "\n";
}

Result<Opening> ReadOpening(std::string_view json) {
  const auto document = ParseJson(json);
  if (!document) {
    return Fail(document.error());
  }
  FirstProblem problem;
  Fields fields(*document, "", problem);
  if (fields.Text("schema") != kOpeningSchema) {
    fields.Refuse("schema", fmt::format("not {}", kOpeningSchema));
  }
  Opening opening;
  opening.salt = BytesFromHex(fields.Hex("salt")).value_or(Bytes{});
  if (opening.salt.size() != kSaltSize) {
    fields.Refuse("salt", fmt::format("not {} bytes", kSaltSize));
  }
  opening.original_sha256 = fields.Sha256("original_sha256");
  opening.reason = fields.Text("reason");
  std::size_t index = 0;
  fields.Each("records", [&](Fields record) {
    opening.removed.push_back(
        PartsFrom(std::move(record), At(*document, "records")[index++]));
  });
  fields.End();
  if (problem) {
    return Fail(*problem);
  }
  return opening;
}

Result<Opened> OpenRedacted(std::string_view redacted,
                            std::string_view opening_json) {
  const auto report = ReadReport(redacted);
  const auto opening = ReadOpening(opening_json);
  auto document = ParseJson(redacted);
  if (!report || !document) {
    return Fail(
        ErrorCode::kMalformed,
        "the report: " + (report ? document.error() : report.error()).what);
  }
  if (!opening) {
    return Fail(opening.error().code, "the opening: " + opening.error().what);
  }
  if (!report->redaction) {
    return Fail(ErrorCode::kMalformed, "the report is not redacted");
  }
  Opened opened;
  if (kJson.write(*report, {}) != redacted) {
    opened.problems.emplace_back("the report was changed after it was written");
  }
  CheckRecords(*report->redaction, *opening, opened);
  document->erase("redaction");
  PutBack(*opening, *document, opened);
  const auto original = ReadReport(document->dump());
  if (!original) {
    opened.problems.push_back("what they give back is no report: " +
                              original.error().what);
    return opened;
  }
  opened.original = kJson.write(*original, {});
  CheckOriginal(*report, *original, *opening, opened);
  return opened;
}

}  // namespace assay::report
