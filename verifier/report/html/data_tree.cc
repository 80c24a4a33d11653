#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/html/data.h"
#include "verifier/report/html/words.h"

namespace assay::report::html {
namespace {

constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kDigestCharacters = 43;  // base64 without its padding

std::size_t CountOf(const Report& report) {
  return std::min(report.artifacts.size(), kMostArtifacts);
}

// What a path adds to that of the parent: the page puts both together again.
// Nothing where it does not go on from there, as below a delivery's folder.
std::optional<std::string_view> StepOf(const Report& report,
                                       const Artifact& artifact) {
  if (artifact.parent >= report.artifacts.size()) {
    return std::nullopt;
  }
  const std::string_view path = artifact.path;
  const std::string& above = report.artifacts[artifact.parent].path;
  return path.starts_with(above) && path.substr(above.size()).starts_with("!/")
             ? std::optional(path.substr(above.size() + 2))
             : std::nullopt;
}

// One value of every artifact, as an array under `key`.
template <typename Put>
void PutColumn(Pool& pool, const Report& report, std::string_view key,
               Put put) {
  pool.OpenArray(key);
  for (std::size_t i = 0; i < CountOf(report); ++i) {
    put(report.artifacts[i]);
  }
  pool.Close();
}

// A parent comes before its children: a page's program may rely on it.
void PutParent(Pool& pool, const Artifact& artifact) {
  if (artifact.parent < artifact.id && artifact.parent < kMostArtifacts) {
    pool.Number(artifact.parent);
  } else {
    pool.Missing();
  }
}

// All of one category: its index. Otherwise pairs of index and bytes.
void PutAccount(Pool& pool, const LedgerAxis& axis,
                const std::vector<std::string_view>& categories) {
  const auto index = [&](const LedgerEntry& entry) {
    const auto at =
        std::find(categories.begin(), categories.end(), entry.category);
    return static_cast<std::uint64_t>(at - categories.begin());
  };
  if (axis.entries.size() == 1) {
    pool.Number(index(axis.entries.front()));
    return;
  }
  pool.OpenArray();
  for (const LedgerEntry& entry : axis.entries) {
    pool.Number(index(entry));
    pool.Number(entry.bytes);
  }
  pool.Close();
}

const LedgerAxis* FindAxis(const LedgerAccount& account,
                           std::string_view name) {
  const auto found =
      std::find_if(account.axes.begin(), account.axes.end(),
                   [&](const LedgerAxis& axis) { return axis.name == name; });
  return found == account.axes.end() || found->entries.empty() ? nullptr
                                                               : &*found;
}

std::vector<std::string_view> CategoriesOf(const Ledger& ledger,
                                           std::string_view name) {
  std::vector<std::string_view> categories;
  const auto add = [&](const LedgerAxis& axis) {
    for (const LedgerEntry& entry : axis.entries) {
      if (std::find(categories.begin(), categories.end(), entry.category) ==
          categories.end()) {
        categories.push_back(entry.category);
      }
    }
  };
  for (const LedgerAccount& account : ledger.accounts) {
    if (const LedgerAxis* axis = FindAxis(account, name)) {
      add(*axis);
    }
  }
  return categories;
}

void PutAxis(Pool& pool, const Report& report, std::string_view name) {
  const auto categories = CategoriesOf(report.ledger, name);
  pool.OpenObject();
  pool.Text(name, "name");
  pool.OpenArray("categories");
  for (const std::string_view category : categories) {
    const CategoryWords words = WordsOf(category);
    pool.OpenArray();
    pool.Text(category);
    pool.Text(words.words);
    pool.Text(words.tone);
    pool.Close();
  }
  pool.Close();
  std::size_t next = 0;
  const auto& accounts = report.ledger.accounts;
  PutColumn(pool, report, "of", [&](const Artifact& artifact) {
    while (next < accounts.size() && accounts[next].artifact < artifact.id) {
      ++next;
    }
    const LedgerAxis* axis =
        next < accounts.size() && accounts[next].artifact == artifact.id
            ? FindAxis(accounts[next], name)
            : nullptr;
    axis == nullptr ? pool.Missing() : PutAccount(pool, *axis, categories);
  });
  pool.Close();
}

void PutOwners(Pool& pool, const Report& report) {
  const std::vector<Owner>& owners = report.reconciliation.owners;
  std::size_t next = 0;
  PutColumn(pool, report, "component", [&](const Artifact& artifact) {
    while (next < owners.size() && owners[next].artifact < artifact.id) {
      ++next;
    }
    const bool owned =
        next < owners.size() && owners[next].artifact == artifact.id;
    pool.Text(owned ? std::string_view(owners[next].component) : "");
  });
}

}  // namespace

void PutTree(Pool& pool, const Report& report) {
  pool.OpenObject("artifacts");
  pool.Number(report.artifacts.size(), "total");
  PutColumn(pool, report, "parent",
            [&](const Artifact& artifact) { PutParent(pool, artifact); });
  PutColumn(pool, report, "name", [&](const Artifact& artifact) {
    pool.Text(StepOf(report, artifact).value_or(artifact.path));
  });
  pool.OpenArray("whole");  // those whose name is their whole path
  for (std::size_t i = 0; i < CountOf(report); ++i) {
    if (!StepOf(report, report.artifacts[i])) {
      pool.Number(i);
    }
  }
  pool.Close();
  PutColumn(pool, report, "format", [&](const Artifact& artifact) {
    pool.Text(artifact.format.empty() ? NameOf(artifact.meta.type)
                                      : std::string_view(artifact.format));
  });
  PutColumn(pool, report, "size", [&](const Artifact& artifact) {
    artifact.has_content ? pool.Number(artifact.size) : pool.Missing();
  });
  PutColumn(pool, report, "opaque", [&](const Artifact& artifact) {
    pool.Text(artifact.opaque_reason);
  });
  PutOwners(pool, report);
  pool.Close();
  pool.OpenArray("axes");
  for (const LedgerAxis& axis : report.ledger.headline) {
    PutAxis(pool, report, axis.name);
  }
  pool.Close();
}

std::string DigestsOf(const Report& report) {
  std::string all;
  for (std::size_t i = 0; i < CountOf(report); ++i) {
    const std::string hex = report.artifacts[i].sha256();
    const auto bytes =
        hex.size() == kDigestDigits ? BytesFromHex(hex) : std::nullopt;
    std::string text = bytes ? Base64(AsText(*bytes)) : "";
    text.resize(kDigestCharacters, '-');
    all += text;
  }
  return all;
}

}  // namespace assay::report::html
