#include "sbom/document_builder.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <utility>

#include "sbom/purl.h"
#include "sbom/semantic_rules.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::sbom {
namespace {

// Every algorithm that CycloneDX 1.7, SPDX 2.3 or SPDX 3.0.1 names.
struct KnownAlgorithm {
  std::string_view plain;  // upper case, no dash
  AlgorithmFacts facts;
};
constexpr std::array<KnownAlgorithm, 31> kAlgorithms = {{
    {"MD2", {"MD2", 16}},
    {"MD4", {"MD4", 16}},
    {"MD5", {"MD5", 16}},
    {"MD6", {"MD6", 0}},
    {"SHA1", {"SHA-1", 20}},
    {"SHA224", {"SHA-224", 28}},
    {"SHA256", {"SHA-256", 32}},
    {"SHA384", {"SHA-384", 48}},
    {"SHA512", {"SHA-512", 64}},
    {"SHA3224", {"SHA3-224", 28}},
    {"SHA3256", {"SHA3-256", 32}},
    {"SHA3384", {"SHA3-384", 48}},
    {"SHA3512", {"SHA3-512", 64}},
    {"BLAKE2B256", {"BLAKE2b-256", 32}},
    {"BLAKE2B384", {"BLAKE2b-384", 48}},
    {"BLAKE2B512", {"BLAKE2b-512", 64}},
    {"BLAKE3", {"BLAKE3", 0}},
    {"STREEBOG256", {"Streebog-256", 32}},
    {"STREEBOG512", {"Streebog-512", 64}},
    {"ADLER32", {"ADLER32", 4}},
    {"GOST", {"GOST", 32}},
    {"SM3", {"SM3", 32}},
    {"CRYSTALSKYBER", {"CRYSTALS-Kyber", 0}},
    {"CRYSTALSDILITHIUM", {"CRYSTALS-Dilithium", 0}},
    {"FALCON", {"Falcon", 0}},
    {"OTHER", {"other", 0}},
    // RFC 6920: truncated.
    {"SHA256128", {"SHA-256-128", 16}},
    {"SHA256120", {"SHA-256-120", 15}},
    {"SHA25696", {"SHA-256-96", 12}},
    {"SHA25664", {"SHA-256-64", 8}},
    {"SHA25632", {"SHA-256-32", 4}},
}};

// Names that a document may write with or without their namespace.
bool NamesAgree(const Component& component, const Purl& purl) {
  const auto plain = [](std::string_view text) {
    std::string lower = Lower(text);
    for (char& c : lower) {
      c = c == '_' || c == '.' ? '-' : c;
    }
    return lower;
  };
  const std::string name = plain(component.name);
  const std::string last = plain(purl.name);
  for (const char separator : {'/', ':', '.'}) {
    if (name ==
        plain(fmt::format("{}{}{}", purl.name_space, separator, purl.name))) {
      return true;
    }
  }
  return name == last;
}

// "v1.2" in one place and "1.2" in the other, or a URL-encoded epoch.
bool VersionsAgree(std::string_view claimed, std::string_view in_purl) {
  const auto plain = [](std::string_view text) {
    return text.substr(0, 1) == "v" ? text.substr(1) : text;
  };
  const std::string_view a = plain(claimed);
  const std::string_view b = plain(in_purl);
  // rpm and deb tools put the epoch into a qualifier or drop it.
  return Lower(a) == Lower(b) || a.substr(a.find(':') + 1) == b ||
         b.substr(b.find(':') + 1) == a;
}

}  // namespace

AlgorithmFacts FindAlgorithm(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') {
      plain.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                           : c);
    }
  }
  for (const KnownAlgorithm& known : kAlgorithms) {
    if (known.plain == plain) {
      return known.facts;
    }
  }
  return {};
}

bool DocumentBuilder::IsFull(std::string_view rule) {
  if (document.problems.size() < kMaxProblems) {
    return false;
  }
  ++unlisted_;
  const SemanticRule* known = FindSemanticRule(rule);
  violation_unlisted_ =
      violation_unlisted_ || (known != nullptr && known->violation);
  return true;
}

void DocumentBuilder::Put(std::string pointer, Value at, std::string_view rule,
                          std::string detail) {
  const SemanticRule* known = FindSemanticRule(rule);
  assert(known != nullptr);
  const SourcePlace place = tree_.PlaceOf(at);
  document.problems.push_back({.pointer = std::move(pointer),
                               .rule = std::string(rule),
                               .detail = std::move(detail),
                               .reference = std::string(known->reference),
                               .line = place.line,
                               .column = place.column,
                               .offset = place.offset,
                               .violation = known->violation});
}

void DocumentBuilder::Report(Value at, std::string_view rule,
                             std::string detail) {
  if (!IsFull(rule)) {
    Put(tree_.PointerTo(at), at, rule, std::move(detail));
  }
}

void DocumentBuilder::Report(Value object, std::string_view key,
                             std::string_view rule, std::string detail) {
  if (IsFull(rule)) {
    return;
  }
  const Value member = object[key];
  Put(Join(object.exists() ? tree_.PointerTo(object) : "", key),
      member.exists() ? member : object, rule, std::move(detail));
}

Value DocumentBuilder::Typed(Value object, std::string_view key,
                             Value::Kind wanted) {
  const Value value = object[key];
  if (value.kind() == wanted) {
    return value;
  }
  if (value.exists()) {
    Report(value, "sbom.type-wrong",
           fmt::format("{} where {} belongs", NameOf(value.kind()),
                       NameOf(wanted)));
  }
  return {};
}

std::string DocumentBuilder::Text(Value object, std::string_view key) {
  return std::string(Typed(object, key, Value::Kind::kString).text());
}

