#include "sbom/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sbom/profile_data.h"
#include "sbom/profile_fields.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

// What is wrong with a profile, thrown to the door of this file.
struct Refusal {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] void Refuse(const YAML::Node& node, std::string what) {
  throw Refusal{node.Mark(), std::move(what)};
}

void AllowKeys(const YAML::Node& map,
               std::initializer_list<std::string_view> keys) {
  if (!map.IsMap()) {
    Refuse(map, "a map belongs here");
  }
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      Refuse(entry.first,
             fmt::format("\"{}\" is none of: {}", key, fmt::join(keys, ", ")));
    }
  }
}

std::string TextAt(const YAML::Node& map, const char* key,
                   std::string_view otherwise = "") {
  const YAML::Node node = map[key];
  if (!node) {
    return std::string(otherwise);
  }
  if (!node.IsScalar()) {
    Refuse(node, fmt::format("\"{}\" is a text", key));
  }
  return node.Scalar();
}

bool Choice(const YAML::Node& map, const char* key, const char* yes,
            const char* no) {
  const std::string word = TextAt(map, key, yes);
  if (word != yes && word != no) {
    Refuse(map[key], fmt::format("\"{}\" is \"{}\" or \"{}\"", key, yes, no));
  }
  return word == yes;
}

FieldScope ScopeAt(const YAML::Node& map) {
  const std::string word = TextAt(map, "of", "all");
  if (word == "all") {
    return FieldScope::kAll;
  }
  if (word == "files") {
    return FieldScope::kFiles;
  }
  if (word == "packages") {
    return FieldScope::kPackages;
  }
  Refuse(map["of"], "\"of\" is \"all\", \"files\" or \"packages\"");
}

template <typename Fields>
void RequireField(const YAML::Node& node, const std::string& name,
                  const Fields& fields) {
  std::vector<std::string_view> known;
  for (const auto& field : fields) {
    if (field.name == name) {
      return;
    }
    known.push_back(field.name);
  }
  Refuse(node, fmt::format("no field \"{}\"; known: {}", name,
                           fmt::join(known, ", ")));
}

