#include "sbom/document_builder.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sbom/purl.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::sbom {
namespace {

// Every algorithm that CycloneDX 1.7 or SPDX 2.3 names, with the number of
// bytes of its digests; 0 where the digest has no fixed length.
struct KnownAlgorithm {
  std::string_view name;  // upper case, no dash
  std::size_t size;
};
constexpr std::array<KnownAlgorithm, 22> kAlgorithms = {{
    {"MD2", 16},         {"MD4", 16},        {"MD5", 16},
    {"MD6", 0},          {"SHA1", 20},       {"SHA224", 28},
    {"SHA256", 32},      {"SHA384", 48},     {"SHA512", 64},
    {"SHA3224", 28},     {"SHA3256", 32},    {"SHA3384", 48},
    {"SHA3512", 64},     {"BLAKE2B256", 32}, {"BLAKE2B384", 48},
    {"BLAKE2B512", 64},  {"BLAKE3", 0},      {"STREEBOG256", 32},
    {"STREEBOG512", 64}, {"ADLER32", 4},     {"GOST", 32},
    {"SM3", 32},
}};

const KnownAlgorithm* FindAlgorithm(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') {
      plain.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                           : c);
    }
  }
  for (const KnownAlgorithm& known : kAlgorithms) {
    if (known.name == plain) {
      return &known;
    }
  }
  return nullptr;
}

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

std::string Join(std::string_view pointer, std::string_view key) {
  std::string path = fmt::format("{}/", pointer);
  for (const char c : key) {
    if (c == '~') {
      path += "~0";
    } else if (c == '/') {
      path += "~1";
    } else {
      path.push_back(c);
    }
  }
  return path;
}

std::string Join(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

void DocumentBuilder::Report(std::string pointer, std::string_view rule,
                             std::string detail) {
  if (document.problems.size() >= kMaxProblems) {
    ++unlisted_;
    return;
  }
  document.problems.push_back(
      {std::move(pointer), std::string(rule), std::move(detail)});
}

const Json& DocumentBuilder::Typed(const Json& object, std::string_view key,
                                   std::string_view pointer,
                                   std::string_view wanted,
                                   bool (Json::*is_wanted)() const) {
  static const Json kNull;
  const Json& value = At(object, key);
  if ((value.*is_wanted)()) {
    return value;
  }
  if (!value.is_null() ||
      (object.is_object() && object.contains(std::string(key)))) {
    Report(Join(pointer, key), "sbom.type-wrong",
           fmt::format("{} where {} belongs", value.type_name(), wanted));
  }
  return kNull;
}

std::string DocumentBuilder::Text(const Json& object, std::string_view key,
                                  std::string_view pointer) {
  const Json& value = Typed(object, key, pointer, "a string", &Json::is_string);
  return value.is_string() ? value.get<std::string>() : std::string();
}

const Json& DocumentBuilder::Array(const Json& object, std::string_view key,
                                   std::string_view pointer) {
  return Typed(object, key, pointer, "an array", &Json::is_array);
}

const Json& DocumentBuilder::Object(const Json& object, std::string_view key,
                                    std::string_view pointer) {
  return Typed(object, key, pointer, "an object", &Json::is_object);
}

bool DocumentBuilder::IsObject(const Json& element, std::string_view pointer) {
  if (!element.is_object()) {
    Report(std::string(pointer), "sbom.type-wrong",
           fmt::format("{} where an object belongs", element.type_name()));
  }
  return element.is_object();
}

void DocumentBuilder::AddDigest(Component& component,
                                std::string_view algorithm,
                                std::string_view hex,
                                std::string_view pointer) {
  const KnownAlgorithm* known = FindAlgorithm(algorithm);
  if (known == nullptr) {
    Report(std::string(pointer), "sbom.digest-algorithm-unknown",
           fmt::format("\"{}\"", Escaped(algorithm)));
    return;
  }
  const auto bytes = BytesFromHex(hex);
  if (!bytes || bytes->empty() ||
      (known->size != 0 && bytes->size() != known->size)) {
    Report(std::string(pointer), "sbom.digest-malformed",
           fmt::format("{} of {} characters is no digest of {} bytes",
                       Escaped(algorithm), hex.size(), known->size));
    return;
  }
  if (const auto ours = DigestAlgorithmOf(algorithm)) {
    component.digests.push_back({*ours, Lower(hex)});
  }
}

void DocumentBuilder::CheckIdentity(const Component& component) {
  if (component.name.empty()) {
    Report(component.pointer, "sbom.name-missing", "a component without name");
  }
  if (component.purl.empty()) {
    return;
  }
  const auto purl = ParsePurl(component.purl);
  if (!purl) {
    Report(component.pointer, "sbom.purl-malformed",
           fmt::format("{}: {}", Escaped(component.purl), purl.error().what));
    return;
  }
  if (!component.name.empty() && !NamesAgree(component, *purl)) {
    Report(component.pointer, "sbom.purl-disagrees",
           fmt::format("name \"{}\", but {}", Escaped(component.name),
                       Escaped(component.purl)));
  }
  if (!component.version.empty() && !purl->version.empty() &&
      !VersionsAgree(component.version, purl->version)) {
    Report(component.pointer, "sbom.purl-disagrees",
           fmt::format("version \"{}\", but {}", Escaped(component.version),
                       Escaped(component.purl)));
  }
}

void DocumentBuilder::CheckTimestamp(std::string_view text,
                                     std::string_view pointer) {
  // RFC 3339 section 5.6: a date alone is no date-time.
  if (text.size() <= 10 || !ParseTime(text)) {
    Report(std::string(pointer), "sbom.timestamp-malformed",
           fmt::format("\"{}\" is no RFC 3339 time", Escaped(text)));
  }
}

void DocumentBuilder::Declare(const std::string& ref,
                              std::string_view pointer) {
  const auto [entry, fresh] = declared_.emplace(ref, pointer);
  if (!fresh) {
    Report(
        std::string(pointer), "sbom.reference-duplicate",
        fmt::format("\"{}\" also stands at {}", Escaped(ref), entry->second));
  }
}

bool DocumentBuilder::Resolve(const std::string& ref,
                              std::string_view pointer) {
  if (declared_.count(ref) != 0) {
    return true;
  }
  Report(std::string(pointer), "sbom.reference-unresolved",
         fmt::format("\"{}\" names nothing in the document", Escaped(ref)));
  return false;
}

SbomDocument DocumentBuilder::Finish() {
  if (unlisted_ > 0) {
    document.problems.push_back(
        {"", "sbom.problems-unlisted",
         fmt::format("{} further problems are not listed", unlisted_)});
  }
  return std::move(document);
}

}  // namespace assay::sbom
