#include "verifier/engine/vex_waivers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/engine/waivers.h"

namespace assay::engine {
namespace {

std::string_view WhyNot(VexStatus status) {
  switch (status) {
    case VexStatus::kAffected:
      return "it is affected, which accepts nothing";
    case VexStatus::kFixed:
      return "it was fixed, so that no finding is left to accept";
    case VexStatus::kUnderInvestigation:
      return "it is under investigation, which accepts nothing";
    case VexStatus::kNotAffected:
      break;
  }
  return "";
}

bool IsSha256(std::string_view hex) {
  return hex.size() == 2 * SizeOf(DigestAlgorithm::kSha256) &&
         BytesFromHex(hex).has_value();
}

constexpr std::string_view kOfGlobs = "*?{}";

// A path as a glob that means this one path alone.
bool IsPlain(std::string_view path) {
  return path.find_first_of(kOfGlobs) == std::string_view::npos;
}

// Paths of reports are escaped, and hold nothing else that would be.
bool IsOfReports(std::string_view path) {
  std::string rest(path);
  std::erase(rest, '\\');
  return Escaped(rest) == rest;
}

std::string_view WhyNot(const VexSubject& subject) {
  if (!subject.why_not.empty()) {
    return subject.why_not;
  }
  if (!subject.sha256.empty() && !IsSha256(subject.sha256)) {
    return "its SHA-256 is none";
  }
  if (subject.sha256.empty() && subject.path.empty()) {
    return "it names no file, by SHA-256 or path";
  }
  if (!IsOfReports(subject.path)) {
    return "its path is none that a report has";
  }
  return subject.sha256.empty() && !IsPlain(subject.path)
             ? "its path would be a glob, and it has no SHA-256"
             : "";
}

// Globs have no escapes: what would be one of their signs is any character.
std::string GlobOf(std::string path) {
  std::replace_if(
      path.begin(), path.end(),
      [](char c) { return kOfGlobs.find(c) != std::string_view::npos; }, '?');
  return path.empty() ? "**" : path;
}

// What else is said than that something is not affected, by rule and subject:
// when it was said last. What a subject does not say may be anything.
class Denials {
 public:
  void Add(const std::string& rule, const VexSubject& subject, UnixTime time) {
    for (const std::string& path : {subject.path, std::string(kAny)}) {
      for (const std::string& sha256 :
           {Lower(subject.sha256), std::string(kAny)}) {
        const auto at = said_.emplace(Key{rule, path, sha256}, time).first;
        at->second = std::max(at->second, time);
      }
    }
  }

  // Whether it may be said of this subject, at that time or later.
  [[nodiscard]] bool Speak(const std::string& rule, const VexSubject& subject,
                           UnixTime time) const {
    for (const std::string& path : Alike(subject.path)) {
      for (const std::string& sha256 : Alike(Lower(subject.sha256))) {
        const auto found = said_.find(Key{rule, path, sha256});
        if (found != said_.end() && found->second >= time) {
          return true;
        }
      }
    }
    return false;
  }

 private:
  using Key = std::array<std::string, 3>;
  static constexpr const char* kAny = "\n";

  static std::vector<std::string> Alike(const std::string& text) {
    return text.empty() ? std::vector<std::string>{kAny}
                        : std::vector<std::string>{text, ""};
  }

  std::map<Key, UnixTime> said_;
};

Denials DenialsIn(const VexDocument& document,
                  const std::function<bool(const std::string&)>& knows) {
  Denials denials;
  for (const VexStatement& statement : document.statements) {
    if (statement.status == VexStatus::kNotAffected) {
      continue;
    }
    const std::vector<VexSubject> subjects = statement.subjects.empty()
                                                 ? std::vector<VexSubject>(1)
                                                 : statement.subjects;
    for (const std::string& id : statement.ids) {
      for (const VexSubject& subject : subjects) {
        if (knows(id)) {
          denials.Add(id, subject, statement.time);
        }
      }
    }
  }
  return denials;
}

Waiver WaiverOf(const VexStatement& statement, const VexSubject& subject) {
  return {.subject = GlobOf(subject.path),
          .sha256 = Lower(subject.sha256),
          .reason = statement.reason,
          .expires = statement.time + kLongestWaiver};
}

// In double quotes, as JSON and therefore YAML reads it; but for pairs of \u
// escapes, which YAML takes for two characters that there are not.
std::string Quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

VexWaivers WaiversOf(const VexDocument& document, std::string_view name,
                     const std::function<bool(const std::string&)>& knows) {
  VexWaivers result;
  const Denials denials = DenialsIn(document, knows);
  for (const VexStatement& statement : document.statements) {
    const auto misfit = [&](std::string_view why) {
      result.misfits.push_back(fmt::format(
          "{}: {}: {}", statement.at, fmt::join(statement.ids, ", "), why));
    };
    const auto rule =
        std::find_if(statement.ids.begin(), statement.ids.end(), knows);
    if (rule == statement.ids.end()) {
      misfit("none of these is a rule");
    } else if (statement.status != VexStatus::kNotAffected) {
      misfit(WhyNot(statement.status));
    } else if (statement.reason.empty()) {
      misfit("it gives no justification");
    } else if (statement.subjects.empty()) {
      misfit(WhyNot(VexSubject{}));
    } else {
      for (const VexSubject& subject : statement.subjects) {
        if (const std::string_view why = WhyNot(subject); !why.empty()) {
          misfit(why);
          continue;
        }
        if (denials.Speak(*rule, subject, statement.time)) {
          misfit("a statement of that time or later says otherwise");
          continue;
        }
        Waiver waiver = WaiverOf(statement, subject);
        waiver.id = fmt::format("{}-{}", name, result.waivers.size() + 1);
        waiver.rule = *rule;
        waiver.approver = document.author;
        result.waivers.push_back(std::move(waiver));
      }
    }
  }
  return result;
}

std::string WaiversAsYaml(const std::vector<Waiver>& waivers) {
  std::string text = waivers.empty() ? "waivers: []\n" : "waivers:\n";
  for (const Waiver& waiver : waivers) {
    text += fmt::format("  - id: {}\n    rule: {}\n    subject: {}\n",
                        Quoted(waiver.id), Quoted(waiver.rule),
                        Quoted(waiver.subject));
    if (!waiver.sha256.empty()) {
      text += fmt::format("    sha256: {}\n", Quoted(waiver.sha256));
    }
    text += fmt::format("    reason: {}\n    approver: {}\n    expires: {}\n",
                        Quoted(waiver.reason), Quoted(waiver.approver),
                        Quoted(FormatTime(waiver.expires)));
  }
  return text;
}

}  // namespace assay::engine
