// A bounded reading of a flattened devicetree.
// Layout: Devicetree Specification, Release v0.4, chapter 5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

struct FdtNode {
  std::string_view name = {};  // with its unit address; borrowed
  std::size_t parent = 0;      // index; the root is its own parent
  std::size_t depth = 0;       // of the root: 0
  Range begin = {};            // FDT_BEGIN_NODE, name and padding
  Range end = {};              // FDT_END_NODE; empty when it is missing
};

struct FdtProperty {
  std::size_t node = 0;        // index
  std::string_view name = {};  // borrowed
  Range value = {};            // in the tree, and inside of it
  Range whole = {};            // from FDT_PROP to the end of the padding
  Range name_place = {};       // in the strings block, with its NUL
};

// An FDT_NOP inside of a node.
struct FdtNop {
  std::size_t node = 0;
  Range place = {};
};

// Borrows the tree's bytes; whoever made the view keeps them alive.
struct FdtView {
  // The tree that begins at `bytes`. kNotThisFormat without a sane header,
  // kTruncated when `totalsize` lies past the bytes. Damage further in is
  // kept in `damage`, with the nodes before it: a reader decides what they
  // are worth.
  [[nodiscard]] static Result<FdtView> Parse(ByteView bytes);
  // Whether `head` begins with a sane header, whatever else is there.
  [[nodiscard]] static bool HasHeader(ByteView head);

  // The first child of `parent` with that name.
  [[nodiscard]] std::optional<std::size_t> Child(std::size_t parent,
                                                 std::string_view name) const;
  // The first property of `node` with that name, or null.
  [[nodiscard]] const FdtProperty* Find(std::size_t node,
                                        std::string_view name) const;
  // A property of exactly one cell (a big-endian 32-bit number).
  [[nodiscard]] std::optional<std::uint32_t> Cell(std::size_t node,
                                                  std::string_view name) const;
  [[nodiscard]] ByteView Value(const FdtProperty& property) const;

  ByteView bytes = {};  // [0, totalsize)
  Range header = {};
  Range reservations = {};  // with the terminating entry
  Range structure = {};     // up to and with FDT_END
  Range strings = {};
  std::vector<FdtNode> nodes = {};           // in the order of the tree
  std::vector<FdtProperty> properties = {};  // by node
  std::vector<FdtNop> nops = {};
  Range end = {};  // FDT_END
  std::optional<Error> damage = {};
};

}  // namespace assay::formats
