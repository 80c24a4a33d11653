#include "sbom/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "verifier/base/text.h"

namespace assay::sbom {

std::string_view NameOf(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::kAbsent:
      return "nothing";
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kFalse:
    case Value::Kind::kTrue:
      return "a boolean";
    case Value::Kind::kNumber:
      return "a number";
    case Value::Kind::kString:
      return "a string";
    case Value::Kind::kArray:
      return "an array";
    case Value::Kind::kObject:
      return "an object";
  }
  return "";
}

Value::Kind Value::kind() const {
  return tree_ == nullptr ? Kind::kAbsent : tree_->nodes_[index_].kind;
}

std::string_view Value::text() const {
  const Kind what = kind();
  if (what != Kind::kString && what != Kind::kNumber) {
    return "";
  }
  const Tree::Node& node = tree_->nodes_[index_];
  return tree_->Slice(node.text_at, node.size);
}

std::string_view Value::key() const {
  if (tree_ == nullptr) {
    return "";
  }
  const Tree::Node& node = tree_->nodes_[index_];
  return tree_->Slice(node.key_at, node.key_size);
}

std::size_t Value::size() const {
  return is_array() || is_object() ? tree_->nodes_[index_].size : 0;
}

Value Value::operator[](std::string_view name) const {
  if (!is_object()) {
    return {};
  }
  for (const Value child : *this) {
    if (child.key() == name) {
      return child;
    }
  }
  return {};
}

Value::Iterator& Value::Iterator::operator++() {
  index_ = tree_->nodes_[index_].end;
  return *this;
}

Value::Iterator Value::begin() const {
  return is_array() || is_object() ? Iterator(tree_, index_ + 1) : Iterator();
}

Value::Iterator Value::end() const {
  return is_array() || is_object() ? Iterator(tree_, tree_->nodes_[index_].end)
                                   : Iterator();
}

std::string_view Tree::Slice(std::uint32_t at, std::uint32_t size) const {
  return at >= kPool ? std::string_view(pool_).substr(at - kPool, size)
                     : source_.substr(at, size);
}

std::string Tree::PointerTo(Value value) const {
  std::string pointer;
  std::uint32_t at = 0;
  while (at != value.index_) {
    std::uint32_t child = at + 1;
    std::size_t position = 0;
    while (nodes_[child].end <= value.index_) {
      child = nodes_[child].end;
      ++position;
    }
    std::string next = nodes_[at].kind == Value::Kind::kObject
                           ? Join(pointer, Value(this, child).key())
                           : Join(pointer, position);
    if (next.size() > kMaxPointer) {
      break;
    }
    pointer = std::move(next);
    at = child;
  }
  return pointer;
}

SourcePlace Tree::PlaceOf(Value value) const {
  if (value.tree_ != this) {
    return {};
  }
  const std::uint32_t place = nodes_[value.index_].place;
  if (places_ == Places::kLine) {
    return {.line = place};
  }
  if (places_ == Places::kByteOffset) {
    return {.offset = place};
  }
  const auto next =
      std::upper_bound(line_starts_.begin(), line_starts_.end(), place);
  const std::uint32_t start = next == line_starts_.begin() ? 0 : *(next - 1);
  return {.line = static_cast<std::uint32_t>(next - line_starts_.begin()) + 1U,
          .column = place - start + 1U,
          .offset = place};
}

TreeBuilder TreeBuilder::ForText(std::string_view text) {
  TreeBuilder builder;
  builder.tree_.source_ = text;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    builder.tree_.line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  return builder;
}

TreeBuilder TreeBuilder::ForLines() {
  TreeBuilder builder;
  builder.tree_.places_ = Tree::Places::kLine;
  return builder;
}

TreeBuilder TreeBuilder::ForBytes() {
  TreeBuilder builder;
  builder.tree_.places_ = Tree::Places::kByteOffset;
  return builder;
}

bool TreeBuilder::IsInSource(std::string_view text) const {
  const std::string_view source = tree_.source_;
  const std::less_equal<const char*> not_after;
  return !source.empty() && not_after(source.data(), text.data()) &&
         not_after(text.data() + text.size(), source.data() + source.size());
}

std::uint32_t TreeBuilder::Keep(std::string_view text) {
  if (IsInSource(text)) {
    return static_cast<std::uint32_t>(text.data() - tree_.source_.data());
  }
  if (tree_.pool_.size() + text.size() >= Tree::kPool) {
    problem_ = "too much text";
    return 0;
  }
  tree_.pool_ += text;
  return Tree::kPool +
         static_cast<std::uint32_t>(tree_.pool_.size() - text.size());
}

