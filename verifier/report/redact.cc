#include "verifier/report/redact.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/report/opening.h"
#include "verifier/report/read.h"
#include "verifier/report/redact_left.h"
#include "verifier/report/redact_plan.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

// Sections of the tool's own words and figures, and what is made anew.
constexpr std::string_view kOwnSections =
    " schema tool tlp verdict thresholds norm rules at limits reproducible "
    "ledger secrets confinement redaction ";

// Members whose words are the tool's or its rules', or digests and times: none
// repeats a text of the product.
constexpr std::string_view kOwnWords =
    " algorithm at attack blake2b512 cataloguer change code confidence "
    "coverage cwe date device digest examination family field format good_keys "
    "id indication kind md5 mode norm original_sha256 previous_sha256 "
    "proven_at recheck rule rule_version scheme severity sha1 sha256 sha384 "
    "sha512 signed_at spec_version strength structure sub_indication time type "
    "valid_until ";

// What a rule says whatever it found: with a name taken out of a sentence that
// everybody can look up, that name would be known.
constexpr std::string_view kRuleWords = " explanation fix ";

class Redactor {
 public:
  Redactor(const Report& report, const RedactionPlan& plan,
           const RedactWish& wish)
      : report_(report), plan_(plan), wish_(wish) {
    for (const Artifact& artifact : report.artifacts) {
      if (!plan.Gone(artifact.path)) {
        shown_.insert(artifact.sha256());
      }
    }
  }

  // Rewrites all of it; Removed() has what it was.
  void Rewrite(Json& document) {
    for (auto& [key, section] : document.items()) {
      if (!IsAmong(key, kOwnSections)) {
        RewriteSection("/" + key, key, section);
      }
    }
    HidePassedRules(document["rules"]["passed"]);
    if (wish_.tlp && *wish_.tlp != report_.tlp) {
      Put("label", "/tlp", document["tlp"], std::string(NameOf(*wish_.tlp)));
    }
  }

  [[nodiscard]] std::vector<RemovedParts> Removed() const {
    std::vector<RemovedParts> all;
    for (const auto& [kind, parts] : removed_) {
      all.push_back({kind, parts});
    }
    return all;
  }

 private:
  void Put(std::string_view kind, const std::string& at, Json& place,
           Json value) {
    if (place != value) {
      removed_[std::string(kind)].push_back({at, std::move(place)});
      place = std::move(value);
    }
  }

  // Lists of objects are rewritten object by object, the rest text by text.
  // Recursion: the parser has bounded the depth.
  void RewriteSection(const std::string& at,  // NOLINT(misc-no-recursion)
                      std::string_view key, Json& section) {
    if (section.is_object()) {
      for (auto& [name, member] : section.items()) {
        RewriteSection(at + "/" + name, name, member);
      }
    } else if (section.is_array()) {
      for (std::size_t i = 0; i < section.size(); ++i) {
        RewriteElement(fmt::format("{}/{}", at, i), key, i, section[i]);
      }
    } else {
      Put("mention", at, section, Swept(key, section));
    }
  }

  void RewriteElement(const std::string& at, std::string_view list,
                      std::size_t index, Json& element) {
    if (list == "findings") {
      Put(KindOf(plan_.findings[index]), at, element,
          RewrittenFinding(index, element));
    } else if (list == "artifacts") {
      const bool gone = plan_.Gone(report_.artifacts[index].path);
      Put(gone ? "path" : "mention", at, element,
          gone ? GoneArtifact(element) : SweptArtifact(element));
    } else if (at.starts_with("/delta/traits/")) {
      Put("mention", at, element, SweptTrait(element));
    } else {
      const Json swept = Swept(list, element);
      Put("mention", at, element,
          IsAboutGone(element) ? LeftOfStatement(swept) : swept);
    }
  }

  // Whether it speaks of an artifact, or of a path, that goes.
  [[nodiscard]] bool IsAboutGone(const Json& element) const {
    const Json& artifact = At(element, "artifact");
    return (artifact.is_number() &&
            plan_.Gone(report_.artifacts[artifact.get<ArtifactId>()].path)) ||
           plan_.Gone(TextAt(element, "path")) ||
           plan_.Gone(TextAt(element, "holder"));
  }

