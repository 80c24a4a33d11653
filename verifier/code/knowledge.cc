#include "verifier/code/knowledge.h"

#include "verifier/code/evaluate.h"

namespace assay::code {

Knowledge::Knowledge(const Image& image)
    : image_(image), decoder_(image.machine().decoder()) {}

Callee Knowledge::InSlot(std::uint64_t address) const {
  const Image::Slot* slot = image_.SlotAt(address);
  if (slot == nullptr) {
    return {};
  }
  return {.name = slot->name, .entry = slot->address};
}

Callee Knowledge::Resolve(std::uint64_t address) {
  const auto known = resolved_.find(address);
  if (known != resolved_.end()) {
    return known->second;
  }
  constexpr unsigned kMostStubs = 8;  // one behind the other
  if (depth_ == kMostStubs) {
    return {.entry = image_.IsCode(address) ? address : 0};
  }
  ++depth_;
  const Callee callee = Follow(address);
  --depth_;
  resolved_.emplace(address, callee);
  return callee;
}

// A stub of the linker: a few operations, then a jump to what a slot holds.
Callee Knowledge::Follow(std::uint64_t address) {
  constexpr std::uint64_t kLongest = 20;  // bytes
  if (!image_.IsCode(address)) {
    return {};
  }
  if (const auto name = image_.StandInAt(address); !name.empty()) {
    return {.name = name};
  }
  Callee own = {.entry = address};
  const auto entry = image_.entries().find(address);
  if (entry != image_.entries().end()) {
    own.name = entry->second;
  }
  const std::uint64_t start = address & ~std::uint64_t{image_.machine().mode};
  Body body = ReadBody(image_, *decoder_, address, start + kLongest,
                       [](const Operation&) { return false; });
  if (body.blocks.empty() ||
      body.operations[body.blocks[0].first + body.blocks[0].count - 1].does !=
          Does::kJump) {
    return own;
  }
  // What is behind it is the next stub, no case of a switch.
  body.operations.resize(body.blocks[0].first + body.blocks[0].count);
  body.blocks.resize(1);
  body.blocks[0].next.clear();
  body.blocks[0].before.clear();
  body.order = {0};
  body.rank = {0};
  // Its own resolution, for the time being: stubs that jump in a circle.
  resolved_.emplace(address, own);
  const Trace trace = Evaluate(body, address, *this);
  resolved_.erase(address);
  const bool jumps = trace.calls.size() == 1 && trace.calls[0].block == 0;
  return jumps && !trace.calls[0].callee.name.empty() ? trace.calls[0].callee
                                                      : own;
}

}  // namespace assay::code