template <typename Fields>
std::vector<ProfileField> FieldsAt(const YAML::Node& root, const char* key,
                                   const Fields& known) {
  std::vector<ProfileField> fields;
  for (const YAML::Node& node : root[key]) {
    AllowKeys(node, {"field", "title", "section", "level", "unknown", "of"});
    ProfileField field{
        .field = TextAt(node, "field"),
        .title = TextAt(node, "title"),
        .section = TextAt(node, "section"),
        .must = Choice(node, "level", "must", "should"),
        .unknown_accepted = Choice(node, "unknown", "accepted", "refused"),
        .of = ScopeAt(node)};
    RequireField(node, field.field, known);
    if (field.title.empty() || field.section.empty()) {
      Refuse(node, "a field has a title and a section");
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Profile ProfileOf(const YAML::Node& root) {
  AllowKeys(root, {"schema", "name", "title", "edition", "formats", "document",
                   "component"});
  if (TextAt(root, "schema") != "assay-sbom-profile/1") {
    Refuse(root, "\"schema\" is \"assay-sbom-profile/1\"");
  }
  Profile profile{.name = TextAt(root, "name"),
                  .title = TextAt(root, "title"),
                  .edition = TextAt(root, "edition")};
  if (profile.name.empty() || profile.title.empty()) {
    Refuse(root, "a profile has a name and a title");
  }
  for (const YAML::Node& node : root["formats"]) {
    AllowKeys(node, {"format", "since"});
    profile.formats.push_back({TextAt(node, "format"), TextAt(node, "since")});
  }
  profile.document = FieldsAt(root, "document", DocumentFields());
  profile.component = FieldsAt(root, "component", ComponentFields());
  return profile;
}

bool Accepts(const Profile& profile, const SbomDocument& document) {
  return profile.formats.empty() ||
         std::any_of(profile.formats.begin(), profile.formats.end(),
                     [&](const AcceptedFormat& accepted) {
                       return document.format.substr(0,
                                                     accepted.format.size()) ==
                                  accepted.format &&
                              (accepted.since.empty() ||
                               CompareVersions(VersionOrder::kGeneric,
                                               document.spec_version,
                                               accepted.since) >= 0);
                     });
}

bool Concerns(FieldScope scope, const Component& component) {
  switch (scope) {
    case FieldScope::kAll:
      return true;
    case FieldScope::kFiles:
      return IsFileComponent(component);
    case FieldScope::kPackages:
      return component.type != "file";
  }
  return true;
}

void Count(FieldOutcome outcome, const std::string& name, FieldTally& tally) {
  const bool unknown = outcome == FieldOutcome::kDeclaredUnknown;
  tally.present += outcome == FieldOutcome::kPresent ? 1U : 0U;
  tally.unknown += unknown ? 1U : 0U;
  tally.silent += outcome == FieldOutcome::kSilent ? 1U : 0U;
  const bool fails = outcome == FieldOutcome::kSilent ||
                     (unknown && !tally.field->unknown_accepted);
  if (fails && tally.examples.size() < FieldTally::kMaxExamples) {
    tally.examples.push_back(name);
  }
}

FieldTally TallyComponents(const ProfileField& field,
                           const ProfileSubject& subject) {
  FieldTally tally{.field = &field};
  const auto fields = ComponentFields();
  const auto& rule = *std::find_if(
      fields.begin(), fields.end(),
      [&](const auto& known) { return known.name == field.field; });
  const auto visit = [&](const Component& component) {
    if (Concerns(field.of, component)) {
      Count(rule.outcome(subject, component),
            component.name.empty() ? component.pointer : component.name, tally);
    }
  };
  if (subject.document.subject) {
    visit(*subject.document.subject);
  }
  for (const Component& component : subject.document.components) {
    visit(component);
  }
  return tally;
}

}  // namespace

bool ProfileCheck::Conforms() const {
  return format_accepted && has_components &&
         std::all_of(tallies.begin(), tallies.end(), [](const auto& tally) {
           return !tally.field->must || tally.Met();
         });
}

Result<Profile> ParseProfile(std::string_view yaml, std::string_view name) {
  try {
    return ProfileOf(YAML::Load(std::string(yaml)));
  } catch (const Refusal& refusal) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}:{}:{}: {}", name, refusal.mark.line + 1,
                            refusal.mark.column + 1, refusal.what));
  } catch (const YAML::Exception& error) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}:{}:{}: {}", name, error.mark.line + 1,
                            error.mark.column + 1, error.msg));
  }
}

const std::vector<Profile>& AllProfiles() {
  static const std::vector<Profile> kAll = [] {
    std::vector<Profile> profiles;
    for (const auto& [name, text] : ProfileData()) {
      if (auto profile = ParseProfile(text, name)) {
        profiles.push_back(std::move(*profile));
      }
    }
    return profiles;
  }();
  return kAll;
}

const Profile* FindProfile(std::string_view name) {
  for (const Profile& profile : AllProfiles()) {
    if (profile.name == name) {
      return &profile;
    }
  }
  return nullptr;
}

ProfileCheck CheckProfile(const Profile& profile,
                          const SbomDocument& document) {
  const ProfileSubject subject(document);
  ProfileCheck check{.profile = &profile,
                     .format_accepted = Accepts(profile, document),
                     .has_components = profile.component.empty() ||
                                       document.subject ||
                                       !document.components.empty()};
  for (const ProfileField& field : profile.document) {
    const auto fields = DocumentFields();
    const auto& rule = *std::find_if(
        fields.begin(), fields.end(),
        [&](const auto& known) { return known.name == field.field; });
    FieldTally tally{.field = &field, .of_document = true};
    Count(rule.outcome(subject), "the document", tally);
    check.tallies.push_back(std::move(tally));
  }
  for (const ProfileField& field : profile.component) {
    check.tallies.push_back(TallyComponents(field, subject));
  }
  return check;
}

}  // namespace assay::sbom