  static std::string_view KindOf(const FindingPlan& plan) {
    return plan.gone ? "finding" : plan.unproven ? "evidence" : "mention";
  }

  // The value without what it mentions.
  Json Swept(std::string_view key,  // NOLINT(misc-no-recursion)
             const Json& value) const {
    if (IsAmong(key, kOwnWords)) {
      return value;
    }
    if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      return IsAmong(key, kRuleWords) ? plan_.mentions.RawReplaced(text)
                                      : plan_.mentions.Replaced(text);
    }
    Json swept = value;
    if (value.is_object()) {
      for (auto& [name, member] : swept.items()) {
        member = Swept(name, member);
      }
    } else if (value.is_array()) {
      for (Json& element : swept) {
        element = key == "traits" || key == "xattrs"
                      ? SweptPair(key == "traits" ? ' ' : '=', element)
                      : Swept("", element);
      }
    }
    return swept;
  }

  // "KIND VALUE" or "NAME=VALUE", which stays one.
  Json SweptPair(char between, const Json& pair) const {
    const auto& text = pair.get_ref<const std::string&>();
    const std::size_t at = text.find(between);
    const std::string value =
        plan_.mentions.Replaced(std::string_view(text).substr(at + 1));
    const std::string name = text.substr(0, at);
    return fmt::format("{}{}{}",
                       between == '=' ? plan_.mentions.Replaced(name) : name,
                       between, value);
  }

  Json SweptArtifact(const Json& artifact) const {
    Json swept = Swept("", artifact);
    if (plan_.silent.count(TextAt(artifact, "path")) > 0) {
      swept.erase("traits");
      swept.erase("anomalies");
    }
    return swept;
  }

  Json GoneArtifact(const Json& artifact) {
    const std::string& path = plan_.paths.at(TextAt(artifact, "path"));
    const std::string name = path.substr(path.rfind("[redacted-"));
    Json gone = LeftOfArtifact(artifact);
    gone["path"] = path;
    gone["name"] = name;
    if (artifact.contains("digests")) {
      gone["digests"] = Json::object();
      // What the same content counts for, it counts for once. Elsewhere its
      // parts stay: without them it would be known that there is a copy.
      if (!shown_.insert(TextAt(artifact["digests"], "sha256")).second &&
          CountsAsUnexplained(gone)) {
        gone["structure"] = Json::array();
      }
    }
    gone["redacted"] = true;
    return gone;
  }

  Json SweptTrait(const Json& trait) const {
    Json swept = Swept("", trait);
    if (plan_.silent.count(TextAt(trait, "path")) > 0) {
      swept["kind"] = swept["value"] = kRedacted;
    }
    return swept;
  }

  // Its kind and where it is, when anything else is not as it was.
  Json LeftOfEvidence(const Json& evidence, bool gone) const {
    Json swept = Swept("", evidence);
    if (!gone && swept == evidence) {
      return evidence;
    }
    Json left = {{"kind", evidence["kind"]}};
    if (swept.contains("path")) {
      left["path"] = swept["path"];
    }
    left["redacted"] = true;
    return left;
  }

  Json RewrittenFinding(std::size_t index, const Json& finding) const {
    const FindingPlan& plan = plan_.findings[index];
    const std::string id = RedactedId(wish_.salt, TextAt(finding, "id"));
    if (plan.gone) {
      return LeftOfFinding(finding, id);
    }
    Json swept = finding;
    swept.erase("evidence");
    swept = Swept("", swept);
    Json& proof = swept["evidence"] = Json::array();
    for (std::size_t i = 0; i < plan.evidence.size(); ++i) {
      proof.push_back(LeftOfEvidence(finding["evidence"][i], plan.evidence[i]));
    }
    if (plan.untitled) {
      swept["title"] = kRedacted;
    }
    if (proof != finding["evidence"] ||
        swept["subject"] != finding["subject"]) {
      swept["id"] = id;
      swept["redacted"] = true;
    }
    return swept;
  }

  // Whoever knows the catalogue knows what matched from what did not.
  void HidePassedRules(Json& passed) {
    std::set<std::string_view> told;
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      if (!plan_.findings[i].gone) {
        told.insert(report_.findings[i].rule);
      }
    }
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      if (plan_.findings[i].gone && told.count(report_.findings[i].rule) == 0) {
        Put("mention", "/rules/passed", passed, Json::array());
        return;
      }
    }
  }

  const Report& report_;
  const RedactionPlan& plan_;
  const RedactWish& wish_;
  std::set<std::string> shown_;  // contents that are counted already
  std::map<std::string, std::vector<report::Removed>> removed_;
};

