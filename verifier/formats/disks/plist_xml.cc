#include "verifier/formats/disks/plist_xml.h"

#include <algorithm>
#include <array>

#include "verifier/base/text.h"

namespace assay::formats {
namespace {

constexpr std::size_t kMostDepth = 32;
constexpr std::size_t kMostElements = 200'000;
constexpr std::string_view kBlank = " \t\r\n";

// XML 1.0, section 4.6; other references stay as they are, no property list
// needs them in what is read here.
std::string Unescaped(std::string_view raw) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEntities =
      {{{"&lt;", '<'},
        {"&gt;", '>'},
        {"&quot;", '"'},
        {"&apos;", '\''},
        {"&amp;", '&'}}};
  std::string text;
  for (std::size_t i = 0; i < raw.size();) {
    const auto* const entity = std::find_if(
        kEntities.begin(), kEntities.end(), [&](const auto& candidate) {
          return raw.substr(i, candidate.first.size()) == candidate.first;
        });
    if (entity == kEntities.end()) {
      text += raw[i++];
    } else {
      text += entity->second;
      i += entity->first.size();
    }
  }
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view rest) : rest_(rest) {}

  std::optional<PlistNode> Run() {
    std::vector<PlistNode> open = {PlistNode()};  // [0] holds the document
    std::vector<std::string> keys = {""};         // the last one of each
    while (NextTag()) {
      if (closing_) {
        if (open.size() < 2 || open.back().element != name_ ||
            !Close(open, keys)) {
          return std::nullopt;
        }
        continue;
      }
      if (open.size() > kMostDepth || ++elements_ > kMostElements) {
        return std::nullopt;
      }
      open.push_back({.element = name_});
      keys.emplace_back();
      if (empty_ && !Close(open, keys)) {
        return std::nullopt;
      }
    }
    if (failed_ || open.size() != 1 || open[0].children.size() != 1 ||
        open[0].children[0].second.element != "plist" ||
        open[0].children[0].second.children.size() != 1) {
      return std::nullopt;
    }
    return std::move(open[0].children[0].second.children[0].second);
  }

 private:
  // Ends the innermost element and gives it to the one around it.
  bool Close(std::vector<PlistNode>& open, std::vector<std::string>& keys) {
    PlistNode done = std::move(open.back());
    open.pop_back();
    keys.pop_back();
    if (done.children.empty() && !empty_) {
      done.text = Unescaped(text_);
    }
    PlistNode& around = open.back();
    if (done.element == "key") {
      keys.back() = std::move(done.text);
      return around.element == "dict";
    }
    around.children.emplace_back(std::move(keys.back()), std::move(done));
    keys.back().clear();
    return true;
  }

  // Passes what begins with `open` up to behind `close`.
  bool Pass(std::string_view open, std::string_view close) {
    if (rest_.substr(0, open.size()) != open) {
      return false;
    }
    const std::size_t end = rest_.find(close, open.size());
    failed_ = end == std::string_view::npos;
    rest_.remove_prefix(failed_ ? rest_.size() : end + close.size());
    return true;
  }

  // Up to behind the next tag; `text_` is what stood in front of it.
  bool NextTag() {
    while (!failed_) {
      const std::size_t at = rest_.find('<');
      if (at == std::string_view::npos) {
        failed_ = rest_.find_first_not_of(kBlank) != std::string_view::npos &&
                  rest_.find_first_not_of(std::string_view("\0", 1)) !=
                      std::string_view::npos;
        return false;
      }
      text_ = rest_.substr(0, at);
      rest_.remove_prefix(at);
      if (Pass("<?", "?>") || Pass("<!--", "-->") || Pass("<!", ">")) {
        continue;
      }
      const std::size_t end = rest_.find('>');
      failed_ = end == std::string_view::npos;
      if (failed_) {
        return false;
      }
      ReadTag(rest_.substr(1, end - 1));
      rest_.remove_prefix(end + 1);
      return !failed_;
    }
    return false;
  }

  void ReadTag(std::string_view tag) {
    closing_ = !tag.empty() && tag.front() == '/';
    empty_ = !closing_ && !tag.empty() && tag.back() == '/';
    tag.remove_prefix(closing_ ? 1 : 0);
    tag.remove_suffix(empty_ ? 1 : 0);
    name_ = tag.substr(0, tag.find_first_of(kBlank));
    failed_ = name_.empty();
  }

  std::string_view rest_;
  std::string_view text_ = {}, name_ = {};
  bool closing_ = false, empty_ = false, failed_ = false;
  std::size_t elements_ = 0;
};

}  // namespace

const PlistNode* PlistNode::Find(std::string_view key) const {
  const auto found =
      std::find_if(children.begin(), children.end(),
                   [&](const auto& child) { return child.first == key; });
  return found == children.end() ? nullptr : &found->second;
}

std::optional<PlistNode> ReadPlistXml(std::string_view document) {
  return Parser(document).Run();
}

std::optional<std::string> PlistData(const PlistNode& node) {
  if (node.element != "data") {
    return std::nullopt;
  }
  std::string text = node.text;
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) {
                              return kBlank.find(c) != std::string_view::npos;
                            }),
             text.end());
  return FromBase64(text);
}

}  // namespace assay::formats
