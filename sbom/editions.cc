#include "sbom/editions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sbom/identity.h"
#include "sbom/product_index.h"

namespace assay::sbom {
namespace {

// What has to be the same in two copies of one edition.
std::multiset<std::string> RowsOf(const SbomDocument& document) {
  std::multiset<std::string> rows;
  for (const Component& one : document.components) {
    std::set<std::string> digests;
    for (const Digest& digest : one.digests) {
      digests.insert(KeyOf(digest));
    }
    std::string row = fmt::format("{}\n{}\n{}\n{}", one.name, one.version,
                                  one.purl, one.supplier);
    for (const std::string& digest : digests) {
      row.append("\n").append(digest);
    }
    rows.insert(std::move(row));
  }
  return rows;
}

std::size_t CountMissing(const std::multiset<std::string>& from,
                         const std::multiset<std::string>& in) {
  return static_cast<std::size_t>(std::count_if(
      from.begin(), from.end(),
      [&](const std::string& row) { return in.count(row) == 0; }));
}

// The values that a document gives for each thing that it names: the versions
// of a package, the digests of a file.
using Values = std::map<std::string, std::set<std::string>>;

Values ValuesOf(const SbomDocument& document) {
  Values values;
  for (const Component& one : document.components) {
    if (one.type == "file") {
      for (const Digest& digest : one.digests) {
        values[fmt::format("{} of {}", NameOf(digest.algorithm), one.name)]
            .insert(digest.hex);
      }
      continue;
    }
    const Identity identity = IdentityOf(one);
    if (!identity.name.empty() && !identity.version.empty()) {
      values[fmt::format("the version of {}", identity.name)].insert(
          identity.version);
    }
  }
  return values;
}

bool AreOneEdition(const SbomDocument& a, const SbomDocument& b) {
  return !a.serial.empty() && a.serial == b.serial && a.version == b.version;
}

bool DescribeTheSame(const SbomDocument& a, const SbomDocument& b) {
  return a.subject && b.subject && !a.subject->name.empty() &&
         a.subject->name == b.subject->name && !a.subject->version.empty() &&
         a.subject->version == b.subject->version;
}

class Checker {
 public:
  void Check(const HeldDocument& inner, const HeldDocument& outer) {
    const SbomDocument& a = inner.document;
    const SbomDocument& b = outer.document;
    if (AreOneEdition(a, b)) {
      CheckEdition(inner, outer);
    } else if (DescribeTheSame(a, b)) {
      CheckValues(inner, outer);
    }
  }

  std::vector<Discrepancy> found = {};

 private:
  void CheckEdition(const HeldDocument& inner, const HeldDocument& outer) {
    const SbomDocument& a = inner.document;
    const SbomDocument& b = outer.document;
    const auto inside = RowsOf(a);
    const auto delivered = RowsOf(b);
    if (inside != delivered) {
      Add(inner, outer,
          fmt::format("the document {} in {} components", a.serial,
                      b.components.size()),
          fmt::format("{} components in the product, {} of them not as the "
                      "delivered document has them",
                      a.components.size(), CountMissing(inside, delivered)));
    }
    if (a.has_signature != b.has_signature) {
      const auto says = [](bool has) {
        return has ? "a signature" : "no signature";
      };
      Add(inner, outer, says(b.has_signature),
          fmt::format("{} on the same document in the product",
                      says(a.has_signature)));
    }
  }

  void CheckValues(const HeldDocument& inner, const HeldDocument& outer) {
    const Values inside = ValuesOf(inner.document);
    const Values delivered = ValuesOf(outer.document);
    std::size_t count = 0;
    const std::string* first = nullptr;
    for (const auto& [what, values] : delivered) {
      const auto other = inside.find(what);
      if (other == inside.end() || other->second == values) {
        continue;
      }
      first = count++ == 0 ? &what : first;
    }
    if (first != nullptr) {
      Add(inner, outer,
          fmt::format("{}: {}", *first, *delivered.at(*first).begin()),
          fmt::format(
              "{} in the product's own document{}", *inside.at(*first).begin(),
              count == 1 ? std::string()
                         : fmt::format(", and {} more differ", count - 1)));
    }
  }

  void Add(const HeldDocument& inner, const HeldDocument& outer,
           std::string claimed, std::string told) {
    found.push_back({.kind = DiscrepancyKind::kDocumentMismatch,
                     .component = inner.holder,
                     .artifact = inner.artifact,
                     .claimed = std::move(claimed),
                     .found = std::move(told),
                     .document = outer.holder});
  }
};

}  // namespace

std::vector<Discrepancy> FindDocumentMismatches(
    const std::vector<HeldDocument>& documents) {
  Checker checker;
  for (const HeldDocument& inner : documents) {
    for (const HeldDocument& outer : documents) {
      if (inner.embedded && !outer.embedded) {
        checker.Check(inner, outer);
      }
    }
  }
  return std::move(checker.found);
}

}  // namespace assay::sbom
