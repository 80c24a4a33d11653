// A document as a tree of values, whatever it was written in: JSON, XML, YAML,
// tag-value, CBOR or protobuf. The readers walk this one shape, so that what a
// format means is written once, and each value knows where it stood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::sbom {

class Tree;

// Where a value stands in its document. `line` and `column` count from 1 and
// are 0 where nothing is known (`column`) or the document is binary.
struct SourcePlace {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t offset = 0;  // in bytes; 0 where only the line is known
};

// One value of a tree, as cheap to copy as a pointer; absent when default
// constructed. Borrows its tree. Every accessor gives "nothing" (an empty text,
// no children) for a value of another kind, so that walking is total.
class Value {
 public:
  enum class Kind : std::uint8_t {
    kAbsent,
    kNull,
    kFalse,
    kTrue,
    kNumber,
    kString,
    kArray,
    kObject,
  };

  Value() = default;

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool exists() const { return tree_ != nullptr; }
  [[nodiscard]] bool is_string() const { return kind() == Kind::kString; }
  [[nodiscard]] bool is_number() const { return kind() == Kind::kNumber; }
  [[nodiscard]] bool is_array() const { return kind() == Kind::kArray; }
  [[nodiscard]] bool is_object() const { return kind() == Kind::kObject; }
  [[nodiscard]] bool is_true() const { return kind() == Kind::kTrue; }
  // A string's content or a number as it was written; "" otherwise.
  [[nodiscard]] std::string_view text() const;
  // The name under which its object holds the value; "" inside arrays.
  [[nodiscard]] std::string_view key() const;
  // The number of children.
  [[nodiscard]] std::size_t size() const;
  // The child of an object by name; absent when there is none.
  [[nodiscard]] Value operator[](std::string_view name) const;
  // The position in document order, unique in the tree.
  [[nodiscard]] std::uint32_t index() const { return index_; }

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = const Value*;
    using reference = Value;

    Iterator() = default;
    Value operator*() const { return {tree_, index_}; }
    Iterator& operator++();
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class Value;
    Iterator(const Tree* tree, std::uint32_t index)
        : tree_(tree), index_(index) {}
    const Tree* tree_ = nullptr;
    std::uint32_t index_ = 0;
  };
  // The children of an array or object, in their order.
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

 private:
  friend class Tree;
  friend class TreeBuilder;
  Value(const Tree* tree, std::uint32_t index) : tree_(tree), index_(index) {}

  const Tree* tree_ = nullptr;
  std::uint32_t index_ = 0;
};

// "an array", "a string": for messages.
[[nodiscard]] std::string_view NameOf(Value::Kind kind);

// Owns the values of one document; made by a TreeBuilder.
class Tree {
 public:
  [[nodiscard]] Value root() const {
    return nodes_.empty() ? Value() : Value(this, 0);
  }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  // Pointers of problems are copies of names that the document chose.
  static constexpr std::size_t kMaxPointer = 4096;
  // The RFC 6901 pointer to a value of this tree, or to the innermost value
  // around it whose pointer is no longer than kMaxPointer. Costs a walk over
  // the siblings on its path: for messages, not for every value.
  [[nodiscard]] std::string PointerTo(Value value) const;
  [[nodiscard]] SourcePlace PlaceOf(Value value) const;

 private:
  friend class Value;
  friend class TreeBuilder;

  struct Node {
    std::uint32_t key_at = 0;
    std::uint32_t key_size = 0;
    std::uint32_t text_at = 0;  // strings and numbers
    std::uint32_t size = 0;     // bytes of text, or number of children
    std::uint32_t end = 0;      // index behind the last descendant
    std::uint32_t place = 0;
    Value::Kind kind = Value::Kind::kNull;
  };
  // Positions from here on lie in `pool_`, below in `source_`.
  static constexpr std::uint32_t kPool = 0x80000000U;

  [[nodiscard]] std::string_view Slice(std::uint32_t at,
                                       std::uint32_t size) const;

  std::string_view source_;  // borrowed
  std::string pool_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> line_starts_;
  enum class Places : std::uint8_t { kTextOffset, kLine, kByteOffset };
  Places places_ = Places::kTextOffset;
};

// Builds a tree in document order. What would break a bound is not built, and
// problem() says why; a caller checks it whenever it likes, but before Finish.
class TreeBuilder {
 public:
  // Nesting beyond this is refused: readers and validators recurse.
  static constexpr std::size_t kMaxDepth = 200;
  // Twice what a document of the largest size that is read could need.
  static constexpr std::size_t kMaxValues = std::size_t{1} << 26U;
  // Of a name; messages repeat it.
  static constexpr std::size_t kMaxKey = std::size_t{64} << 10U;

  // Places are byte offsets into `text`, which the tree borrows.
  static TreeBuilder ForText(std::string_view text);
  // Places are line numbers.
  static TreeBuilder ForLines();
  // Places are byte offsets of a binary document.
  static TreeBuilder ForBytes();

  // Objects may hold a name more than once, as the elements of XML do.
  void AllowRepeats() { repeats_ = true; }
  // The name of the next value, when it goes into an object.
  void Key(std::string_view name);
  void OpenObject(std::uint32_t place);
  void OpenArray(std::uint32_t place);
  // Ends the innermost open value. A name that stands twice in an object is a
  // problem: two readers would read different documents.
  void Close();
  void Null(std::uint32_t place);
  void Bool(bool value, std::uint32_t place);
  void Number(std::string_view text, std::uint32_t place);
  void String(std::string_view text, std::uint32_t place);

  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  [[nodiscard]] bool ok() const { return problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] Tree Finish();

 private:
  TreeBuilder() = default;
  Tree::Node* Add(Value::Kind kind, std::uint32_t place);
  void AddText(Value::Kind kind, std::string_view text, std::uint32_t place);
  // The position of a text: in the source when it is a part of it.
  std::uint32_t Keep(std::string_view text);
  [[nodiscard]] bool IsInSource(std::string_view text) const;
  void CheckNames(std::uint32_t object);

  Tree tree_;
  std::vector<std::uint32_t> open_;
  std::uint32_t key_at_ = 0;
  std::uint32_t key_size_ = 0;
  bool repeats_ = false;
  // Names that are no part of the source, each kept once.
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::vector<std::string_view> checked_;  // scratch of CheckNames
  std::string problem_;
};

// "/components" + "/" + "0", escaped as RFC 6901 section 3 says.
[[nodiscard]] std::string Join(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string Join(std::string_view pointer, std::size_t index);

}  // namespace assay::sbom
