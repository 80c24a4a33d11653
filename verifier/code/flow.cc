#include "verifier/code/flow.h"

#include <algorithm>
#include <map>

#include "verifier/code/inline_data.h"

namespace assay::code {
namespace {

constexpr std::size_t kMaxBlocks = 8192;
constexpr std::size_t kMaxCases = 1024;  // of a switch

bool EndsBlock(const Operation& operation) {
  return operation.does == Does::kBranch || operation.does == Does::kJump ||
         operation.does == Does::kReturn || operation.does == Does::kStop;
}

// Of a jump to another function: what is jumped to stands at one address, in
// no table; or its register tells a function where it begins.
bool IsSlot(const Operand& operand, const Machine& machine) {
  return (operand.is_memory() && operand.base == kNoRegister &&
          operand.index == kNoRegister) ||
         (operand.is_register() && operand.base == machine.table);
}

class BodyReader {
 public:
  BodyReader(const Image& image, Decoder& decoder,
             const NeverReturns& never_returns)
      : image_(image), decoder_(decoder), never_returns_(never_returns) {}

  Body Read(std::uint64_t entry, std::uint64_t end) {
    Decode(entry, end);
    Cut();
    Connect();
    Order();
    return std::move(body_);
  }

 private:
  void Decode(std::uint64_t entry, std::uint64_t end);
  void Cut();
  void Connect();
  void Lead(std::size_t from, std::size_t to);
  void LeadTo(std::size_t from, std::uint64_t address);
  void Order();
  // What compilers put between functions: it does nothing.
  [[nodiscard]] bool IsPadding(const Block& block) const;
  [[nodiscard]] const Operation& LastOf(const Block& block) const {
    return body_.operations[block.first + block.count - 1];
  }

  const Image& image_;
  Decoder& decoder_;
  const NeverReturns& never_returns_;
  Body body_;
  std::map<std::uint64_t, std::uint32_t> starts_;  // address: operation
  std::map<std::uint64_t, std::uint32_t> blocks_;  // address: block
};

void BodyReader::Decode(std::uint64_t entry, std::uint64_t end) {
  const std::uint64_t mode = entry & image_.machine().mode;
  std::uint64_t at = entry - mode;
  auto& operations = body_.operations;
  InlineData data(image_);
  while (at < end && operations.size() < kMaxOperations) {
    const auto index = static_cast<std::uint32_t>(operations.size());
    const std::uint64_t code = data.Skip(at);
    if (code != at) {
      at = code;
      continue;
    }
    const unsigned length =
        decoder_.Decode(image_.At(at, end - at), at | mode, operations);
    if (length == 0) {
      break;
    }
    starts_.emplace(at | mode, index);
    for (std::uint32_t i = index; i < operations.size(); ++i) {
      starts_.emplace(operations[i].address, i);
      data.Note(operations[i]);
    }
    at += length;
  }
}

void BodyReader::Cut() {
  auto& operations = body_.operations;
  std::vector<bool> leads(operations.size() + 1, false);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& one = operations[i];
    const bool stops = one.does == Does::kCall && never_returns_(one);
    if (EndsBlock(one) || stops) {
      leads[i + 1] = true;
    }
    if (one.does == Does::kBranch || one.does == Does::kJump) {
      const auto target = starts_.find(one.target);
      if (target != starts_.end()) {
        leads[target->second] = true;
      }
    }
  }
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if ((i == 0 || leads[i]) && body_.blocks.size() < kMaxBlocks) {
      blocks_.emplace(operations[i].address,
                      static_cast<std::uint32_t>(body_.blocks.size()));
      body_.blocks.push_back({.first = static_cast<std::uint32_t>(i)});
    } else if (body_.blocks.empty() || leads[i]) {
      operations.resize(i);
      break;
    }
    ++body_.blocks.back().count;
  }
}

void BodyReader::Lead(std::size_t from, std::size_t to) {
  body_.blocks[from].next.push_back(static_cast<std::uint32_t>(to));
  body_.blocks[to].before.push_back(static_cast<std::uint32_t>(from));
}

void BodyReader::LeadTo(std::size_t from, std::uint64_t address) {
  const auto found = blocks_.find(address);
  if (found != blocks_.end()) {
    Lead(from, found->second);
  }
}

