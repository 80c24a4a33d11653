// CSAF 2.0 (OASIS), profile 5 "VEX": docs.oasis-open.org/csaf/csaf/v2.0.

#include <array>
#include <map>
#include <string>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/engine/vex.h"
#include "verifier/engine/vex_fields.h"

namespace assay::engine {
namespace {

// Section 3.2.3.5: vulnerabilities[].flags[].label.
constexpr std::array<std::string_view, 5> kFlags = {
    "component_not_present", "inline_mitigations_already_exist",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerable_code_not_in_execute_path", "vulnerable_code_not_present"};

// Section 3.2.3.9, without the recommended versions, of which it says nothing.
constexpr std::array<std::pair<std::string_view, VexStatus>, 7> kLists = {{
    {"known_not_affected", VexStatus::kNotAffected},
    {"first_affected", VexStatus::kAffected},
    {"known_affected", VexStatus::kAffected},
    {"last_affected", VexStatus::kAffected},
    {"first_fixed", VexStatus::kFixed},
    {"fixed", VexStatus::kFixed},
    {"under_investigation", VexStatus::kUnderInvestigation},
}};

using Products = std::map<std::string, VexSubject>;

// Section 3.1.3.3.2: file hashes by algorithm, as OpenSSL calls it.
void ReadProduct(VexFields product, Products& products) {
  VexSubject subject;
  VexFields helper = product.Object("product_identification_helper");
  helper.Each("hashes", [&](VexFields file) {
    file.Each("file_hashes", [&](VexFields hash) {
      if (DigestAlgorithmOf(hash.TextIf("algorithm")) ==
          DigestAlgorithm::kSha256) {
        subject.sha256 = hash.TextIf("value");
      }
    });
  });
  helper.Each("x_generic_uris", [&](VexFields uri) {
    const std::string path = PathOfUrn(uri.TextIf("uri"));
    subject.path = path.empty() ? subject.path : path;
  });
  if (!products.emplace(product.Text("product_id"), std::move(subject))
           .second) {
    product.Refuse("product_id", "stands twice");
  }
}

// Recursion: the parser has bounded the depth.
void ReadBranches(VexFields branches,  // NOLINT(misc-no-recursion)
                  Products& products) {
  branches.Each("branches", [&](VexFields branch) {
    if (branch.Has("product")) {
      ReadProduct(branch.Object("product"), products);
    }
    ReadBranches(std::move(branch), products);
  });
}

Products ProductsOf(VexFields tree) {
  Products products;
  tree.Each("full_product_names", [&](VexFields product) {
    ReadProduct(std::move(product), products);
  });
  tree.Each("relationships", [&](VexFields relationship) {
    if (relationship.Has("full_product_name")) {
      ReadProduct(relationship.Object("full_product_name"), products);
    }
  });
  ReadBranches(std::move(tree), products);
  return products;
}

struct Flag {
  std::string label = {};
  std::optional<UnixTime> date = {};
};

// Of products, by their ids.
std::map<std::string, Flag> FlagsOf(VexFields& vulnerability) {
  std::map<std::string, Flag> flags;
  vulnerability.Each("flags", [&](VexFields flag) {
    const std::string label = flag.WordIf("label", kFlags);
    const auto date = flag.TimeIf("date");
    flag.Each("product_ids", [&](VexFields id) {
      flags[id.AsText()] = {label, date};
    });
  });
  return flags;
}

// Why, in the words of threats of the category impact.
std::string ImpactOf(VexFields& vulnerability, const std::string& product) {
  std::string impact;
  vulnerability.Each("threats", [&](VexFields threat) {
    bool about = !threat.Has("product_ids") && !threat.Has("group_ids");
    threat.Each("product_ids",
                [&](VexFields id) { about = about || id.AsText() == product; });
    if (about && threat.TextIf("category") == "impact") {
      impact = threat.TextIf("details");
    }
  });
  return impact;
}

// One statement for each product: each may have its own flag.
void ReadVulnerability(VexFields fields, const Products& products,
                       UnixTime time, VexDocument& vex) {
  std::vector<std::string> ids;
  if (fields.Has("cve")) {
    ids.push_back(fields.Text("cve"));
  }
  fields.Each("ids", [&](VexFields id) { ids.push_back(id.Text("text")); });
  if (ids.empty()) {
    fields.Refuse("ids", "missing, and there is no cve");
  }
  const auto flags = FlagsOf(fields);
  VexFields status = fields.Object("product_status");
  std::map<std::string, VexStatus> said;
  for (const auto& [list, value] : kLists) {
    status.Each(list, [&, value = value](VexFields id) {
      const std::string product = id.AsText();
      if (said.emplace(product, value).first->second != value) {
        id.Refuse("", "has another status as well");  // section 6.1.6
      }
      const auto known = products.find(product);
      if (known == products.end()) {
        id.Refuse("", "not a product of the product tree");
        return;
      }
      const auto flag = flags.find(product);
      const Flag found = flag == flags.end() ? Flag{} : flag->second;
      vex.statements.push_back(
          {.at = id.at(),
           .ids = ids,
           .status = value,
           .reason = ReasonOf(found.label, ImpactOf(fields, product)),
           .time = found.date.value_or(time),
           .subjects = {known->second}});
    });
  }
}

}  // namespace

Result<VexDocument> ReadCsafVex(const Json& document) {
  std::optional<Error> problem;
  VexFields fields(document, "", problem);
  VexFields head = fields.Object("document");
  if (head.Text("csaf_version") != "2.0") {
    head.Unsupported("csaf_version", "this version reads CSAF 2.0");
  }
  if (head.Text("category") != "csaf_vex") {
    head.Unsupported("category", "not csaf_vex");
  }
  VexDocument vex{.author = head.Object("publisher").Text("name")};
  VexFields tracking = head.Object("tracking");
  const auto time = tracking.TimeIf("current_release_date");
  if (!time) {
    tracking.Refuse("current_release_date", "missing");
  }
  const Products products = ProductsOf(fields.Object("product_tree"));
  fields.Each("vulnerabilities", [&](VexFields one) {
    ReadVulnerability(std::move(one), products, time.value_or(0), vex);
  });
  if (problem) {
    return Fail(*problem);
  }
  return vex;
}

}  // namespace assay::engine
