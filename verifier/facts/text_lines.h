// Text files as fact extractors see them: raw lines with their offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/model/artifact.h"

namespace assay::facts {

// Larger texts are not read line by line: no configuration file is that big.
inline constexpr std::size_t kMaxTextFile = 4UL << 20U;

// Whether the head of `content` looks like text: no NUL, almost no controls.
// Files that a program reads by their name are read whatever they look like:
// a NUL in a comment must hide nothing from us that it does not hide from it.
[[nodiscard]] bool IsText(ByteView content);

// "etc/passwd": the name inside the file system, else the plain name.
[[nodiscard]] std::string_view PathOf(const Artifact& artifact);
[[nodiscard]] std::string_view BaseName(std::string_view path);
// The path without its last step; "" when there is only one.
[[nodiscard]] std::string_view Folder(std::string_view path);
// Whether `path` is `tail` or ends with "/" and `tail`: file systems are found
// below prefixes ("rootfs/etc/passwd").
[[nodiscard]] bool EndsWithPath(std::string_view path, std::string_view tail);

struct Line {
  std::string_view text = {};  // without its line break
  std::uint64_t offset = 0;    // in the whole text
  std::uint32_t number = 0;    // from 1

  // Where `part`, a view into `text`, lies in the whole text.
  [[nodiscard]] Range PlaceOf(std::string_view part) const {
    return {offset + static_cast<std::uint64_t>(part.data() - text.data()),
            part.size()};
  }
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}
  [[nodiscard]] std::optional<Line> Next();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
};

// Adds `word`, with `separator` before it unless `text` is empty.
void AppendWord(std::string& text, std::string_view word,
                std::string_view separator = " ");

// The first `most` words between blanks; the last one takes the whole rest.
[[nodiscard]] std::vector<std::string_view> Words(
    std::string_view text, std::size_t most = ~std::size_t{0});

}  // namespace assay::facts
