#include "sbom/profile_fields.h"

#include <algorithm>
#include <array>

#include "sbom/writer_support.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Outcome = FieldOutcome;

Outcome OutcomeOf(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  if (lower.empty()) {
    return Outcome::kSilent;
  }
  const bool unknown = lower == "noassertion" || lower == "unknown" ||
                       lower == "none" || lower == "n/a";
  return unknown ? Outcome::kDeclaredUnknown : Outcome::kPresent;
}

// The best of several ways to say the same.
Outcome Best(std::initializer_list<Outcome> outcomes) {
  return std::min(outcomes);
}

template <typename List>
Outcome BestOf(const List& list) {
  Outcome best = Outcome::kSilent;
  for (const std::string& text : list) {
    best = std::min(best, OutcomeOf(text));
  }
  return best;
}

Outcome If(bool present) {
  return present ? Outcome::kPresent : Outcome::kSilent;
}

bool HasContact(std::string_view text) {
  const Party party = PartyOf(text);
  return !party.email.empty() || !party.url.empty();
}

// A creator with mail address or URL (BSI TR-03183-2 section 5.2.2).
Outcome Contact(std::initializer_list<std::string_view> texts) {
  Outcome best = Outcome::kSilent;
  for (const std::string_view text : texts) {
    if (HasContact(text)) {
      return Outcome::kPresent;
    }
    if (OutcomeOf(text) == Outcome::kDeclaredUnknown) {
      best = Outcome::kDeclaredUnknown;
    }
  }
  return best;
}

Outcome ToolPart(const SbomDocument& document, std::string ToolName::*part) {
  Outcome best = Outcome::kSilent;
  for (const std::string& tool : document.tools) {
    best = std::min(best, OutcomeOf(ToolOf(tool).*part));
  }
  return best;
}

Outcome DigestBy(const Component& component, std::string_view algorithm) {
  const auto digests = DigestsOf(component);
  return If(std::any_of(digests.begin(), digests.end(), [&](const auto& one) {
    return algorithm.empty() || one.algorithm == algorithm;
  }));
}

Outcome PropertyNamed(const Component& component, std::string_view name) {
  for (const Property& property : component.properties) {
    if (property.name == name) {
      return OutcomeOf(property.value);
    }
  }
  return Outcome::kSilent;
}

Outcome ReferenceOf(const Component& component, std::string_view type) {
  for (const ExternalReference& reference : component.external_references) {
    if (reference.type == type) {
      return OutcomeOf(reference.url);
    }
  }
  return Outcome::kSilent;
}

Outcome Licence(const Component& component) {
  return Best({BestOf(component.licences), BestOf(component.licences_declared),
               BestOf(component.licences_concluded)});
}

constexpr std::array kDocument = {
    DocumentField{"author",
                  [](const ProfileSubject& subject) {
                    const SbomDocument& document = subject.document;
                    return Best({BestOf(document.authors),
                                 OutcomeOf(document.manufacturer)});
                  }},
    DocumentField{"author-contact",
                  [](const ProfileSubject& subject) {
                    Outcome best = Contact({subject.document.manufacturer});
                    for (const auto& author : subject.document.authors) {
                      best = std::min(best, Contact({author}));
                    }
                    return best;
                  }},
    DocumentField{"author-signature",
                  [](const ProfileSubject& subject) {
                    return If(subject.document.has_signature);
                  }},
    DocumentField{"data-licence",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.data_licence);
                  }},
    DocumentField{"document-name",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.name);
                  }},
    DocumentField{"document-version",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.version);
                  }},
    DocumentField{"format-name",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.format);
                  }},
    DocumentField{"format-version",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.spec_version);
                  }},
    DocumentField{"generation-context",
                  [](const ProfileSubject& subject) {
                    return BestOf(subject.document.lifecycle_phases);
                  }},
    DocumentField{"namespace",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.serial);
                  }},
    DocumentField{"subject",
                  [](const ProfileSubject& subject) {
                    return If(subject.document.subject.has_value());
                  }},
    DocumentField{"timestamp",
                  [](const ProfileSubject& subject) {
                    return OutcomeOf(subject.document.timestamp);
                  }},
    DocumentField{"tool-name",
                  [](const ProfileSubject& subject) {
                    return ToolPart(subject.document, &ToolName::name);
                  }},
    DocumentField{"tool-version",
                  [](const ProfileSubject& subject) {
                    return ToolPart(subject.document, &ToolName::version);
                  }},
};