std::string DocumentBuilder::Id(Value object, std::string_view key) {
  return Id(Typed(object, key, Value::Kind::kString));
}

std::string DocumentBuilder::Id(Value id) {
  if (id.text().size() <= kMaxId) {
    return std::string(id.text());
  }
  Report(id, "sbom.limit",
         fmt::format("an identifier of more than {} bytes", kMaxId));
  return "";
}

Value DocumentBuilder::Array(Value object, std::string_view key) {
  return Typed(object, key, Value::Kind::kArray);
}

Value DocumentBuilder::Object(Value object, std::string_view key) {
  return Typed(object, key, Value::Kind::kObject);
}

bool DocumentBuilder::IsObject(Value element) {
  if (!element.is_object()) {
    Report(element, "sbom.type-wrong",
           fmt::format("{} where an object belongs", NameOf(element.kind())));
  }
  return element.is_object();
}

bool DocumentBuilder::IsString(Value element) {
  if (!element.is_string()) {
    Report(element, "sbom.type-wrong",
           fmt::format("{} where a string belongs", NameOf(element.kind())));
  }
  return element.is_string();
}

void DocumentBuilder::AddDigest(Component& component,
                                std::string_view algorithm,
                                std::string_view hex, Value at) {
  const AlgorithmFacts known = FindAlgorithm(algorithm);
  if (known.name.empty()) {
    Report(at, "sbom.digest-algorithm-unknown",
           fmt::format("\"{}\"", Escaped(algorithm)));
    return;
  }
  const auto bytes = BytesFromHex(hex);
  if (!bytes || bytes->empty() ||
      (known.size != 0 && bytes->size() != known.size)) {
    Report(at, "sbom.digest-malformed",
           fmt::format("{} of {} characters is no digest of {} bytes",
                       known.name, hex.size(), known.size));
    return;
  }
  std::string lower = Lower(hex);
  if (const auto ours = DigestAlgorithmOf(algorithm)) {
    component.digests.push_back({*ours, lower});
  }
  component.claimed_digests.push_back(
      {std::string(known.name), std::move(lower)});
}

void DocumentBuilder::CheckIdentity(const Component& component, Value at) {
  if (component.name.empty()) {
    Report(at, "sbom.name-missing", "a component without name");
  }
  if (component.purl.empty()) {
    return;
  }
  const auto purl = ParsePurl(component.purl);
  if (!purl) {
    Report(at, "sbom.purl-malformed",
           fmt::format("{}: {}", Escaped(component.purl), purl.error().what));
    return;
  }
  if (!component.name.empty() && !NamesAgree(component, *purl)) {
    Report(at, "sbom.purl-disagrees",
           fmt::format("name \"{}\", but {}", Escaped(component.name),
                       Escaped(component.purl)));
  }
  if (!component.version.empty() && !purl->version.empty() &&
      !VersionsAgree(component.version, purl->version)) {
    Report(at, "sbom.purl-disagrees",
           fmt::format("version \"{}\", but {}", Escaped(component.version),
                       Escaped(component.purl)));
  }
}

void DocumentBuilder::CheckTimestamp(std::string_view text, Value object,
                                     std::string_view key) {
  // RFC 3339 section 5.6: a date alone is no date-time.
  if (text.size() <= 10 || !ParseTime(text)) {
    Report(object, key, "sbom.timestamp-malformed",
           fmt::format("\"{}\" is no RFC 3339 time", Escaped(text)));
  }
}

bool DocumentBuilder::Copies(std::size_t size) {
  copied_ += size;
  return copied_ <= kMaxCopied;
}

bool DocumentBuilder::ReportLimit(Value at) {
  if (!limit_met_) {
    limit_met_ = true;
    Report(at, "sbom.limit",
           fmt::format("more than {} components, {} dependencies or {} bytes "
                       "of repeated identifiers: the others are not read",
                       kMaxComponents, kMaxDependencies, kMaxCopied));
  }
  return false;
}

bool DocumentBuilder::AddComponent(Component component, Value at) {
  if (document.components.size() >= kMaxComponents ||
      !Copies(component.parent.size() + component.pointer.size())) {
    return ReportLimit(at);
  }
  document.components.push_back(std::move(component));
  return true;
}

bool DocumentBuilder::AddDependency(SbomDocument::Dependency dependency,
                                    Value at) {
  if (document.dependencies.size() >= kMaxDependencies ||
      !Copies(dependency.from.size() + dependency.to.size() +
              dependency.completeness.size())) {
    return ReportLimit(at);
  }
  document.dependencies.push_back(std::move(dependency));
  return true;
}

void DocumentBuilder::Nest(Component& component, std::string_view parent,
                           Value at) {
  if (Copies(parent.size())) {
    component.parent = parent;
  } else {
    ReportLimit(at);
  }
}

void DocumentBuilder::Declare(std::string_view ref, Value at) {
  const auto [entry, fresh] = declared_.emplace(ref, at);
  if (!fresh) {
    Report(at, "sbom.reference-duplicate",
           fmt::format("\"{}\" also stands at {}", Escaped(ref),
                       tree_.PointerTo(entry->second)));
  }
}

bool DocumentBuilder::Resolve(std::string_view ref, Value at) {
  if (declared_.count(ref) != 0) {
    return true;
  }
  Report(at, "sbom.reference-unresolved",
         fmt::format("\"{}\" names nothing in the document", Escaped(ref)));
  return false;
}

SbomDocument DocumentBuilder::Finish() {
  if (unlisted_ > 0) {
    Put("", {}, "sbom.problems-unlisted",
        fmt::format("{} further problems are not listed", unlisted_));
    document.problems.back().violation = violation_unlisted_;
  }
  return std::move(document);
}

}  // namespace assay::sbom
