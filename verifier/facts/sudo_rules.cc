// Who may act as another user: sudoers(5) and doas.conf(5).

#include <string>
#include <string_view>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

// A rule over several physical lines, with blanks reduced to one.
struct Rule {
  std::string text = {};
  Range place = {};
};

std::string Squeezed(std::string_view text) {
  std::string out;
  for (const std::string_view word : Words(text)) {
    AppendWord(out, word);
  }
  return out;
}

// sudoers(5): "#" starts a comment unless it is part of "#include" or of a
// numeric user id; an escaped "#" is text.
std::string_view WithoutComment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos;
       at = line.find('#', at + 1)) {
    const bool escaped = at > 0 && line[at - 1] == '\\';
    const bool id =
        at + 1 < line.size() && line[at + 1] >= '0' && line[at + 1] <= '9';
    if (!escaped && !id) {
      return line.substr(0, at);
    }
  }
  return line;
}

bool IsSudoRule(std::string_view first) {
  for (const std::string_view alias :
       {"User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias",
        "@include", "@includedir"}) {
    if (first == alias) {
      return false;
    }
  }
  return true;
}

void AddSudoRule(const Rule& rule, FactWriter& facts) {
  const auto words = Words(rule.text, 2);
  if (words.size() < 2 || !IsSudoRule(words[0])) {
    return;
  }
  const bool defaults = words[0].substr(0, 8) == "Defaults";
  const bool open = words[1].find("!authenticate") != std::string_view::npos;
  if ((defaults && !open) ||
      (!defaults && words[1].find('=') == std::string_view::npos)) {
    return;
  }
  const bool nopasswd =
      open || words[1].find("NOPASSWD") != std::string_view::npos;
  facts.Add({.kind = "sudo.rule",
             .value = rule.text,
             .attributes = {{"nopasswd", nopasswd ? "yes" : "no"},
                            {"user", std::string(words[0])}},
             .place = rule.place});
}

void AddDoasRule(const Rule& rule, FactWriter& facts) {
  const auto words = Words(rule.text);
  if (words.empty() || words[0] != "permit") {
    return;
  }
  bool nopass = false;
  std::string_view user;
  for (std::size_t i = 1; i < words.size() && user.empty(); ++i) {
    nopass = nopass || words[i] == "nopass";
    const bool option = words[i] == "nopass" || words[i] == "persist" ||
                        words[i] == "keepenv" || words[i] == "nolog";
    user = option ? std::string_view() : words[i];
  }
  facts.Add({.kind = "sudo.rule",
             .value = rule.text,
             .attributes = {{"nopasswd", nopass ? "yes" : "no"},
                            {"user", std::string(user)}},
             .place = rule.place});
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  const bool doas = BaseName(path) == "doas.conf";
  const bool sudo =
      BaseName(path) == "sudoers" || BaseName(Folder(path)) == "sudoers.d";
  if ((!doas && !sudo) || subject.content.empty() ||
      subject.content.size() > kMaxTextFile) {
    return false;
  }
  FactWriter facts("sudo_rules", subject, into);
  LineReader lines(AsText(subject.content));
  Rule rule;
  while (const auto line = lines.Next()) {
    std::string_view text = WithoutComment(line->text);
    const bool continued = !text.empty() && text.back() == '\\';
    text.remove_suffix(continued ? 1 : 0);
    if (rule.text.empty()) {
      rule.place.offset = line->offset;
    }
    rule.place.length = line->offset + line->text.size() - rule.place.offset;
    AppendWord(rule.text, Squeezed(text));
    if (!continued) {
      doas ? AddDoasRule(rule, facts) : AddSudoRule(rule, facts);
      rule = {};
    }
  }
  doas ? AddDoasRule(rule, facts) : AddSudoRule(rule, facts);
  return IsText(subject.content);
}

}  // namespace

const Analysis kSudoRules = {
    .name = "sudo_rules",
    .title = "Rules of sudo and doas",
    .examine = Examine,
};

}  // namespace assay::facts
