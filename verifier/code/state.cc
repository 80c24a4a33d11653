#include "verifier/code/state.h"

#include <algorithm>

namespace assay::code {

std::vector<FrameSlot>::const_iterator State::From(std::int64_t at) const {
  return std::lower_bound(
      frame.begin(), frame.end(), at,
      [](const FrameSlot& slot, std::int64_t a) { return slot.at < a; });
}

std::optional<Value> State::Load(std::int64_t at, std::uint8_t width) const {
  const auto found = From(at);
  if (found == frame.end() || found->at != at || found->width < width) {
    return std::nullopt;
  }
  Value value = found->value;
  if (value.constant() && width < 8) {
    value.number &= (std::uint64_t{1} << (8U * width)) - 1;
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

std::optional<std::string> State::TextAt(std::int64_t at) const {
  constexpr std::size_t kLongest = 256;
  std::string text;
  while (text.size() < kLongest) {
    auto slot = From(at + 1);
    if (slot == frame.begin()) {
      break;
    }
    --slot;
    const std::uint8_t width = slot->width;
    const Value& value = slot->value;
    const std::int64_t skip = at - slot->at;
    if (skip >= width || skip >= 8 || !value.constant()) {
      break;
    }
    for (std::int64_t i = skip; i < std::min<std::int64_t>(width, 8); ++i) {
      const auto byte = static_cast<std::uint8_t>(
          value.number >> (8U * static_cast<unsigned>(i)));
      if (byte == 0) {
        return text.empty() ? std::nullopt : std::optional(text);
      }
      if (byte < 0x20 || byte >= 0x7f) {
        return std::nullopt;
      }
      text += static_cast<char>(byte);
    }
    at = slot->at + std::min<std::int64_t>(width, 8);
  }
  return text.size() < 4 ? std::nullopt : std::optional(text);
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
