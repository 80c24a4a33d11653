#include "verifier/facts/text_lines.h"

#include <algorithm>

namespace assay::facts {
namespace {

constexpr std::size_t kHead = 1024;
constexpr std::string_view kBlank = " \t";

bool IsControl(std::uint8_t c) {
  return (c < 0x20 && (c < 0x07 || c > 0x0D) && c != 0x1B) || c == 0x7F;
}

}  // namespace

bool IsText(ByteView content) {
  const ByteView head = content.first(std::min(content.size(), kHead));
  std::size_t controls = 0;
  for (const std::uint8_t c : head) {
    if (c == 0) {
      return false;
    }
    controls += IsControl(c) ? 1U : 0U;
  }
  return !head.empty() && controls <= head.size() / 64;
}

std::string_view PathOf(const Artifact& artifact) {
  return artifact.inner_path.empty() ? artifact.name : artifact.inner_path;
}

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view Folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view()
                                         : path.substr(0, slash);
}

bool EndsWithPath(std::string_view path, std::string_view tail) {
  if (path.size() < tail.size() ||
      path.substr(path.size() - tail.size()) != tail) {
    return false;
  }
  return path.size() == tail.size() ||
         path[path.size() - tail.size() - 1] == '/';
}

std::optional<Line> LineReader::Next() {
  if (at_ >= text_.size()) {
    return std::nullopt;
  }
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  Line line{text_.substr(at_, end - at_), at_, ++number_};
  if (!line.text.empty() && line.text.back() == '\r') {
    line.text.remove_suffix(1);
  }
  at_ = end + 1;
  return line;
}

void AppendWord(std::string& text, std::string_view word,
                std::string_view separator) {
  if (!text.empty()) {
    text += separator;
  }
  text += word;
}

std::vector<std::string_view> Words(std::string_view text, std::size_t most) {
  std::vector<std::string_view> words;
  std::size_t at = text.find_first_not_of(kBlank);
  while (at != std::string_view::npos && words.size() < most) {
    const std::size_t end = words.size() + 1 == most
                                ? text.find_last_not_of(kBlank) + 1
                                : text.find_first_of(kBlank, at);
    words.push_back(text.substr(at, std::min(end, text.size()) - at));
    at = end >= text.size() ? std::string_view::npos
                            : text.find_first_not_of(kBlank, end);
  }
  return words;
}

}  // namespace assay::facts
