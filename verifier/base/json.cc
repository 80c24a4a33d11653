#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "verifier/base/json_lists.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

// Builds the value with an explicit stack; nothing here recurses.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(int depth, const std::vector<JsonList>& lists)
      : depth_(depth), lists_(lists) {}

  [[nodiscard]] Json Release() { return std::move(root_); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return Put(value);
  }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override {
    return Open(Json::object());
  }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      problem_ = fmt::format("the key \"{}\" stands twice in one object",
                             Escaped(name));
      return false;
    }
    name_ = std::move(name);
    return true;
  }
  bool end_object() override {
    Close();
    TakeElement();
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    if (open_.size() == kInList - 1 && open_.back()->is_object()) {
      FindList();
    }
    return Open(Json::array());
  }
  bool end_array() override {
    Close();
    list_ = open_.size() < kInList ? nullptr : list_;
    TakeElement();
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // What the library says quotes the text, however long.
    constexpr std::size_t kMost = 300;
    const std::string_view what = error.what();
    problem_ =
        fmt::format("byte {}: {}", position, Escaped(what.substr(0, kMost)));
    return false;
  }

 private:
  // The root object and one of its lists are open.
  static constexpr std::size_t kInList = 2;

  void FindList() {
    taken_ = 0;
    for (const JsonList& list : lists_) {
      list_ = list.key == name_ ? &list : list_;
    }
  }

  // The element that ended just now, when it is one of a long list.
  void TakeElement() {
    if (list_ != nullptr && open_.size() == kInList) {
      auto& array = open_.back()->get_ref<Json::array_t&>();
      list_->take(array.back(), taken_++);
      array.pop_back();
    }
  }

  Json* Insert(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    // Uniqueness was checked in key(): append without the linear search.
    auto& object = parent.get_ref<Json::object_t&>();
    object.std::vector<Json::object_t::value_type>::emplace_back(
        std::move(name_), std::move(value));
    return &object.back().second;
  }

  bool Put(Json value) {
    Insert(std::move(value));
    TakeElement();
    return true;
  }

  bool Open(Json value) {
    if (static_cast<int>(open_.size()) >= depth_) {
      problem_ = fmt::format("nested more than {} deep", depth_);
      return false;
    }
    open_.push_back(Insert(std::move(value)));
    keys_.emplace_back();
    return true;
  }

  void Close() {
    open_.pop_back();
    keys_.pop_back();
  }

  int depth_;
  const std::vector<JsonList>& lists_;
  const JsonList* list_ = nullptr;  // the one that is open
  std::size_t taken_ = 0;           // of its elements
  Json root_;
  // A parent's elements never move while one of its children is open.
  std::vector<Json*> open_;
  std::vector<std::set<std::string>> keys_;
  std::string name_;
  std::string problem_;
};

}  // namespace

Result<Json> ParseJson(std::string_view text, int depth) {
  return ParseJson(text, {}, depth);
}

Result<Json> ParseJson(std::string_view text,
                       const std::vector<JsonList>& lists, int depth) {
  Builder builder(depth, lists);
  if (!Json::sax_parse(text, &builder)) {
    return Fail(ErrorCode::kMalformed, "not JSON: " + builder.problem());
  }
  return builder.Release();
}

const Json& At(const Json& object, std::string_view key) {
  static const Json kNull;
  if (!object.is_object()) {
    return kNull;
  }
  const auto found = object.find(std::string(key));
  return found == object.end() ? kNull : *found;
}

std::string TextAt(const Json& object, std::string_view key) {
  const Json& value = At(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace assay
