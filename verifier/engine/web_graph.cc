#include "verifier/engine/web_graph.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sbom/product_index.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr std::array<std::string_view, 9> kRoots = {
    "www",         "htdocs",  "webroot", "web",  "webpages",
    "public_html", "docroot", "wwwroot", "webui"};
constexpr std::array<std::string_view, 14> kHandlers = {
    "asp",  "aspx", "php", "php3", "php5", "phtml", "cgi",
    "fcgi", "pl",   "py",  "lua",  "lp",   "jsp",   "sh"};
constexpr std::array<std::string_view, 5> kPages = {"htm", "html", "shtml",
                                                    "xhtml", "stm"};

template <typename List>
bool Has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view BaseOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view EndingOf(std::string_view path) {
  const std::string_view base = BaseOf(path);
  const std::size_t dot = base.rfind('.');
  return dot == std::string_view::npos ? std::string_view()
                                       : base.substr(dot + 1);
}

// "usr/lib/www" of "usr/lib/www/cgi-bin/x": up to the first root's name.
std::optional<std::string_view> RootOf(std::string_view path) {
  std::size_t from = 0;
  while (true) {
    const std::size_t slash = path.find('/', from);
    if (slash == std::string_view::npos) {
      return std::nullopt;
    }
    if (Has(kRoots, path.substr(from, slash - from))) {
      return path.substr(0, slash);
    }
    from = slash + 1;
  }
}

bool IsFirst(std::string_view path) {
  const std::string base = Lower(BaseOf(path));
  return base.starts_with("index") || base.starts_with("default.") ||
         base.starts_with("home.") || base.starts_with("main.") ||
         base.starts_with("login.");
}

enum class Sort { kNone, kPage, kHandler };

Sort SortOf(const Node& node) {
  const std::string& path = node.artifact.inner_path;
  const std::string ending = Lower(EndingOf(path));
  if (Has(kHandlers, ending)) {
    return Sort::kHandler;
  }
  if (Has(kPages, ending)) {
    return Sort::kPage;
  }
  const bool cgi = path.find("cgi-bin/") != std::string::npos;
  const bool runs =
      sbom::IsExecutable(node.artifact) ||
      std::any_of(node.seen.facts.begin(), node.seen.facts.end(),
                  [](const Fact& fact) { return fact.kind == "script"; });
  return cgi && runs ? Sort::kHandler : Sort::kNone;
}

class Graph {
 public:
  explicit Graph(Survey& survey) : survey_(survey), index_(survey) {}

  void Run() {
    FindPages();
    if (pages_.empty()) {
      return;
    }
    for (const Node& node : survey_.nodes) {
      const auto page = place_.find(node.artifact.id);
      if (page == place_.end() || IsFirst(node.artifact.inner_path)) {
        Reach(node.artifact.id, RootOf(node.artifact.inner_path).has_value());
      }
    }
    while (!waiting_.empty()) {
      const ArtifactId next = waiting_.front();
      waiting_.pop_front();
      Reach(next, true);
    }
    Tell();
  }

 private:
  struct Page {
    ArtifactId id = kNoArtifact;
    Sort sort = Sort::kNone;
    std::pair<ArtifactId, std::string> root = {};
    bool reached = false;
    bool open = false;  // a link that is completed at run time may mean it
  };

  void FindPages() {
    for (const Node& node : survey_.nodes) {
      const Artifact& artifact = node.artifact;
      const auto root = RootOf(artifact.inner_path);
      const Sort sort =
          root && artifact.has_content ? SortOf(node) : Sort::kNone;
      if (sort == Sort::kNone) {
        continue;
      }
      place_[artifact.id] = pages_.size();
      by_name_[Lower(BaseOf(artifact.inner_path))].push_back(pages_.size());
      pages_.push_back(
          {.id = artifact.id,
           .sort = sort,
           .root = {index_.TreeOf(artifact.id), std::string(*root)},
           .reached = IsFirst(artifact.inner_path)});
    }
  }

  // Whatever the file `from` refers to is reached, itself excepted.
  void Reach(ArtifactId from, bool served) {
    for (const Fact& fact : survey_.nodes[from].seen.facts) {
      if (fact.kind != "web.link") {
        continue;
      }
      const std::string name = Lower(BaseOf(fact.value));
      if (name.empty()) {
        // Programs that serve pages know the names of folders as well.
        if (served) {
          open_.insert(fact.value);
        }
        continue;
      }
      const auto found = by_name_.find(name);
      if (found == by_name_.end() || IsSettled(name, from, served)) {
        continue;
      }
      for (const std::size_t at : found->second) {
        Mark(pages_[at], from, served);
      }
    }
  }

  // Whether two others have named it in the same way: nothing more can come of
  // it, and products may name a page a million times.
  bool IsSettled(const std::string& name, ArtifactId from, bool served) {
    auto& namers = namers_[{name, served}];
    if (namers.size() < 2) {
      namers.insert(from);
      return false;
    }
    return true;
  }

  void Mark(Page& to, ArtifactId from, bool served) {
    if (to.id == from) {
      return;
    }
    leads_[to.root] = leads_[to.root] || served;
    if (!to.reached) {
      to.reached = true;
      waiting_.push_back(to.id);
    }
  }

  // "/cgi-bin/" alone: the rest of the name is added when it runs.
  [[nodiscard]] bool MayBeMeant(std::string_view path) const {
    const std::string_view folder = path.substr(0, path.rfind('/') + 1);
    for (std::size_t at = 0; at < folder.size(); ++at) {
      const bool starts = folder[at] == '/' || at == 0 || folder[at - 1] == '/';
      const std::string_view link = folder.substr(at);
      if (starts && link.size() > 1 && open_.count(link) != 0) {
        return true;
      }
    }
    return false;
  }

  void Tell() {
    for (const Page& page : pages_) {
      const auto leads = leads_.find(page.root);
      if (page.reached || leads == leads_.end() || !leads->second) {
        continue;
      }
      const std::string& path = survey_.At(page.id).inner_path;
      survey_.nodes[page.id].seen.facts.push_back(
          {.kind = "web.unlinked",
           .value = path,
           .attributes = {
               {"handler", page.sort == Sort::kHandler ? "yes" : "no"},
               {"doubt", MayBeMeant(path) ? "yes" : "no"}}});
    }
  }

  Survey& survey_;
  sbom::ProductIndex index_;
  std::vector<Page> pages_;
  std::map<ArtifactId, std::size_t> place_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
  std::map<std::pair<ArtifactId, std::string>, bool> leads_;
  std::map<std::pair<std::string, bool>, std::set<ArtifactId>> namers_;
  std::set<std::string, std::less<>> open_;
  std::deque<ArtifactId> waiting_;
};

}  // namespace

void AddUnlinked(Survey& survey) {
  Graph(survey).Run();
}

}  // namespace assay::engine
