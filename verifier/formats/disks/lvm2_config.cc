#include "verifier/formats/disks/lvm2_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"

namespace assay::formats::lvm2 {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kLargest = 8U << 20U;
constexpr std::string_view kSpecial = "{}[]=,#\"";

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // The content of a section, to its closing brace; of the whole, to the end.
  Result<void> Section(ConfigNode& into, int depth) {
    if (depth > kDeepest) {
      return Fail(ErrorCode::kLimit, "LVM2 metadata are nested too deep");
    }
    while (true) {
      SkipBlanks();
      if (at_ == text_.size()) {
        return depth == 0 ? Result<void>() : Bad("a section has no end");
      }
      if (text_[at_] == '}' && depth > 0) {
        ++at_;
        return {};
      }
      ConfigNode node{.name = std::string(Word())};
      if (node.name.empty()) {
        return Bad("a name was expected");
      }
      SkipBlanks();
      auto ok = Take('{')   ? Section(node, depth + 1)
                : Take('=') ? Values(node)
                            : Bad("neither a section nor a value");
      if (!ok) {
        return ok;
      }
      into.children.push_back(std::move(node));
      into.section = true;
    }
  }

 private:
  [[nodiscard]] tl::unexpected<Error> BadHere(std::string_view what) const {
    return Fail(ErrorCode::kMalformed,
                fmt::format("LVM2 metadata, byte {}: {}", at_, what));
  }
  [[nodiscard]] Result<void> Bad(std::string_view what) const {
    return BadHere(what);
  }

  void SkipBlanks() {
    while (at_ < text_.size() && (IsBlank(text_[at_]) || text_[at_] == '#')) {
      at_ = text_[at_] == '#' ? std::min(text_.find('\n', at_), text_.size())
                              : at_ + 1;
    }
  }

  bool Take(char wanted) {
    const bool there = at_ < text_.size() && text_[at_] == wanted;
    at_ += there ? 1U : 0U;
    return there;
  }

  // A name or a number.
  std::string_view Word() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !IsBlank(text_[at_]) &&
           kSpecial.find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    return text_.substr(from, at_ - from);
  }

  Result<void> Values(ConfigNode& node) {
    SkipBlanks();
    if (!Take('[')) {
      return Value(node);
    }
    SkipBlanks();
    while (!Take(']')) {
      if (auto ok = Value(node); !ok) {
        return ok;
      }
      SkipBlanks();
      if (!Take(',') && (at_ == text_.size() || text_[at_] != ']')) {
        return Bad("a list has no end");
      }
      SkipBlanks();
    }
    return {};
  }

  Result<void> Value(ConfigNode& node) {
    if (Take('"')) {
      return String(node);
    }
    const std::string_view word = Word();
    if (word.empty()) {
      return Bad("a value was expected");
    }
    node.values.push_back({std::string(word), NumberOf(word)});
    return {};
  }

  // A backslash takes the next character for what it is.
  Result<void> String(ConfigNode& node) {
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 1U : 0U;
      text.push_back(text_[at_++]);
    }
    if (!Take('"')) {
      return Bad("a string has no end");
    }
    node.values.push_back({std::move(text), std::nullopt});
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const ConfigNode* ConfigNode::Find(std::string_view child) const {
  const auto found =
      std::find_if(children.begin(), children.end(),
                   [&](const ConfigNode& node) { return node.name == child; });
  return found == children.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> ConfigNode::Number(std::string_view child) const {
  const ConfigNode* node = Find(child);
  return node != nullptr && node->values.size() == 1 ? node->values[0].number
                                                     : std::nullopt;
}

std::string ConfigNode::Text(std::string_view child) const {
  const ConfigNode* node = Find(child);
  return node != nullptr && node->values.size() == 1 ? node->values[0].text
                                                     : std::string();
}

Result<ConfigNode> ParseConfig(std::string_view text) {
  if (text.size() > kLargest) {
    return Fail(ErrorCode::kLimit,
                fmt::format("{} bytes of LVM2 metadata", text.size()));
  }
  ConfigNode root{.section = true};
  if (auto ok = Parser(text).Section(root, 0); !ok) {
    return Fail(ok.error());
  }
  return root;
}

}  // namespace assay::formats::lvm2
