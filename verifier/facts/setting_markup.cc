#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/setting_reader.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kSpace = " \t\r\n";

bool IsSpace(char c) {
  return kSpace.find(c) != std::string_view::npos;
}

// RFC 8259, read without judging: what is between the marks counts.
class Json {
 public:
  Json(std::string_view text, SettingList& into) : text_(text), into_(into) {}

  void Read() {
    while (at_ < text_.size() && !into_.full()) {
      Step();
    }
  }

 private:
  struct Level {
    std::string name = {};  // the member that it is the value of
    std::uint32_t group = 0;
    bool array = false;
  };

  void Step() {
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      Open(c == '[');
    } else if (c == '}' || c == ']') {
      Close();
    } else if (c == '"') {
      TakeString();
    } else if (text_.substr(at_, 2) == "//") {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (text_.substr(at_, 2) == "/*") {
      at_ = std::min(text_.find("*/", at_ + 2), text_.size() - 2) + 2;
    } else if (IsSpace(c) || c == ',' || c == ':') {
      ++at_;
    } else {
      TakeWord();
    }
  }

  void Open(bool array) {
    ++at_;
    ++groups_;
    if (levels_.size() < kMaxDepth) {
      levels_.push_back({name_, groups_, array});
    } else {
      ++deeper_;
    }
    name_.clear();
  }

  void Close() {
    ++at_;
    name_.clear();
    if (deeper_ > 0) {
      --deeper_;
    } else if (!levels_.empty()) {
      levels_.pop_back();
    }
  }

  void TakeString() {
    const std::size_t start = at_++;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 1U : 0U;
      if (value.size() < kMaxSettingText) {
        value += text_[at_];
      }
      ++at_;
    }
    at_ = std::min(at_ + 1, text_.size());
    const std::size_t next = text_.find_first_not_of(kSpace, at_);
    if (next != std::string_view::npos && text_[next] == ':') {
      name_ = std::move(value);
      from_ = start;
      at_ = next + 1;
    } else {
      Take(std::move(value), start);
    }
  }

  // A number, or a literal name.
  void TakeWord() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(",:{}[]\" \t\r\n", at_), text_.size());
    at_ = std::max(at_, start + 1);
    const std::string_view word = text_.substr(start, at_ - start);
    Take(word == "null" ? std::string() : std::string(word), start);
  }

  void Take(std::string value, std::size_t start) {
    const bool member = !name_.empty();
    const bool element = !member && !levels_.empty() && levels_.back().array;
    if (!member && !element) {
      return;
    }
    const std::size_t above = levels_.size();
    const std::string& holder = above > 0 ? levels_.back().name : name_;
    const std::size_t from = member ? from_ : start;
    into_.Add({.key = Lower(member ? name_ : holder),
               .value = std::move(value),
               .section = above == 0  ? std::string()
                          : member    ? holder
                          : above > 1 ? levels_[above - 2].name
                                      : std::string(),
               .group = above > 0 ? levels_.back().group : 0,
               .place = {from, at_ - from}});
    name_.clear();
  }

  std::string_view text_;
  SettingList& into_;
  std::size_t at_ = 0;
  std::size_t from_ = 0;  // where name_ begins
  std::string name_;
  std::vector<Level> levels_;
  std::size_t deeper_ = 0;
  std::uint32_t groups_ = 0;
};

// XML as a sequence of tags and texts: no entities, no DTD.
class Xml {
 public:
  Xml(std::string_view text, SettingList& into) : text_(text), into_(into) {}

  void Read() {
    while (!into_.full()) {
      const std::size_t open = text_.find('<', at_);
      if (open == std::string_view::npos) {
        return;
      }
      if (text_.substr(open, 4) == "<!--") {
        at_ = text_.find("-->", open);
      } else {
        const std::size_t close = text_.find('>', open);
        TakeTag(open, std::min(close, text_.size()));
        at_ = close;
      }
      if (at_ == std::string_view::npos) {
        return;
      }
      ++at_;
    }
  }