Result<Report> Readable(const Json& document) {
  auto report = ReadReport(document.dump());
  if (!report) {
    return Fail(ErrorCode::kInternal,
                "the redacted report: " + report.error().what);
  }
  return report;
}

// Texts that may stand nowhere stand nowhere, whatever the member.
Result<void> CheckTexts(const Report& report, const RedactWish& wish) {
  const std::string text = kJson.write(report, {});
  for (const std::string& secret : wish.texts) {
    if (text.find(secret) != std::string::npos) {
      return Fail(ErrorCode::kConfig,
                  "--text-file: a text stands where no text can be taken out, "
                  "in a digest or a word of the tool; --finding, --path or "
                  "--evidence can take out what says it");
    }
  }
  return {};
}

// The reason is read by strangers, and in the opening as it stands.
Result<void> CheckReason(const RedactionPlan& plan, std::string_view reason) {
  if (plan.mentions.StandIn(reason)) {
    return Fail(ErrorCode::kConfig,
                "--reason: it names something that is to be taken out");
  }
  if (Escaped(reason) != reason) {
    return Fail(ErrorCode::kConfig,
                "--reason: it holds a backslash, or characters that nobody "
                "sees or that reorder a line");
  }
  return {};
}

// An opening is needed when it is too late to make another.
Result<void> CheckProof(const RedactedReport& redacted,
                        std::string_view original) {
  const auto opened =
      OpenRedacted(kJson.write(redacted.report, {}), redacted.opening);
  const bool proven = opened && opened->problems.empty();
  if (proven && opened->original == original) {
    return {};
  }
  return Fail(ErrorCode::kInternal,
              fmt::format("the opening would not prove what was taken out: {}",
                          !opened  ? opened.error().what
                          : proven ? "it gives another report"
                                   : opened->problems.front()));
}

Result<Report> ReadOriginal(std::string_view json) {
  auto report = ReadReport(json);
  if (!report) {
    return report;
  }
  if (report->redaction) {
    return Fail(ErrorCode::kMalformed,
                "it is redacted already: redact the original");
  }
  if (kJson.write(*report, {}) != json) {
    return Fail(ErrorCode::kMalformed,
                "it is not as this version writes it, so that it could not be "
                "given back byte for byte");
  }
  return report;
}

}  // namespace

Result<RedactedReport> Redact(std::string_view json, const RedactWish& wish) {
  const auto original = ReadOriginal(json);
  auto document = ParseJson(json);
  if (!original || !document) {
    return Fail(original ? document.error() : original.error());
  }
  const auto plan = PlanRedaction(*original, wish);
  if (!plan) {
    return Fail(plan.error());
  }
  if (const auto ok = CheckReason(*plan, wish.reason); !ok) {
    return Fail(ok.error());
  }
  Redactor redactor(*original, *plan, wish);
  redactor.Rewrite(*document);
  auto report = Readable(*document);
  if (!report) {
    return Fail(report.error());
  }
  const Opening opening{.salt = wish.salt,
                        .original_sha256 = Sha256Hex(AsBytes(json)),
                        .reason = wish.reason,
                        .removed = redactor.Removed()};
  Redaction redaction{
      .reason = wish.reason,
      .original = Committed(wish.salt, json),
      .original_sha256 = wish.name_original ? opening.original_sha256 : "",
      .findings = RedactedFindings(*report),
      .rules = UnnamedRules(*original, *report)};
  for (const RemovedParts& removed : opening.removed) {
    redaction.records.push_back(RecordOf(wish.salt, removed));
  }
  report->redaction = std::move(redaction);
  if (const auto ok = CheckTexts(*report, wish); !ok) {
    return Fail(ok.error());
  }
  RedactedReport redacted{std::move(*report), WriteOpening(opening)};
  if (const auto ok = CheckProof(redacted, json); !ok) {
    return Fail(ok.error());
  }
  return redacted;
}

}  // namespace assay::report
