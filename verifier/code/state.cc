#include "verifier/code/state.h"

#include <algorithm>

namespace assay::code {

std::vector<FrameSlot>::const_iterator State::From(std::int64_t at) const {
  return std::lower_bound(
      frame.begin(), frame.end(), at,
      [](const FrameSlot& slot, std::int64_t a) { return slot.at < a; });
}

std::optional<Value> State::Load(std::int64_t at, std::uint8_t width,
                                 ByteOrder order) const {
  auto found = From(at + 1);
  if (found == frame.begin()) {
    return std::nullopt;
  }
  --found;
  const std::int64_t skip = at - found->at;
  if (skip > found->width || width > found->width - skip) {
    return std::nullopt;
  }
  // Bytes of lower value that lie outside.
  const std::int64_t lower =
      order == ByteOrder::kBig ? found->width - skip - width : skip;
  Value value = found->value;
  if (lower >= 8 || (lower != 0 && !value.constant())) {
    return std::nullopt;
  }
  if (value.constant()) {
    value.number >>= 8U * static_cast<unsigned>(lower);
    value.number &=
        width < 8 ? (std::uint64_t{1} << (8U * width)) - 1 : ~std::uint64_t{0};
  }
  return value;
}

void State::Forget(std::int64_t at, std::int64_t length) {
  auto first = From(at);
  if (first != frame.begin()) {
    const auto before = std::prev(first);
    first = before->at + before->width > at ? before : first;
  }
  frame.erase(first, From(at + length));
}

void State::Store(std::int64_t at, std::uint8_t width, const Value& value) {
  Forget(at, width);
  if (frame.size() < kMaxSlots) {
    frame.insert(From(at), {.at = at, .width = width, .value = value});
  }
}

std::optional<std::vector<std::uint8_t>> State::BytesAt(std::int64_t at,
                                                        std::size_t length,
                                                        ByteOrder order) const {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < length) {
    auto slot = From(at + 1);
    if (slot == frame.begin()) {
      return std::nullopt;
    }
    --slot;
    const std::int64_t skip = at - slot->at;
    if (skip >= slot->width || skip >= 8 || !slot->value.constant()) {
      return std::nullopt;
    }
    const std::int64_t lower =
        order == ByteOrder::kBig ? slot->width - 1 - skip : skip;
    bytes.push_back(static_cast<std::uint8_t>(
        lower < 8 ? slot->value.number >> (8U * static_cast<unsigned>(lower))
                  : 0));
    ++at;
  }
  return bytes;
}

std::optional<std::string> State::TextAt(std::int64_t at,
                                         ByteOrder order) const {
  constexpr std::size_t kLongest = 256;
  constexpr std::size_t kShortest = 4;
  std::string text;
  for (; text.size() < kLongest; ++at) {
    const auto byte = BytesAt(at, 1, order);
    if (!byte || byte->front() == 0) {
      const bool ends = byte.has_value() && !text.empty();
      return ends || text.size() >= kShortest ? std::optional(text)
                                              : std::nullopt;
    }
    if (byte->front() < 0x20 || byte->front() >= 0x7f) {
      return std::nullopt;
    }
    text += static_cast<char>(byte->front());
  }
  return std::nullopt;
}

bool State::Meet(const State& other) {
  bool lost = false;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const Value joined = Join(registers.at(i), other.registers.at(i));
    lost = lost || joined != registers.at(i);
    registers.at(i) = joined;
  }
  std::size_t kept = 0;
  auto theirs = other.frame.begin();
  for (FrameSlot& slot : frame) {
    while (theirs != other.frame.end() && theirs->at < slot.at) {
      ++theirs;
    }
    if (theirs == other.frame.end() || theirs->at != slot.at ||
        theirs->width != slot.width) {
      continue;
    }
    const Value joined = Join(slot.value, theirs->value);
    lost = lost || joined != slot.value;
    slot.value = joined;
    frame[kept++] = slot;
  }
  lost = lost || kept != frame.size();
  frame.resize(kept);
  if (!(flags == other.flags)) {
    lost = lost || !(flags == Flags{});
    flags = {};
  }
  return lost;
}

}  // namespace assay::code