void BodyReader::Connect() {
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < body_.blocks.size(); ++i) {
    const Operation& last = LastOf(body_.blocks[i]);
    const bool jumps = last.does == Does::kJump || last.does == Does::kBranch;
    if (jumps && last.target != 0) {
      LeadTo(i, last.target);
    } else if (last.does == Does::kJump && !IsSlot(last.a, image_.machine())) {
      unknown.push_back(i);
    }
    const bool stops = last.does == Does::kCall && never_returns_(last);
    if (last.does == Does::kBranch || (!EndsBlock(last) && !stops)) {
      const bool inside = body_.blocks[i].next.size() == 1;
      if (i + 1 < body_.blocks.size()) {
        Lead(i, i + 1);
      }
      body_.blocks[i].branches = last.does == Does::kBranch && inside &&
                                 body_.blocks[i].next.size() == 2;
    }
  }
  std::vector<std::size_t> cases;
  for (std::size_t i = 1; i < body_.blocks.size(); ++i) {
    if (body_.blocks[i].before.empty() && !IsPadding(body_.blocks[i]) &&
        cases.size() < kMaxCases) {
      cases.push_back(i);
    }
  }
  for (std::size_t k = 0; k < std::min<std::size_t>(unknown.size(), 16); ++k) {
    for (const std::size_t one : cases) {
      Lead(unknown[k], one);
    }
  }
}

bool BodyReader::IsPadding(const Block& block) const {
  const auto first = body_.operations.begin() + block.first;
  return std::all_of(first, first + block.count, [](const Operation& one) {
    return one.does == Does::kStop ||
           (one.does == Does::kOther && one.to.kind == Operand::Kind::kNone);
  });
}

void BodyReader::Order() {
  const std::size_t count = body_.blocks.size();
  body_.rank.assign(count, ~std::uint32_t{0});
  std::vector<bool> seen(count, false);
  std::vector<std::pair<std::uint32_t, std::size_t>> path;
  if (count > 0) {
    path.emplace_back(0, 0);
    seen[0] = true;
  }
  while (!path.empty()) {
    auto& [block, way] = path.back();
    if (way == body_.blocks[block].next.size()) {
      body_.order.push_back(block);
      path.pop_back();
      continue;
    }
    const std::uint32_t next = body_.blocks[block].next[way++];
    if (!seen[next]) {
      seen[next] = true;
      path.emplace_back(next, 0);
    }
  }
  std::reverse(body_.order.begin(), body_.order.end());
  for (std::size_t i = 0; i < body_.order.size(); ++i) {
    body_.rank[body_.order[i]] = static_cast<std::uint32_t>(i);
  }
}

}  // namespace

Body ReadBody(const Image& image, Decoder& decoder, std::uint64_t entry,
              std::uint64_t end, const NeverReturns& never_returns) {
  return BodyReader(image, decoder, never_returns).Read(entry, end);
}

std::vector<bool> ReachedFrom(const Body& body,
                              std::vector<std::uint32_t> starts,
                              std::uint32_t without) {
  std::vector<bool> reached(body.blocks.size(), false);
  for (const std::uint32_t start : starts) {
    reached[start] = true;
  }
  while (!starts.empty()) {
    const std::uint32_t block = starts.back();
    starts.pop_back();
    for (const std::uint32_t next : body.blocks[block].next) {
      if (!reached[next] && next != without &&
          body.rank[next] > body.rank[block]) {
        reached[next] = true;
        starts.push_back(next);
      }
    }
  }
  return reached;
}

std::vector<bool> LeadingTo(const Body& body, std::uint32_t goal) {
  std::vector<bool> leads(body.blocks.size(), false);
  std::vector<std::uint32_t> open = {goal};
  leads[goal] = true;
  while (!open.empty()) {
    const std::uint32_t block = open.back();
    open.pop_back();
    for (const std::uint32_t before : body.blocks[block].before) {
      if (!leads[before] && body.rank[before] < body.rank[block]) {
        leads[before] = true;
        open.push_back(before);
      }
    }
  }
  return leads;
}

std::optional<std::uint32_t> LoopAround(const Body& body, std::uint32_t block) {
  std::optional<std::uint32_t> found;
  const std::vector<bool> behind = ReachedFrom(body, block);
  for (std::uint32_t i = 0; i < behind.size(); ++i) {
    for (const std::uint32_t next : body.blocks[i].next) {
      const bool back = behind[i] && body.rank[next] <= body.rank[block];
      if (back && (!found || body.rank[next] > body.rank[*found])) {
        found = next;
      }
    }
  }
  return found;
}

}  // namespace assay::code
