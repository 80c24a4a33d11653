#include "sbom/cbor_tree.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// RFC 8949 section 3.1.
enum class Major : std::uint8_t {
  kUnsigned,
  kNegative,
  kBytes,
  kText,
  kArray,
  kMap,
  kTag,
  kSimple,
};

constexpr std::uint8_t kIndefinite = 31;

struct Head {
  Major major = Major::kUnsigned;
  std::uint8_t info = 0;
  std::uint64_t argument = 0;
};

// RFC 8949 section 3.2: only strings and containers end at a mark, and the mark
// itself is of the major type 7.
bool MayBeIndefinite(Major major) {
  return major != Major::kUnsigned && major != Major::kNegative &&
         major != Major::kTag;
}

class Parser {
 public:
  Parser(ByteView bytes, std::string_view (*name_of)(std::int64_t))
      : reader_(bytes), name_of_(name_of) {}

  Result<Tree> Parse() {
    builder_.OpenArray(0);
    while (reader_.remaining() > 0 && problem_.empty()) {
      Item();
    }
    builder_.Close();
    if (!builder_.ok()) {
      Complain(builder_.problem());
    }
    if (!problem_.empty()) {
      return Fail(truncated_ ? ErrorCode::kTruncated : ErrorCode::kMalformed,
                  "not CBOR: " + problem_);
    }
    return builder_.Finish();
  }

 private:
  bool Complain(std::string_view what) {
    if (problem_.empty()) {
      problem_ = fmt::format("byte {}: {}", reader_.consumed() + 1, what);
    }
    return false;
  }

  bool Cut() {
    truncated_ = problem_.empty();
    return Complain("the item ends behind the input");
  }

  [[nodiscard]] std::uint32_t place() const {
    return static_cast<std::uint32_t>(reader_.consumed());
  }

  template <typename T>
  bool Argument(Head& head) {
    const auto value = reader_.Take<T>();
    if (!value) {
      return Cut();
    }
    const T stored = *value;
    head.argument = static_cast<std::uint64_t>(stored);
    return true;
  }

