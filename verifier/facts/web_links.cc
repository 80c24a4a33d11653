// What pages, scripts, settings and programs refer to on a web server: the
// edges of its link graph. Which pages nobody refers to is told after the walk
// (verifier/engine/web_graph.h).

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxText = 2UL << 20U;
constexpr std::size_t kMaxProgram = 16UL << 20U;
constexpr std::uint64_t kMaxLinks = 1000;
constexpr std::size_t kMaxLink = 200;
constexpr std::string_view kCgi = "cgi-bin/";

constexpr std::array<std::string_view, 18> kEndings = {
    "htm",   "html", "shtml", "xhtml", "asp", "aspx", "php", "php3", "php5",
    "phtml", "cgi",  "fcgi",  "pl",    "py",  "lua",  "lp",  "jsp",  "sh"};

bool IsPathChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
}

bool NamesPage(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot != std::string_view::npos && dot > 0 &&
         std::find(kEndings.begin(), kEndings.end(),
                   Lower(path.substr(dot + 1))) != kEndings.end();
}

class Links {
 public:
  Links(std::string_view text, FactWriter& facts)
      : text_(text), facts_(facts) {}

  // Every name of a page, and everything below "cgi-bin/".
  void AddNames() {
    for (std::size_t at = text_.find('.'); at != std::string_view::npos;
         at = text_.find('.', at + 1)) {
      const auto [from, to] = Around(at);
      if (NamesPage(text_.substr(from, to - from))) {
        Add(from, to);
      }
      at = std::max(at, to - 1);
    }
    for (std::size_t at = text_.find(kCgi); at != std::string_view::npos;
         at = text_.find(kCgi, at + 1)) {
      const auto [from, to] = Around(at);
      Add(from, to);
      at = std::max(at, to - 1);
    }
  }

  // What stands in quotes and looks like a path or a single name, and what
  // attributes of HTML name without quotes.
  void AddQuoted() {
    for (std::size_t at = text_.find_first_of("\"'`="); at < text_.size();
         at = text_.find_first_of("\"'`=", at + 1)) {
      std::size_t to = at + 1;
      while (to < text_.size() && IsPathChar(text_[to]) &&
             to - at <= kMaxLink) {
        ++to;
      }
      const bool ends =
          to < text_.size() &&
          (text_[to] == text_[at] || text_[to] == '?' || text_[to] == '#' ||
           (text_[at] == '=' && (text_[to] == ' ' || text_[to] == '>')));
      if (ends && to - at > 2) {
        Add(at + 1, to);
      }
    }
  }

 private:
  [[nodiscard]] std::pair<std::size_t, std::size_t> Around(
      std::size_t at) const {
    std::size_t from = at;
    while (from > 0 && at - from < kMaxLink && IsPathChar(text_[from - 1])) {
      --from;
    }
    std::size_t to = at + 1;
    while (to < text_.size() && to - at < kMaxLink && IsPathChar(text_[to])) {
      ++to;
    }
    return {from, to};
  }

  void Add(std::size_t from, std::size_t to) {
    std::string_view link = text_.substr(from, to - from);
    while (link.starts_with("./")) {
      link.remove_prefix(2);
    }
    if (!link.empty() && seen_.emplace(link).second) {
      facts_.Add({.kind = "web.link",
                  .value = std::string(link),
                  .place = Range{from, to - from}});
    }
  }

  std::string_view text_;
  FactWriter& facts_;
  std::unordered_set<std::string> seen_;
};

// Pages and what they load.
bool IsPage(std::string_view path) {
  const std::string base = Lower(BaseName(path));
  return NamesPage(base) || base.ends_with(".js") || base.ends_with(".json") ||
         base.ends_with(".inc") || base.ends_with(".tpl") ||
         base.ends_with(".xml") || base.ends_with(".menu");
}

// Whose files are pages whatever their names.
bool IsOfServer(std::string_view path) {
  static constexpr std::array<std::string_view, 10> kFolders = {
      "www",      "htdocs",      "webroot", "cgi-bin", "web",
      "webpages", "public_html", "docroot", "wwwroot", "webui"};
  for (std::string_view folder = Folder(path); !folder.empty();
       folder = Folder(folder)) {
    if (std::find(kFolders.begin(), kFolders.end(), Lower(BaseName(folder))) !=
        kFolders.end()) {
      return true;
    }
  }
  return false;
}

bool Examine(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  const bool program = AsText(content).starts_with(
      "\x7F"
      "ELF");
  if (content.size() < 4 ||
      content.size() > (program ? kMaxProgram : kMaxText) ||
      (!program && !IsText(content))) {
    return false;
  }
  const std::string_view path = PathOf(subject.artifact);
  const bool served = IsOfServer(path);
  // Manuals in HTML are no part of a server.
  if (!program && !served && IsPage(path) &&
      !AsText(content).starts_with("#!")) {
    return false;
  }
  FactWriter facts("web_links", subject, into, kMaxLinks);
  Links links(AsText(content), facts);
  links.AddNames();
  if (served) {
    links.AddQuoted();
  }
  return false;
}

}  // namespace

const Analysis kWebLinks = {
    .name = "web_links",
    .title = "References between pages of a web server",
    .examine = Examine,
};

}  // namespace assay::facts
