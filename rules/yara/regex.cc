#include "rules/yara/regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay::yara {
namespace {

using Kind = Node::Kind;

// Counted repeats up to here stay as they are; Hyperscan's compiler takes
// minutes, or refuses, where there are more states.
constexpr std::uint32_t kMostCounted = 256;
// All repeats of a pattern together; beyond it they are without limits. More
// takes Hyperscan's compiler minutes as well.
constexpr std::uint64_t kMostUnfolded = 2048;
// Thousands of bytes out of so few do not follow each other.
constexpr std::size_t kMostOfRun = 128;

std::uint64_t Times(std::uint64_t width, std::uint32_t count) {
  if (width == 0 || count == 0) {
    return 0;
  }
  return width == Width::kEndless || count == kUnbounded ||
                 width > (Width::kEndless >> 1U) / count
             ? Width::kEndless
             : width * count;
}

std::uint64_t Plus(std::uint64_t a, std::uint64_t b) {
  return a > Width::kEndless - b ? Width::kEndless : a + b;
}

std::string TextOfSet(const ByteSet& set) {
  if (set.all()) {
    return ".";  // every pattern is compiled with DOTALL
  }
  std::string text;
  for (unsigned byte = 0; byte < set.size(); ++byte) {
    if (!set.test(byte)) {
      continue;
    }
    unsigned last = byte;
    while (last + 1 < set.size() && set.test(last + 1)) {
      ++last;
    }
    text += fmt::format("\\x{:02x}", byte);
    if (last > byte) {
      text += fmt::format("-\\x{:02x}", last);
    }
    byte = last;
  }
  return set.count() == 1 ? text : "[" + text + "]";
}

// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
std::size_t WidestSet(const Node& node) {
  std::size_t widest = node.kind == Kind::kSet ? node.set.count() : 0;
  for (const Node& part : node.of) {
    widest = std::max(widest, WidestSet(part));
  }
  return widest;
}

// How many bytes a node stands for when its repeats are written out.
// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
std::uint64_t Unfolded(const Node& node) {
  std::uint64_t count = node.kind == Kind::kSet ? 1 : 0;
  for (const Node& part : node.of) {
    count = Plus(count, Unfolded(part));
  }
  return node.kind == Kind::kRepeat
             ? Times(count,
                     node.max == kUnbounded ? std::max(1U, node.min) : node.max)
             : count;
}

class Translator {
 public:
  Translator(const Regex& regex, bool wide)
      : wide_(wide),
        hex_(regex.hex),
        last_(regex.root.of.empty() ? nullptr : &regex.root.of.back()) {}

  // NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
  void Add(const Node& node) {
    switch (node.kind) {
      case Kind::kSet:
        out_.text += TextOfSet(node.set);
        out_.text += wide_ ? "\\x00" : "";
        break;
      case Kind::kSequence:
        for (const Node& part : node.of) {
          const bool group = part.kind == Kind::kEither;
          out_.text += group ? "(?:" : "";
          Add(part);
          out_.text += group ? ")" : "";
        }
        break;
      case Kind::kEither:
        for (const Node& part : node.of) {
          out_.text += &part == &node.of.front() ? "" : "|";
          Add(part);
        }
        break;
      case Kind::kRepeat:
        AddRepeat(node);
        break;
      default:
        AddPlace(node);
    }
  }

  [[nodiscard]] Translation Take() { return std::move(out_); }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
  void AddRepeat(const Node& node) {
    if (node.max == 0) {
      return;
    }
    out_.text += "(?:";
    Add(node.of.front());
    out_.text += ")";
    const std::uint64_t states = Unfolded(node);
    const bool fits =
        states <= kMostCounted && unfolded_ + states <= kMostUnfolded;
    unfolded_ += fits ? states : 0;
    if (node.max == kUnbounded || !fits) {
      const std::uint32_t most =
          fits ? node.min : std::min(node.min, Affordable(node));
      // Of a regular expression YARA finds no match longer than 4,096 bytes:
      // that matters for ".*", not for a run of spaces.
      const bool far = !hex_ && WidestSet(node) > kMostOfRun;
      out_.exact =
          out_.exact && node.max == kUnbounded && most == node.min && !far;
      out_.text += fmt::format("{{{},}}", most);
    } else {
      out_.text += fmt::format("{{{},{}}}", node.min, node.max);
    }
  }

