// Text that outlives what it was decoded from, in few allocations.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

namespace assay::facts {

class TextPool {
 public:
  // A view of a copy of `text`, which lives as long as the pool.
  [[nodiscard]] std::string_view Keep(std::string_view text) {
    if (chunks_.empty() ||
        chunks_.back().capacity() - chunks_.back().size() < text.size()) {
      chunks_.emplace_back().reserve(std::max(text.size(), kChunk));
    }
    std::string& chunk = chunks_.back();
    const std::size_t start = chunk.size();
    chunk += text;
    size_ += text.size();
    return std::string_view(chunk).substr(start);
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kChunk = 4096;
  std::deque<std::string> chunks_;
  std::size_t size_ = 0;
};

}  // namespace assay::facts
