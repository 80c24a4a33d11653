// The reconciliation against lies whose truth is known: one operator per class
// of discrepancy over products made from Debian packages, and five attacks on
// one root file system.
//
//   mutation_test [SEEDS]    default 3 per operator and product

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "sbom/reconcile.h"
#include "sbom/reference.h"
#include "tests/mutation/operators.h"
#include "tests/support/hex.h"

namespace assay::mutation {
namespace {

namespace fs = std::filesystem;

unsigned g_seeds = 3;

// The packages that the sample products are made of, by name.
std::vector<std::string> Debs(const std::vector<std::string>& names) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(testing::SamplePath("products/.cache"), error)) {
    const std::string file = entry.path().filename().string();
    const std::string name = file.substr(0, file.find('_'));
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(paths.size(), names.size())
      << "samples/products/generate.sh fetches the packages";
  return paths;
}

std::vector<Product> Products() {
  const std::vector<std::vector<std::string>> sets = {
      {"dropbear-bin", "libc6", "libcrypt1", "libgmp10", "libtomcrypt1",
       "libtommath1", "zlib1g"},
      {"minisign", "libsodium23", "netcat-traditional", "libc6", "mini-httpd",
       "libcrypt1"},
      {"busybox-static", "ca-certificates", "libssl3", "libc6", "klibc-utils",
       "libklibc"},
  };
  std::vector<Product> products;
  for (const auto& set : sets) {
    for (const Database database : {Database::kDpkg, Database::kOpkg}) {
      products.push_back(Install(Debs(set), database));
    }
  }
  return products;
}

Reconciliation Judge(const Case& one) {
  std::vector<HeldDocument> documents = {one.document};
  documents.insert(documents.end(), one.others.begin(), one.others.end());
  const Survey survey = one.product.Look();
  Reconciliation result = sbom::Reconcile(survey, std::move(documents));
  if (one.reference) {
    sbom::AddModifiedBuilds(survey, *one.reference, result);
  }
  return result;
}

std::string Told(const Reconciliation& result) {
  std::string text;
  for (const Discrepancy& one : result.discrepancies) {
    text += fmt::format("  {} {} {}: {} / {}\n", one.code, NameOf(one.kind),
                        one.component, one.claimed, one.found);
  }
  return text;
}

struct Rates {
  unsigned mutants = 0;
  unsigned detected = 0;  // anything at all
  unsigned right = 0;     // the class, at the place that was touched
  unsigned others = 0;    // classes that the change does not explain
};

bool IsRight(const Discrepancy& found, const Operator& by, const Case& one) {
  const bool code =
      found.kind != DiscrepancyKind::kUnexplainedFile || found.code == by.code;
  return found.kind == by.kind && code &&
         found.component.find(one.touched) != std::string::npos;
}

void Count(const Operator& by, const Case& one, Rates& rates) {
  const Reconciliation result = Judge(one);
  const auto& all = result.discrepancies;
  const bool right = std::any_of(
      all.begin(), all.end(),
      [&](const Discrepancy& found) { return IsRight(found, by, one); });
  ++rates.mutants;
  rates.detected += all.empty() ? 0U : 1U;
  rates.right += right ? 1U : 0U;
  EXPECT_TRUE(right) << by.code << " " << by.what << " on " << one.touched
                     << " gave\n"
                     << Told(result);
  for (const Discrepancy& found : all) {
    const bool along =
        found.kind == by.kind || std::find(by.along.begin(), by.along.end(),
                                           found.kind) != by.along.end();
    rates.others += along ? 0U : 1U;
    if (!along) {
      ADD_FAILURE() << by.code << " on " << one.touched << " also gave\n"
                    << Told(result);
    }
  }
}

TEST(MutationTest, UntouchedProductsGiveNothing) {
  std::uint64_t statements = 0;
  std::uint64_t wrong = 0;
  for (const Product& product : Products()) {
    const Case one{.product = product, .document = TruthOf(product)};
    const Reconciliation result = Judge(one);
    statements += one.document.document.components.size();
    wrong += result.discrepancies.size();
    EXPECT_EQ(Told(result), "");
    ASSERT_TRUE(result.scores);
    EXPECT_EQ(result.scores->index, 100U);
    // Nor without an SBOM, and each package against its own archive.
    Case alone{.product = product};
    alone.reference = ArchiveOf(product, product.packages.front());
    const Survey survey = product.Look();
    EXPECT_EQ(Told(sbom::Reconcile(survey, {})), "");
    const auto builds = sbom::FindModifiedBuilds(survey, *alone.reference);
    EXPECT_TRUE(builds.found.empty());
    EXPECT_GT(builds.compared, 0U);
  }
  fmt::print("untouched: {} claims, {} false contradictions\n", statements,
             wrong);
  EXPECT_LE(wrong * 500, statements);
}

TEST(MutationTest, EveryClassIsNamed) {
  const std::vector<Product> products = Products();
  fmt::print("class  mutants  detected  right class  unexplained\n");
  for (const Operator& by : AllOperators()) {
    Rates rates;
    for (std::size_t p = 0; p < products.size(); ++p) {
      const Case truth{.product = products[p],
                       .document = TruthOf(products[p])};
      for (unsigned seed = 0; seed < g_seeds; ++seed) {
        std::mt19937 random(static_cast<unsigned>(p) * 1000 + seed);
        Case mutant = truth;
        for (int tries = 0; tries < 40; ++tries) {
          if (by.apply(mutant, random)) {
            Count(by, mutant, rates);
            break;
          }
          mutant = truth;
        }
      }
    }
    fmt::print("{}    {:7}  {:7.1f}%  {:10.1f}%  {:11}  {}\n", by.code,
               rates.mutants, 100.0 * rates.detected / rates.mutants,
               100.0 * rates.right / rates.mutants, rates.others, by.what);
    EXPECT_GT(rates.mutants, 0U) << by.code;
    EXPECT_GE(rates.right * 100, rates.mutants * 97) << by.code;
  }
}

// A daemon added, a package hidden, a version edited, a program patched and a
// row made up, all at once, under an SBOM of the tree as it was.
TEST(MutationTest, FiveAttacksInOneRun) {
  Product product = Products().front();
  Case one{.product = product, .document = TruthOf(product)};
  EXPECT_EQ(Told(Judge(one)), "");

  Product& tree = one.product;
  auto& packages = tree.packages;
  const auto named = [&](const std::string& name) {
    return std::find_if(packages.begin(), packages.end(),
                        [&](const Package& each) { return each.name == name; });
  };
  tree.Put("usr/sbin/telemetryd", tree.files.at("usr/sbin/dropbear").content,
           0755);
  for (const char* suffix : {"list", "md5sums", "postinst", "prerm"}) {
    tree.files.erase(tree.InfoPath("dropbear-bin", suffix));
  }
  packages.erase(named("dropbear-bin"));
  tree.WriteDatabase();
  const std::string patched =
      *std::find_if(named("zlib1g")->files.begin(),
                    named("zlib1g")->files.end(), [](const std::string& path) {
                      return path.find("libz.so") != std::string::npos;
                    });
  std::string code = tree.files.at(patched).content;
  code[code.size() / 2] = static_cast<char>(code[code.size() / 2] ^ 1);
  tree.Put(patched, code, 0644);
  std::string status = tree.files.at("var/lib/dpkg/status").content;
  const std::string version = "Version: " + named("libgmp10")->version;
  status.replace(status.find(version), version.size(), "Version: 2:9.9.99-1");
  status +=
      "Package: phantomlib\nVersion: 9.9\nArchitecture: amd64\n"
      "Status: install ok installed\n";
  tree.Put("var/lib/dpkg/status", status, 0644);

  const Reconciliation result = Judge(one);
  for (const auto& [part, code_of] :
       {std::pair("usr/sbin/telemetryd", "D07"),
        std::pair("dropbear-bin", "D11"), std::pair("libgmp10", "D03"),
        std::pair("libz.so", "D10"), std::pair("libz.so", "D04"),
        std::pair("phantomlib", "D02")}) {
    EXPECT_TRUE(
        std::any_of(result.discrepancies.begin(), result.discrepancies.end(),
                    [&, where = std::string(part),
                     wanted = std::string(code_of)](const Discrepancy& found) {
                      return found.code == wanted &&
                             found.component.find(where) != std::string::npos;
                    }))
        << code_of << " " << part << " not among\n"
        << Told(result);
  }
  ASSERT_TRUE(result.scores);
  EXPECT_LE(result.scores->index, 40U);
}

}  // namespace
}  // namespace assay::mutation

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1) {
    assay::mutation::g_seeds =
        static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10));
  }
  return RUN_ALL_TESTS();
}