  // Hyperscan takes anchors at the ends of a pattern only.
  void AddPlace(const Node& node) {
    if (node.kind == Kind::kBegin && out_.text.empty()) {
      out_.text += "\\A";
    } else if (node.kind == Kind::kEnd && &node == last_) {
      out_.text += "\\z";
    } else if (node.kind == Kind::kBegin || node.kind == Kind::kEnd || wide_) {
      out_.exact = false;  // of wide texts the neighbours lie two bytes away
    } else {
      out_.text += node.kind == Kind::kBoundary ? "\\b" : "\\B";
    }
  }

  // How many repeats of it may be demanded where it cannot be written out.
  std::uint32_t Affordable(const Node& node) {
    const std::uint64_t one =
        std::max<std::uint64_t>(1, Unfolded(node.of.front()));
    const std::uint64_t times =
        std::clamp<std::uint64_t>(kMostCounted / one, 1, kMostCounted / 4);
    if (Plus(unfolded_, Times(one, static_cast<std::uint32_t>(times))) >
        kMostUnfolded) {
      return 1;
    }
    unfolded_ += one * times;
    return static_cast<std::uint32_t>(times);
  }

  bool wide_;
  bool hex_;
  const Node* last_;
  std::uint64_t unfolded_ = 0;  // bytes in repeats up to here
  Translation out_;
};

// Whether nothing but these bytes is in the node.
// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
bool AddLeading(const Node& node, bool wide, Bytes& bytes) {
  if (node.kind == Kind::kSequence) {
    return std::all_of(node.of.begin(), node.of.end(), [&](const Node& part) {
      // NOLINTNEXTLINE(misc-no-recursion): as above.
      return AddLeading(part, wide, bytes);
    });
  }
  if (node.kind != Kind::kSet || node.set.count() != 1) {
    return false;
  }
  unsigned byte = 0;
  while (!node.set.test(byte)) {
    ++byte;
  }
  bytes.push_back(static_cast<std::uint8_t>(byte));
  if (wide) {
    bytes.push_back(0);
  }
  return true;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
Width WidthOf(const Node& node) {
  Width width;
  switch (node.kind) {
    case Kind::kSet:
      return {1, 1};
    case Kind::kSequence:
      for (const Node& part : node.of) {
        const Width one = WidthOf(part);
        width = {Plus(width.min, one.min), Plus(width.max, one.max)};
      }
      return width;
    case Kind::kEither:
      width.min = Width::kEndless;
      for (const Node& part : node.of) {
        const Width one = WidthOf(part);
        width = {std::min(width.min, one.min), std::max(width.max, one.max)};
      }
      return width;
    case Kind::kRepeat: {
      const Width one = WidthOf(node.of.front());
      return {Times(one.min, node.min), Times(one.max, node.max)};
    }
    default:
      return width;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
double FixedBits(const Node& node) {
  double bits = 0;
  switch (node.kind) {
    case Kind::kSet:
      return node.set.none()
                 ? 8
                 : 8 - std::log2(static_cast<double>(node.set.count()));
    case Kind::kSequence:
      for (const Node& part : node.of) {
        bits += FixedBits(part);
      }
      return bits;
    case Kind::kEither:
      bits = FixedBits(node.of.front());
      for (const Node& part : node.of) {
        bits = std::min(bits, FixedBits(part));
      }
      return bits;
    case Kind::kRepeat:
      return node.min * FixedBits(node.of.front());
    default:
      return 0;
  }
}

Translation ForHyperscan(const Regex& regex, bool wide) {
  Translator translator(regex, wide);
  translator.Add(regex.root);
  Translation translation = translator.Take();
  return translation;
}

Bytes LeadingBytes(const Node& node, bool wide) {
  Bytes bytes;
  AddLeading(node, wide, bytes);
  return bytes;
}

}  // namespace assay::yara