 private:
  struct Element {
    std::string name = {};
    std::string called = {};  // its attribute "name", "key" or "id"
    std::uint32_t group = 0;
    std::size_t start = 0;   // of its tag
    std::size_t inside = 0;  // behind its tag
    bool leaf = true;
  };

  void TakeTag(std::size_t open, std::size_t close) {
    std::string_view tag = text_.substr(open + 1, close - open - 1);
    if (tag.empty() || tag[0] == '?' || tag[0] == '!') {
      return;
    }
    if (tag[0] == '/') {
      End(open);
      return;
    }
    const bool empty = tag.back() == '/';
    tag.remove_suffix(empty ? 1 : 0);
    Begin(tag, open, close + 1);
    if (empty) {
      Pop();
    }
  }

  void Begin(std::string_view tag, std::size_t open, std::size_t inside) {
    if (!elements_.empty()) {
      elements_.back().leaf = false;
    }
    const std::size_t end = std::min(tag.find_first_of(kSpace), tag.size());
    Element element{.name = std::string(tag.substr(0, end)),
                    .group = ++groups_,
                    .start = open,
                    .inside = inside};
    TakeAttributes(tag.substr(end), element);
    if (elements_.size() < kMaxDepth) {
      elements_.push_back(std::move(element));
    } else {
      ++deeper_;
    }
  }

  void TakeAttributes(std::string_view text, Element& element) {
    std::vector<std::pair<std::string, std::string>> attributes;
    for (std::size_t equals = text.find('='); equals != std::string_view::npos;
         equals = text.find('=')) {
      const std::string_view name = Trim(text.substr(0, equals));
      text = Trim(text.substr(equals + 1));
      if (text.empty() || (text[0] != '"' && text[0] != '\'')) {
        break;
      }
      const std::size_t end = std::min(text.find(text[0], 1), text.size());
      attributes.emplace_back(Lower(name.substr(name.find_last_of(kSpace) + 1)),
                              std::string(text.substr(1, end - 1)));
      text = text.substr(std::min(end + 1, text.size()));
    }
    for (const auto& [name, value] : attributes) {
      if (name == "name" || name == "key" || name == "id") {
        element.called = value;
      }
    }
    for (auto& [name, value] : attributes) {
      const bool named = name == "value" && !element.called.empty();
      into_.Add({.key = named ? Lower(element.called) : name,
                 .value = value,
                 .section = element.name,
                 .group = named ? ParentGroup() : element.group,
                 .place = {element.start, element.inside - element.start - 1}});
    }
  }

  void End(std::size_t open) {
    if (deeper_ > 0) {
      --deeper_;
      return;
    }
    if (!elements_.empty() && elements_.back().leaf) {
      const Element& element = elements_.back();
      const std::size_t parent = elements_.size() - 1;
      into_.Add(
          {.key = Lower(element.called.empty() ? element.name : element.called),
           .value = std::string(
               Trim(text_.substr(element.inside, open - element.inside))),
           .section = parent > 0 ? elements_[parent - 1].name : std::string(),
           .group = parent > 0 ? elements_[parent - 1].group : 0,
           .place = {element.start, open - element.start}});
    }
    Pop();
  }

  void Pop() {
    if (deeper_ > 0) {
      --deeper_;
    } else if (!elements_.empty()) {
      elements_.pop_back();
    }
  }

  [[nodiscard]] std::uint32_t ParentGroup() const {
    return elements_.empty() ? 0 : elements_.back().group;
  }

  std::string_view text_;
  SettingList& into_;
  std::size_t at_ = 0;
  std::vector<Element> elements_;
  std::size_t deeper_ = 0;
  std::uint32_t groups_ = 0;
};

}  // namespace

void ReadSettingJson(std::string_view text, SettingList& into) {
  Json(text, into).Read();
}

void ReadSettingXml(std::string_view text, SettingList& into) {
  Xml(text, into).Read();
}

}  // namespace assay::facts