constexpr std::array kComponent = {
    ComponentField{"archive",
                   [](const ProfileSubject&, const Component& component) {
                     return PropertyNamed(component, "bsi:component:archive");
                   }},
    ComponentField{"copyright",
                   [](const ProfileSubject&, const Component& component) {
                     return OutcomeOf(component.copyright);
                   }},
    ComponentField{
        "dependencies",
        [](const ProfileSubject& subject, const Component& component) {
          const bool unsure = subject.unsure.count(component.ref) != 0;
          if (subject.has_some.count(component.ref) != 0 ||
              (subject.listed.count(component.ref) != 0 && !unsure)) {
            return Outcome::kPresent;
          }
          return unsure ? Outcome::kDeclaredUnknown : Outcome::kSilent;
        }},
    ComponentField{
        "dependencies-completeness",
        [](const ProfileSubject& subject, const Component& component) {
          if (subject.judged.count(component.ref) != 0) {
            return Outcome::kPresent;
          }
          return subject.unsure.count(component.ref) != 0
                     ? Outcome::kDeclaredUnknown
                     : Outcome::kSilent;
        }},
    ComponentField{"download-location",
                   [](const ProfileSubject&, const Component& component) {
                     return ReferenceOf(component, "distribution");
                   }},
    ComponentField{"executable",
                   [](const ProfileSubject&, const Component& component) {
                     return PropertyNamed(component,
                                          "bsi:component:executable");
                   }},
    ComponentField{"filename",
                   [](const ProfileSubject&, const Component& component) {
                     return component.type == "file"
                                ? OutcomeOf(component.name)
                                : PropertyNamed(component,
                                                "bsi:component:filename");
                   }},
    ComponentField{"hash",
                   [](const ProfileSubject&, const Component& component) {
                     return DigestBy(component, "");
                   }},
    ComponentField{"hash-sha512",
                   [](const ProfileSubject&, const Component& component) {
                     return DigestBy(component, "SHA-512");
                   }},
    ComponentField{"identifier",
                   [](const ProfileSubject&, const Component& component) {
                     return Best(
                         {OutcomeOf(component.purl), OutcomeOf(component.cpe),
                          OutcomeOf(component.swid), DigestBy(component, "")});
                   }},
    ComponentField{"licence",
                   [](const ProfileSubject&, const Component& component) {
                     return Licence(component);
                   }},
    ComponentField{"licence-concluded",
                   [](const ProfileSubject&, const Component& component) {
                     return BestOf(component.licences_concluded);
                   }},
    ComponentField{"licence-declared",
                   [](const ProfileSubject&, const Component& component) {
                     return BestOf(component.licences_declared);
                   }},
    ComponentField{"name",
                   [](const ProfileSubject&, const Component& component) {
                     return OutcomeOf(component.name);
                   }},
    ComponentField{"purl",
                   [](const ProfileSubject&, const Component& component) {
                     return OutcomeOf(component.purl);
                   }},
    ComponentField{"structured",
                   [](const ProfileSubject&, const Component& component) {
                     return PropertyNamed(component,
                                          "bsi:component:structured");
                   }},
    ComponentField{"supplier",
                   [](const ProfileSubject&, const Component& component) {
                     return Best({OutcomeOf(component.supplier),
                                  OutcomeOf(component.manufacturer),
                                  OutcomeOf(component.author)});
                   }},
    ComponentField{"supplier-contact",
                   [](const ProfileSubject&, const Component& component) {
                     return Contact({component.supplier, component.manufacturer,
                                     component.author});
                   }},
    ComponentField{"support-end",
                   [](const ProfileSubject&, const Component& component) {
                     return PropertyNamed(
                         component, "cdx:lifecycle:milestone:endOfSupport");
                   }},
    ComponentField{"support-level",
                   [](const ProfileSubject&, const Component& component) {
                     return PropertyNamed(component, "cdx:support:level");
                   }},
    ComponentField{"version",
                   [](const ProfileSubject&, const Component& component) {
                     return OutcomeOf(component.version);
                   }},
};

}  // namespace

ProfileSubject::ProfileSubject(const SbomDocument& of) : document(of) {
  const auto judge = [this](std::string_view word, const std::string& ref) {
    // CycloneDX' words, and SPDX 3's.
    const bool unknown =
        word == "unknown" || word == "not_specified" || word == "noAssertion";
    (unknown ? unsure : judged).insert(ref);
  };
  for (const std::string& ref : of.listed_dependencies) {
    listed.insert(ref);
  }
  for (const auto& dependency : of.dependencies) {
    has_some.insert(dependency.from);
    if (!dependency.completeness.empty()) {
      judge(dependency.completeness, dependency.from);
    }
  }
  for (const Composition& composition : of.compositions) {
    for (const std::string& ref : composition.dependencies) {
      judge(composition.aggregate, ref);
    }
  }
}

std::span<const DocumentField> DocumentFields() {
  return kDocument;
}
std::span<const ComponentField> ComponentFields() {
  return kComponent;
}

bool IsFileComponent(const Component& component) {
  return component.type == "file" ||
         PropertyNamed(component, "bsi:component:filename") !=
             FieldOutcome::kSilent;
}

}  // namespace assay::sbom