void TreeBuilder::Key(std::string_view name) {
  if (name.size() > kMaxKey) {
    problem_ = fmt::format("a name of more than {} bytes", kMaxKey);
    return;
  }
  key_size_ = static_cast<std::uint32_t>(name.size());
  if (IsInSource(name)) {
    key_at_ = Keep(name);
    return;
  }
  const auto known = names_.find(name);
  key_at_ = known == names_.end() ? Keep(name) : known->second;
  if (known == names_.end()) {
    names_.emplace(name, key_at_);
  }
}

Tree::Node* TreeBuilder::Add(Value::Kind kind, std::uint32_t place) {
  if (!ok()) {
    return nullptr;
  }
  if (tree_.nodes_.size() >= kMaxValues) {
    problem_ = fmt::format("more than {} values", kMaxValues);
    return nullptr;
  }
  if (open_.empty() && !tree_.nodes_.empty()) {
    problem_ = "a second value behind the document";
    return nullptr;
  }
  Tree::Node node;
  node.place = place;
  node.kind = kind;
  if (!open_.empty()) {
    Tree::Node& parent = tree_.nodes_[open_.back()];
    ++parent.size;
    if (parent.kind == Value::Kind::kObject) {
      node.key_at = key_at_;
      node.key_size = key_size_;
    }
  }
  node.end = static_cast<std::uint32_t>(tree_.nodes_.size()) + 1U;
  tree_.nodes_.push_back(node);
  return &tree_.nodes_.back();
}

void TreeBuilder::AddText(Value::Kind kind, std::string_view text,
                          std::uint32_t place) {
  const std::uint32_t at = Keep(text);
  if (Tree::Node* node = Add(kind, place); node != nullptr) {
    node->text_at = at;
    node->size = static_cast<std::uint32_t>(text.size());
  }
}

void TreeBuilder::OpenObject(std::uint32_t place) {
  if (open_.size() >= kMaxDepth) {
    problem_ = fmt::format("nested more than {} deep", kMaxDepth);
  }
  if (Add(Value::Kind::kObject, place) != nullptr) {
    open_.push_back(static_cast<std::uint32_t>(tree_.nodes_.size()) - 1U);
  }
}

void TreeBuilder::OpenArray(std::uint32_t place) {
  OpenObject(place);
  if (ok()) {
    tree_.nodes_.back().kind = Value::Kind::kArray;
  }
}

void TreeBuilder::CheckNames(std::uint32_t object) {
  const Value value(&tree_, object);
  checked_.clear();
  for (const Value child : value) {
    checked_.push_back(child.key());
  }
  std::sort(checked_.begin(), checked_.end());
  const auto twice = std::adjacent_find(checked_.begin(), checked_.end());
  if (twice != checked_.end()) {
    problem_ = fmt::format("the key \"{}\" stands twice in one object",
                           Escaped(*twice));
  }
}

void TreeBuilder::Close() {
  if (open_.empty() || !ok()) {
    return;
  }
  const std::uint32_t index = open_.back();
  open_.pop_back();
  tree_.nodes_[index].end = static_cast<std::uint32_t>(tree_.nodes_.size());
  if (!repeats_ && tree_.nodes_[index].kind == Value::Kind::kObject) {
    CheckNames(index);
  }
}

void TreeBuilder::Null(std::uint32_t place) {
  Add(Value::Kind::kNull, place);
}

void TreeBuilder::Bool(bool value, std::uint32_t place) {
  Add(value ? Value::Kind::kTrue : Value::Kind::kFalse, place);
}

void TreeBuilder::Number(std::string_view text, std::uint32_t place) {
  AddText(Value::Kind::kNumber, text, place);
}

void TreeBuilder::String(std::string_view text, std::uint32_t place) {
  AddText(Value::Kind::kString, text, place);
}

Tree TreeBuilder::Finish() {
  while (!open_.empty() && ok()) {
    Close();
  }
  tree_.nodes_.shrink_to_fit();
  return std::move(tree_);
}

std::string Join(std::string_view pointer, std::string_view key) {
  std::string path;
  path.reserve(pointer.size() + key.size() + 1);
  path += pointer;
  path += '/';
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

}  // namespace assay::sbom
