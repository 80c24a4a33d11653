// What a writer does not carry, it names: every field is either read back or
// among the losses.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "sbom/writer_support.h"
#include "tests/writers/documents.h"

namespace assay::sbom {
namespace {

std::string Plain(std::string_view text) {
  const Party party = PartyOf(text);
  return fmt::format("{}|{}|{}", party.name, party.email, party.url);
}

std::string Joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ";"));
}

std::string Sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return Joined(list);
}

// A field as text, and what its loss is called.
struct ComponentFieldText {
  std::string_view loss;
  std::string (*text)(const Component&);
};

constexpr ComponentFieldText kComponentFields[] = {
    {"type", [](const Component& of) { return of.type; }},
    {"group", [](const Component& of) { return of.group; }},
    {"name", [](const Component& of) { return of.name; }},
    {"version", [](const Component& of) { return of.version; }},
    {"package URL", [](const Component& of) { return of.purl; }},
    {"supplier", [](const Component& of) { return Plain(of.supplier); }},
    {"concluded",  // or neither that nor declared
     [](const Component& of) { return Sorted(of.licences); }},
    {"the declared licence",
     [](const Component& of) { return Sorted(of.licences_declared); }},
    {"a concluded licence beside the declared one",
     [](const Component& of) { return Sorted(of.licences_concluded); }},
    {"files", [](const Component& of) { return Sorted(of.files); }},
    {"source package",
     [](const Component& of) { return of.source_name + of.source_version; }},
    {"scope", [](const Component& of) { return of.scope; }},
    {"CPE name", [](const Component& of) { return of.cpe; }},
    {"SWID tag", [](const Component& of) { return of.swid; }},
    {"manufacturer",
     [](const Component& of) { return Plain(of.manufacturer); }},
    {"author", [](const Component& of) { return of.author; }},
    {"copyright", [](const Component& of) { return of.copyright; }},
    {"description", [](const Component& of) { return of.description; }},
    {"MD6",  // the only digest that a format may lack
     [](const Component& of) {
       std::vector<std::string> all;
       for (const ClaimedDigest& digest : of.claimed_digests) {
         all.push_back(digest.algorithm + digest.hex);
       }
       return Sorted(all);
     }},
    {"the type of a reference",
     [](const Component& of) {
       std::vector<std::string> all;
       for (const ExternalReference& reference : of.external_references) {
         all.push_back(reference.type + " " + reference.url);
       }
       return Sorted(all);
     }},
    {"properties",
     [](const Component& of) {
       std::vector<std::string> all;
       for (const Property& property : of.properties) {
         all.push_back(property.name + "=" + property.value);
       }
       return Sorted(all);
     }},
    {"evidence",
     [](const Component& of) {
       std::vector<std::string> all;
       for (const IdentityEvidence& one : of.identity_evidence) {
         all.push_back(one.field + one.technique + one.confidence + one.value);
       }
       return Sorted(all);
     }},
};

struct DocumentFieldText {
  std::string_view loss;
  std::string (*text)(const SbomDocument&);
};

constexpr DocumentFieldText kDocumentFields[] = {
    {"namespace",
     [](const SbomDocument& of) {
       return of.serial.substr(0, of.serial.find('#'));
     }},
    {"time", [](const SbomDocument& of) { return of.timestamp; }},
    {"authors",
     [](const SbomDocument& of) {
       return of.authors.empty() ? "" : Plain(of.authors[0]);
     }},
    {"tools",
     [](const SbomDocument& of) {
       return of.tools.empty() ? "" : ToolOf(of.tools[0]).version;
     }},
    {"the document's name", [](const SbomDocument& of) { return of.name; }},
    {"the document's version",
     [](const SbomDocument& of) { return of.version; }},
    {"the document's data licence",
     [](const SbomDocument& of) { return of.data_licence; }},
    {"the document's manufacturer",
     [](const SbomDocument& of) { return Plain(of.manufacturer); }},
    {"the document's supplier",
     [](const SbomDocument& of) { return Plain(of.supplier); }},
    {"the document's external references",
     [](const SbomDocument& of) {
       return std::to_string(of.external_references.size());
     }},
    {"the document's properties",
     [](const SbomDocument& of) {
       return std::to_string(of.properties.size());
     }},
    {"the document's signature",
     [](const SbomDocument& of) {
       return std::string(of.has_signature ? "signed" : "");
     }},
};

class Losses : public testing::TestWithParam<const char*> {};

bool IsNamed(const std::vector<std::string>& losses, std::string_view what) {
  return std::any_of(losses.begin(), losses.end(), [&](const auto& loss) {
    return loss.find(what) != std::string::npos;
  });
}

TEST_P(Losses, WhatIsNotReadBackIsNamed) {
  const SbomDocument before = EveryField();
  ASSERT_EQ(EmptyFields(before), std::vector<std::string_view>());
  ASSERT_EQ(EmptyFields(before.components[0]), std::vector<std::string_view>());
  const auto written = WriteSbom(before, GetParam());
  ASSERT_TRUE(written);
  const auto validation = ValidateSbom(AsBytes(written->text));
  ASSERT_TRUE(validation) << validation.error().what;
  for (const SbomProblem& problem : validation->schema.problems) {
    ADD_FAILURE() << problem.pointer << ": " << problem.detail;
  }
  const auto after = ReadSbom(AsBytes(written->text));
  ASSERT_TRUE(after) << after.error().what;
  for (const auto& [loss, text] : kDocumentFields) {
    EXPECT_TRUE(text(before) == text(*after) || IsNamed(written->losses, loss))
        << loss << ": " << text(before) << " -> " << text(*after);
  }
  const auto same =
      std::find_if(after->components.begin(), after->components.end(),
                   [](const Component& one) { return one.name == "zlib1g"; });
  ASSERT_NE(same, after->components.end());
  for (const auto& [loss, text] : kComponentFields) {
    EXPECT_TRUE(text(before.components[0]) == text(*same) ||
                IsNamed(written->losses, loss))
        << loss << ": " << text(before.components[0]) << " -> " << text(*same);
  }
}

// A loss that is none would teach users to look away.
TEST_P(Losses, WhatWeMakeLosesNoMoreThanIsSaid) {
  SbomDocument plain = FullDocument();
  plain.components[0].scope.clear();
  plain.components[0].identity_evidence.clear();
  plain.compositions.clear();
  plain.listed_dependencies = {"product"};
  EXPECT_EQ(Joined(WriteSbom(plain, GetParam())->losses), "");
}

INSTANTIATE_TEST_SUITE_P(Formats, Losses,
                         testing::Values("cyclonedx-json@1.6",
                                         "cyclonedx-json@1.7", "spdx-json@2.3",
                                         "spdx-json@3.0.1"));

}  // namespace
}  // namespace assay::sbom