  std::optional<Head> TakeHead() {
    const auto first = reader_.Take<std::uint8_t>();
    if (!first) {
      Cut();
      return std::nullopt;
    }
    Head head{.major = static_cast<Major>(*first >> 5U),
              .info = static_cast<std::uint8_t>(*first & 31U)};
    head.argument = head.info;
    bool good = head.info < 24 ||
                (head.info == kIndefinite && MayBeIndefinite(head.major));
    switch (head.info) {
      case 24:
        good = Argument<std::uint8_t>(head);
        // Section 3.3: simple values below 32 have one encoding, the short one.
        if (good && head.major == Major::kSimple && head.argument < 32) {
          good = Complain("a simple value in two bytes");
        }
        break;
      case 25:
        good = Argument<Be16>(head);
        break;
      case 26:
        good = Argument<Be32>(head);
        break;
      case 27:
        good = Argument<Be64>(head);
        break;
      default:
        good = good || Complain("a reserved length");
    }
    return good ? std::optional(head) : std::nullopt;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  bool Item() {
    const std::uint32_t begin = place();
    auto head = TakeHead();
    // A run of tags is as long as its bytes, and needs no stack.
    while (head && head->major == Major::kTag) {
      head = TakeHead();
    }
    if (!head) {
      return false;
    }
    switch (head->major) {
      case Major::kUnsigned:
        builder_.Number(std::to_string(head->argument), begin);
        return true;
      case Major::kNegative:
        builder_.Number(NegativeOf(head->argument), begin);
        return true;
      case Major::kBytes:
      case Major::kText:
        return Text(*head, begin);
      case Major::kArray:
      case Major::kMap:
        return Container(*head, begin);
      case Major::kTag:
      case Major::kSimple:
        return Simple(*head, begin);
    }
    return false;
  }

  static std::string NegativeOf(std::uint64_t argument) {
    return argument == ~std::uint64_t{0} ? "-18446744073709551616"
                                         : fmt::format("-{}", argument + 1);
  }

  // The bytes of a string, also of one in chunks.
  std::optional<Bytes> TakeString(const Head& head) {
    Bytes content;
    if (head.info != kIndefinite) {
      const auto bytes = reader_.TakeBytes(head.argument);
      if (!bytes) {
        Cut();
        return std::nullopt;
      }
      return CopyOf(*bytes);
    }
    for (;;) {
      const auto chunk = TakeHead();
      if (!chunk) {
        return std::nullopt;
      }
      if (chunk->major == Major::kSimple && chunk->info == kIndefinite) {
        return content;
      }
      const auto bytes =
          chunk->major == head.major && chunk->info != kIndefinite
              ? reader_.TakeBytes(chunk->argument)
              : std::nullopt;
      if (!bytes) {
        Complain("a chunk that is none");
        return std::nullopt;
      }
      content.insert(content.end(), bytes->begin(), bytes->end());
    }
  }

  bool Text(const Head& head, std::uint32_t begin) {
    const auto content = TakeString(head);
    if (!content) {
      return false;
    }
    if (head.major == Major::kBytes) {
      builder_.String(HexOf(*content), begin);
      return true;
    }
    if (!IsValidUtf8(AsText(*content))) {
      return Complain("a text that is no UTF-8");
    }
    builder_.String(AsText(*content), begin);
    return true;
  }

  // Whether a container has another item; takes the mark that ends it.
  bool HasMore(const Head& head, std::uint64_t done) {
    if (head.info != kIndefinite) {
      return done < head.argument;
    }
    ByteReader ahead = reader_;
    const auto next = ahead.Take<std::uint8_t>();
    if (next && *next == 0xFF) {
      reader_ = ahead;
      return false;
    }
    return true;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  bool Container(const Head& head, std::uint32_t begin) {
    const bool map = head.major == Major::kMap;
    // An item is a byte at least: what states more is cut, not read.
    if (head.info != kIndefinite && head.argument > reader_.remaining()) {
      return Cut();
    }
    if (map) {
      builder_.OpenObject(begin);
    } else {
      builder_.OpenArray(begin);
    }
    for (std::uint64_t done = 0; HasMore(head, done); ++done) {
      if (!builder_.ok() || (map && !TakeKey()) || !Item()) {
        return false;
      }
    }
    builder_.Close();
    return builder_.ok();
  }

  bool TakeKey() {
    const auto head = TakeHead();
    if (!head) {
      return false;
    }
    if (head->major == Major::kText) {
      const auto content = TakeString(*head);
      if (!content || !IsValidUtf8(AsText(*content))) {
        return Complain("a key that is no text");
      }
      builder_.Key(AsText(*content));
      return true;
    }
    if (head->major == Major::kUnsigned && head->argument < 0x7FFFFFFF) {
      const std::string_view name =
          name_of_(static_cast<std::int64_t>(head->argument));
      builder_.Key(name.empty() ? std::to_string(head->argument)
                                : std::string(name));
      return true;
    }
    if (head->major == Major::kNegative) {
      builder_.Key(NegativeOf(head->argument));
      return true;
    }
    return Complain("a key that is neither text nor integer");
  }

  bool Simple(const Head& head, std::uint32_t begin) {
    if (head.info == 20 || head.info == 21) {
      builder_.Bool(head.info == 21, begin);
    } else if (head.info == kIndefinite) {
      return Complain("an end without a beginning");
    } else {
      builder_.Null(begin);  // null, undefined; floats, which no key here has
    }
    return true;
  }

  ByteReader reader_;
  std::string_view (*name_of_)(std::int64_t);
  TreeBuilder builder_ = TreeBuilder::ForBytes();
  std::string problem_;
  bool truncated_ = false;
};

}  // namespace

Result<Tree> CborTree(ByteView bytes,
                      std::string_view (*name_of)(std::int64_t key)) {
  return Parser(bytes, name_of).Parse();
}

}  // namespace assay::sbom
