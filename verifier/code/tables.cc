#include "verifier/code/tables.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace assay::code {
namespace {

constexpr std::size_t kLeastRows = 3;
constexpr std::size_t kMostRows = 4096;
constexpr std::uint64_t kWidest = 128;  // bytes of a row
constexpr std::size_t kLongestName = 64;

class TableReader {
 public:
  TableReader(const Image& image, Program& program)
      : image_(image), program_(program) {
    for (const auto& [address, slot] : image.slots()) {
      if (slot.address != 0 && image.IsCode(slot.address)) {
        functions_.push_back(address);
      }
    }
  }

  std::vector<Handler> Read() {
    std::size_t first = 0;
    while (first + 1 < functions_.size()) {
      const std::uint64_t step = functions_[first + 1] - functions_[first];
      std::size_t last = first + 1;
      while (last + 1 < functions_.size() &&
             functions_[last + 1] - functions_[last] == step) {
        ++last;
      }
      const std::size_t rows = last - first + 1;
      if (rows >= kLeastRows && rows <= kMostRows && step <= kWidest &&
          step >= std::uint64_t{2} * image_.machine().word) {
        ReadTable(first, rows, step);
      }
      first = last;
    }
    return std::move(handlers_);
  }

 private:
  // The text that the slot `offset` bytes from a row's function points to.
  [[nodiscard]] std::optional<std::string_view> TextIn(
      std::uint64_t function, std::int64_t offset) const {
    const Image::Slot* slot =
        image_.SlotAt(function + static_cast<std::uint64_t>(offset));
    const auto text =
        slot == nullptr || slot->address == 0 || image_.IsCode(slot->address)
            ? std::nullopt
            : image_.TextAt(slot->address);
    return text && !text->empty() ? text : std::nullopt;
  }

  void ReadTable(std::size_t first, std::size_t rows, std::uint64_t step) {
    const auto word = static_cast<std::int64_t>(image_.machine().word);
    const auto width = static_cast<std::int64_t>(step);
    // What stands before the table may be a pointer to a function as well.
    const auto texts = [&](std::int64_t at) {
      return static_cast<std::size_t>(std::count_if(
          functions_.begin() + static_cast<std::ptrdiff_t>(first),
          functions_.begin() + static_cast<std::ptrdiff_t>(first + rows),
          [&](std::uint64_t row) { return TextIn(row, at).has_value(); }));
    };
    // The name is what the most rows have; what another row's text is as far
    // from a function, lacks at the table's end.
    std::int64_t name = 0;
    for (std::int64_t at = -width + word; at < width; at += word) {
      const bool nearer = at < 0 && texts(at) == texts(name);
      if (at != 0 && (name == 0 || texts(at) > texts(name) || nearer)) {
        name = at;
      }
    }
    if (texts(name) + 1 < rows || texts(name) < kLeastRows) {
      return;
    }
    std::vector<std::int64_t> further;
    const std::int64_t start = name < 0 ? name : name - width;
    for (std::int64_t at = start + word; at < start + width; at += word) {
      const std::size_t filled = texts(at);
      if (at != 0 && at != name && filled < texts(name) &&
          3 * filled >= 2 * texts(name)) {
        further.push_back(at);
      }
    }
    for (std::size_t i = first; i < first + rows; ++i) {
      Add(functions_[i], rows, name, further);
    }
  }

  void Add(std::uint64_t row, std::size_t rows, std::int64_t name,
           const std::vector<std::int64_t>& further) {
    const auto text = TextIn(row, name);
    if (!text) {
      return;
    }
    const Function* function = program_.At(image_.SlotAt(row)->address);
    Handler handler = {
        .place = image_.PlaceOf(row, image_.machine().word).value_or(Range{}),
        .name = std::string(text->substr(0, kLongestName)),
        .reaches = program_.abilities().Text(
            function == nullptr ? 0 : function->reach),
        .rows = static_cast<unsigned>(rows)};
    handler.silent = std::any_of(
        further.begin(), further.end(),
        [&](std::int64_t at) { return !TextIn(row, at).has_value(); });
    handlers_.push_back(std::move(handler));
  }

  const Image& image_;
  Program& program_;
  std::vector<std::uint64_t> functions_;  // slots
  std::vector<Handler> handlers_;
};

}  // namespace

std::vector<Handler> FindHandlers(const Image& image, Program& program) {
  return TableReader(image, program).Read();
}

}  // namespace assay::code
